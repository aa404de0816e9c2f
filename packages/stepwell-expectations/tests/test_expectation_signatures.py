"""The table of types and arguments against the installed Great Expectations."""

import warnings

import pytest

from stepwell_expectations._compiled import COMPILED
from stepwell_expectations._signatures import (
    CONTRACT_SIGNATURES,
    DATABASE_ONLY,
    IGNORED,
    SIGNATURES,
)

ABOUT_THE_EXPECTATION = {"id", "meta", "notes", "description", "severity", "rendered_content"}
STRICTER = {
    ("expect_column_kl_divergence_to_be_less_than", "threshold"),
    ("expect_column_values_to_match_regex", "regex"),
    ("expect_column_values_to_be_in_type_list", "type_list"),
    ("expect_table_columns_to_match_set", "column_set"),
    ("expect_table_columns_to_match_ordered_list", "column_list"),
}
"""Arguments that we need, since without them the expectation would check nothing."""


@pytest.fixture(scope="module")
def implementations():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations.expectations.core as core
        from great_expectations.expectations.registry import (
            get_expectation_impl,
            list_registered_expectation_implementations,
        )

        names = list_registered_expectation_implementations()
        found = {name: get_expectation_impl(name) for name in names}
        return {
            name: implementation
            for name, implementation in found.items()
            if implementation.__module__.startswith(core.__name__)
        }


def test_every_type_is_known(implementations):
    assert set(implementations) == set(SIGNATURES) | DATABASE_ONLY


def test_every_compiled_type_has_a_signature():
    assert set(COMPILED) <= {*SIGNATURES, *CONTRACT_SIGNATURES}


@pytest.mark.parametrize("type_", SIGNATURES)
def test_arguments_are_those_of_great_expectations(type_, implementations):
    fields = implementations[type_].__fields__
    theirs = set(fields) - ABOUT_THE_EXPECTATION - IGNORED - {"library_metadata"}
    assert set(SIGNATURES[type_].names) == theirs
    needed = {name for name in theirs if fields[name].required}
    assert {name for name in SIGNATURES[type_].required if (type_, name) not in STRICTER} == needed
