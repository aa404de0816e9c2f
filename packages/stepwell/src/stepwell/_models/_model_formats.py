"""Model formats: how the models of a library become files and predictions; found by entry point."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Protocol

from stepwell._errors import ModelError, did_you_mean, listed

if TYPE_CHECKING:
    import polars as pl

    from stepwell._models._model import Model, ModelDescription

GROUP = "stepwell.model_formats"


class ModelFormat(Protocol):
    """What a package brings under the name of a library, for example `sklearn`."""

    name: str

    def save(
        self, model: Any, hints: Mapping[str, Any]
    ) -> tuple[ModelDescription, dict[str, bytes]]:
        """The description and files of a live model; the same model gives the same bytes."""

    def load(self, model: Model, trusted: Sequence[str]) -> Any:
        """The live model, if all types in its files are trusted."""

    def predict(
        self, live: Any, description: ModelDescription, frame: pl.DataFrame
    ) -> pl.DataFrame:
        """`prediction` and score columns, row by row."""

    def state_digest(self, live: Any) -> str:
        """A digest of the state of a live model, to notice that somebody changed it."""


def claimed_libraries() -> Mapping[str, tuple[EntryPoint, ...]]:
    """The libraries whose models can be stored, and which entry points claim them."""
    return _claimed(tuple(sys.path))


@cache
def _claimed(_path: tuple[str, ...]) -> Mapping[str, tuple[EntryPoint, ...]]:
    """What is installed in these folders; reading all metadata takes milliseconds."""
    points = entry_points(group=GROUP)
    return {name: tuple(points.select(name=name)) for name in sorted(points.names)}


def format_for(live: type) -> ModelFormat:
    """The format that claims the library of a live model's class, or of a base of it."""
    claimed = claimed_libraries()
    for base in live.__mro__:
        points = claimed.get(base.__module__.partition(".")[0])
        if points is not None:
            return _only(points, f"the models of {points[0].name}")
    raise ModelError(
        f"No installed model format stores a {live.__module__}.{live.__qualname__}.",
        hint=f"Formats are installed for: {listed(claimed)}. "
        "For scikit-learn: pip install stepwell-sklearn.",
    )


def format_named(name: str) -> ModelFormat:
    """The installed format of this name. What a model's own files say is never imported."""
    found, broken = {}, []
    for point in (point for points in claimed_libraries().values() for point in points):
        try:
            found[point] = _loaded(point)
        except Exception:  # whatever importing a package of somebody else raises
            broken.append(_package(point))
    named = tuple(point for point, model_format in found.items() if model_format.name == name)
    if named:
        return _only(named, f"the format {name!r}")
    names = sorted(model_format.name for model_format in found.values())
    hint = f"{did_you_mean(name, names)} Installed: {listed(names)}."
    if broken:
        hint += f" Broken: {listed(broken)}; see stepwell steps."
    raise ModelError(
        f"The model has the format {name!r}, which no installed package reads.", hint=hint.strip()
    )


def _only(points: Sequence[EntryPoint], what: str) -> ModelFormat:
    packages = sorted({_package(point) for point in points})
    if len(packages) > 1:
        raise ModelError(
            f"{' and '.join(packages)} both claim {what}.", hint="Uninstall one of them."
        )
    return _loaded(points[0])


def _loaded(point: EntryPoint) -> ModelFormat:
    made = point.load()
    return made() if isinstance(made, type) else made  # type: ignore[no-any-return]  # a plugin's


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value
