"""A program: lets a run die at each of its writes in turn, goes on, and prints what is left.

python crashing.py FOLDER-OR-URL killed|full|interrupted
"""

import errno
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow  # noqa: F401 - imported before the processes are forked, not in each

import stepwell._data._canonical
import stepwell._data._stored  # noqa: F401 - as above
from stepwell import (
    Dataset,
    Decision,
    Pipeline,
    Report,
    RunError,
    Step,
    StepwellError,
    decisions,
    step,
)
from stepwell._protocol._context import running
from stepwell._storage._object_files import ObjectFiles
from stepwell._storage._store import Store

SENT = Path("effects.txt")


@step(roles={"a": "identifier"})
def rows() -> pl.DataFrame:
    return pl.DataFrame({"a": [1, 2, 3], "b": ["x", None, "z"]})


@step
def more(data: pl.DataFrame) -> pl.DataFrame:
    return data.with_columns(c=pl.col("a") * 2)


@step(returns="size")
def size(data: pl.DataFrame) -> int:
    return data.height


@step(returns="export")
def export(data: pl.DataFrame) -> Path:
    path = Path("export.csv")
    data.write_csv(path)
    return path


@dataclass(frozen=True)
class Published:
    """What was published."""

    receipt: str
    report: Report


class Publish(Step):
    """An effect that knows what it has done: outside, by its run, and in the decision log."""

    effects = True

    def run(self, *, data: Dataset) -> Published:
        current = running()
        assert current is not None
        with Path("calls.txt").open("a") as calls:
            calls.write(".")
        done = SENT.read_text().split() if SENT.exists() else []
        if current.run_id not in done:
            SENT.write_text(" ".join([*done, current.run_id]))
        log = decisions("m")
        if not any(entry.run_id == current.run_id for entry in log.entries()):
            log.append(Decision(name="m", outcome="undecided"), after=log.last_number())
        return Published("sent", Report(verdict="passed", summary=f"{len(data)} rows"))


PIPELINE = Pipeline("p", [rows(), more(), size(), export(), Publish()])
WRITES = [(os, "replace"), (os, "link"), (os, "mkdir")]
CHANGES = [*WRITES[:2], (os, "unlink"), (os, "rmdir")]
REQUESTS = [(ObjectFiles, n) for n in ("write", "create", "incoming", "delete", "delete_folder")]


def arm(number: int, harm: Callable[[], None], calls: list[tuple[Any, str]]) -> None:
    """Do harm at the call of this number, and, unless it is an interrupt, at all after it."""
    numbers = itertools.count(1)

    def armed(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            reached = next(numbers)
            if reached == number or (reached > number and harm is not interrupted):
                Path("harmed").touch()
                harm()
            return real(*arguments, **options)

        return call

    for owner, name in calls:
        setattr(owner, name, armed(getattr(owner, name)))


def killed() -> None:
    """The process is gone, as with kill -9 or a crash of the machine."""
    os.kill(os.getpid(), signal.SIGKILL)


def full() -> None:
    """No space is left on the disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupted() -> None:
    """Somebody has pressed Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


def child(work: Callable[[], object]) -> int:
    """The exit code of a process that does this work."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def run(store: str) -> None:
    try:
        PIPELINE.run(store=store, observers=[]).raise_for_status()
    except StepwellError:
        os._exit(3)


def go_on(store: str) -> None:
    """Resume what was interrupted; else, if nothing was recorded as succeeded, run again."""
    try:
        PIPELINE.run(store=store, observers=[], resume="last")
    except RunError:
        records = [entry.document["status"] for entry in Store(store).records.entries()]
        if "succeeded" not in records:
            PIPELINE.run(store=store, observers=[])
    Path("left.json").write_text(json.dumps(left(Store(store))))


def left(store: Store) -> dict[str, Any]:
    """What a store and the world look like after everything."""
    store.records.verify()
    records = [entry.document for entry in store.records.entries()]
    last = records[-1]
    outputs = [o for s in last["steps"] for o in s["outputs"].values() if o["fingerprint"]]
    for output in outputs:
        store.get(output["fingerprint"], output["kind"])
    return {
        "statuses": [record["status"] for record in records],
        "record": comparable(last),
        "effects": len(SENT.read_text().split()),
        "decisions": len(decisions_of(store)),
        "calls": len(Path("calls.txt").read_text()),
        "on their way": store.files.names(f"runs/{last['run_id']}"),
        "incoming": len(store.files.names("incoming")),
    }


def decisions_of(store: Store) -> list[int]:
    chain = store.decisions("m")
    chain.verify()
    return chain.numbers()


def comparable(record: dict[str, Any]) -> dict[str, Any]:
    """A record without ids, times and memory."""
    differing = {"number", "previous", "run_id", "started_at", "finished_at", "seconds"}
    kept = {k: v for k, v in record.items() if k not in {*differing, "resumed_at", "git"}}
    marks = {"seconds", "peak_memory", "cached_from"}
    kept["steps"] = [{k: v for k, v in s.items() if k not in marks} for s in record["steps"]]
    for one in kept["steps"]:
        one["state"] = one["state"].replace("cached", "succeeded")
    return kept


def main() -> None:
    base, mode = sys.argv[1], sys.argv[2]
    calls = REQUESTS if "://" in base else CHANGES
    harm = {"killed": killed, "full": full, "interrupted": interrupted}[mode]
    calls = WRITES if harm is full else calls
    home = Path.cwd()
    for number in itertools.count(1):
        folder = home / str(number)
        folder.mkdir()
        os.chdir(folder)
        store = f"{base}/{number}"

        def harmed(store: str = store, number: int = number) -> None:
            arm(number, harm, calls)
            run(store)

        code = child(harmed)
        again = child(lambda store=store: go_on(store))  # type: ignore[misc]  # mypy cannot tell
        found = Path("left.json")
        left_over = json.loads(found.read_text()) if found.exists() else None
        outcome = {"write": number, "exit": code, "again": again, "left": left_over}
        sys.stdout.write(json.dumps(outcome) + "\n")
        if not Path("harmed").exists():
            return


if __name__ == "__main__":
    main()
