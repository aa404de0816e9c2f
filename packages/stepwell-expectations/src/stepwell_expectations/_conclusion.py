"""From the counts of all partitions to how each expectation turned out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from stepwell_expectations._compiled import COMPILED
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._outcome import GREAT_EXPECTATIONS, Outcome, failure, rows_found

if TYPE_CHECKING:
    import polars as pl

_TOO_MANY = (
    "It cannot be judged from the counts of several partitions, which do not add up here; "
    "it needs the whole dataset."
)


@dataclass
class Counted:
    """What the partitions counted for one expectation."""

    numbers: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    shapes: Counter[str] = field(default_factory=Counter)


@dataclass
class Counts:
    """What the partitions counted altogether."""

    rows: int = 0
    partitions: int = 0
    apart: int = 0
    suites: set[str] = field(default_factory=set)
    by_position: dict[int, Counted] = field(default_factory=dict)


def added_up(table: pl.DataFrame) -> Counts:
    """The counts of all partitions, whose tables stand one below the other."""
    counts, before = Counts(), 0
    for position, measure, count, value, text in table.iter_rows():
        if position is not None:
            found = counts.by_position.setdefault(position, Counted())
            _add(found, measure, value if count is None else count, text, before)
        elif measure == "rows":
            before = counts.rows
            counts.rows += count
            counts.partitions += 1
        elif measure == "apart":
            counts.apart += count
        else:
            counts.suites.add(text)
    return counts


def _add(found: Counted, measure: str, number: Any, text: str | None, before: int) -> None:
    if measure == "row":
        found.rows.append(before + number)
    elif measure == "shape":
        found.shapes[str(text)] += number
    elif text is not None:
        found.texts.setdefault(measure, set()).add(text)
    elif number is None or found.numbers.get(measure, 0) is None:
        found.numbers[measure] = None
    else:
        found.numbers[measure] = found.numbers.get(measure, 0) + number


def outcomes(expectations: Sequence[Expectation], counts: Counts) -> list[Outcome]:
    """How each expectation turned out; one that was not counted has failed."""
    return [
        _outcome(expectation, counts.by_position.get(position, Counted()), counts.partitions)
        for position, expectation in enumerate(expectations)
    ]


def _outcome(expectation: Expectation, found: Counted, partitions: int) -> Outcome:
    errors = found.texts.get("error")
    if errors:
        return failure(min(errors))
    if GREAT_EXPECTATIONS in found.texts:
        return _answered(found, partitions)
    compiled = COMPILED.get(expectation.type)
    if compiled is None:
        return failure("It was not counted.")
    if not compiled.adds_up and partitions > 1:
        return failure(_TOO_MANY)
    if compiled.judge is None:
        return _settled(found)
    if not found.numbers:
        return failure("It was not counted.")
    outcome = compiled.judge(expectation, found.numbers)
    mismatch = found.texts.get("mismatch")
    return failure(min(mismatch)) if mismatch and not outcome.vacuous else outcome


def _settled(found: Counted) -> Outcome:
    """The outcome that the schema alone has settled, if it is the same in all partitions."""
    facts = found.texts.get("facts", set())
    if len(facts) != 1:
        return failure("The partitions have different columns." if facts else "It was not counted.")
    return Outcome(**json.loads(next(iter(facts))))


def _answered(found: Counted, partitions: int) -> Outcome:
    """The outcome that Great Expectations has found."""
    if partitions > 1:
        return failure(_TOO_MANY, engine=GREAT_EXPECTATIONS)
    answer = json.loads(min(found.texts[GREAT_EXPECTATIONS]))
    if "error" in answer:
        return failure(answer["error"], engine=GREAT_EXPECTATIONS)
    found.rows = answer["rows"]
    result = answer["result"]
    considered = result.get("element_count", 0) - (result.get("missing_count") or 0)
    unexpected = result.get("unexpected_count")
    outcome = Outcome(answer["success"], "", result, unexpected, engine=GREAT_EXPECTATIONS)
    if "element_count" not in result:
        return replace(outcome, found="it is so" if outcome.success else "it is not so")
    if considered == 0:
        return replace(outcome, found="there is no value to check", vacuous=True)
    return replace(outcome, found=rows_found(considered, unexpected, 1))
