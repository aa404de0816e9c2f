"""A trial: what is kept of the last run, what is executed, and that the store stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pytest

from stepwell import (
    Dataset,
    Load,
    Metric,
    Pipeline,
    PipelineError,
    Report,
    Run,
    Step,
    place,
    step,
)
from stepwell._storage._store import Store
from stepwell._updates._baseline import baseline
from stepwell._updates._rerun import Rerun
from stepwell.authoring import running


@dataclass(frozen=True)
class Published:
    receipt: str


class Publish(Step):
    """Tell the world."""

    effects: ClassVar[bool] = True

    log: str

    def run(self, *, total: float) -> Published:
        with Path(self.log).open("a") as log:
            log.write("published\n")
        return Published(receipt="given")


@dataclass(frozen=True)
class Judged:
    report: Report


class Judge(Step):
    """Count the reports."""

    def run(self, *, reports: list[Report]) -> Judged:
        return Judged(report=Report(metrics=[Metric(name="seen", value=len(reports))]))


@dataclass(frozen=True)
class Checked:
    report: Report


class Check(Step):
    """See that there is a table."""

    def run(self, *, data: Dataset) -> Checked:
        return Checked(report=Report(metrics=[Metric(name="rows", value=len(data))]))


@dataclass(frozen=True)
class Found:
    number: int


class Champion(Step):
    """How many decisions there are."""

    def run(self) -> Found:
        current = running()
        assert current is not None
        assert current.store is not None
        return Found(number=current.store.decisions("credit").numbers()[-1])


@step
def total(data: pl.DataFrame) -> float:
    """The sum of a column."""
    return float(data["x"].sum())


@step
def used(receipt: str) -> str:
    """Take what an effect gave."""
    return receipt.upper()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "rows.csv").write_text("x\n1.0\n2.0\n")
    return tmp_path / "rows.csv"


@pytest.fixture
def pipeline(source: Path) -> Pipeline:
    steps = [
        Load(source=str(source)),
        Check(),
        total(),
        Publish(log=str(source.parent / "log")),
        place(used(), outputs={"used": "noted"}),
        Judge(),
    ]
    return Pipeline("tried", steps)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def run(pipeline: Pipeline, store: Store) -> Run:
    done = pipeline.run(store=store, observers=[])
    assert done.status == "succeeded"
    return done


def rerun(
    pipeline: Pipeline,
    record: dict[str, Any],
    store: Store,
    tmp_path: Path,
    sources: tuple[str, ...],
) -> tuple[dict[str, str], Rerun]:
    """What becomes of each step, compared with this record."""
    trial = Rerun(pipeline, record, store, Store(tmp_path / "scratch"), sources)
    return {done["name"]: done["state"] for done in trial.steps()}, trial


def with_other_code(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """The record of a run in which these steps had another code."""
    steps = [{**one, "code": "0" * 64} if one["name"] in names else one for one in record["steps"]]
    return {**record, "steps": steps}


def files(store: Store) -> list[str]:
    assert store.folder is not None
    return sorted(str(path) for path in Path(store.folder).rglob("*"))


def test_only_what_changed_is_executed_and_the_store_is_only_read(
    pipeline: Pipeline, run: Run, store: Store, tmp_path: Path
) -> None:
    before = files(store)
    record = with_other_code(run.record, "total")
    states, _ = rerun(pipeline, record, store, tmp_path, ())
    executed = {name for name, state in states.items() if state == "succeeded"}
    assert executed == {"total"}
    assert files(store) == before


def test_step_with_effects_is_never_executed_and_its_outputs_are_those_of_the_run(
    pipeline: Pipeline, run: Run, store: Store, tmp_path: Path
) -> None:
    record = with_other_code(run.record, "total", "publish", "used")
    states, _ = rerun(pipeline, record, store, tmp_path, ())
    assert (states["publish"], states["used"]) == ("kept", "succeeded")
    assert (tmp_path / "log").read_text() == "published\n"


def test_source_is_read_again_only_if_it_is_what_it_was(
    pipeline: Pipeline, run: Run, store: Store, source: Path, tmp_path: Path
) -> None:
    record = with_other_code(run.record, "load")
    then = baseline(pipeline, store, "train.py")
    assert then.sources == ("load",)
    states, _ = rerun(pipeline, record, store, tmp_path, then.sources)
    assert (states["load"], states["total"]) == ("succeeded", "kept")
    source.write_text("x\n9.0\n")
    assert baseline(pipeline, store, "train.py").sources == ()
    states, trial = rerun(pipeline, record, store, tmp_path, ())
    assert states["load"] == "kept"
    assert trial.done[0]["reason"] == "what it reads has changed since the last run"


def test_judge_is_executed_again_if_a_report_is_another(
    pipeline: Pipeline, run: Run, store: Store, tmp_path: Path
) -> None:
    same, _ = rerun(pipeline, with_other_code(run.record, "check"), store, tmp_path, ())
    assert (same["check"], same["judge"]) == ("succeeded", "kept")
    reports = {**run.record["reports"]}
    reports["check_report"] = {**reports["check_report"], "summary": "Another."}
    record = {**with_other_code(run.record, "check"), "reports": reports}
    other, _ = rerun(pipeline, record, store, tmp_path, ())
    assert other["judge"] == "succeeded"


def test_inputs_of_the_caller_are_those_of_the_run(store: Store, tmp_path: Path) -> None:
    pipeline = Pipeline("given", [Check(), total()], inputs={"data": Dataset})
    run = pipeline.run(data=pl.DataFrame({"x": [1.0, 2.0, 4.0]}), store=store, observers=[])
    record = with_other_code(run.record, "check", "total")
    states, trial = rerun(pipeline, record, store, tmp_path, ())
    assert set(states.values()) == {"succeeded"}
    assert trial.reports()["check_report"]["metrics"][0]["value"] == 3


def test_trial_sees_the_decisions_of_the_store(store: Store, tmp_path: Path) -> None:
    store.decisions("credit").append({"format": "stepwell.decision/1", "model": "a"})
    pipeline = Pipeline("judged", [Champion()])
    run = pipeline.run(store=store, observers=[])
    record = with_other_code(run.record, "champion")
    states, _ = rerun(pipeline, record, store, tmp_path, ("champion",))
    assert states == {"champion": "succeeded"}


def test_run_of_other_code_is_no_baseline(
    pipeline: Pipeline, run: Run, store: Store, source: Path
) -> None:
    longer = Pipeline("tried", [Load(source=str(source), columns=["x"]), Check()])
    with pytest.raises(PipelineError, match=r"else has changed: total, publish, used, judge, load"):
        baseline(longer, store, "train.py")
