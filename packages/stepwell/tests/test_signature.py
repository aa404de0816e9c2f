"""What a step takes and gives is read from `run`; one that cannot be wired is explained."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from stepwell import Dataset, Model, Pipeline, PipelineError, Report, Step
from stepwell._protocol._signature import signature_of

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True)
class Made:
    """Outputs of every kind."""

    data: Dataset
    frame: pl.DataFrame
    lazy: pl.LazyFrame | None
    table: pa.Table
    model: Model
    report: Report
    file: Path
    numbers: list[float]
    maybe: int | None


class Everything(Step):
    """Takes and gives every kind of artifact."""

    def run(
        self,
        *,
        data: Dataset,
        frame: pd.DataFrame,
        model: Model,
        reports: list[Report],
        champion: Model | None = None,
        limits: Mapping[str, float],
    ) -> Made:
        raise NotImplementedError


def test_inputs_by_kind() -> None:
    signature = signature_of(Everything)
    assert {name: taken.kind for name, taken in signature.inputs.items()} == {
        "data": "dataset",
        "frame": "dataset",
        "model": "model",
        "champion": "model",
        "limits": "value",
    }
    assert signature.judge


def test_input_with_a_default_is_optional() -> None:
    champion = signature_of(Everything).inputs["champion"]
    assert (champion.required, champion.nullable) == (False, True)


def test_outputs_by_kind() -> None:
    outputs = signature_of(Everything).outputs
    assert {name: given.kind for name, given in outputs.items()} == {
        "data": "dataset",
        "frame": "dataset",
        "lazy": "dataset",
        "table": "dataset",
        "model": "model",
        "report": "report",
        "file": "file",
        "numbers": "value",
        "maybe": "value",
    }
    assert [name for name, given in outputs.items() if given.optional] == ["lazy", "maybe"]


def test_list_of_something_else_makes_no_judge() -> None:
    class Lists(Step):
        """Takes numbers that are called reports."""

        def run(self, *, reports: list[int]) -> None: ...

    signature = signature_of(Lists)
    assert (signature.judge, list(signature.inputs)) == (False, ["reports"])


class Estimator:
    """Of a library that no model format claims."""


@dataclass(frozen=True)
class Hidden:
    """An output whose type is known to type checkers only."""

    price: "Decimal"


def by_position(self: Any, data: Dataset) -> Made: ...
def any_keyword(self: Any, **inputs: Dataset) -> Made: ...
def no_type(self: Any, *, data) -> Made: ...  # type: ignore[no-untyped-def]
def no_return(self: Any, *, data: Dataset): ...  # type: ignore[no-untyped-def]
def lone(self: Any, *, data: Dataset) -> Dataset: ...
def several(self: Any, *, data: Dataset) -> tuple[Dataset, Report]: ...
def hidden_input(self: Any, *, price: "Decimal") -> Made: ...
def no_artifact(self: Any, *, model: Estimator) -> Made: ...
def either(self: Any, *, data: pd.DataFrame | pl.DataFrame) -> Made: ...
def hidden_output(self: Any, *, data: Dataset) -> Hidden: ...


WRONG: dict[Any, str] = {
    by_position: "Wrong.run takes 'data' by position; inputs are keyword-only. Write run(self, *",
    any_keyword: "Wrong.run takes 'inputs' by position; inputs are keyword-only.",
    no_type: "Wrong.run does not say the type of its input 'data'.",
    no_return: "Wrong.run does not say what it returns.",
    lone: "Wrong.run returns Dataset; a step returns a frozen dataclass with a field for each",
    several: "Wrong.run returns tuple; a step returns a frozen dataclass with a field for each",
    hidden_input: "An annotation of Wrong.run names 'Decimal', which is not defined at run time.",
    no_artifact: "Wrong has an input or output 'model' of type Estimator, which cannot pass "
    "between steps. What passes is a Dataset or frame, a model whose format is installed, a "
    "Report, a Path, or what JSON can hold.",
    either: "Wrong has an input or output 'data' of type pandas.DataFrame | polars.dataframe",
    hidden_output: "An annotation of Hidden names 'Decimal', which is not defined at run time.",
}


@pytest.mark.parametrize(("run", "message"), WRONG.items(), ids=[run.__name__ for run in WRONG])
def test_run_that_cannot_be_wired_is_explained(run: Any, message: str) -> None:
    wrong = type("Wrong", (Step,), {"run": run, "__module__": __name__})
    with pytest.raises(PipelineError) as caught:
        Pipeline("p", [wrong()])
    assert str(caught.value).startswith(message)
