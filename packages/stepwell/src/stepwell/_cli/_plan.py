"""`stepwell plan`."""

from __future__ import annotations

import click

from stepwell._cli._options import json_option, opened_store, print_json, set_option, store_option
from stepwell._pipelines._find import find_pipeline
from stepwell._pipelines._plan import PlannedEnvironment, PlannedStep
from stepwell._text import inert


@click.command()
@click.argument("target", metavar="FILE[:NAME]")
@set_option
@click.option("--no-cache", is_flag=True, help="Plan to execute every step.")
@store_option
@json_option
def plan(
    target: str, changes: tuple[str, ...], no_cache: bool, store: str | None, as_json: bool
) -> None:
    """Show what `run` would do: the graph, roles and new columns, and what is cached."""
    found = find_pipeline(target, changes).plan(store=opened_store(store), cache=not no_cache)
    if as_json:
        print_json(found.to_json())
        return
    roles: dict[str, list[str]] = {}
    for number, step in enumerate(found.steps, start=1):
        click.echo(f"{number:>2}  {step.name:<16} {_state(step)}")
        for name, origin in step.inputs:
            click.echo(f"      takes {name:<16} {origin}")
        if step.outputs:
            click.echo(f"      gives {', '.join(step.outputs)}")
        if step.environment is not None:
            click.echo(f"      environment: {inert(_told(step.environment))}")
        if step.new_columns is None:
            click.echo("      new columns are known when it has run")
        elif step.new_columns:
            click.echo(f"      new columns: {', '.join(step.new_columns)}")
        new_roles = {c: r for c, r in (step.roles or {}).items() if roles.get(c) != r}
        for column, names in sorted(new_roles.items()):
            click.echo(f"      role: {column} is {', '.join(names)}")
        if step.problem is not None:
            click.echo(f"      would fail: {step.problem}")
        roles |= step.roles or {}


def _told(environment: PlannedEnvironment) -> str:
    """What is asked for, and how far it is: resolved, made."""
    python = [f"Python {environment.python}"] if environment.python else []
    asked = ", ".join([*python, *environment.requirements]) or "own"
    if environment.packages is None:
        return f"{asked}; will be resolved and made"
    made = "made" if environment.is_made else "will be made"
    return f"{asked}; {len(environment.packages)} packages, {made}"


def _state(step: PlannedStep) -> str:
    if step.cached_from is not None:
        return f"cached, from run {inert(step.cached_from)}"
    if step.judge:
        return "will run: it judges the reports" + (" and has effects" if step.effects else "")
    return "will run: it has effects" if step.effects else "will run"
