"""`@step`: a function becomes a step, its keyword-only parameters the configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pydantic import Field

from stepwell import (
    ConfigurationError,
    ContractError,
    Dataset,
    Pipeline,
    PipelineError,
    Report,
    RunError,
    Step,
    StepwellError,
    step,
)
from stepwell._protocol._signature import signature_of
from stepwell._protocol._step import configuration

if TYPE_CHECKING:
    from decimal import Decimal


@step
def rows() -> pl.DataFrame:
    """Three rows."""
    return pl.DataFrame({"age": [20, 30, 40], "sex": ["f", "m", "f"]})


@step(roles={"age_band": "protected"})
def age_band(data: pl.DataFrame, *, cut: int = 25) -> pl.DataFrame:
    """The age in two bands."""
    return data.with_columns(age_band=pl.col("age") > cut)


def test_keyword_only_parameters_are_the_configuration() -> None:
    assert configuration(age_band(cut=30)) == {"cut": 30}
    assert age_band() == age_band(cut=25)
    assert age_band() != age_band(cut=26)
    assert repr(age_band(cut=30)) == "age_band(cut=30)"


def test_other_parameters_are_the_inputs_and_the_lone_output_has_its_natural_name() -> None:
    signature = signature_of(type(age_band()))
    assert list(signature.inputs) == ["data"]
    assert list(signature.outputs) == ["data"]


def test_step_runs_alone_and_the_function_too() -> None:
    frame = pl.DataFrame({"age": [20, 30]})
    for made in (age_band(cut=25).run(data=frame), age_band.function(frame, cut=25)):
        assert made["age_band"].to_list() == [False, True]


def test_name_and_docstring_of_the_function_stay() -> None:
    assert (age_band.__name__, age_band.__doc__) == ("age_band", "The age in two bands.")
    assert type(age_band()).__doc__ == "The age in two bands."
    assert repr(age_band).startswith("<step function ")


def test_declared_roles_are_given_to_the_new_column() -> None:
    run = Pipeline("p", [rows(), age_band()]).run(store=False)
    assert run["data"].roles.of("age_band") == ("protected",)


def test_declared_role_of_a_column_that_is_not_made_is_an_error() -> None:
    @step(roles={"band": "protected"})
    def forgets(data: pl.DataFrame) -> pl.DataFrame:
        return data

    run = Pipeline("p", [rows(), forgets()]).run(store=False)
    assert run.status == "failed"
    assert "A role is given to column 'band'" in str(run.step("forgets").reason)


def test_protected_column_may_be_dropped_by_name_only() -> None:
    @step(roles={"sex": "protected"})
    def protect(data: pl.DataFrame) -> pl.DataFrame:
        return data

    def drop(data: pl.DataFrame) -> pl.DataFrame:
        return data.drop("sex")

    lost = Pipeline("p", [rows(), protect(), step(drop)()]).run(store=False)
    named = Pipeline("p", [rows(), protect(), step(drops=["sex"])(drop)()]).run(store=False)
    assert (lost.status, named.status) == ("failed", "succeeded")
    assert isinstance(lost.step("drop").exception, ContractError)
    assert "lost the protected columns sex without saying so" in str(lost.step("drop").reason)
    assert "@step(drops=['sex'])" in str(lost.step("drop").reason)


def test_output_can_be_named() -> None:
    @step(returns="features")
    def scaled(data: pl.DataFrame) -> pl.DataFrame:
        return data.select("age")

    run = Pipeline("p", [rows(), scaled()]).run(store=False)
    assert (run["features"].columns, run["data"].columns) == (("age",), ("age", "sex"))


@dataclass(frozen=True)
class Halves:
    """Two outputs."""

    low: pl.DataFrame
    high: pl.DataFrame | None


def test_dataclass_gives_several_outputs_of_which_some_may_be_missing() -> None:
    @step
    def halved(data: pl.DataFrame, *, cut: int) -> Halves:
        return Halves(data.filter(pl.col("age") <= cut), None)

    run = Pipeline("p", [rows(), halved(cut=30)]).run(store=False)
    assert (len(run["low"]), run["high"]) == (2, None)


VIEWS: list[Any] = [Dataset, pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.Table]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_input_arrives_as_what_it_is_annotated(view: type) -> None:
    seen = []

    def look(data: Any) -> Any:
        seen.append(data)
        return data

    look.__annotations__.update(data=view, **{"return": view})
    run = Pipeline("p", [rows(), step(look)()]).run(store=False)
    assert run.status == "succeeded", run.step("look").reason
    assert isinstance(seen[0], view)
    assert run["data"].to_polars().equals(rows.function())


def test_values_and_files_pass_between_steps(tmp_path: Path) -> None:
    @step(returns="total")
    def summed(data: pl.DataFrame) -> int:
        return int(data["age"].sum())

    @step
    def written(total: int, *, folder: str) -> Path:
        path = Path(folder) / "total.txt"
        path.write_text(str(total))
        return path

    @step(returns="text")
    def read(file: Path) -> str:
        return file.read_text()

    steps = [rows(), summed(), written(folder=str(tmp_path)), read()]
    for store in (False, str(tmp_path / "store")):
        run = Pipeline("p", steps).run(store=store)
        assert (run.status, run["total"], run["text"]) == ("succeeded", 90, "90")


def test_optional_input_has_a_default() -> None:
    @step(returns="known")
    def known(champion: pl.DataFrame | None = None) -> bool:
        return champion is not None

    assert Pipeline("p", [known()]).run(store=False)["known"] is False


def test_function_that_takes_reports_is_a_judge() -> None:
    @step
    def check(data: pl.DataFrame) -> Report:
        return Report(verdict="failed")

    @step(returns="verdicts")
    def judge(reports: list[Report]) -> list[str]:
        return [report.verdict for report in reports]

    assert Pipeline("p", [rows(), check(), judge()]).run(store=False)["verdicts"] == ["failed"]


def test_configuration_may_be_annotated_and_constrained() -> None:
    @step
    def sampled(data: pl.DataFrame, *, rows: Annotated[int, Field(gt=0)] = 10) -> pl.DataFrame:
        return data.head(rows)

    with pytest.raises(ConfigurationError, match="sampled, field 'rows': Input should be greater"):
        sampled(rows=0)


WRONG_CALLS: dict[str, tuple[Callable[[], object], str]] = {
    "misspelt": (
        lambda: age_band(cat=30),
        "age_band has no field 'cat'. Did you mean 'cut'? Fields: cut.",
    ),
    "wrong type": (lambda: age_band(cut="x"), "age_band, field 'cut': Input should be a valid int"),
    "an input as configuration": (
        lambda: age_band(data=1),
        "'data' is an input of step age_band, and no configuration. To make it configuration, put "
        "it behind a star: def age_band(..., *, data).",
    ),
    "called like a function": (
        lambda: age_band(pl.DataFrame()),
        "age_band is a step: its inputs are handed to it by a pipeline. To call the function "
        "itself, write age_band.function(...).",
    ),
}


@pytest.mark.parametrize(("call", "message"), WRONG_CALLS.values(), ids=WRONG_CALLS.keys())
def test_wrong_call_is_explained(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        call()
    assert str(caught.value).startswith(message)


def no_return(data: pl.DataFrame): ...  # type: ignore[no-untyped-def]
def no_type(data) -> pl.DataFrame: ...  # type: ignore[no-untyped-def]
def no_type_of_configuration(*, cut=3) -> pl.DataFrame: ...  # type: ignore[no-untyped-def]
def any_inputs(*data: pl.DataFrame) -> pl.DataFrame: ...
def any_keywords(**data: pl.DataFrame) -> pl.DataFrame: ...
def by_position(data: pl.DataFrame, /) -> pl.DataFrame: ...
def frame_as_configuration(*, data: pl.DataFrame) -> pl.DataFrame: ...
def hidden_type(data: pl.DataFrame, *, share: "Decimal") -> pl.DataFrame: ...
def taken_name(*, run: int) -> pl.DataFrame: ...
async def coroutine(data: pl.DataFrame) -> pl.DataFrame: ...


WRONG_FUNCTIONS: dict[Any, str] = {
    no_return: "no_return does not say what it returns.",
    no_type: "no_type.run does not say the type of its input 'data'.",
    no_type_of_configuration: "does not say the type of its parameter 'cut'.",
    any_inputs: "takes *data: polars.dataframe.frame.DataFrame; its inputs need names.",
    any_keywords: "takes **data: polars.dataframe.frame.DataFrame; its inputs need names.",
    by_position: "its inputs need names.",
    frame_as_configuration: "The configuration of step function frame_as_configuration is JSON; "
    "its parameter 'data' is not. If it is an input, put it before the star.",
    hidden_type: "names 'Decimal', which is not defined at run time. Import it for real, not only "
    "under TYPE_CHECKING.",
    taken_name: "has a parameter 'run', a name that every step uses for something else. Rename it.",
    coroutine: "coroutine is a coroutine or generator; a step returns its outputs at once.",
    age_band: "@step is put above a function, not a StepFunction.",
    Step: "@step is put above a function, not a ModelMetaclass.",
    "text": "@step is put above a function, not a str.",
}


@pytest.mark.parametrize(
    ("function", "message"),
    WRONG_FUNCTIONS.items(),
    ids=[getattr(function, "__name__", function) for function in WRONG_FUNCTIONS],
)
def test_function_that_can_be_no_step_is_explained(function: Any, message: str) -> None:
    with pytest.raises(StepwellError) as caught:
        step(function)
    assert message in str(caught.value)


def test_wrong_decorator_arguments_are_explained() -> None:
    with pytest.raises(ConfigurationError, match="role 'guarded', which does not exist"):
        step(roles={"sex": "guarded"})(rows.function)
    with pytest.raises(PipelineError, match="calls its output 'two words', which is no name"):
        step(returns="two words")(rows.function)


def test_lazy_output_is_executed_inside_the_step_that_returns_it() -> None:
    @step
    def broken(data: pl.LazyFrame) -> pl.LazyFrame:
        return data.with_columns(pl.col("sex").cast(pl.Int64))

    run = Pipeline("p", [rows(), broken()]).run(store=False)
    assert run.step("broken").state == "failed"
    with pytest.raises(RunError, match="Output 'data' of Step 'broken' cannot be read: a value"):
        run.raise_for_status()
