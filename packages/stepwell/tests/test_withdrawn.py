"""withdrawn.toml: what a package says of its earlier releases."""

from __future__ import annotations

import pytest

from stepwell import StepwellError
from stepwell._installation._withdrawn import Withdrawal, withdrawal_of, withdrawals

ENTRY = '[[withdrawn]]\nversion = "0.3.0"\nreason = "It lost rows."\nreplacement = "0.3.1"\n'


def test_withdrawn_version_is_found_however_it_is_written() -> None:
    known = withdrawals(ENTRY, where="withdrawn.toml")
    assert withdrawal_of("0.3", known) == Withdrawal("0.3.0", "It lost rows.", "0.3.1")
    assert withdrawal_of("0.3.1", known) is None


def test_package_that_withdrew_nothing_may_have_an_empty_file() -> None:
    assert withdrawals("# nothing yet\n", where="withdrawn.toml") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[withdrawn]", "at line 1"),
        ("[withdraw]\n", "something else than tables"),
        ("withdrawn = 3\n", "something else than tables"),
        ("withdrawn = [3]\n", "entry 1: it needs the texts version, reason, replacement"),
        (ENTRY.replace('"0.3.0"', "0.3"), "entry 1: it needs the texts"),
        (ENTRY.replace("It lost rows.", ""), "entry 1: it needs the texts"),
        (ENTRY + 'since = "May"\n', "entry 1: it needs the texts"),
        (ENTRY + ENTRY.replace("0.3.1", "next"), "entry 2: replacement is no version"),
    ],
)
def test_mistake_is_told_with_its_place_and_an_example(text: str, told: str) -> None:
    with pytest.raises(StepwellError) as caught:
        withdrawals(text, where="stepwell_train/withdrawn.toml")
    assert caught.value.message.startswith("stepwell_train/withdrawn.toml")
    assert told in caught.value.message
    assert "[[withdrawn]], version = " in str(caught.value)
