"""What people and programs are told of a run."""

import io
import json
import logging
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console as Terminal

from stepwell import ConfigurationError, Finding, Pipeline, Report, progress, step
from stepwell._observers import configured_observers
from stepwell._observers._console import Console
from stepwell._observers._json_lines import JsonLines
from stepwell._observers._junit import JUnit
from stepwell._pipelines._events import Event, RunFinished, StepProgressed
from stepwell._settings import Settings


@step
def rows(*, count: int = 3) -> pl.DataFrame:
    progress(1, 2, "half")
    return pl.DataFrame({"x": range(count)})


@step
def check(data: pl.DataFrame) -> Report:
    findings = (
        Finding(check="size", verdict="failed", message="3 rows, at least 9 expected"),
        Finding(
            check="<order>", verdict="warned", message="not sorted \x1b[31m\x00", columns=("x",)
        ),
        Finding(check="names", verdict="passed", message="fine"),
    )
    return Report(findings=findings, summary="too small")


@step
def breaks(data: pl.DataFrame) -> pl.DataFrame:
    raise ValueError("secret cell")


PIPELINE = Pipeline("watched", [rows(), check(), breaks()])


def shown(*, terminal: bool) -> str:
    screen = io.StringIO()
    console = Console(Terminal(file=screen, force_terminal=terminal, width=100, highlight=False))
    PIPELINE.run(store=False, observers=[console])
    return screen.getvalue()


def test_console_without_terminal_prints_a_plain_line_for_each_step() -> None:
    lines = shown(terminal=False).splitlines()
    assert lines[1].split()[:2] == ["rows", "succeeded"]
    assert lines[1].endswith("3 rows")
    assert lines[2].split() == ["check", "succeeded", *lines[2].split()[2:4], "failed"]
    assert "check failed: too small" in lines
    assert lines[-1] == "failed by check, breaks."
    assert "\x1b" not in "".join(lines)


def test_end_of_a_long_message_is_shown_as_it_says_what_to_type() -> None:
    long = f"Column {'c' * 5_000!r} is not there. Write columns=[...]."
    lines = reported(long).splitlines()
    assert any(line.endswith("is not there. Write columns=[...].") for line in lines)
    assert max(map(len, lines)) < 450


def reported(message: str) -> str:
    @step
    def look(data: pl.DataFrame) -> Report:
        return Report(findings=(Finding(check="look", verdict="failed", message=message),))

    screen = io.StringIO()
    console = Console(Terminal(file=screen, width=100))
    Pipeline("reported", [rows(), look()]).run(store=False, observers=[console])
    return screen.getvalue()


def test_console_on_a_terminal_ends_with_every_step_and_its_state() -> None:
    text = shown(terminal=True)
    assert "✓ rows" in text
    assert "✗ breaks" in text
    assert "secret cell" not in text


def test_json_lines_hold_every_event(tmp_path: Path) -> None:
    run = PIPELINE.run(store=False, observers=[JsonLines(tmp_path)])
    text = (tmp_path / f"{run.id}.jsonl").read_text(encoding="utf-8")
    events = [json.loads(line) for line in text.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "RunStarted"
    assert kinds[-1] == "RunFinished"
    assert kinds.count("StepFinished") == 3
    assert events[-1]["status"] == "failed"
    assert "secret cell" not in text


def test_junit_tells_failures_errors_and_warnings_apart(tmp_path: Path) -> None:
    run = PIPELINE.run(store=False, observers=[JUnit(tmp_path)])
    suites = {
        suite.get("name"): suite
        for suite in ElementTree.parse(tmp_path / f"{run.id}.xml").getroot()
    }
    assert (suites["check"].get("failures"), suites["check"].get("tests")) == ("1", "4")
    assert suites["breaks"].get("errors") == "1"
    warned = suites["check"].find("testcase/system-out")
    assert warned is not None
    assert (warned.text or "").startswith("warned: not sorted")


class Noisy:
    def __init__(self) -> None:
        self.told = 0

    def on_event(self, event: Event) -> None:
        self.told += 1
        raise RuntimeError("an observer of poor quality")


def test_observer_that_raises_is_left_out_and_the_run_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    noisy, seen = Noisy(), Recorder()
    with caplog.at_level(logging.WARNING, logger="stepwell"):
        PIPELINE.run(store=False, observers=[noisy, seen])
    assert noisy.told == 1
    assert isinstance(seen.events[-1], RunFinished)
    assert "Noisy" in caplog.text


class Recorder:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def on_event(self, event: Event) -> None:
        self.events.append(event)


def test_progress_of_a_step_reaches_the_observers() -> None:
    seen = Recorder()
    PIPELINE.run(store=False, observers=[seen])
    told = [event for event in seen.events if isinstance(event, StepProgressed)]
    assert [(event.step, event.done, event.total, event.message) for event in told] == [
        ("rows", 1, 2, "half")
    ]


def test_progress_outside_of_a_run_does_nothing() -> None:
    assert rows().run().height == 3


def test_unknown_observer_in_the_settings_is_named() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'console'"):
        configured_observers(Settings(observers=("consol",)), None)
