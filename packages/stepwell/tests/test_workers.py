"""Steps in worker processes: side by side, within limits, ended cleanly."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell import ConfigurationError, Pipeline, Resources, Run, place, step
from stepwell._pipelines._events import Event, StepProgressed

STEPS = """
import os, subprocess, sys, time
from dataclasses import dataclass
import polars as pl
from stepwell import Finding, Report, Step, Target, progress, step

@step(roles={"x": "protected"})
def rows(*, count: int = 3) -> pl.DataFrame:
    print("noise on standard output")
    progress(1, 2, "half")
    return pl.DataFrame({"x": range(count)})

@step(returns="doubled")
def double(data: pl.DataFrame) -> pl.DataFrame:
    return data.with_columns(y=pl.col("x") * 2)

@step(returns="pause")
def pause(*, seconds: float, child: bool = False, label: str = "") -> int:
    if child:
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", label])
    time.sleep(seconds)
    return os.getpid()

@step(returns="size")
def hungry(*, megabytes: int) -> int:
    return len(bytearray(megabytes * 2**20))

@step(returns="nothing")
def dies() -> int:
    os.kill(os.getpid(), 9)
    return 0

@step(returns="tries")
def dies_once(*, path: str) -> int:
    with open(path, "a") as file:
        file.write(".")
    if os.path.getsize(path) == 1:
        os.kill(os.getpid(), 9)
    return os.path.getsize(path)

@step(returns="seen")
def devices(*, number: int = 0) -> dict[str, str]:
    affinity = ",".join(map(str, sorted(os.sched_getaffinity(0))))
    threads = os.environ.get("POLARS_MAX_THREADS", "")
    return {"gpus": os.environ.get("CUDA_VISIBLE_DEVICES", "all"), "cpus": affinity,
            "threads": threads}

@step(returns="nothing")
def raises() -> int:
    raise ValueError("the secret cell")

@step
def check(data: pl.DataFrame) -> Report:
    return Report(findings=(Finding(check="c", verdict="failed", message="bad"),))

@dataclass(frozen=True)
class Judged:
    verdicts: list[str]

class Judge(Step):
    def run(self, *, reports: list[Report]) -> Judged:
        return Judged([report.verdict for report in reports])
