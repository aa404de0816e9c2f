"""A run from its inputs to its artifacts: with a store and without."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from stepwell import (
    Dataset,
    Pipeline,
    PipelineError,
    Report,
    RunError,
    Step,
    StoreError,
    place,
    progress,
    step,
)
from stepwell._pipelines._events import Event, StepProgressed
from stepwell._storage._store import Store


@step
def rows(*, count: int = 3) -> pl.DataFrame:
    return pl.DataFrame({"a": range(count)})


@step
def doubled(data: pl.DataFrame) -> pl.DataFrame:
    return data.with_columns(b=pl.col("a") * 2)


@step(returns="size")
def size(data: pl.DataFrame) -> int:
    return len(data)


@pytest.fixture(params=[False, True], ids=["no store", "store"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return tmp_path / "store" if request.param else False


def test_artifacts_by_name_as_the_last_step_left_them(where: Any) -> None:
    run = Pipeline("p", [rows(), doubled(), size()]).run(store=where)
    assert run["data"].columns == ("a", "b")
    assert run["size"] == 3
    assert list(run) == ["data", "size"]
    assert ("data" in run, "model" in run, len(run)) == (True, False, 2)


def test_unknown_artifact_names_the_near_one(where: Any) -> None:
    run = Pipeline("p", [rows(), size()]).run(store=where)
    with pytest.raises(KeyError, match=r"has no artifact 'siez'\. Did you mean 'size'\? It has"):
        run["siez"]
    with pytest.raises(KeyError, match=r"has no step 'row'\. Did you mean 'rows'\?"):
        run.step("row")


@pytest.mark.parametrize(
    "frame",
    [pl.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}), pl.LazyFrame({"a": [1]})],
    ids=["polars", "pandas", "lazy"],
)
def test_pipeline_takes_inputs_from_its_caller(frame: object, where: Any) -> None:
    pipeline = Pipeline("p", inputs={"data": Dataset, "factor": int}, steps=[doubled(), scaled()])
    run = pipeline.run(data=frame, factor=10, store=where)
    assert run["data"].to_polars().rows() == [(10, 2)]


@step
def scaled(data: pl.DataFrame, factor: int) -> pl.DataFrame:
    return data.with_columns(pl.col("a") * factor)


def test_steps_run_in_the_order_of_the_list_in_this_process(where: Any) -> None:
    import os

    seen = []

    @step(returns="first")
    def first(data: pl.DataFrame) -> int:
        seen.append(("first", os.getpid()))
        return 1

    @step(returns="second")
    def second(data: pl.DataFrame) -> int:
        seen.append(("second", os.getpid()))
        return 2

    Pipeline("p", [rows(), second(), first()]).run(store=where)
    assert seen == [("second", os.getpid()), ("first", os.getpid())]


def test_rows_and_times_are_known(where: Any) -> None:
    run = Pipeline("p", [rows(count=7), size()]).run(store=where)
    assert (run.step("rows").rows, run.step("size").rows) == (7, None)
    assert run.step("rows").seconds > 0


def test_without_a_store_nothing_is_written(tmp_path: Path) -> None:
    run = Pipeline("p", [rows(), size()]).run(store=False)
    assert list(tmp_path.iterdir()) == []
    assert (run.store, run.head) == (None, None)
    assert run.record["status"] == "succeeded"
    with pytest.raises(StoreError, match="A run without a store has no fingerprints"):
        run.fingerprint("data")


def test_with_a_store_artifacts_can_be_read_later(tmp_path: Path) -> None:
    run = Pipeline("p", [rows(), size()]).run(store=tmp_path / "store")
    stored = Store(tmp_path / "store").get(str(run.fingerprint("data")), "dataset")
    assert stored.to_polars().equals(rows.function())
    assert run.store is not None
    assert str(run.head).startswith("1:")


def test_default_store_is_that_of_the_project(tmp_path: Path) -> None:
    Pipeline("p", [rows()]).run()
    assert (tmp_path / ".stepwell/records/00000001.json").is_file()


# trying again


@pytest.mark.parametrize(("retries", "status"), [(0, "failed"), (1, "failed"), (2, "succeeded")])
def test_step_that_raises_is_tried_as_often_as_placed(retries: int, status: str) -> None:
    attempts = []

    @step(returns="attempts")
    def unreliable() -> int:
        attempts.append(1)
        if len(attempts) <= 2:
            raise OSError
        return len(attempts)

    run = Pipeline("p", [place(unreliable(), retries=retries)]).run(store=False)
    assert (run.status, len(attempts)) == (status, retries + 1)


def test_every_attempt_gets_its_inputs_as_they_were() -> None:
    seen = []

    @step(returns="seen")
    def unreliable(data: pd.DataFrame) -> int:
        seen.append(list(data.columns))
        data["spoilt"] = 1
        raise OSError

    Pipeline("p", [rows(), place(unreliable(), retries=1)]).run(store=False)
    assert seen == [["a"], ["a"]]


# interrupts


def interrupting(position: int) -> list[Any]:
    @step(returns="interrupted")
    def interrupted(data: pl.DataFrame) -> int:
        raise KeyboardInterrupt

    steps: list[Any] = [rows(), doubled(), size()]
    steps.insert(position, interrupted())
    return steps


@pytest.mark.parametrize("position", [1, 2, 3])
def test_interrupted_run_is_cancelled_and_recorded(position: int, tmp_path: Path) -> None:
    """(fault 52)"""
    run = Pipeline("p", interrupting(position)).run(store=tmp_path / "store")
    states = [done.state for done in run.steps]
    assert states == ["succeeded"] * position + ["cancelled"] * (4 - position)
    assert run.status == "cancelled"
    [entry] = Store(tmp_path / "store").records.entries()
    assert entry.document["status"] == "cancelled"
    with pytest.raises(RunError, match="cancelled: it was interrupted"):
        run.raise_for_status()


def test_reason_names_the_line_of_the_step_and_not_that_of_a_library() -> None:
    @step
    def parses(data: pl.DataFrame) -> pl.DataFrame:
        return data.select(pl.col("absent"))

    run = Pipeline("p", [rows(), parses()]).run(store=False)
    reason = run.step("parses").reason or ""
    assert reason.startswith(f"Polars: there is no column 'absent' at {__file__}:")


def test_step_that_would_end_the_process_fails_with_the_line_in_its_reason() -> None:
    @step(returns="left")
    def leaves() -> int:
        raise SystemExit(3)

    run = Pipeline("p", [leaves()]).run(store=False)
    reason = run.step("leaves").reason or ""
    assert run.status == "failed"
    assert reason.startswith(f"It tried to end the process (SystemExit) at {__file__}:")


# from a step on


def executed(run: Any) -> list[str]:
    return [done.name for done in run.steps if done.state == "succeeded"]


def test_start_from_executes_that_step_and_what_depends_on_it(tmp_path: Path) -> None:
    pipeline = Pipeline("p", [rows(), doubled(), place(size(), name="aside"), tail()])
    assert len(executed(pipeline.run(store=tmp_path / "s"))) == 4
    assert executed(pipeline.run(store=tmp_path / "s")) == []
    assert executed(pipeline.run(store=tmp_path / "s", start_from="aside")) == ["aside", "tail"]


@step(returns="tail")
def tail(size: int) -> int:
    return size + 1


def test_start_from_an_unknown_step_is_explained() -> None:
    with pytest.raises(PipelineError, match=r"has no step 'doubeld'\. Did you mean 'doubled'\?"):
        Pipeline("p", [rows(), doubled()]).run(start_from="doubeld")


# observers


class Witness:
    """Keeps every event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


