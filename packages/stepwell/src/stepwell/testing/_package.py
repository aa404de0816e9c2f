"""Checks of a package: how it is imported, what its metadata says."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, EntryPoint, distribution, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from stepwell._errors import StepwellError, listed
from stepwell._installed import GROUP, InstalledStep, installed_steps
from stepwell._packages import distribution_of
from stepwell._step import Step, title
from stepwell.testing._check import CheckFailed, NotApplicable
from stepwell.testing._example import example_of, fingerprints, somewhere
from stepwell.testing._fresh import Fresh, fresh

CORE = "stepwell"
HEAVY = (
    "great_expectations",
    "jax",
    "lightgbm",
    "matplotlib",
    "mlflow",
    "pandas",
    "polars",
    "pyarrow",
    "scipy",
    "skops",
    "sklearn",
    "tensorflow",
    "torch",
    "transformers",
    "xgboost",
)
"""Libraries that take their time, to be imported by the calls that need them."""


def steps_of(package: str) -> list[type[Step]]:
    """The steps of an installed package, without those that cannot be loaded."""
    loaded = []
    for step in _installed(package):
        try:
            loaded.append(step.load())
        except StepwellError:
            continue
    return loaded


def check_steps_load(package: str) -> None:
    """Every step that the package names can be loaded, and no other package has its name."""
    for step in _installed(package):
        try:
            step.load()
        except StepwellError as error:
            raise CheckFailed(error.message, error.hint or "Correct its entry point.") from error


def check_import_is_silent_and_light(package: str) -> None:
    """Importing the package prints nothing, warns of nothing, and loads no heavy library."""
    seen = _fresh(package).imports
    if seen.problem is not None:
        raise CheckFailed(
            f"{package} cannot be imported in a fresh interpreter: {seen.problem}",
            "See it with python -c 'import ...'.",
        )
    for how, text in seen.said.items():
        if text.strip():
            raise CheckFailed(
                f"Importing {package} is not silent: there is {how}.",
                "Print, log and warn inside of functions only.",
            )
    heavy = [name for name in HEAVY if name in seen.modules]
    if heavy:
        raise CheckFailed(
            f"Importing {package} imports {listed(heavy)}.",
            "Import them inside of the functions that need them; see python -X importtime.",
        )


def check_no_other_step_is_imported(package: str) -> None:
    """Neither the package nor its steps at work import another package that brings steps."""
    answers = _fresh(package)
    modules = answers.imports.modules.union(*(seen.modules for seen in answers.steps.values()))
    own = {_top_level(point) for point in _points(package)} | {CORE}
    others = {_top_level(point): point for point in entry_points(group=GROUP)}
    met = sorted((set(others) - own) & modules)
    if met:
        raise CheckFailed(
            f"{package} imports {met[0]}, which brings steps of its own.",
            "Move what both need into a library package without steps.",
        )


def check_runs_in_a_worker(step: type[Step]) -> None:
    """The step is made from its JSON in another process, and gives the same bytes there."""
    found = distribution_of(step.__module__.partition(".")[0])
    siblings = _fresh(found.name) if found else None
    if siblings is None or step not in siblings.steps:
        siblings = fresh((f"{step.__module__}:{step.__qualname__}",), (step,))
    there = siblings.steps[step]
    if there.problem is not None:
        raise CheckFailed(
            f"{title(step)} does not run in a worker process: {there.problem}",
            "Define it at the top of a module, and keep all that it needs in its fields.",
        )
    configured, inputs = example_of(step)
    with somewhere(configured) as store:
        here = fingerprints(configured, inputs, store)
    differing = [name for name in here if here[name] != there.outputs[name]]
    if differing and not configured.effects:
        raise CheckFailed(
            f"{title(step)} gives another {differing[0]!r} in a worker process.",
            "Do not depend on the order of sets, on hash(), on global state or on the folder.",
        )


def check_name(package: str) -> None:
    """The name of the package begins with `stepwell-`."""
    name = distribution(package).name
    if name != CORE and not canonicalize_name(name).startswith(f"{CORE}-"):
        raise CheckFailed(
            f"The package is called {name}.", f"Call it {CORE}-{canonicalize_name(name)}."
        )


def check_entry_points(package: str) -> None:
    """Steps are named like their class in kebab case, and importable from the package itself."""
    points = _points(package)
    if not points:
        raise CheckFailed(
            f"{package} has no entry point of Stepwell, so that nobody finds what it brings.",
            f'Add [project.entry-points."{GROUP}"] to pyproject.toml.',
        )
    for point in points:
        expected = re.sub(r"(?<!^)(?=[A-Z])", "-", point.attr).lower()
        if point.group == GROUP and (point.name != expected or "." in point.module):
            raise CheckFailed(
                f"The entry point {point.name} = {point.value!r} of {package} is not where it is "
                "looked for.",
                f'Write {expected} = "{_top_level(point)}:{point.attr}".',
            )


def check_core_is_required(package: str) -> None:
    """The package requires core with a floor, and with the next major version as its cap."""
    if canonicalize_name(package) == CORE:
        return
    texts = distribution(package).requires or []
    core = [r for r in map(Requirement, texts) if canonicalize_name(r.name) == CORE]
    bounds = {part.operator: Version(part.version) for r in core for part in r.specifier}
    floor, cap = bounds.get(">="), bounds.get("<")
    if floor is None or cap != Version(f"{floor.major + 1}") or len(bounds) != 2:
        major = Version(version(CORE)).major
        raise CheckFailed(
            f"{package} requires {listed(map(str, core))}: core's major version is the protocol.",
            f'Write "{CORE}>={major}.0,<{major + 1}" with the floor that you test with.',
        )


def check_is_typed(package: str) -> None:
    """Type checkers are told that the package is annotated: it holds `py.typed`."""
    for top_level in _top_levels(package):
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


def _installed(package: str) -> Iterator[InstalledStep]:
    wanted = canonicalize_name(package)
    return (step for step in installed_steps() if canonicalize_name(step.package) == wanted)


def _points(package: str) -> list[EntryPoint]:
    """What the package brings to Stepwell: steps, observers, formats of models."""
    points = distribution(package).entry_points
    return sorted(point for point in points if point.group.startswith(f"{CORE}."))


def _top_level(point: EntryPoint) -> str:
    return point.module.partition(".")[0]


def _top_levels(package: str) -> list[str]:
    return sorted({_top_level(point) for point in _points(package)})


def _fresh(package: str) -> Fresh:
    return fresh(tuple(point.value for point in _points(package)), tuple(steps_of(package)))


def _source_of(found: Distribution) -> Path | None:
    """The folder of the sources: of an editable installation, else this one if it is that."""
    direct = json.loads(found.read_text("direct_url.json") or "{}")
    if direct.get("dir_info", {}).get("editable"):
        return Path(url2pathname(urlsplit(direct["url"]).path))
    here = Path.cwd() / "pyproject.toml"
    project = tomllib.loads(here.read_text(encoding="utf-8")) if here.is_file() else {}
    named = project.get("project", {}).get("name", "")
    return Path.cwd() if canonicalize_name(named) == canonicalize_name(found.name) else None
