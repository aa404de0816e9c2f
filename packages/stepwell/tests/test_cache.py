"""The cache: what is executed again, what is not, and that nothing poisoned is believed."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import JsonValue

from stepwell import Dataset, Load, Pipeline, Report, Run, Step, place, step
from stepwell._storage._store import Store

PROJECT = {
    "credit.py": """
import sys
import polars as pl
from helper import factor
from stepwell import Load, Pipeline, step

@step
def scaled(data: pl.DataFrame, *, times: int = 1) -> pl.DataFrame:
    return data.with_columns(pl.col("a") * factor() * times)

@step(returns="total")
def total(data: pl.DataFrame) -> int:
    return int(data["a"].sum())

pipeline = Pipeline("credit", [Load(source="data.csv"), scaled(), total()])
if __name__ == "__main__":
    run = pipeline.run(store=sys.argv[1])
    run.raise_for_status()
    print(*[done.state for done in run.steps], run["total"])
""",
    "helper.py": "def factor():\n    return 2\n",
    "data.csv": "a\n1\n2\n",
    "pyproject.toml": "[tool.stepwell]\n",
}
ALL = "cached cached cached 6"


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project and the store of its first run."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "project").mkdir()
    for name, content in PROJECT.items():
        (folder / "project" / name).write_text(content)
    assert run_of(folder / "project") == "succeeded succeeded succeeded 6"
    return folder


@pytest.fixture
def project(run_once: Path, tmp_path: Path) -> Path:
    """The project, moved somewhere else together with its store."""
    shutil.copytree(run_once, tmp_path / "moved")
    return tmp_path / "moved/project"


def run_of(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-B", *arguments, "credit.py", str(folder.parent / "store")]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr


def test_another_process_in_a_moved_project_finds_everything_in_the_cache(project: Path) -> None:
    """(fault 47)"""
    assert run_of(project) == ALL


def test_touched_files_and_comments_change_nothing(project: Path) -> None:
    """(fault 47)"""
    (project / "data.csv").touch()
    source = (project / "credit.py").read_text()
    (project / "credit.py").write_text("# a comment\n\n" + source)
    assert run_of(project) == ALL


CHANGES = {
    "helper": ("helper.py", "return 2", "return 3", "cached succeeded succeeded 9"),
    "step": ("credit.py", "data: pl.DataFrame) -> int:\n    return int(",
             "data: pl.DataFrame) -> int:\n    return 1 + int(", "cached cached succeeded 7"),
    "configuration": ("credit.py", "scaled()", "scaled(times=5)", "cached succeeded succeeded 30"),
    "default": ("credit.py", "times: int = 1", "times: int = 5", "cached succeeded succeeded 30"),
    "data": ("data.csv", "2", "4", "succeeded succeeded succeeded 10"),
    "same data in other bytes": ("data.csv", "\n2\n", "\n2", "succeeded cached cached 6"),
    "roles": ("credit.py", '"data.csv"', '"data.csv", roles={"a": "weight"}',
              "succeeded succeeded succeeded 6"),
    "roles of a step": ("credit.py", "@step\n", '@step(roles={"a": "weight"})\n',
                        "cached succeeded succeeded 6"),
    "name of a step": ("credit.py", "def total(", "def sum_of_all(", "cached cached succeeded 6"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "before", "after", "states"), CHANGES.values(), ids=CHANGES.keys()
)
def test_changed(project: Path, file: str, before: str, after: str, states: str) -> None:
    """(fault 47)"""
    source = (project / file).read_text()
    assert before in source
    changed = source.replace(before, after)
    if before == "def total(":
        changed = changed.replace("total()]", "sum_of_all()]")
    (project / file).write_text(changed)
    assert run_of(project) == states


# in this process


@step
def rows(*, count: int = 3) -> pl.DataFrame:
    return pl.DataFrame({"a": range(count)})


@step
def doubled(data: pl.DataFrame) -> pl.DataFrame:
    return data.with_columns(b=pl.col("a") * 2)


@step
def check(data: pl.DataFrame) -> Report:
    return Report(verdict="warned", summary=f"{len(data)} rows")


@step(returns="size")
def size(data: pl.DataFrame) -> int:
    return len(data)


def states(run: Run) -> list[str]:
    return [done.state for done in run.steps]


def test_cached_run_has_the_same_artifacts_and_reports(store: Store) -> None:
    pipeline = Pipeline("p", [rows(), doubled(), check(), size()])
    first = pipeline.run(store=store)
    again = pipeline.run(store=Store(store.url))
    assert states(again) == ["cached"] * 4
    assert again["data"].to_polars().equals(first["data"].to_polars())
    assert (again["size"], again.reports) == (first["size"], first.reports)
    assert {done.cached_from for done in again.steps} == {first.id}


def test_cached_dataset_keeps_its_roles(store: Store) -> None:
    @step(roles={"a": ["protected", "identifier"]})
    def guarded() -> pl.DataFrame:
        return pl.DataFrame({"a": [1]})

    pipeline = Pipeline("p", [guarded()])
    pipeline.run(store=store)
    again = pipeline.run(store=store)
    assert (states(again), again["data"].roles.of("a")) == (
        ["cached"],
        ("identifier", "protected"),
    )


def test_without_the_cache_everything_is_executed_and_stored_again(store: Store) -> None:
    pipeline = Pipeline("p", [rows(), size()])
    pipeline.run(store=store)
    assert states(pipeline.run(store=store, cache=False)) == ["succeeded"] * 2
    assert states(pipeline.run(store=store)) == ["cached"] * 2


def test_same_step_under_another_name_is_executed(store: Store) -> None:
    Pipeline("p", [rows(), size()]).run(store=store)
    again = Pipeline("p", [rows(), place(size(), name="other")]).run(store=store)
    assert states(again) == ["cached", "succeeded"]


def test_step_that_made_the_same_again_lets_later_ones_come_from_the_cache(store: Store) -> None:
    Pipeline("p", [rows(count=3), size()]).run(store=store)

    @step
    def other() -> pl.DataFrame:
        return pl.DataFrame({"a": [0, 1, 2]})

    again = Pipeline("p", [place(other(), name="rows"), size()]).run(store=store)
    assert states(again) == ["succeeded", "cached"]


def test_effects_are_never_cached(store: Store) -> None:
    happened = []

    @step(effects=True)
    def publish() -> None:
        happened.append(1)

    for _ in range(2):
        Pipeline("p", [publish()]).run(store=store)
    assert len(happened) == 2


def test_step_that_cannot_be_cached_says_why(store: Store) -> None:
    handle = (number for number in range(3))

    @step(returns="n")
    def uses() -> int:
        return 0 if handle else 1

    for _ in range(2):
        run = Pipeline("p", [uses()]).run(store=store)
        assert (run.step("uses").state, run.step("uses").uncacheable) == (
            "succeeded",
            "it uses 'handle', a builtins.generator, which has no digest",
        )


def test_failed_step_is_tried_again(store: Store) -> None:
    healed = store.url + "/healed"

    @step(returns="n")
    def flaky(*, path: str = healed) -> int:
        if not Path(path).exists():
            raise OSError
        return 1

    assert states(Pipeline("p", [flaky()]).run(store=store)) == ["failed"]
    Path(healed).touch()
    assert states(Pipeline("p", [flaky()]).run(store=store)) == ["succeeded"]


def test_failed_report_comes_from_the_cache_and_still_blocks(store: Store) -> None:
    @dataclass(frozen=True)
    class Checked:
        data: Dataset
        report: Report

    class Check(Step):
        """A check that fails."""

        def run(self, *, data: Dataset) -> Checked:
            return Checked(data, Report(verdict="failed"))

    pipeline = Pipeline("p", [rows(), Check(), size()])
    assert states(pipeline.run(store=store)) == ["succeeded", "succeeded", "blocked"]
    assert states(pipeline.run(store=store)) == ["cached", "cached", "blocked"]


def test_judge_is_executed_again_when_a_report_changes(store: Store) -> None:
    @step(returns="seen")
    def judge(reports: list[Report]) -> list[str]:
        return [report.summary for report in reports]

    Pipeline("p", [rows(count=1), check(), judge()]).run(store=store)
    again = Pipeline("p", [rows(count=1), check(), judge()]).run(store=store)
    changed = Pipeline("p", [rows(count=2), check(), judge()]).run(store=store)
    assert states(again) == ["cached"] * 3
    assert (changed.step("judge").state, changed["seen"]) == ("succeeded", ["2 rows"])


def test_absent_optional_output_is_cached_as_absent(store: Store) -> None:
    @step(returns="champion")
    def nobody() -> pl.DataFrame | None:
        return None

    pipeline = Pipeline("p", [nobody()])
    assert pipeline.run(store=store)["champion"] is None
    again = pipeline.run(store=store)
    assert (states(again), again["champion"]) == (["cached"], None)


def test_what_a_step_reads_outside_is_part_of_the_key(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    pipeline = Pipeline("p", [Load(source=str(tmp_path / "a.csv"))])
    assert states(pipeline.run(store=store)) == ["succeeded"]
    assert states(pipeline.run(store=store)) == ["cached"]
    (tmp_path / "a.csv").write_text("a\n2\n")
    assert states(pipeline.run(store=store)) == ["succeeded"]


@dataclass(frozen=True)
class Told:
    """What a file said."""

    text: str


class Tell(Step):
    """Reads a file that somebody writes to at that very moment."""

    path: str
    then: str

    def external_state(self) -> JsonValue:
        return Path(self.path).read_text()

    def run(self) -> Told:
        told = Told(Path(self.path).read_text())
        Path(self.path).write_text(self.then)
        return told


def test_what_changed_while_it_was_read_is_not_remembered(store: Store, tmp_path: Path) -> None:
    """(fault 49)"""
    file = tmp_path / "told.txt"
    file.write_text("old")
    pipeline = Pipeline("p", [Tell(path=str(file), then="new")])
    assert pipeline.run(store=store)["text"] == "old"
    assert pipeline.run(store=store)["text"] == "new"


# poisoned entries and blobs

POISONED_ENTRIES: dict[str, Any] = {
    "other bytes": lambda content: content.replace(b'"total"', b'"Total"'),
    "another artifact": lambda content: json.dumps(
        {**json.loads(content), "outputs": {"size": "0" * 64}}
    ).encode(),
    "no JSON": lambda content: content[:-1],
    "no object": lambda content: b"[]",
    "nothing": lambda content: b"",
    "no digest": lambda content: json.dumps(
        {k: v for k, v in json.loads(content).items() if k != "digest"}
    ).encode(),
}


@pytest.mark.parametrize("poison", POISONED_ENTRIES.values(), ids=POISONED_ENTRIES.keys())
def test_poisoned_entry_is_not_believed(poison: Any, store: Store) -> None:
    """(fault 48)"""
    pipeline = Pipeline("p", [rows(), size()])
    pipeline.run(store=store)
    for file in Path(store.url).glob("cache/*/*"):
        content = file.read_bytes()
        file.write_bytes(poison(content))
    again = pipeline.run(store=Store(store.url))
    expected = "cached" if poison is POISONED_ENTRIES["other bytes"] else "succeeded"
    assert (states(again), again["size"]) == ([expected] * 2, 3)


def test_entry_that_names_an_artifact_of_another_step_is_not_believed(store: Store) -> None:
    """(fault 48)"""
    pipeline = Pipeline("p", [rows(), size()])
    pipeline.run(store=store)
    Pipeline("p", [rows(count=9), size()]).run(store=store)
    sizes = [f for f in Path(store.url).glob("cache/*/*") if b'"size"' in f.read_bytes()]
    first, second = (file.read_bytes() for file in sizes)
    sizes[0].write_bytes(second)
    sizes[1].write_bytes(first)
    again = pipeline.run(store=Store(store.url))
    assert (states(again), again["size"]) == (["cached", "succeeded"], 3)


def blob_of(store: Store, run: Run, artifact: str) -> Path:
    fingerprint = str(run.fingerprint(artifact))
    return Path(store.url, "blobs", fingerprint[:2], fingerprint[2:])


@pytest.mark.parametrize("change", ["poisoned", "gone"])
def test_damaged_result_is_made_again(change: str, store: Store) -> None:
    """(fault 48)"""
    pipeline = Pipeline("p", [rows(), size(), place(plus_one(), name="more")])
    blob = blob_of(store, pipeline.run(store=store), "size")
    blob.write_bytes(b"4") if change == "poisoned" else blob.unlink()
    pipeline.run(store=Store(store.url), start_from="more")
    again = pipeline.run(store=Store(store.url))
    assert (again.status, again["size"], again["more"]) == ("succeeded", 3, 4)


@step(returns="more")
def plus_one(size: int) -> int:
    return size + 1


def test_damaged_column_is_made_again_for_who_needs_it(store: Store) -> None:
    """(fault 48)"""
    pipeline = Pipeline("p", [rows(), size()])
    first = pipeline.run(store=store)
    manifest = blob_of(store, first, "data")
    for blob in Path(store.url).glob("blobs/*/*"):
        if blob != manifest and blob.stat().st_size > 100:
            blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    again = pipeline.run(store=Store(store.url), start_from="size")
    assert (again.status, again["size"]) == ("succeeded", 3)
    assert Store(store.url).get(str(first.fingerprint("data")), "dataset").to_polars().height == 3


def test_damaged_report_is_made_again(store: Store) -> None:
    """(fault 48)"""
    pipeline = Pipeline("p", [rows(), check()])
    first = pipeline.run(store=store)
    blob = blob_of(store, first, "check_report")
    blob.write_bytes(blob.read_bytes().replace(b"warned", b"passed"))
    again = pipeline.run(store=Store(store.url))
    assert (states(again), again["check_report"].verdict) == (["cached", "succeeded"], "warned")
