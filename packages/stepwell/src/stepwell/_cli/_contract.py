"""`stepwell contract`."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, get_args

import click

from stepwell._cli._options import json_option, print_json
from stepwell._contract import Bump, Change, is_at_most
from stepwell._errors import StepwellError
from stepwell._text import inert

if TYPE_CHECKING:
    from stepwell._contract._sides import Difference
    from stepwell._contract._write import Written

_COLOURS = {"major": "red", "minor": "yellow", "patch": "green"}


@click.group()
def contract() -> None:
    """Write the contract of a package, and tell what changes between two."""


@contract.command()
@click.argument("package", default=".")
@click.option("--check", is_flag=True, help="Write nothing; fail if the file is out of date.")
def write(package: str, check: bool) -> None:
    """Write contract.json of PACKAGE: the folder of its sources, or its name if it is installed.

    It is made from the code, and stands beside it.
    """
    from stepwell._contract._write import contract_to_write

    made = contract_to_write(package)
    if not check:
        click.echo(f"{'Wrote' if made.write() else 'There is nothing new in'} {made.file}.")
    elif made.is_current:
        click.echo(f"{made.file} says what the code does.")
    else:
        click.echo(f"{made.file} is out of date.")
        _print_changes(_changes(made))
        click.echo(f"Write it anew: stepwell contract write {package}")
        sys.exit(1)


@contract.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--at-most",
    type=click.Choice(get_args(Bump)),
    help="Fail if a change demands more than this.",
)
@click.option("--index", metavar="URL", help="The package index, instead of the project's.")
@json_option
def diff(old: str, new: str, at_most: Bump | None, index: str | None, as_json: bool) -> None:
    """List what changes between two contracts, and the version that it demands.

    OLD and NEW are each a contract.json, the folder of a package, a wheel, an installed package, or
    NAME==VERSION on the index. It fails if the version of NEW is known and too small.
    """
    from stepwell._contract._sides import difference, side_of

    found = difference(side_of(old, index=index), side_of(new, index=index))
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found)
    is_more = at_most is not None and not is_at_most(found.bump, at_most)
    sys.exit(1 if is_more or found.is_enough is False else 0)


def _as_json(found: Difference) -> dict[str, object]:
    return {
        "package": found.new.contract.package,
        "old_version": found.old.version,
        "new_version": found.new.version,
        "bump": found.bump,
        "least_version": found.least_version,
        "is_enough": found.is_enough,
        "changes": [dataclasses.asdict(change) for change in found.changes],
    }


def _print(found: Difference) -> None:
    _print_changes(found.changes)
    least = f": at least {found.least_version}" if found.least_version else ""
    demanded = f"This demands a {found.bump} version{least}." if found.bump else ""
    click.echo(demanded or "The contracts are the same.")
    if found.is_enough is False:
        after = "" if found.bump else f" after {found.old.version}"
        click.secho(f"{found.new.version} is too small{after}.", fg="red")


def _changes(made: Written) -> Sequence[Change]:
    """What the file does not say yet; nothing if it is not there, or cannot be read."""
    with suppress(StepwellError):
        return made.changes_in_file()
    return ()


def _print_changes(changes: Sequence[Change]) -> None:
    for change in changes:
        bump = click.style(f"{change.bump:<5}", fg=_COLOURS[change.bump])
        click.echo(f"  {bump}  {inert(change.message)}")
