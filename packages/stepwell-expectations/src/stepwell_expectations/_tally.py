"""The counts of a partition: one pass for all that adds up, queries of their own for the rest.

A table of counts has a row for each number and text that was found: `expectation` is the position
in the suite (null for what concerns all), `measure` its name, and one of `count`, `value` and
`text` holds it. It begins with the number of rows and the suite itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from stepwell_expectations._columns import Columns, NotCompiledError, UnanswerableError
from stepwell_expectations._compiled import COMPILED
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._filters import rows_of
from stepwell_expectations._great_expectations import validate
from stepwell_expectations._plan import Plan
from stepwell_expectations._shapes import masked
from stepwell_expectations._unique import occurrences, repeated_rows, settled

MOST_ROWS = 20
"""How many of the unexpected rows are named."""

_SCHEMA = {
    "expectation": pl.UInt32,
    "measure": pl.String,
    "count": pl.Int64,
    "value": pl.Float64,
    "text": pl.String,
}
_GREATEST = 2**63
_AT_ONCE = 100
_ALL = -1
"""In place of a position: what concerns the whole suite."""

_NOT_BY_ROW = "It cannot set rows apart, since only Great Expectations can check it on this column."


@dataclass
class _Work:
    """What has to be done for each expectation, by its position in the suite."""

    plans: dict[int, Plan] = field(default_factory=dict)
    left: dict[int, Expectation] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)


def tally(
    suite: str,
    expectations: Sequence[Expectation],
    frame: pl.LazyFrame,
    tables: Mapping[str, pl.LazyFrame],
) -> pl.DataFrame:
    """The counts of `frame` for these expectations of `suite`, which is JSON.

    `tables` are the other ones that the suite may speak of, by name.
    """
    columns = Columns(frame.collect_schema(), tables)
    work = _work(expectations, columns)
    _ask_first(frame, work)
    apart = _set_apart(expectations, work)
    asked = {at: plan.sums for at, plan in work.plans.items()}
    rows, sums = _sums(frame, {**asked, _ALL: {} if apart is None else {"apart": apart.sum()}})
    all_sums = sums.pop(_ALL)
    for position, found in _own_queries(frame, work.plans, sums):
        sums[position].update(found)
    answers = validate(work.left, frame, columns, most=MOST_ROWS)
    records = [
        _record(None, "rows", rows),
        _record(None, "suite", suite),
        *(_record(None, name, value or 0) for name, value in all_sums.items()),
        *(_record(at, "error", text) for at, text in work.errors.items()),
        *(_record(at, name, text) for at, name, text in _texts(work.plans)),
        *(_record(at, name, value) for at, found in sums.items() for name, value in found.items()),
        *_unexpected(frame, columns, {at: work.plans[at] for at in sums if _fails(sums[at])}),
        *(_record(at, "great_expectations", json.dumps(result)) for at, result in answers.items()),
    ]
    return pl.DataFrame(records, schema=_SCHEMA, orient="row")


def rows_apart(expectations: Sequence[Expectation], frame: pl.LazyFrame) -> pl.Expr | None:
    """Where a row is to be set apart; None if no expectation can say so."""
    return _set_apart(expectations, _work(expectations, Columns(frame.collect_schema())))


def _set_apart(expectations: Sequence[Expectation], work: _Work) -> pl.Expr | None:
    """The rows to set apart. What only Great Expectations can answer becomes an error."""
    for position in [at for at in work.left if expectations[at].sets_apart]:
        del work.left[position]
        work.errors[position] = _NOT_BY_ROW
    unexpected = [
        plan.unexpected.fill_null(False)
        for position, plan in work.plans.items()
        if expectations[position].sets_apart and plan.unexpected is not None
    ]
    return pl.any_horizontal(unexpected) if unexpected else None


def _ask_first(frame: pl.LazyFrame, work: _Work) -> None:
    """Complete the plans that needed to know something of all rows, in one query for them all."""
    asked = {at: plan for at, plan in work.plans.items() if plan.then is not None}
    if not asked:
        return
    _, known = _sums(frame, {at: plan.first for at, plan in asked.items()})
    for position, plan in asked.items():
        assert plan.then is not None  # as was asked above
        work.plans[position] = plan.then(known[position])


def _own_queries(
    frame: pl.LazyFrame, plans: Mapping[int, Plan], sums: Mapping[int, Mapping[str, Any]]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """What the queries of their own found, by position; one that the sums settle is not run."""
    for position, plan in plans.items():
        if plan.query is not None:
            yield position, _one_row(plan.query(frame))
        elif plan.keys:
            yield position, settled(sums[position]) or _one_row(occurrences(frame, plan))


def _one_row(query: pl.LazyFrame) -> dict[str, Any]:
    return query.collect(engine="streaming").row(0, named=True)


def _work(expectations: Sequence[Expectation], columns: Columns) -> _Work:
    work = _Work()
    for position, expectation in enumerate(expectations):
        try:
            work.plans[position] = _plan(expectation, columns)
        except UnanswerableError as error:
            work.errors[position] = str(error)
        except NotCompiledError:
            work.left[position] = expectation
    return work


def _plan(expectation: Expectation, columns: Columns) -> Plan:
    compiled = COMPILED.get(expectation.type)
    if compiled is not None:
        return compiled.plan(expectation, columns)
    for name in expectation.columns:
        columns.find(name)
    rows_of(expectation, columns)
    raise NotCompiledError


def _sums(
    frame: pl.LazyFrame, sums: Mapping[int, Mapping[str, pl.Expr]]
) -> tuple[int, dict[int, dict[str, Any]]]:
    """The number of rows, and all sums by position and name, from one query."""
    wanted = [(at, name, sum_) for at, named in sums.items() for name, sum_ in named.items()]
    query = frame.select(
        pl.len().alias("rows"), *(one[2].alias(str(number)) for number, one in enumerate(wanted))
    )
    rows, *values = query.collect(engine="streaming").row(0)
    found: dict[int, dict[str, Any]] = {position: {} for position in sums}
    for (position, name, _), value in zip(wanted, values, strict=True):
        found[position][name] = value
    return int(rows), found


def _texts(plans: Mapping[int, Plan]) -> Iterator[tuple[int, str, str]]:
    for position, plan in plans.items():
        if plan.facts is not None:
            yield position, "facts", json.dumps(plan.facts)
        if plan.mismatch is not None:
            yield position, "mismatch", plan.mismatch


def _fails(sums: Mapping[str, Any]) -> bool:
    """Whether rows are not as expected, so that they should be named."""
    kept = sums.get("expected")
    return kept is not None and kept < sums["considered"]


def _unexpected(
    frame: pl.LazyFrame, columns: Columns, plans: Mapping[int, Plan]
) -> Iterator[tuple[Any, ...]]:
    """The first rows that are not as expected, and their masked shapes."""
    number = columns.free_name()
    numbered = frame.with_row_index(number)
    queries = [_rows_query(numbered, number, plan) for plan in plans.values()]
    for position, rows in zip(plans, _collected(queries), strict=True):
        yield from (_record(position, "row", row) for row in rows["row"])
        if "shape" in rows.columns:
            shapes = rows["shape"].value_counts(sort=True)
            yield from (_record(position, "shape", count, shape) for shape, count in shapes.rows())


def _collected(queries: Sequence[pl.LazyFrame]) -> Iterator[pl.DataFrame]:
    """The results, a few queries at a time: the effort to plan them grows with their square."""
    for start in range(0, len(queries), _AT_ONCE):
        yield from pl.collect_all(queries[start : start + _AT_ONCE], engine="streaming")


def _rows_query(numbered: pl.LazyFrame, number: str, plan: Plan) -> pl.LazyFrame:
    if plan.unexpected is None:
        return repeated_rows(numbered, number, plan, most=MOST_ROWS)
    shown = [] if plan.shown is None else [masked(plan.shown.values).alias("shape")]
    rows = numbered.filter(plan.unexpected).head(MOST_ROWS)
    return rows.select(pl.col(number).alias("row"), *shown)


def _record(
    position: int | None, measure: str, value: Any, text: str | None = None
) -> tuple[Any, ...]:
    if isinstance(value, str):
        return (position, measure, None, None, value)
    if isinstance(value, int) and abs(value) < _GREATEST:
        return (position, measure, value, None, text)
    return (position, measure, None, None if value is None else float(value), text)
