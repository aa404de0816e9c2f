"""Great Expectations itself, for the expectations that are not compiled.

It is imported only when it is needed. What it answers is taken over without any cell: its lists of
values, its messages and its tracebacks stay here.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from stepwell.authoring import listed
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._words import thawed

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from stepwell_expectations._columns import Columns

_NUMBERS = (
    "element_count",
    "unexpected_count",
    "unexpected_percent",
    "missing_count",
    "missing_percent",
    "unexpected_percent_total",
    "unexpected_percent_nonmissing",
)
_AGGREGATES = ("expect_column_kl_divergence_to_be_less_than",)
"""Types whose observed value is a number about the whole column, and no cell."""

_ERROR_NAME = re.compile(r"^(?:\w+\.)*([A-Z]\w+)(?=:|$)")


def registered_types() -> Sequence[str]:
    """The names of all expectation types that Great Expectations knows in this process."""
    with _quiet():
        from great_expectations.expectations.registry import (
            list_registered_expectation_implementations,
        )

        return tuple(list_registered_expectation_implementations())


def validate(
    expectations: Mapping[int, Expectation], frame: pl.LazyFrame, columns: Columns, *, most: int
) -> dict[int, dict[str, Any]]:
    """What Great Expectations says of each: `success` and `result`, or why there is an `error`.

    At most `most` of the unexpected rows are named.
    """
    results: dict[int, dict[str, Any]] = {}
    for same_rows in _by_condition(expectations):
        results.update(_validated(same_rows, frame, columns, most))
    return results


def _by_condition(expectations: Mapping[int, Expectation]) -> list[dict[int, Expectation]]:
    groups: dict[Any, dict[int, Expectation]] = {}
    for position, expectation in expectations.items():
        groups.setdefault(expectation.condition, {})[position] = expectation
    return list(groups.values())


def _validated(
    expectations: Mapping[int, Expectation], frame: pl.LazyFrame, columns: Columns, most: int
) -> dict[int, dict[str, Any]]:
    """The answers for expectations of the same rows, which are handed over already filtered."""
    try:
        data = _pandas_frame(list(expectations.values()), frame, columns)
        with _quiet(), _batch_of(data) as batch:
            return {
                position: _answer(expectation, batch, columns, most)
                for position, expectation in expectations.items()
            }
    except Exception as error:  # it may quote a cell
        return {at: {"error": _withheld(type(error).__name__)} for at in expectations}


def _pandas_frame(
    expectations: Sequence[Expectation], frame: pl.LazyFrame, columns: Columns
) -> pd.DataFrame:
    """The columns that are needed; the number of each row is its index."""
    import pandas as pd

    from stepwell import Dataset
    from stepwell_expectations._filters import rows_of

    number = columns.free_name()
    needed = {columns.find(name).name: None for one in expectations for name in one.columns}
    everything = any(not one.columns for one in expectations)
    found = [columns.find(name) for name in (columns.names if everything else needed)]
    rows = rows_of(expectations[0], columns)
    numbered = frame.with_row_index(number)
    kept = numbered if rows is None else numbered.filter(rows)
    table = kept.select(number, *(column.raw for column in found)).collect(engine="streaming")
    numbers = table[number].to_numpy()
    data = Dataset.of(table.drop(number)).to_pandas().set_index(pd.Index(numbers))
    for column in found:
        if column.dtype.is_float():
            data[column.name] = table[column.name].to_numpy()  # null and NaN become NaN
    return data


def _answer(expectation: Expectation, batch: Any, columns: Columns, most: int) -> dict[str, Any]:
    from great_expectations.compatibility.pydantic import ValidationError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    kwargs = _resolved(expectation, columns)
    try:
        wanted = ExpectationConfiguration(type=expectation.type, kwargs=kwargs).to_domain_obj()
        answered = batch.validate(wanted, result_format=_result_format(most))
        return _without_cells(expectation, answered.to_json_dict(), most)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        return {"error": f"Great Expectations refuses its arguments ({listed(wrong)})."}
    except Exception as error:  # it may quote a cell
        return {"error": _withheld(type(error).__name__)}


def _resolved(expectation: Expectation, columns: Columns) -> dict[str, Any]:
    """The arguments with the names of columns as the dataset spells them."""
    kwargs: dict[str, Any] = thawed(expectation.kwargs)
    for key in ("column", "column_A", "column_B"):
        if key in kwargs:
            kwargs[key] = columns.find(kwargs[key]).name
    if "column_list" in kwargs:
        kwargs["column_list"] = [columns.find(name).name for name in kwargs["column_list"]]
    return kwargs


def _result_format(most: int) -> dict[str, Any]:
    return {
        "result_format": "SUMMARY",
        "exclude_unexpected_values": True,
        "include_unexpected_rows": False,
        "partial_unexpected_count": most,
    }


def _without_cells(
    expectation: Expectation, answer: Mapping[str, Any], most: int
) -> dict[str, Any]:
    raised = _raised(answer.get("exception_info") or {})
    given = answer.get("result") or {}
    if raised is not None:
        return {"error": _withheld(raised)}
    if "unexpected_count" in given and given["unexpected_count"] is None:
        return {"error": "Great Expectations gave up without saying why."}
    result = {name: given[name] for name in _NUMBERS if name in given}
    if expectation.type in _AGGREGATES:
        result["observed_value"] = given.get("observed_value")
    rows = given.get("partial_unexpected_index_list") or []
    return {"success": bool(answer["success"]), "result": result, "rows": rows[:most]}


def _raised(info: Mapping[str, Any]) -> str | None:
    """The name of the exception that was raised, if one was."""
    several = [one for one in info.values() if isinstance(one, Mapping)]
    for one in several or [info]:
        trace = one.get("exception_traceback") or ""
        if several or one.get("raised_exception") or trace:
            last = trace.strip().rpartition("\n")[2]
            named = _ERROR_NAME.match(last)
            return named.group(1) if named else "an exception"
    return None


def _withheld(name: str) -> str:
    return f"Great Expectations raised {name}; its message is withheld, since it may quote values."


@contextmanager
def _batch_of(data: pd.DataFrame) -> Iterator[Any]:
    """`data` as a batch, in a context of its own that leaves a project's context as it was."""
    import great_expectations
    from great_expectations.data_context.data_context.context_factory import project_manager
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
    )
    from great_expectations.exceptions.exceptions import DataContextRequiredError

    try:
        before = project_manager.get_current_project()
    except DataContextRequiredError:
        before = None
    try:
        config = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults())
        context = great_expectations.get_context(project_config=config, mode="ephemeral")
        asset = context.data_sources.add_pandas("data").add_dataframe_asset("data")
        definition = asset.add_batch_definition_whole_dataframe("data")
        with _without_progress_bars():
            yield definition.get_batch(batch_parameters={"dataframe": data})
    finally:
        project_manager.set_project(before)


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Some expectations draw one whatever the context says, so the bars themselves are disabled."""
    from great_expectations.validator import validation_graph

    drawn: Any = vars(validation_graph)["tqdm"]

    def disabled(*arguments: Any, **named: Any) -> Any:
        return drawn(*arguments, **{**named, "disable": True})

    vars(validation_graph)["tqdm"] = disabled
    try:
        yield
    finally:
        vars(validation_graph)["tqdm"] = drawn


@contextmanager
def _quiet() -> Iterator[None]:
    """Without telemetry, warnings and log lines: those may quote cells."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logger = logging.getLogger("great_expectations")
    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.handlers, logger.propagate = handlers, propagate