"""


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]  # a module made here
    folder = tmp_path_factory.mktemp("project")
    (folder / "worker_steps.py").write_text(STEPS)
    sys.path.insert(0, str(folder))
    import worker_steps  # type: ignore[import-not-found]  # written above

    yield worker_steps
    sys.path.remove(str(folder))


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


def test_results_are_those_of_a_run_in_this_process(steps, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pipeline = Pipeline("same", [steps.rows(), steps.double(), steps.check(), steps.Judge()])
    here = pipeline.run(store=tmp_path / "here", observers=[])
    there = pipeline.run(store=tmp_path / "there", observers=[], workers=2)
    assert there.status == here.status == "blocked"
    for artifact in here:
        assert there.fingerprint(artifact) == here.fingerprint(artifact), artifact
    assert there["verdicts"] == ["failed"]


def test_progress_and_printed_text_do_not_disturb_the_answer(steps, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    seen = Recorder()
    run = Pipeline("p", [steps.rows()]).run(store=tmp_path, observers=[seen], workers=1)
    assert run.status == "succeeded"
    assert [e.done for e in seen.events if isinstance(e, StepProgressed)] == [1]


def test_independent_steps_run_side_by_side_in_other_processes(steps, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    both = [
        place(steps.pause(seconds=1.0, label=name), name=name, outputs={"pause": name})
        for name in ("a", "b")
    ]
    run = Pipeline("wide", both).run(store=tmp_path, observers=[], workers=2)
    assert len({run["a"], run["b"], os.getpid()}) == 3
    assert run.record["seconds"] < run.step("a").seconds + run.step("b").seconds


def one(step_: object, tmp_path: Path, **placed: object) -> Run:
    return Pipeline("one", [place(step_, **placed)]).run(store=tmp_path, observers=[])  # type: ignore[arg-type]


def test_timeout_ends_the_step_and_all_that_it_started(steps, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """A timeout is never a success and leaves no process behind (fault 52)."""
    label = f"child of a step in {tmp_path}"
    run = one(steps.pause(seconds=60, child=True, label=label), tmp_path, timeout=2)
    assert run.status == "failed"
    assert "longer than its timeout of 2 seconds" in (run.steps[0].reason or "")
    assert not processes_with(label)


def test_step_beyond_its_memory_fails_and_says_so(steps, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    resources = Resources(memory="512MiB")
    assert one(steps.hungry(megabytes=10), tmp_path, resources=resources).status == "succeeded"
    run = one(steps.hungry(megabytes=600), tmp_path, resources=resources)
    assert run.status == "failed"
    assert "out of memory" in (run.steps[0].reason or "")


def test_damaged_cached_input_of_a_worker_is_made_again(steps, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """(fault 48)"""
    pipeline = Pipeline("p", [steps.rows(), steps.double()])
    first = pipeline.run(store=tmp_path, observers=[])
    for blob in tmp_path.glob("blobs/*/*"):
        if blob.parent.name + blob.name != first.fingerprint("data"):
            blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    again = pipeline.run(store=tmp_path, observers=[], workers=1, start_from="double")
    assert [done.state for done in again.steps] == ["succeeded", "succeeded"]
    assert again.fingerprint("doubled") == first.fingerprint("doubled")


def test_killed_worker_is_reported_by_its_signal(steps, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run = one(steps.dies(), tmp_path, timeout=60)
    assert "killed by SIGKILL" in (run.steps[0].reason or "")


def test_step_whose_worker_died_is_tried_again(steps, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    step_ = steps.dies_once(path=str(tmp_path / "tries"))
    assert one(step_, tmp_path / "a", timeout=60, retries=1)["tries"] == 2


def test_step_sees_the_processors_that_it_asks_for(
    steps,  # type: ignore[no-untyped-def]
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a,GPU-b,GPU-c")
    asked = [Resources(gpus=2, cpus=1), Resources(gpus=0, cpus=1), Resources(cpus=9)]
    placed = [
        place(steps.devices(number=n), name=f"s{n}", outputs={"seen": f"s{n}"}, resources=resources)
        for n, resources in enumerate(asked)
    ]
    run = Pipeline("p", placed).run(store=tmp_path, observers=[])
    everything = ",".join(map(str, sorted(os.sched_getaffinity(0))))
    assert [run[f"s{n}"]["gpus"] for n in range(3)] == ["GPU-a,GPU-b", "", "GPU-a,GPU-b,GPU-c"]
    assert "," not in run["s0"]["cpus"] + run["s1"]["cpus"]
    assert (run["s0"]["threads"], run["s2"]["cpus"]) == ("1", everything)


def test_graphics_processors_that_do_not_exist_are_refused_before_anything_runs(
    steps,  # type: ignore[no-untyped-def]
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    with pytest.raises(ConfigurationError, match=r"'rows' asks for 2 .* this machine shows 1"):
        one(steps.rows(), tmp_path, resources=Resources(gpus=2))


def test_workers_end_when_the_run_is_killed(tmp_path: Path) -> None:
    """(fault 52)"""
    label = f"child of a step in {tmp_path}"
    process = long_run(tmp_path, label)
    process.kill()
    process.wait()
    wait_until(lambda: not processes_with(label))
    assert not processes_with(label)


def test_error_in_a_worker_is_told_without_its_message(steps, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run = one(steps.raises(), tmp_path, timeout=60)
    assert "ValueError at" in (run.steps[0].reason or "")
    assert "secret" not in str(run.record)


def test_limits_without_a_store_are_refused(steps) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigurationError, match="Leave out store=False"):
        Pipeline("p", [place(steps.rows(), timeout=1)]).run(store=False)


def test_step_of_a_function_cannot_go_to_a_worker(tmp_path: Path) -> None:
    @step(returns="n")
    def local() -> int:
        return 1

    run = one(local(), tmp_path, timeout=5)
    assert "Move it to the top of a Python file" in (run.steps[0].reason or "")


def test_script_that_runs_its_pipeline_when_imported_is_told_so(tmp_path: Path) -> None:
    """Its worker would import it, run the pipeline, start a worker, and so on."""
    (tmp_path / "script.py").write_text(
        "from stepwell import Pipeline, step\n"
        "@step(returns='n')\n"
        "def one() -> int:\n"
        "    return 1\n"
        "run = Pipeline('p', [one()]).run(workers=1, observers=[])\n"
        "print(run.steps[0].reason)\n"
    )
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert 'below: if __name__ == "__main__":' in done.stdout


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_ends_at_once_with_its_workers(
    tmp_path: Path, sent: signal.Signals
) -> None:
    label = f"child of a step in {tmp_path}"
    process = long_run(tmp_path, label)
    process.send_signal(sent)
    assert process.wait(timeout=30) == 130
    assert not processes_with(label)


def long_run(folder: Path, label: str) -> subprocess.Popen[bytes]:
    """A run whose step, in a worker process, has started a process of its own with this label."""
    pipeline = f"Pipeline('p', [pause(seconds=60, child=True, label={label!r})])"
    (folder / "long.py").write_text(f"{STEPS}\nfrom stepwell import Pipeline\np = {pipeline}\n")
    options = ["--workers", "2", "--store", "kept"]
    command = [sys.executable, "-m", "stepwell", "run", "long.py", *options]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    wait_until(lambda: bool(processes_with(label)))
    return process


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not true():
        time.sleep(0.05)


def processes_with(text: str) -> list[str]:
    """The live processes whose command line holds `text`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text in path.read_text():
                found.append(path.parent.name)
        except OSError:
            continue
    return found
