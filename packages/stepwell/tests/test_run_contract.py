"""What a step returns is held against what it declares, and what it was given against change."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from stepwell import ContractError, Dataset, Pipeline, Report, Run, RunError, Step, step

CANARY = "canary@example.org"


@step(roles={"sex": "protected", "mail": ["personal", "identifier"]})
def rows() -> pl.DataFrame:
    return pl.DataFrame({"a": [1, 2], "sex": ["f", "m"], "mail": [CANARY, CANARY]})


@dataclass(frozen=True)
class Made:
    data: Dataset
    report: Report


class Declares(Step):
    """Declares a dataset and a report."""

    def run(self, *, data: Dataset) -> Made:
        return Made(data, Report())


def run_of(*steps: Any, store: Any = False) -> Run:
    return Pipeline("p", [rows(), *steps]).run(store=store)


BROKEN: dict[str, tuple[Any, Callable[[Any], Any], str]] = {
    "nothing": (
        pl.DataFrame,
        lambda data: None,
        "Step 'made' declares 'data' as DataFrame and returned a NoneType.",
    ),
    "text for a frame": (
        pl.DataFrame,
        lambda data: CANARY,
        "Step 'made' declares 'data' as DataFrame and returned a str.",
    ),
    "pandas for Polars": (
        pl.DataFrame,
        lambda data: data.to_pandas(),
        "Step 'made' declares 'data' as DataFrame and returned a DataFrame.",
    ),
    "number for a report": (
        Report,
        lambda data: 1,
        "Step 'made' declares 'report' as Report and returned a int.",
    ),
    "text for a number": (
        int,
        lambda data: CANARY,
        "Step 'made' declares 'made' as int and returned a str.",
    ),
    "number for text": (
        list[str],
        lambda data: [1],
        "Step 'made' declares 'made' as list and returned a list.",
    ),
    "number that is none": (
        float,
        lambda data: float("nan"),
        "Step 'made' returned 'made' with content that is no JSON.",
    ),
    "file that is not there": (
        Path,
        lambda data: Path("nowhere.txt"),
        "Step 'made' returned a path for 'file' where there is no file.",
    ),
    "columns of one name": (
        pd.DataFrame,
        lambda data: pd.DataFrame([[1, 2]], columns=["a", "a"]),
        "The pandas frame has columns with the same name: a.",
    ),
}


@pytest.mark.parametrize(("declared", "returned", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_output_of_another_kind_fails_at_its_step(
    declared: Any, returned: Callable[[Any], Any], message: str
) -> None:
    """(fault 50)"""

    def made(data: Dataset) -> Any:
        return returned(data)

    made.__annotations__["return"] = declared
    run = run_of(step(made)())
    assert (run.status, run.step("made").state) == ("failed", "failed")
    assert str(run.step("made").reason).startswith(message)
    assert CANARY not in str(run.record)


UNDECLARED: dict[str, tuple[Any, str]] = {
    "nothing": (None, "it returned a NoneType."),
    "one output": (Report(), "it returned a Report."),
    "a dict": ({"data": 1}, "it returned a dict."),
    "the class": (Made, "it returned a type."),
}


@pytest.mark.parametrize(("returned", "message"), UNDECLARED.values(), ids=UNDECLARED.keys())
def test_other_outputs_than_declared_quote_the_contract(returned: Any, message: str) -> None:
    """(fault 50)"""

    class Returns(Declares):
        """Returns something else."""

        def run(self, *, data: Dataset) -> Made:
            return returned  # type: ignore[no-any-return]  # that is the test

    reason = run_of(Returns()).step("returns").reason
    assert reason == f"Step 'returns' declares to return Made with data, report; {message}"


def test_output_field_of_another_kind_is_named() -> None:
    """(fault 50)"""

    class Returns(Declares):
        """Returns no report."""

        def run(self, *, data: Dataset) -> Made:
            return Made(data, None)  # type: ignore[arg-type]  # that is the test

    reason = run_of(Returns()).step("returns").reason
    assert reason == "Step 'returns' declares 'report' as Report and returned a NoneType."


# roles


def test_bare_frame_keeps_the_roles_of_the_columns_that_are_left() -> None:
    @step(drops=["sex"])
    def narrowed(data: pl.DataFrame) -> pl.DataFrame:
        return data.drop("sex").rename({"a": "b"})

    run = run_of(narrowed())
    assert list(run["data"].roles) == ["mail"]
    assert run["data"].roles.of("mail") == ("identifier", "personal")


LOSSES: dict[str, Callable[[Dataset], object]] = {
    "dropped": lambda data: data.lazy().drop("sex").collect(),
    "renamed": lambda data: data.lazy().rename({"sex": "gender"}).collect(),
    "dropped from a dataset": lambda data: data.with_data(data.lazy().drop("sex")),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_protected_column_that_is_lost_is_an_error(loss: Callable[[Dataset], object]) -> None:
    def lose(data: Dataset) -> Any:
        return loss(data)

    returned = loss(rows_dataset())
    lose.__annotations__["return"] = Dataset if isinstance(returned, Dataset) else pl.DataFrame
    run = run_of(step(lose)())
    assert isinstance(run.step("lose").exception, ContractError)
    assert str(run.step("lose").reason).startswith(
        "Step 'lose' lost the protected columns sex without saying so. "
        "If that is meant, write @step(drops=['sex'])."
    )


def rows_dataset() -> Dataset:
    dataset = run_of()["data"]
    assert isinstance(dataset, Dataset)
    return dataset


def test_protected_column_dropped_by_name_in_a_dataset_is_no_error() -> None:
    @step
    def narrowed(data: Dataset) -> Dataset:
        return data.with_data(data.lazy().drop("sex"), dropped=["sex"])

    assert run_of(narrowed(), Declares()).status == "succeeded"


def test_other_artifact_is_made_from_the_only_dataset_that_was_taken() -> None:
    @step(returns="features")
    def features(data: pl.DataFrame) -> pl.DataFrame:
        return data.with_columns(b=1)

    assert run_of(features())["features"].roles.of("sex") == ("protected",)


# inputs


@pytest.mark.parametrize("store", [False, True])
def test_what_a_step_does_to_its_frame_is_not_seen_by_others(store: bool, tmp_path: Path) -> None:
    @step(returns="first")
    def spoil(data: pd.DataFrame) -> int:
        data.loc[0, "a"] = 99
        data["new"] = 1
        return 1

    @step(returns="second")
    def look(data: pd.DataFrame) -> list[int]:
        assert "new" not in data
        return data["a"].tolist()

    assert run_of(spoil(), look(), store=tmp_path if store else False)["second"] == [1, 2]


def test_value_that_a_step_changes_is_not_changed_for_others() -> None:
    @step(returns="numbers")
    def made() -> list[int]:
        return [1, 2]

    @step(returns="first")
    def spoil(numbers: list[int]) -> int:
        numbers.append(3)
        return 1

    @step(returns="second")
    def look(numbers: list[int]) -> int:
        return len(numbers)

    assert Pipeline("p", [made(), spoil(), look()]).run(store=False)["second"] == 2


# errors


class Odd(Exception):
    """An error whose message cannot be made."""

    def __str__(self) -> str:
        raise RuntimeError(CANARY)


RAISED: dict[str, Callable[[pd.DataFrame], object]] = {
    "message with a cell": lambda data: (_ for _ in ()).throw(ValueError(data["mail"][0])),
    "pandas": lambda data: data["mail"].astype(int),
    "Polars": lambda data: pl.from_pandas(data)["mail"].cast(pl.Int64),
    "key": lambda data: {}[data["mail"][0]],
    "no message": lambda data: (_ for _ in ()).throw(Odd),
}


@pytest.mark.parametrize("broken", RAISED.values(), ids=RAISED.keys())
def test_message_of_a_foreign_error_is_not_repeated(
    broken: Callable[[pd.DataFrame], object], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """(fault 27)"""

    @step(returns="nothing")
    def fails(data: pd.DataFrame) -> int:
        broken(data)
        return 1

    run = run_of(fails(), store=tmp_path / "store")
    assert f" at {__file__}:" in str(run.step("fails").reason) or "site-packages" in str(
        run.step("fails").reason
    )
    with pytest.raises(RunError) as caught:
        run.raise_for_status()
    assert f"Run {run.id} failed: " in str(caught.value)
    shown = [str(caught.value), str(run.record), *capfd.readouterr()]
    shown += [f.read_text(errors="replace") for f in (tmp_path / "store/records").iterdir()]
    assert [text for text in shown if CANARY in text] == []


def test_cause_is_at_hand_for_who_debugs() -> None:
    @step(returns="nothing")
    def fails(data: pd.DataFrame) -> int:
        raise ValueError(CANARY)

    with pytest.raises(RunError) as caught:
        run_of(fails()).raise_for_status()
    assert isinstance(caught.value.__cause__, ValueError)
    assert "in fails" in "".join(traceback.format_exception(caught.value.__cause__))
