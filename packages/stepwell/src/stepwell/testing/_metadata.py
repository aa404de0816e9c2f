"""Checks of what the metadata of a package says."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import Distribution, EntryPoint, distribution, version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from stepwell._errors import listed
from stepwell._installation._installed import GROUP
from stepwell._installation._names import CORE, PREFIX, bears_our_name
from stepwell._protocol._place import snake_case
from stepwell.testing._check import CheckFailed, NotApplicable


def check_name(package: str) -> None:
    """The name of the package begins with `stepwell-`."""
    name = distribution(package).name
    if not bears_our_name(canonicalize_name(name)):
        raise CheckFailed(
            f"The package is called {name}.", f"Call it {PREFIX}{canonicalize_name(name)}."
        )


def check_entry_points(package: str) -> None:
    """Steps are named like their class in kebab case, and importable from the package itself."""
    points = points_of(package)
    if not points:
        raise CheckFailed(
            f"{package} has no entry point of Stepwell, so that nobody finds what it brings.",
            f'Add [project.entry-points."{GROUP}"] to pyproject.toml.',
        )
    for point in points:
        expected = snake_case(point.attr).replace("_", "-")
        if point.group == GROUP and (point.name != expected or "." in point.module):
            raise CheckFailed(
                f"The entry point {point.name} = {point.value!r} of {package} is not where it is "
                "looked for.",
                f'Write {expected} = "{top_level_of(point)}:{point.attr}".',
            )


def check_core_is_required(package: str) -> None:
    """The package requires core with a floor, and with the next major version as its cap."""
    if canonicalize_name(package) == CORE:
        return
    texts = distribution(package).requires or []
    core = [r for r in map(Requirement, texts) if canonicalize_name(r.name) == CORE]
    bounds = {part.operator: part.version for r in core for part in r.specifier}
    if set(bounds) != {">=", "<"} or Version(bounds["<"]) != _next_major(bounds[">="]):
        major = Version(version(CORE)).major
        raise CheckFailed(
            f"{package} requires {listed(map(str, core))}: core's major version is the protocol.",
            f'Write "{CORE}>={major}.0,<{major + 1}" with the floor that you test with.',
        )


def _next_major(floor: str) -> Version:
    return Version(f"{Version(floor).major + 1}")


def check_is_typed(package: str) -> None:
    """Type checkers are told that the package is annotated: it holds `py.typed`."""
    for top_level in top_levels_of(package):
        spec = find_spec(top_level)
        folders = spec.submodule_search_locations if spec else None
        if not any((Path(folder) / "py.typed").is_file() for folder in folders or ()):
            raise CheckFailed(
                f"{top_level} holds no py.typed.",
                "Put an empty file of that name beside __init__.py.",
            )


def check_changelog(package: str) -> None:
    """The changelog has an entry for the version."""
    found = distribution(package)
    source = _source_of(found)
    if source is None:
        raise NotApplicable(
            f"The changelog is a part of the sources, and those of {package} are not here."
        )
    changelog = source / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8") if changelog.is_file() else ""
    if not re.search(rf"^#+ \[?v?{re.escape(found.version)}(?![\w.])", text, re.MULTILINE):
        raise CheckFailed(
            f"CHANGELOG.md of {package} has no entry for {found.version}.",
            f"Write what users notice below a heading '## {found.version}'.",
        )


def points_of(package: str) -> list[EntryPoint]:
    """What the package brings to Stepwell: steps, observers, formats of models."""
    points = distribution(package).entry_points
    return sorted(point for point in points if point.group.startswith(f"{CORE}."))


def top_level_of(point: EntryPoint) -> str:
    return point.module.partition(".")[0]


def top_levels_of(package: str) -> list[str]:
    return sorted({top_level_of(point) for point in points_of(package)})


def _source_of(found: Distribution) -> Path | None:
    """The folder of the sources: of an editable installation, else this one if it is that."""
    direct = json.loads(found.read_text("direct_url.json") or "{}")
    if direct.get("dir_info", {}).get("editable"):
        return Path(url2pathname(urlsplit(direct["url"]).path))
    here = Path.cwd() / "pyproject.toml"
    project = tomllib.loads(here.read_text(encoding="utf-8")) if here.is_file() else {}
    named = project.get("project", {}).get("name", "")
    return Path.cwd() if canonicalize_name(named) == canonicalize_name(found.name) else None
