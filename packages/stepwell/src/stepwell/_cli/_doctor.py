"""`stepwell doctor`."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

import click

from stepwell._cli._options import index_option, json_option, print_json
from stepwell._cli._outdated import FOUND
from stepwell._text import inert

if TYPE_CHECKING:
    from stepwell._updates._doctor._problem import Problem

_COLOURS = {"error": "red", "warning": "yellow"}


@click.command()
@click.option("--offline", is_flag=True, help="Do not ask the package index.")
@index_option
@json_option
def doctor(offline: bool, index: str | None, as_json: bool) -> None:
    """Find what is wrong with installed packages, the lock, and where packages come from.

    Exit codes: 0 nothing was found, 3 something was, 2 usage.
    """
    from stepwell._settings import settings
    from stepwell._updates._diagnosis import diagnosed

    found = diagnosed(settings(), index, offline=offline)
    if as_json:
        print_json([dataclasses.asdict(problem) for problem in found])
    else:
        _print(found)
    sys.exit(FOUND if found else 0)


def _print(found: list[Problem]) -> None:
    for problem in found:
        severity = click.style(problem.severity, fg=_COLOURS[problem.severity])
        click.echo(f"{severity}: {problem.name}")
        click.echo(f"    {inert(problem.message, most=1_000)}")
        click.echo(f"    {inert(problem.fix, most=1_000)}")
    click.echo(f"{len(found)} findings." if found else "Nothing is wrong.")
