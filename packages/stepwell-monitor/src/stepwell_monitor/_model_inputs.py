"""What a model knows of its inputs, held against the columns that it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stepwell import Feature, Finding, Model
from stepwell_monitor._columns import Kind, kind_of

if TYPE_CHECKING:
    import polars as pl

_NUMBERS = ("Int", "UInt", "Float", "Decimal")
_CATEGORIES = ("String", "Boolean", "Categorical", "Enum")


def known_categories(model: Model | None, schema: pl.Schema) -> Mapping[str, tuple[str, ...]]:
    """The categories that the model knows of each column."""
    features = model.description.features if model else ()
    return {f.name: f.categories for f in features if f.categories and f.name in schema}


def of_inputs(model: Model | None, schema: pl.Schema) -> Iterator[Finding]:
    """Whether every input of the model is there, with the type that it was trained on."""
    if model is None or not model.description.features:
        return
    features = model.description.features
    missing = tuple(feature.name for feature in features if feature.name not in schema)
    yield Finding(
        check="inputs_are_present",
        verdict="failed" if missing else "passed",
        message=f"{len(missing)} of {len(features)} inputs of the model are missing"
        f"{': ' + ', '.join(missing[:12]) if missing else ''}.",
        columns=missing,
    )
    other = tuple(feature for feature in features if _has_other_type(feature, schema))
    yield Finding(
        check="inputs_have_their_type",
        verdict="failed" if other else "passed",
        message=f"{len(other)} inputs have another type than in training"
        f"{': ' + ', '.join(_told(feature, schema) for feature in other[:12]) if other else ''}.",
        columns=tuple(feature.name for feature in other),
    )


def _has_other_type(feature: Feature, schema: pl.Schema) -> bool:
    if feature.name not in schema:
        return False
    expected = _kind_named(feature.type)
    return expected is not None and kind_of(schema[feature.name]) != expected


def _kind_named(dtype: str) -> Kind | None:
    if dtype.startswith(_NUMBERS):
        return "numeric"
    return "categorical" if dtype.startswith(_CATEGORIES) else None


def _told(feature: Feature, schema: pl.Schema) -> str:
    return f"{feature.name} ({schema[feature.name]}, trained on {feature.type.partition('(')[0]})"
