"""The upgrade of a project: resolved, held against contracts, tried, compared, then locked.

Everything is made in a scratch folder that is removed at the end. The last thing that happens is
that the lock is replaced, as a whole, so that whoever is interrupted before has changed nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from packaging.utils import NormalizedName

from stepwell._code._packages import version_of
from stepwell._errors import PackageError
from stepwell._indexes._index import PackageIndex
from stepwell._storage._store import Store
from stepwell._updates._baseline import Baseline, baseline
from stepwell._updates._comparison import Compared, compared, is_worse
from stepwell._updates._environment import made_environment, tried
from stepwell._updates._fit import Misfit, Offered
from stepwell._updates._lock import FILE, Locked, write_lock
from stepwell._updates._platform import platform_packages
from stepwell._updates._release import release_in
from stepwell._updates._resolution import Wanted, resolved
from stepwell._updates._target import Target, placed_misfits
from stepwell._updates._trial import TrialJob

Outcome = Literal["current", "does not fit", "not tried", "not worse", "worse"]


@dataclass(frozen=True)
class Move:
    """A package that the new lock has in another version than this environment."""

    package: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Upgrade:
    """What a new lock would change, and what came of trying it."""

    outcome: Outcome
    lock: str
    moves: tuple[Move, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    compared: tuple[Compared, ...] = ()
    steps: tuple[Mapping[str, Any], ...] = ()
    run_id: str | None = None

    @property
    def may_be_written(self) -> bool:
        """Whether the lock may be written without being asked for."""
        return self.outcome in ("current", "not worse")


@dataclass(frozen=True)
class Project:
    """Where an upgrade happens: the folder of the project, its store, and its index of steps."""

    root: Path
    store: Store
    index: PackageIndex
    address: str


def upgrade(
    project: Project,
    wanted: Wanted,
    target: Target | None,
    *,
    tolerance: float,
    tell: Callable[[str], None],
) -> Upgrade:
    """The new lock of a project, and whether the pipeline gets worse with it; writes nothing.

    Raises PackageError if no versions fit together or the trial breaks off, PipelineError if there
    is no run to compare with.
    """
    then = baseline(target.pipeline, project.store, target.text) if target else None
    with tempfile.TemporaryDirectory(prefix="stepwell-upgrade-") as folder:
        scratch = Path(folder)
        tell("Looking for versions that fit together")
        lock, found = resolved(wanted, project.root, project.index, project.address, scratch)
        planned = Upgrade("current", lock, moves=tuple(_moves(found)))
        if not planned.moves:
            return planned
        unfit = _unfit(planned.moves, found, project.index, target, scratch)
        if unfit:
            return replace(planned, outcome="does not fit", misfits=unfit)
        if target is None or then is None:
            return replace(planned, outcome="not tried")
        return _tried(planned, project, target, then, scratch, tolerance, tell)


def write(root: Path, found: Upgrade) -> Path:
    """Write the new lock into the project."""
    write_lock(root / FILE, found.lock)
    return root / FILE


def _moves(found: Mapping[NormalizedName, Locked]) -> Iterator[Move]:
    for name, locked in sorted(found.items()):
        before = version_of(name)
        if before != locked.version:
            yield Move(name, before, locked.version)


def _unfit(
    moves: Sequence[Move],
    found: Mapping[NormalizedName, Locked],
    index: PackageIndex,
    target: Target | None,
    scratch: Path,
) -> tuple[Misfit, ...]:
    """What of the pipeline does not fit the contracts of the new versions, all at once."""
    if target is None:
        return ()
    known = platform_packages()
    moved = [found[name] for name in found if name in known and _is_moved(name, moves)]
    return placed_misfits(target, [_offered(locked, index, scratch) for locked in moved])


def _is_moved(name: str, moves: Sequence[Move]) -> bool:
    return any(move.package == name and move.before is not None for move in moves)


def _offered(locked: Locked, index: PackageIndex, scratch: Path) -> Offered:
    """The contract in the wheel that the lock names."""
    for file in index.files(locked.name):
        if file.is_wheel and file.digests.get("sha256") in locked.digests:
            release = release_in(index.download(file, scratch))
            return Offered(release.package, str(release.version), release.contract)
    raise PackageError(f"{index.url} has no wheel of {locked.name} {locked.version}.")


def _tried(
    planned: Upgrade,
    project: Project,
    target: Target,
    then: Baseline,
    scratch: Path,
    tolerance: float,
    tell: Callable[[str], None],
) -> Upgrade:
    tell("Making an environment with the new versions")
    python = made_environment(scratch, project.root, project.address)
    tell("Trying the pipeline on the stored inputs of its last run")
    job = TrialJob(
        target=target.text,
        store=project.store.url,
        run_id=then.record["run_id"],
        scratch=str(scratch / "store"),
        sources=then.sources,
    )
    trial = tried(python, job, project.root, lambda step: tell(f"  {step['name']} {step['state']}"))
    found = compared(then.record, trial, tolerance)
    return replace(
        planned,
        outcome="worse" if is_worse(found) else "not worse",
        compared=tuple(found),
        steps=tuple(trial["steps"]),
        run_id=then.record["run_id"],
    )
