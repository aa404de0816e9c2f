"""`stepwell outdated`."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click

from stepwell._cli._options import index_option, json_option, print_json
from stepwell._text import inert

if TYPE_CHECKING:
    from stepwell._updates._outdated import Newer
    from stepwell._updates._target import Target

FOUND = 3
"""The exit code of a command that found something to be looked at."""

_LINES = 12


@click.command()
@click.argument("target", metavar="[FILE[:NAME]]", required=False)
@index_option
@json_option
def outdated(target: str | None, index: str | None, as_json: bool) -> None:
    """List the packages of steps of which the index has a newer version, and what changed.

    With a pipeline, only those that it uses, and whether it still fits.

    Exit codes: 0 all are current, 3 some are not, 1 the index cannot tell, 2 usage.
    """
    from stepwell._indexes._configuration import patience, step_index
    from stepwell._indexes._index import open_index
    from stepwell._settings import settings
    from stepwell._updates._outdated import newer
    from stepwell._updates._platform import packages_of

    where = step_index(settings(), index)
    pipeline = target_of(target) if target else None
    with open_index(where, patience=patience()) as opened:
        packages = packages_of(pipeline.pipeline if pipeline else None)
        found = [newer(opened, package, pipeline) for package in packages.values()]
        asked = opened.url
    if as_json:
        print_json({"index": asked, "packages": [_as_json(one) for one in found]})
    else:
        _print(found, pipeline)
    sys.exit(0 if all(one.is_current for one in found) else FOUND)


def target_of(text: str) -> Target:
    """The pipeline of `FILE` or `FILE:NAME`."""
    from stepwell._pipelines._find import find_pipeline
    from stepwell._updates._target import Target

    return Target(find_pipeline(text), text)


def _as_json(one: Newer) -> dict[str, Any]:
    return {**dataclasses.asdict(one), "is_current": one.is_current}


def _print(found: list[Newer], target: Target | None) -> None:
    for one in found:
        _print_row(one, target)
    for one in found:
        if not one.is_current:
            _print_details(one)
    if all(one.is_current for one in found):
        click.echo("Everything is current.")


def _print_row(one: Newer, target: Target | None) -> None:
    colour = "green" if one.is_current else "yellow"
    newest = click.style(f"{one.newest or 'unknown':<12}", fg=colour)
    click.echo(f"{one.package:<28} {one.installed:<12} {newest} {_state(one, target)}".rstrip())


def _state(one: Newer, target: Target | None) -> str:
    if one.withdrawn:
        return f"{one.installed} is withdrawn"
    if one.is_current or one.trouble or target is None:
        return "" if not one.trouble else "see below"
    if one.fitting == one.newest:
        return "fits"
    return f"does not fit; {one.fitting} does" if one.fitting else "does not fit"


def _print_details(one: Newer) -> None:
    click.echo()
    click.secho(f"{one.package} {one.installed} -> {one.newest or 'unknown'}", bold=True)
    if one.trouble:
        click.echo(f"  {inert(one.trouble, most=1_000)}")
    if one.withdrawn:
        reason = f"{one.withdrawn.version} is withdrawn: {one.withdrawn.reason}"
        click.secho(f"  {inert(reason)} Use {one.withdrawn.replacement}.", fg="red")
    for misfit in one.misfits:
        click.secho(f"  {inert(misfit.message)}", fg="red")
    for change in one.changes:
        click.echo(f"  {change.bump:<6} {inert(change.message)}")
    if one.needs_core:
        click.echo(f"  needs stepwell{inert(one.needs_core)}")
    for entry in one.entries:
        click.echo(f"  {entry.version}")
        lines = [line for line in entry.text.splitlines() if line.strip()]
        for line in lines[:_LINES]:
            click.echo(f"    {inert(line)}")
        if len(lines) > _LINES:
            click.echo(f"    and {len(lines) - _LINES} lines more; --json has them")
