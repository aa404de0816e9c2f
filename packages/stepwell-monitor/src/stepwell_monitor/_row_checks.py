"""Checks of single rows, all evaluated in one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell import DataError, Dataset, Finding, Model
from stepwell_monitor._columns import PREDICTION, PREDICTION_ID, kind_of

if TYPE_CHECKING:
    import polars as pl

ROW = "__row__"
_SHOWN = 20
_ROUNDING = 1e-5

Bounds = tuple[float | None, float | None]


@dataclass(frozen=True)
class RowCheck:
    """A condition that marks wrong rows, and the words for what they are.

    `allowed` is the fraction of rows that may be wrong.
    """

    check: str
    columns: tuple[str, ...]
    wrong: pl.Expr
    are: str
    allowed: float = 0.0


def evaluate(frame: pl.LazyFrame, checks: Sequence[RowCheck], rows: int) -> Iterator[Finding]:
    """A finding for each check, with the numbers of the first wrong rows, counted from 0.

    `frame` has the numbers in the column `ROW`.
    """
    import polars as pl

    wrong = [check.wrong.fill_null(False) for check in checks]
    counts = [expression.sum().alias(f"count {i}") for i, expression in enumerate(wrong)]
    numbers = [
        pl.col(ROW).filter(expression).head(_SHOWN).implode().alias(f"rows {i}")
        for i, expression in enumerate(wrong)
    ]
    found = Dataset.of(frame.select(*counts, *numbers)).to_polars()
    for i, check in enumerate(checks):
        numbers_found = found[f"rows {i}"].item().to_list()
        yield _finding(check, int(found[f"count {i}"].item()), numbers_found, rows)


def _finding(check: RowCheck, wrong: int, numbers: Sequence[int], rows: int) -> Finding:
    failed = wrong > check.allowed * rows
    where = f": rows {', '.join(map(str, numbers[:5]))}{' …' if wrong > 5 else ''}" if wrong else ""
    allowed = f"; {check.allowed:.1%} may be" if check.allowed else ""
    named = ", ".join(check.columns)
    return Finding(
        check=check.check,
        verdict="failed" if failed else "passed",
        message=f"{named}: {wrong:,} of {rows:,} rows {check.are}{allowed}{where}.",
        columns=check.columns,
        rows=wrong,
        details={"first_rows": list(numbers)},
    )


def of_predictions(
    schema: pl.Schema, scores: Sequence[str], model: Model | None
) -> Iterator[RowCheck]:
    """Predictions are there, are probabilities where they should be, and of a known class."""
    import polars as pl

    yield RowCheck(
        "prediction_is_present", (PREDICTION,), unusable(PREDICTION, schema), "have no prediction"
    )
    for score in scores:
        if not schema[score].is_numeric():
            raise DataError(
                f"Plausibility: column {score!r} holds {schema[score]}; probabilities are numbers."
            )
        outside = unusable(score, schema) | ~pl.col(score).is_between(0, 1)
        yield RowCheck("probability", (score,), outside, "hold no number between 0 and 1")
    if len(scores) > 1:
        off = (pl.sum_horizontal(scores) - 1).abs() > _ROUNDING
        yield RowCheck("probabilities_add_up", tuple(scores), off, "do not add up to 1")
    classes = model.description.classes if model else None
    if classes:
        other = not_among(PREDICTION, classes, schema)
        yield RowCheck("known_class", (PREDICTION,), other, "hold no class of the model")
    if PREDICTION_ID in schema:
        yield RowCheck(
            "prediction_id_is_unique",
            (PREDICTION_ID,),
            pl.col(PREDICTION_ID).is_duplicated(),
            "share their prediction_id",
        )


def of_ranges(ranges: Mapping[str, Bounds], schema: pl.Schema) -> Iterator[RowCheck]:
    """Numbers lie in their range; NaN never does."""
    import polars as pl

    for column, (low, high) in ranges.items():
        if not schema[column].is_numeric():
            raise DataError(
                f"Plausibility: column {column!r} has a range, but holds {schema[column]}.",
                hint="Ranges are for numbers; use categories for text.",
            )
        wrong = pl.col(column).is_nan() if schema[column].is_float() else pl.lit(False)
        if low is not None:
            wrong |= pl.col(column) < low
        if high is not None:
            wrong |= pl.col(column) > high
        start, end = "any" if low is None else f"{low:g}", "any" if high is None else f"{high:g}"
        yield RowCheck("range", (column,), wrong, f"lie outside of {start} to {end}")


def of_categories(categories: Mapping[str, Iterable[Any]], schema: pl.Schema) -> Iterator[RowCheck]:
    """Values are among the known categories; nulls are judged elsewhere."""
    for column, known in categories.items():
        wrong = not_among(column, known, schema)
        yield RowCheck("categories", (column,), wrong, "hold no known category")


def of_nulls(fractions: Mapping[str, float], schema: pl.Schema) -> Iterator[RowCheck]:
    """Values are missing in a part of the rows at most."""
    for column, fraction in fractions.items():
        missing = unusable(column, schema)
        yield RowCheck("null_fraction", (column,), missing, "are missing", allowed=fraction)


def unusable(column: str, schema: pl.Schema) -> pl.Expr:
    """Whether a value is null, NaN or infinite."""
    import polars as pl

    missing = pl.col(column).is_null()
    if schema[column].is_float():
        missing |= ~pl.col(column).is_finite().fill_null(True)
    return missing


def not_among(column: str, known: Iterable[Any], schema: pl.Schema) -> pl.Expr:
    """Whether a value, not null, is none of `known`."""
    import polars as pl

    if kind_of(schema[column]) == "numeric":
        try:
            numbers = [float(value) for value in known]
        except (TypeError, ValueError):
            raise DataError(
                f"Plausibility: column {column!r} holds {schema[column]}, its categories are text."
            ) from None
        return ~pl.col(column).cast(pl.Float64).is_in(numbers)
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in known]
    return ~pl.col(column).cast(pl.String).is_in(texts)
