"""`stepwell run`."""

from __future__ import annotations

import sys
import traceback
from typing import Any, Literal

import click

from stepwell._cli._commands import CANCELLED
from stepwell._cli._options import json_option, opened_store, print_json, set_option, store_option
from stepwell._errors import PipelineError, listed
from stepwell._observers import configured_observers
from stepwell._pipelines._events import Observer
from stepwell._pipelines._find import find_pipeline
from stepwell._pipelines._run import Run
from stepwell._settings import settings

EXIT_CODES = {"succeeded": 0, "blocked": 3, "failed": 1, "cancelled": CANCELLED}


@click.command()
@click.argument("target", metavar="FILE[:NAME]")
@set_option
@click.option(
    "--from",
    "start_from",
    metavar="STEP",
    help="Execute this step and all that depend on it again.",
)
@click.option("--no-cache", is_flag=True, help="Execute every step.")
@click.option("--workers", default=0, metavar="N", help="Run steps in N processes side by side.")
@click.option("--resume", metavar="RUN", help="Go on with an interrupted run: its id, or `last`.")
@click.option(
    "--allow",
    type=click.Choice(["changes", "takeover"]),
    multiple=True,
    help="Resume although code or inputs have changed, or although its machine may still run it.",
)
@store_option
@json_option
@click.pass_context
def run(
    ctx: click.Context,
    target: str,
    changes: tuple[str, ...],
    start_from: str | None,
    no_cache: bool,
    workers: int,
    resume: str | None,
    allow: tuple[Literal["changes", "takeover"], ...],
    store: str | None,
    as_json: bool,
) -> None:
    """Run the pipeline in FILE (NAME, if the file has several).

    Exit codes: 0 succeeded, 3 blocked by a failed report, 1 failed, 2 usage, 130 cancelled.
    """
    pipeline = find_pipeline(target, changes)
    if pipeline.inputs:
        raise PipelineError(
            f"Pipeline {pipeline.name!r} takes {listed(pipeline.inputs)} from its caller.",
            hint=f"Call it from Python: pipeline.run({next(iter(pipeline.inputs))}=...).",
        )
    opened = opened_store(store)
    done = pipeline.run(
        store=opened,
        cache=not no_cache,
        start_from=start_from,
        workers=workers,
        resume=resume,
        allow=allow,
        observers=_observers(opened, as_json),
    )
    if as_json:
        print_json(done.record)
    if ctx.find_root().obj:
        _print_tracebacks(done)
    sys.exit(EXIT_CODES[done.status])


def _observers(store: Any, as_json: bool) -> list[Observer]:
    observers = configured_observers(settings(), store)
    if as_json:
        return observers
    from stepwell._observers._console import Console

    return [Console(), *(observer for observer in observers if not isinstance(observer, Console))]


def _print_tracebacks(done: Run) -> None:
    for step in done.steps:
        if step.exception is not None:
            traceback.print_exception(step.exception)
