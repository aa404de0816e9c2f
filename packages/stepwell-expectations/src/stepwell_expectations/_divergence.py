"""How far the distribution of a column is from an expected one: the Kullback-Leibler divergence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf, isfinite, log
from typing import Any

import polars as pl

from stepwell_expectations._columns import (
    Column,
    Columns,
    Kind,
    NotCompiledError,
    UnanswerableError,
)
from stepwell_expectations._distinct_sets import counts_of
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._filters import rows_of
from stepwell_expectations._literals import one_of
from stepwell_expectations._outcome import Numbers, Outcome, without_values
from stepwell_expectations._plan import Plan, among, how_many


def divergence_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The number of rows of each expected value or bin, and what is known of all others."""
    partition = expectation.kwargs.get("partition_object")
    column, rows = columns.find(expectation.kwargs["column"]), rows_of(expectation, columns)
    if partition is None or column.kind in (Kind.MOMENT, Kind.TRUTH):
        raise NotCompiledError
    within = among(rows, column.present)
    if "values" in partition:
        return _of_values(column, within, partition["values"])
    return _of_bins(column, within, partition["bins"])


def divergence_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the divergence is at most the threshold."""
    if not numbers["considered"]:
        return without_values()
    counts = {name: float(number or 0) for name, number in numbers.items()}
    of_values = "values" in expectation.kwargs["partition_object"]
    divergence = (_from_values if of_values else _from_bins)(expectation.kwargs, counts)
    holds = divergence <= expectation.kwargs["threshold"]
    shown = divergence if isfinite(divergence) else None
    return Outcome(holds, f"it is {divergence:.6g}", {"observed_value": shown})


def _divergence(observed: Sequence[float], expected: Sequence[float]) -> float:
    """What these shares add to it; what is observed but not expected makes it infinite."""
    present = [pair for pair in zip(observed, expected, strict=True) if pair[0] > 0]
    if any(other <= 0 for _, other in present):
        return inf
    return sum(one * log(one / other) for one, other in present)


# values


def _of_values(column: Column, within: pl.Expr, values: Sequence[Any]) -> Plan:
    """`others_log` is the sum of n · log n over the values that are not expected."""
    counts = {f"in_{at}": (within & one_of(column, [one])).sum() for at, one in enumerate(values)}
    unexpected = within & ~one_of(column, values)

    def query(frame: pl.LazyFrame) -> pl.LazyFrame:
        rows = pl.col("rows").cast(pl.Float64)
        return counts_of(frame, column, unexpected).select(
            others=pl.len(), others_rows=rows.sum(), others_log=(rows * rows.log()).sum()
        )

    return Plan(sums={"considered": how_many(within), **counts}, query=query)


def _from_values(kwargs: Mapping[str, Any], counts: Mapping[str, float]) -> float:
    """The values that are not expected share `tail_weight_holdout` evenly."""
    weights, total = kwargs["partition_object"]["weights"], counts["considered"]
    observed = [counts[f"in_{at}"] / total for at in range(len(weights))]
    if not counts["others"]:
        return _divergence(observed, _scaled(weights))
    holdout = kwargs.get("tail_weight_holdout") or 0
    expected = _scaled([*(weight * (1 - holdout) for weight in weights), holdout])
    if expected[-1] <= 0:
        return inf
    share = counts["others_rows"] / total
    entropy = counts["others_log"] / total - share * log(total)
    others = entropy - share * log(expected[-1] / counts["others"])
    return _divergence(observed, expected[:-1]) + others


# bins


def _of_bins(column: Column, within: pl.Expr, edges: Sequence[float]) -> Plan:
    if column.kind in (Kind.TEXT, Kind.OTHER):
        raise UnanswerableError(f"The {column.described()}, and bins are of numbers.")
    values, last = column.values, len(edges) - 2
    bins = {
        f"in_{at}": (values >= low) & ((values <= high) if at == last else (values < high))
        for at, (low, high) in enumerate(pairwise(edges))
    }
    parts = {"below": values < edges[0], **bins, "above": values > edges[-1]}
    counts = {name: (within & part).sum() for name, part in parts.items()}
    return Plan(sums={"considered": how_many(within), **counts})


def _from_bins(kwargs: Mapping[str, Any], counts: Mapping[str, float]) -> float:
    """Bins that are expected to be empty share `internal_weight_holdout`, the tails the other."""
    partition, total = kwargs["partition_object"], counts["considered"]
    internal, tail = (kwargs.get(f"{name}_weight_holdout") or 0 for name in ("internal", "tail"))
    inner = [weight * (1 - tail - internal) for weight in partition["weights"]]
    empty = inner.count(0)
    if internal and empty:
        inner = [weight or internal / empty for weight in inner]
    low, high = partition.get("tail_weights") or (tail / 2, tail / 2)
    names = ["below", *(f"in_{at}" for at in range(len(inner))), "above"]
    return _divergence([counts[name] / total for name in names], _scaled([low, *inner, high]))


def _scaled(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    return [weight / total for weight in weights]
