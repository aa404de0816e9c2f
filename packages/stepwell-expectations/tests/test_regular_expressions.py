"""Patterns of Python, matched by Polars."""

import re

import polars as pl
import pytest

from stepwell_expectations._patterns import polars_pattern

TEXTS = [
    *("", "a", "a\n", "\na", "ab", "a b", "a\nb", "\n", "aa", "aab", "a$", "$", "[", "]", " "),
    *("Müller", "é", "½", "²", "٢", "9", "_", "-", "a+b", "x@y.de", "\x1c", "e\u0301"),
]


@pytest.mark.parametrize(
    "pattern",
    [
        *("^a$", "$", "^$", "a|b$", "(a$)|b", "[$]", r"\$", r"a\Z", r"\A\w\Z", "(?m)a$", "(?m)^$"),
        *(r"\w", r"^\w+$", r"\W", r"[\w]", r"[^\w]", r"[\W]", r"\s", r"\S", r"[^\s]+$", r"\d+"),
        *("[]a]", "[^]a]", r"[\]a]", r"a+\.?", r"[^@]+@[^@]+\.[^.]+$", r"\bab\b", "^(?:a|b)*$"),
        *("(?i)MÜLLER", "(?P<x>a)", r"\x61", r"\u0061", "a{2}", ".", "(?s).", r"[^\n]$", r"\\$"),
    ],
)
def test_same_texts_match(pattern):
    translated = polars_pattern(pattern)
    assert translated is not None
    found = pl.Series(TEXTS).str.contains(translated).to_list()
    assert found == [re.search(pattern, text) is not None for text in TEXTS]


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)",
        r"(a)\1",
        "a++",
        "a{2}+",
        "[[:alpha:]]",
        "[a-c&&b]",
        "(?a:b)",
        r"\d{1,3000}",
        "a{,2}b",
    ],
)
def test_patterns_that_polars_reads_otherwise_are_left_to_great_expectations(pattern):
    assert polars_pattern(pattern) is None


def test_pattern_that_explodes_in_python_takes_linear_time():
    translated = polars_pattern("^(a+)+$")
    assert not pl.Series(["a" * 100_000 + "b"]).str.contains(translated).item()
