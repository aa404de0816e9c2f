"""YAML of somebody else: bounded, and without what only does harm."""

from __future__ import annotations

import time

import pytest

from stepwell_expectations import YamlError, parse_yaml, read_yaml
from stepwell_expectations._yaml import DEEPEST, MOST_BYTES


def test_dates_stay_text_as_the_standard_has_them():
    assert parse_yaml("dateIn: 2024-01-01") == {"dateIn": "2024-01-01"}


BOMB = "a: &a [x, x]\n" + "\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]" for n in range(24)
)
HOSTILE = {
    "bomb": (BOMB, "the alias"),
    "merge": ("a: &a {x: 1}\nb: {<<: *a}", "the alias"),
    "deep": ("[" * (DEEPEST + 1), f"nested more than {DEEPEST} deep"),
    "deeper": ("[" * 200_000, "nest"),
    "python": ("a: !!python/object/apply:os.system [x]", "it is no valid YAML"),
    "own_tag": ("a: !thing x", "the tag '!thing' is refused"),
    "twice": ("a: 1\na: 2", "line 2, column 1: the key 'a' stands there twice"),
    "number_as_key": ("1: a", "a key is no text"),
    "nothing_valid": ("a: [", "it is no valid YAML"),
    "several": ("a: 1\n---\nb: 2", "it is no valid YAML"),
    "control": ("a: \x00", "characters that YAML does not allow"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_yaml_is_refused_at_once(case):
    """Neither memory nor time is spent on it (fault 10)."""
    text, message = HOSTILE[case]
    started = time.process_time()
    with pytest.raises(YamlError, match=message.replace("[", r"\[")):
        parse_yaml(text)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"a: " + b"x" * MOST_BYTES, "more than"), (b"a: \xff", "not UTF-8")],
    ids=["large", "bytes"],
)
def test_file_that_is_no_text_of_a_contract_is_refused(tmp_path, content, message):
    path = tmp_path / "x.odcs.yaml"
    path.write_bytes(content)
    with pytest.raises(YamlError, match=message):
        read_yaml(path)
