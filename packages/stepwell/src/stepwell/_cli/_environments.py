"""`stepwell environments`."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import click

from stepwell._cli._options import json_option, opened_store, print_json, store_option
from stepwell._environments._folders import Made, environments_folder, remove_unused
from stepwell._environments._folders import environments as made_environments
from stepwell._pipelines._find import find_pipeline
from stepwell._text import inert

_DAY = 86_400


@click.group()
def environments() -> None:
    """Look after the environments of steps."""


@environments.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the environments of this machine: when each was last used, and what it has to have."""
    found = sorted(made_environments(), key=lambda one: one.used, reverse=True)
    if as_json:
        print_json([{**dataclasses.asdict(one), "bytes": one.size} for one in found])
        return
    for one in found:
        click.echo(inert(_line(one)))
    if not found:
        click.echo(f"No environments in {inert(str(environments_folder()))}.")


@environments.command()
@click.argument("target", metavar="FILE[:NAME]")
@click.option("--step", "only", metavar="STEP", help="Only the environment of this step.")
@store_option
@json_option
def update(target: str, only: str | None, store: str | None, as_json: bool) -> None:
    """Resolve the environments of a pipeline anew: the newest versions that are asked for.

    Until then a pipeline keeps the versions that it has once got. What changes runs again.
    """
    from stepwell._environments._prepared import resolve_anew

    pipeline = find_pipeline(target)
    nodes = pipeline.nodes if only is None else (pipeline.node(only),)
    found = resolve_anew(nodes, opened_store(store))
    if as_json:
        print_json(found)
        return
    for step, changes in found.items():
        click.echo(f"{step}: {'nothing changes' if not changes else ''}".rstrip())
        for package, (before, after) in changes.items():
            click.echo(inert(f"  {package} {before or '(none)'} -> {after or '(none)'}"))
    if not found:
        click.echo("No step has an environment of its own.")


@environments.command()
@click.option(
    "--unused-for",
    "days",
    default=30.0,
    show_default=True,
    metavar="DAYS",
    help="Remove those that no run has used for so many days.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@json_option
def prune(days: float, dry_run: bool, as_json: bool) -> None:
    """Remove environments of this machine that are not used any more.

    A run that needs one makes it again, with the same versions.
    """
    removed = remove_unused(days * _DAY, dry_run=dry_run)
    if as_json:
        print_json({"removed": [str(folder) for folder in removed]})
        return
    verb = "Would remove" if dry_run else "Removed"
    left = sum(1 for _ in made_environments()) - (len(removed) if dry_run else 0)
    click.echo(f"{verb} {len(removed)} environments; kept {left}.")


def _line(one: Made) -> str:
    used = datetime.fromtimestamp(one.used, UTC)
    asked = ", ".join(one.requirements)
    packages = f"{len(one.packages)} packages"
    return (
        f"{one.folder.name[:12]}  {used:%Y-%m-%d %H:%M}  Python {one.python}  {packages}: {asked}"
    )
