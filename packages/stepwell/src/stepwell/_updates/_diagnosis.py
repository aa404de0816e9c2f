"""Everything that `stepwell doctor` finds."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import Distribution

from packaging.utils import NormalizedName

from stepwell._errors import ConfigurationError, PackageError
from stepwell._indexes._configuration import index_entries, patience, step_index
from stepwell._indexes._index import open_index
from stepwell._indexes._uv_configuration import sources_of
from stepwell._installation._examination import examined
from stepwell._installation._installed import installed_steps
from stepwell._settings import Settings
from stepwell._updates._doctor import _indexes as indexes
from stepwell._updates._doctor._locked import lock_problems
from stepwell._updates._doctor._origins import index_problems
from stepwell._updates._doctor._packages import unhealthy_steps, unmet_requirements
from stepwell._updates._doctor._problem import Problem
from stepwell._updates._lock import FILE, Locked, read_lock
from stepwell._updates._platform import platform_packages
from stepwell._updates._resolution import names_of, requirements_of

_OF_CONFIGURATION = (
    indexes.extra_index_of_pip,
    indexes.links_of_pip,
    indexes.unsafe_strategy,
    indexes.no_index,
    indexes.public_fallback,
    indexes.indexes_disagree,
    indexes.without_tls,
    indexes.credentials_in_project,
)


def diagnosed(project: Settings, index: str | None, *, offline: bool) -> list[Problem]:
    """Every finding: of configurations, packages, the lock and, unless offline, the index."""
    packages, needed = platform_packages(), requirements_of(project.root)
    told = indexes.Configured(
        entries=index_entries(project.root),
        sources=sources_of(project.root),
        named=names_of(needed),
        steps=list(packages),
        index=project.index,
    )
    found = [problem for check in _OF_CONFIGURATION for problem in check(told)]
    found += unhealthy_steps(examined(installed_steps()))
    found += unmet_requirements(packages.values())
    found += lock_problems(project.root, needed, packages)
    if not offline:
        found += _asked(project, index, packages)
    return list(dict.fromkeys(found))


def _asked(
    project: Settings, index: str | None, packages: dict[NormalizedName, Distribution]
) -> Iterator[Problem]:
    try:
        address = step_index(project, index)
    except ConfigurationError as error:
        yield Problem("index-unknown", "error", error.message, error.hint or "")
        return
    with open_index(address, patience=patience()) as opened:
        yield from index_problems(opened, packages.values(), _locked(project))


def _locked(project: Settings) -> dict[NormalizedName, Locked]:
    try:
        return read_lock(project.root / FILE)
    except PackageError:
        return {}
