"""Which columns of a predictions table take part, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell import ConfigurationError, DataError
from stepwell.authoring import did_you_mean, listed

if TYPE_CHECKING:
    import polars as pl

    from stepwell import Roles

PREDICTION = "prediction"
VERSION = "model_version"
SEEN = "seen_in_training"
ROW = "prediction_id"

MOST_NUMBERS = 20
MOST_GROUPS = 200


@dataclass(frozen=True)
class Columns:
    """The columns that are counted by; optional ones are None where there are none."""

    actual: str
    groups: tuple[str, ...]
    version: str | None
    seen: str | None
    row: str | None
    weight: str | None

    @property
    def keys(self) -> list[str]:
        """The columns that rows are grouped by."""
        optional = [column for column in (self.version, self.seen) if column is not None]
        return [*optional, *self.groups, self.actual, PREDICTION]


def columns_of(
    schema: pl.Schema, *, actual: str, groups: Sequence[str], weight: str | None
) -> Columns:
    """The columns in `schema`; raises DataError for one that is missing or cannot make groups."""
    for column, meaning in ((actual, "what really happened"), (PREDICTION, "what the model said")):
        _require(column, schema, meaning)
    for group in groups:
        _require(group, schema, "whose groups are compared")
        if group in (actual, PREDICTION, VERSION, SEEN, ROW):
            raise ConfigurationError(f"Fairness: column {group!r} makes no groups of people.")
        _require_groupable(group, schema[group])
    if weight is not None:
        _require(weight, schema, "how much a row counts")
        if not schema[weight].is_numeric():
            raise DataError(
                f"Fairness: the weights in {weight!r} are {schema[weight]}, not numbers."
            )
    return Columns(
        actual=actual,
        groups=tuple(groups),
        version=VERSION if VERSION in schema else None,
        seen=SEEN if SEEN in schema else None,
        row=ROW if ROW in schema else None,
        weight=weight,
    )


def refuse_persons(roles: Roles, groups: Iterable[str]) -> None:
    """Raise ConfigurationError for a column that tells persons apart: a report names its groups."""
    for group in groups:
        told = [role for role in ("identifier", "personal") if role in roles.of(group)]
        if told:
            raise ConfigurationError(
                f"Fairness: column {group!r} has the role {told[0]!r}. Reports name groups by the "
                "values of their column, so a column that tells persons apart makes none.",
                hint="Make a column of few values from it in an earlier step.",
            )


def require_few_groups(counts: pl.DataFrame, groups: Iterable[str]) -> None:
    """Raise DataError for a column with too many values to be an attribute of groups."""
    for column in groups:
        found = counts[column].n_unique()
        numbers = counts.schema[column].is_numeric()
        if found <= (MOST_NUMBERS if numbers else MOST_GROUPS):
            continue
        what = "numbers" if numbers else "values"
        raise DataError(
            f"Fairness: column {column!r} has {found:,} different {what}, too many for groups.",
            hint=f"Make bands of it in an earlier step (a column such as '{column}_band') and name "
            "that column in groups=[...].",
        )


def _require(column: str, schema: pl.Schema, meaning: str) -> None:
    if column in schema:
        return
    raise DataError(
        f"Fairness: the predictions have no column {column!r} ({meaning}).",
        hint=f"{did_you_mean(column, schema)} Columns: {listed(schema, most=20)}.".strip(),
    )


def _require_groupable(column: str, dtype: Any) -> None:
    if dtype.is_temporal() or dtype.is_nested() or str(dtype) in ("Binary", "Object"):
        raise DataError(
            f"Fairness: column {column!r} holds {dtype}, which makes no groups of people.",
            hint="Groups come from text, categories, true/false or a few whole numbers.",
        )
