"""`stepwell upgrade`."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stepwell._cli._options import (
    index_option,
    json_option,
    opened_store,
    print_json,
    store_option,
)
from stepwell._cli._outdated import FOUND, target_of
from stepwell._errors import ConfigurationError
from stepwell._text import inert
from stepwell._updates._comparison import TOLERANCE

if TYPE_CHECKING:
    from stepwell._settings import Settings
    from stepwell._updates._comparison import Compared
    from stepwell._updates._resolution import Wanted
    from stepwell._updates._target import Target
    from stepwell._updates._upgrade import Upgrade

_COLOURS = {"same": None, "better": "green", "worse": "red"}


@click.command()
@click.argument("names", metavar="[STEP[==VERSION]]... [FILE[:NAME]]", nargs=-1)
@click.option("--write", is_flag=True, help="Write the lock, whatever the trial says.")
@click.option("--dry-run", is_flag=True, help="Write no lock.")
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=TOLERANCE,
    show_default=True,
    metavar="PART",
    help="How far a metric may get worse, as a part of what it was.",
)
@index_option
@store_option
@json_option
def upgrade(
    names: tuple[str, ...],
    write: bool,
    dry_run: bool,
    tolerance: float,
    index: str | None,
    store: str | None,
    as_json: bool,
) -> None:
    """Find newer versions of STEPs (default: of all), and try a pipeline with them.

    The pipeline is executed, from the first step that changes, in an environment of its own, on
    the stored inputs of its last run. If nothing gets worse, pylock.toml is written. What is
    installed stays as it is.

    Exit codes: 0 the lock is current or was written, 3 it was not, 1 failed, 2 usage,
    130 cancelled.
    """
    from stepwell._indexes._configuration import patience, step_index
    from stepwell._indexes._index import open_index
    from stepwell._settings import settings
    from stepwell._updates._upgrade import Project
    from stepwell._updates._upgrade import upgrade as upgraded
    from stepwell._updates._upgrade import write as write_lock

    if write and dry_run:
        raise ConfigurationError("--write and --dry-run ask for the opposite.", hint="Choose one.")
    project = settings()
    address = step_index(project, index)
    steps, target = _told(names)
    wanted = _wanted(project, steps, target)
    with open_index(address, patience=patience()) as opened:
        here = Project(project.root, opened_store(store), opened, address)
        found = upgraded(here, wanted, target, tolerance=tolerance, tell=_teller(as_json))
    written = None
    if not dry_run and (write or found.may_be_written):
        written = write_lock(project.root, found)
    if as_json:
        print_json(_as_json(found, written))
    else:
        _print(found, written, dry_run)
    sys.exit(0 if written or found.may_be_written else FOUND)


def _told(names: tuple[str, ...]) -> tuple[list[str], Target | None]:
    """The steps, and the pipeline, that the command line names."""
    files = [name for name in names if name.partition(":")[0].endswith(".py")]
    if len(files) > 1:
        raise ConfigurationError(
            f"{len(files)} pipelines are named.", hint="Upgrade with one after the other."
        )
    target = target_of(files[0]) if files else None
    return [name for name in names if name not in files], target


def _wanted(project: Settings, steps: list[str], target: Target | None) -> Wanted:
    from stepwell._updates._platform import named_package, packages_of
    from stepwell._updates._resolution import requires_python, wanted_in

    named = [text.partition("==") for text in steps]
    packages = {named_package(name): version for name, _, version in named}
    pinned = [f"{name}=={version}" for name, version in packages.items() if version]
    chosen = list(packages) or list(packages_of(target.pipeline if target else None))
    return wanted_in(project.root, chosen, pinned, requires_python(project.root))


def _teller(as_json: bool) -> Any:
    """What tells progress: on standard error, where it disturbs no program."""
    return lambda text: None if as_json else click.echo(inert(text), err=True)


def _as_json(found: Upgrade, written: Path | None) -> dict[str, Any]:
    document = dataclasses.asdict(found)
    del document["lock"]
    return {**document, "written": str(written) if written else None}


def _print(found: Upgrade, written: Path | None, dry_run: bool) -> None:
    for move in found.moves:
        click.echo(f"{move.package:<28} {move.before or 'not installed':<14} -> {move.after}")
    for misfit in found.misfits:
        click.secho(inert(misfit.message), fg="red")
    for step in found.steps:
        reason = f": {inert(step['reason'])}" if step["reason"] else ""
        click.echo(f"  {step['name']:<18} {step['state']}{reason}")
    _print_compared(found.compared)
    click.echo(_conclusion(found, written, dry_run))


def _print_compared(compared: tuple[Compared, ...]) -> None:
    """Before and after, side by side; of what is the same only verdicts and metrics of all rows."""
    if compared:
        click.echo(f"{'':<44} {'before':>12} {'after':>12}")
    shown = [one for one in compared if one.judgement != "same" or "=" not in one.what]
    for one in shown:
        line = f"{inert(one.what):<44} {_shown(one.before):>12} {_shown(one.after):>12}"
        judged = "" if one.judgement == "same" else f"  {one.judgement}"
        click.secho(line + judged, fg=_COLOURS[one.judgement])
    if len(shown) < len(compared):
        click.echo(f"{len(compared) - len(shown)} metrics of groups are the same.")


def _shown(value: str | float | None) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else inert(str(value))


def _conclusion(found: Upgrade, written: Path | None, dry_run: bool) -> str:
    said = {
        "current": "There is nothing newer that fits together.",
        "does not fit": "The pipeline does not fit the new versions; nothing was tried.",
        "not tried": "No pipeline was named, so nothing was tried.",
        "not worse": f"Nothing is worse than in run {found.run_id}.",
        "worse": f"Something is worse than in run {found.run_id}.",
    }[found.outcome]
    if written:
        return f"{said} Wrote {written}; install it: uv pip sync {written.name}"
    if dry_run:
        return f"{said} No lock was written, as --dry-run asks."
    if found.outcome == "does not fit":
        return (
            f"{said} No lock was written. Change the pipeline, or ask for a version that does fit "
            "as STEP==VERSION; `stepwell outdated` with the pipeline says which."
        )
    return f"{said} No lock was written; to write it all the same: --write"
