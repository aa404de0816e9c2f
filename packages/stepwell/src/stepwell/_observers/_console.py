"""Progress on the terminal: a line for each step, alive while it runs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.console import Console as Terminal
from rich.console import RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from stepwell._errors import listed
from stepwell._pipelines._events import (
    Event,
    RunFinished,
    RunStarted,
    StepFinished,
    StepProgressed,
    StepStarted,
)
from stepwell._pipelines._run import Run
from stepwell._protocol._report import Report
from stepwell._text import inert

_LOOKS = {
    "waiting": ("·", "dim"),
    "running": ("▸", "cyan"),
    "succeeded": ("✓", "green"),
    "cached": ("≡", "blue"),
    "blocked": ("■", "yellow"),
    "skipped": ("-", "yellow"),
    "failed": ("✗", "red"),
    "cancelled": ("✗", "red"),
}
_VERDICTS = {"passed": "green", "warned": "yellow", "failed": "red", "missing": "red"}
_FINDINGS_SHOWN = 5


class Console:
    """A table of steps that grows on a terminal; plain lines, one a step, elsewhere."""

    def __init__(self, terminal: Terminal | None = None) -> None:
        self._terminal = terminal or Terminal(stderr=True, highlight=False)
        self._lines: dict[str, StepFinished | StepProgressed | StepStarted | None] = {}
        self._started: dict[str, float] = {}
        self._live: Live | None = None

    def on_event(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, RunStarted):
            self._begin(event)
        elif isinstance(event, RunFinished):
            self._end(event.run)
        else:
            self._step(event)

    def _begin(self, event: RunStarted) -> None:
        self._lines = dict.fromkeys(event.steps)
        self._terminal.print(f"[bold]{escape(event.pipeline)}[/] [dim]run {event.run_id}[/]")
        if self._terminal.is_terminal:
            self._live = Live(
                get_renderable=self._table, console=self._terminal, refresh_per_second=8
            )
            self._live.start()

    def _step(self, event: StepStarted | StepProgressed | StepFinished) -> None:
        if isinstance(event, StepStarted):
            self._started[event.step] = time.perf_counter()
        self._lines[event.step] = event
        if self._live is not None:
            self._live.refresh()
        elif isinstance(event, StepFinished):
            self._terminal.print(_plain(event), soft_wrap=not self._terminal.is_terminal)

    def _end(self, run: Run) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        for report in run.reports.values():
            self._terminal.print(
                *_explained(report), sep="", end="", soft_wrap=not self._terminal.is_terminal
            )
        self._terminal.print(_closing(run))

    def _table(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        for name, event in self._lines.items():
            table.add_row(*self._row(name, event))
        return table

    def _row(self, name: str, event: Event | None) -> Sequence[RenderableType]:
        if isinstance(event, StepFinished):
            return _cells(event)
        if event is None:
            return [Text(f"{_LOOKS['waiting'][0]} {name}", "dim"), "", "", "", ""]
        seconds = time.perf_counter() - self._started.get(name, time.perf_counter())
        doing = _progress(event) if isinstance(event, StepProgressed) else ""
        symbol, style = _LOOKS["running"]
        return [
            Text(f"{symbol} {name}", style),
            Text("running", style),
            f"{seconds:.1f} s",
            "",
            doing,
        ]


def _cells(event: StepFinished) -> list[RenderableType]:
    symbol, style = _LOOKS[event.state]
    verdict = Text(event.verdict or "", _VERDICTS.get(event.verdict or "", ""))
    rows = f"{event.rows:,} rows" if event.rows is not None else ""
    reason = Text(inert(event.reason or ""), "dim")
    return [
        Text(f"{symbol} {event.step}", style),
        Text(event.state, style),
        _duration(event.seconds),
        rows,
        Text.assemble(verdict, " " if event.reason and event.verdict else "", reason),
    ]


def _plain(event: StepFinished) -> Text:
    rows = f"{event.rows:,} rows" if event.rows is not None else ""
    parts = [
        f"{event.step:<16}",
        f"{event.state:<10}",
        f"{_duration(event.seconds):>8}",
        f"{rows:>14}",
    ]
    tail = inert(" ".join(filter(None, (event.verdict, event.reason))))
    return Text(f"{' '.join(parts)}  {tail}".rstrip())


def _progress(event: StepProgressed) -> str:
    share = f"{event.done:g}/{event.total:g}" if event.total else f"{event.done:g}"
    return inert(f"{share} {event.message}".strip())


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _explained(report: Report) -> list[Text]:
    """What a report that did not pass found, the worst first."""
    if report.verdict == "passed":
        return []
    found = [f for verdict in ("failed", "warned") for f in report.findings if f.verdict == verdict]
    lines = [
        Text(
            f"{report.step} {report.verdict}: {inert(report.summary)}\n", _VERDICTS[report.verdict]
        )
    ]
    shown = found[:_FINDINGS_SHOWN]
    lines += [Text(f"  {finding.verdict}: {inert(finding.message)}\n") for finding in shown]
    if len(found) > _FINDINGS_SHOWN:
        lines.append(Text(f"  and {len(found) - _FINDINGS_SHOWN} more findings\n", "dim"))
    return lines


def _closing(run: Run) -> Text:
    style = {"succeeded": "bold green", "blocked": "bold yellow"}.get(run.status, "bold red")
    cached = sum(step.state == "cached" for step in run.steps)
    told = f" {cached} of {len(run.steps)} steps from the cache." if cached else ""
    head = f" Record {run.head.number}, head {run.head.digest[:12]}." if run.head else ""
    by = [step.name for step in run.steps if step.state == "failed" or step.verdict == "failed"]
    where = f" by {listed(by)}" if by else ""
    return Text.assemble((run.status, style), f"{where}.{told}{head}")
