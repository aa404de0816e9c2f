"""A new lock for a project, resolved by uv so that steps come from their own index alone."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from stepwell._code._packages import is_editable
from stepwell._errors import ConfigurationError, PackageError
from stepwell._indexes._for_uv import variables_for
from stepwell._indexes._index import PackageIndex
from stepwell._installation._names import bears_our_name
from stepwell._requirements import requirements_in
from stepwell._updates._lock import FILE, Locked, read_lock
from stepwell._updates._platform import platform_packages
from stepwell._updates._uv import run_uv
from stepwell._uv import lock_of


@dataclass(frozen=True)
class Wanted:
    """What a lock has to hold: `upgraded` are those that may move, `pinned` as `name==version`."""

    requirements: Sequence[str]
    upgraded: Sequence[NormalizedName]
    pinned: Sequence[str]
    python: str


def wanted_in(
    root: Path, upgraded: Iterable[NormalizedName], pinned: Iterable[str], python: str
) -> Wanted:
    """What the project in `root` depends on; without a pyproject.toml, the installed steps."""
    requirements = requirements_of(root) or list(platform_packages())
    return Wanted(requirements, list(upgraded), list(pinned), python)


def requirements_of(root: Path) -> list[str]:
    """What the pyproject.toml of a project says that it depends on; nothing without one."""
    needed = _project(root).get("dependencies")
    return [str(one) for one in needed] if isinstance(needed, list) else []


def resolved(
    wanted: Wanted, root: Path, index: PackageIndex, address: str, scratch: Path
) -> tuple[str, dict[NormalizedName, Locked]]:
    """The text of the new lock, and what it would install here.

    Versions of all others stay as the lock, else this environment, has them, if they can. The index
    of steps is asked first, and has to have all that bear the name of the platform. Raises
    PackageError if it has not, or if no versions fit together.
    """
    for name in sorted(filter(_is_ours, names_of(wanted.requirements))):
        if not index.files(name):
            raise PackageError(
                f"{index.url} does not have {name}, which the project depends on.",
                hint="Publish it there; it is looked for nowhere else.",
            )
    lock = scratch / FILE
    lock.write_text(_preferred(root), encoding="utf-8")
    _resolve(wanted, root, address, scratch)
    found = read_lock(lock)
    for name in sorted(filter(_is_ours, found)):
        _check_origin(found[name], index)
    return lock.read_text(encoding="utf-8"), found


def _is_ours(name: NormalizedName) -> bool:
    return bears_our_name(name) or name in platform_packages()


def _resolve(wanted: Wanted, root: Path, address: str, scratch: Path) -> None:
    project = scratch / "pyproject.toml"
    project.write_text(
        f'[project]\nname = "upgrade"\nversion = "0"\nrequires-python = "{wanted.python}"\n'
        f"dependencies = {json.dumps([*wanted.requirements, *wanted.pinned])}\n",
        encoding="utf-8",
    )
    run_uv(
        *("pip", "compile", project, "--output-file", scratch / FILE, "--universal"),
        *("--custom-compile-command", "stepwell upgrade", "--index-strategy", "first-index"),
        *(word for name in wanted.upgraded for word in ("--upgrade-package", name)),
        doing="find versions that fit together",
        folder=root,
        variables=variables_for(address),
    )


def _check_origin(locked: Locked, index: PackageIndex) -> None:
    """See that the index of steps has what the lock would install under the name of a step."""
    known = {file.digests.get("sha256") for file in index.files(locked.name)}
    if locked.digests & known:
        return
    raise PackageError(
        f"{locked.name} {locked.version} would not come from {index.url}.",
        hint="Another index offers a package of this name: see stepwell doctor.",
    )


def _preferred(root: Path) -> str:
    """The lock of the project, else the versions that are installed here."""
    lock = root / FILE
    if lock.is_file():
        return lock.read_text(encoding="utf-8")
    return lock_of(
        {
            canonicalize_name(one.metadata["Name"]): one.version
            for one in distributions()
            if one.metadata["Name"] and not is_editable(one)
        }
    )


def requires_python(root: Path) -> str:
    """The versions of Python that a project says it runs on, else those from 3.11 on."""
    told = _project(root).get("requires-python")
    return told if isinstance(told, str) else ">=3.11"


def _project(root: Path) -> Mapping[str, object]:
    path = root / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from None
    return table if isinstance(table, dict) else {}


def names_of(requirements: Iterable[str]) -> set[NormalizedName]:
    """The names of the packages that requirements ask for."""
    return {canonicalize_name(one.name) for one in requirements_in(requirements)}
