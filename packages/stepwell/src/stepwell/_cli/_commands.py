"""The commands of the command line: core's own, and those that installed packages add.

An entry of the group `stepwell.commands` names a click command. It is known from metadata, and
imported when it is used, so that a broken package takes no other command down. The metadata of
packages called `stepwell-…` is read here: to ask importlib.metadata for that of all packages takes
as long as all the rest of `stepwell --help`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

import click

GROUP = "stepwell.commands"
CANCELLED = 130

_OWN = {
    "run": ("_run", "Run a pipeline."),
    "plan": ("_plan", "Show what a run would do."),
    "steps": ("_steps", "List installed steps and whether they are healthy."),
    "show": ("_steps", "Show what a step takes, gives and can be told."),
    "check": ("_check", "Check that a package and its steps keep the protocol."),
    "contract": ("_contract", "Write the contract of a package, and tell what changes."),
    "new": ("_new", "Make a project, or a package with a step of your own."),
    "runs": ("_runs", "List, show and compare runs."),
    "records": ("_records", "Verify the chain of run records."),
    "store": ("_store", "Look after the store."),
    "outdated": ("_outdated", "List packages of which the index has a newer version."),
    "upgrade": (
        "_upgrade",
        "Try newer versions on the last run; lock them if nothing is worse.",
    ),
    "doctor": ("_doctor", "Find what is wrong with installed packages and where they come from."),
    "environments": ("_environments", "Look after the environments of steps."),
    "completion": ("_completion", "Print the script for shell completion."),
}


class Commands(click.Group):
    """Commands that are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_OWN, *_added()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _OWN:
            command: click.Command = getattr(_module(cmd_name), cmd_name)
            return command
        points = _added().get(cmd_name)
        return _load(points) if points else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _OWN.items()])
        added = [(name, f"Of {_packages(points)}.") for name, points in _added().items()]
        if added:
            with formatter.section("Commands of installed packages"):
                formatter.write_dl(added)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Cancelled.", err=True)
            ctx.exit(CANCELLED)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _OWN:
            _suggest(ctx, args[0])
        return super().resolve_command(ctx, args)


def _suggest(ctx: click.Context, typed: str) -> None:
    from difflib import get_close_matches

    names = [*_OWN, *_added()]
    near = [] if typed in names else get_close_matches(typed, names, n=1)
    if near:
        ctx.fail(f"No such command {typed!r}. Did you mean {near[0]!r}?")


def _module(name: str) -> object:
    return import_module(f"stepwell._cli.{_OWN[name][0]}")


@dataclass(frozen=True)
class _Added:
    """A command of an installed package, and where it is."""

    name: str
    target: str
    package: str


def _added() -> dict[str, list[_Added]]:
    """What installed packages add, by name: one command, unless packages disagree."""
    added: dict[str, list[_Added]] = {}
    for one in sorted(_found(), key=lambda one: (one.name, one.package)):
        if one.name not in _OWN:
            added.setdefault(one.name, []).append(one)
    return added


def _found() -> Iterator[_Added]:
    """The commands in the metadata of installed packages; as for imports, the first one counts."""
    seen = set()
    for folder, name in _metadata_folders():
        package = name.partition("-")[0].replace("_", "-")
        if package not in seen:
            seen.add(package)
            for command, target in _commands_in(os.path.join(folder, name, "entry_points.txt")):
                yield _Added(command, target, package)


def _metadata_folders() -> Iterator[tuple[str, str]]:
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:  # a zip file, or nothing
            continue
        for name in names:
            if name.startswith("stepwell_") and name.endswith(".dist-info"):
                yield folder, name


def _commands_in(path: str) -> Iterator[tuple[str, str]]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        return
    section = ""
    for line in map(str.strip, lines):
        if line.startswith("["):
            section = line.strip("[]")
        elif section == GROUP and "=" in line:
            name, _, target = line.partition("=")
            yield name.strip(), target.strip()


def _load(points: list[_Added]) -> click.Command:
    from importlib.metadata import EntryPoint

    name, packages = points[0].name, _packages(points)
    if len(points) > 1:
        raise click.ClickException(
            f"{packages} both claim the command {name!r}: uninstall one of them."
        )
    try:
        command = EntryPoint(name, points[0].target, GROUP).load()
    except (Exception, SystemExit) as error:  # whatever a package does when it is imported
        raise click.ClickException(
            f"The command {name!r} of {packages} cannot be imported: {type(error).__name__}: "
            f"{error}. Reinstall it: pip install --force-reinstall {packages}."
        ) from None
    if not isinstance(command, click.Command):
        raise click.ClickException(
            f"{points[0].target}, which {packages} calls the command {name!r}, is no click "
            f"command. Ask for a mended version: pip install --upgrade {packages}."
        )
    return command


def _packages(points: list[_Added]) -> str:
    return " and ".join(one.package for one in points)