class Faulty:
    """Raises at every event."""

    def on_event(self, event: Event) -> None:
        raise RuntimeError


def test_observers_are_told_and_their_errors_never_harm_the_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @step(returns="worked")
    def works() -> int:
        progress(1, 2, "half")
        return 1

    witness = Witness()
    run = Pipeline("p", [works()]).run(store=False, observers=[Faulty(), witness])
    names = [type(event).__name__ for event in witness.events]
    assert run.status == "succeeded"
    assert names == ["RunStarted", "StepStarted", "StepProgressed", "StepFinished", "RunFinished"]
    assert StepProgressed(run.id, "works", 1, 2, "half") in witness.events
    assert "Observer Faulty failed (RuntimeError)" in caplog.text


def test_progress_alone_does_nothing() -> None:
    progress(1, 2)


# the record of it


def test_record_is_json_and_names_every_step(where: Any) -> None:
    run = Pipeline("p", [rows(), doubled()]).run(store=where)
    record = json.loads(json.dumps(run.record))
    assert [done["name"] for done in record["steps"]] == ["rows", "doubled"]


def test_report_of_a_step_carries_its_name_in_the_pipeline(where: Any) -> None:
    @step
    def check() -> Report:
        return Report(step="whatever", verdict="warned")

    run = Pipeline("p", [place(check(), name="first")]).run(store=where)
    assert run["first_report"].step == run.reports["first_report"].step == "first"


def test_a_step_is_a_value_that_can_be_used_in_two_pipelines() -> None:
    shared: Step = rows(count=2)
    first, second = Pipeline("a", [shared]), Pipeline("b", [shared, size()])
    assert len(first.run(store=False)["data"]) == second.run(store=False)["size"] == 2
