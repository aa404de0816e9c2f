"""Checks of how a package is imported, and what its steps do in a fresh interpreter."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points

from packaging.utils import canonicalize_name

from stepwell._code._packages import distribution_of
from stepwell._errors import StepwellError, listed
from stepwell._installation._installed import GROUP, InstalledStep, installed_steps
from stepwell._installation._names import CORE
from stepwell._protocol._step import Step, title
from stepwell.testing._check import CheckFailed
from stepwell.testing._example import example_of, fingerprints, somewhere
from stepwell.testing._fresh import Fresh, fresh
from stepwell.testing._metadata import points_of, top_level_of

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
    own = {top_level_of(point) for point in points_of(package)} | {CORE}
    others = {top_level_of(point): point for point in entry_points(group=GROUP)}
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


def _installed(package: str) -> Iterator[InstalledStep]:
    wanted = canonicalize_name(package)
    return (step for step in installed_steps() if canonicalize_name(step.package) == wanted)


def _fresh(package: str) -> Fresh:
    return fresh(tuple(point.value for point in points_of(package)), tuple(steps_of(package)))
