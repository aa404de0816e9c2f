"""JSON schemas, held to in linear time and as jsonschema does."""

import pytest
from jsonschema.validators import validator_for

from stepwell_expectations._json_schemas import schema_validator

SCHEMAS = [
    {"pattern": "^a+$"},
    {"properties": {"a": {"pattern": "^x"}}, "additionalProperties": False},
    {"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": {"type": "null"}},
    {"properties": {"pattern": {"type": "string"}}, "propertyNames": {"pattern": "^[ap]"}},
    {"enum": [{"pattern": "(?=a)"}, "aa"]},
]
VALUES = ["aa", "ab", "b\n", 3, None, {}, {"a": 1}, {"a": "x"}, {"b": None}, {"pattern": "(?=a)"}]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_same_values_are_valid(schema):
    is_valid, reference = schema_validator(schema), validator_for(schema)(schema)
    assert [*map(is_valid, VALUES)] == [reference.is_valid(value) for value in VALUES]


def test_pattern_that_explodes_takes_linear_time():
    is_valid = schema_validator({"pattern": "^(a+)+$", "propertyNames": {"pattern": "^(b+)+$"}})
    assert not is_valid("a" * 50_000 + "!")
    assert not is_valid({"b" * 50_000 + "!": 1})


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "(?=a)"},
        {"items": {"anyOf": [{"pattern": r"(a)\1"}]}},
        {"properties": {"pattern": {"pattern": "(?=a)"}}},
        {"patternProperties": {"(?=a)": {}}},
    ],
)
def test_pattern_that_needs_another_engine_is_refused(schema):
    with pytest.raises(ValueError, match="cannot be matched in linear time"):
        schema_validator(schema)


def test_pattern_behind_a_reference_into_data_never_passes():
    schema = {"not": {"$ref": "#/default"}, "default": {"pattern": "(?=a)"}}
    assert not schema_validator(schema)("a")
