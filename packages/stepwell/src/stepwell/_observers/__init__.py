"""Observers that come with Stepwell, and those that packages add by entry point.

An entry of the group `stepwell.observers` names a function that takes the settings of the project
and the store of the run, and returns an `Observer`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

from stepwell._errors import ConfigurationError, did_you_mean, listed
from stepwell._pipelines._events import Observer
from stepwell._settings import Settings
from stepwell._storage._store import Store

GROUP = "stepwell.observers"
Factory = Callable[[Settings, Store | None], Observer]


def configured_observers(project: Settings, store: Store | None) -> list[Observer]:
    """The observers that the project's settings name. Raises ConfigurationError."""
    if not project.observers:
        return []
    points = {point.name: point for point in entry_points(group=GROUP)}
    made = []
    for name in project.observers:
        if name not in points:
            raise ConfigurationError(
                f"The settings name the observer {name!r}, which no installed package brings.",
                hint=f"{did_you_mean(name, points)} Installed: {listed(sorted(points))}.".strip(),
            )
        factory: Factory = points[name].load()
        made.append(factory(project, store))
    return made


def console(project: Settings, store: Store | None) -> Observer:
    """Progress on the terminal."""
    from stepwell._observers._console import Console

    return Console()


def json_lines(project: Settings, store: Store | None) -> Observer:
    """Every event as a line of JSON, in `logs/` beside pyproject.toml, a file for each run."""
    from stepwell._observers._json_lines import JsonLines

    return JsonLines(_folder(project, "logs"))


def junit(project: Settings, store: Store | None) -> Observer:
    """The reports as JUnit XML, in `reports/` beside pyproject.toml, a file for each run."""
    from stepwell._observers._junit import JUnit

    return JUnit(_folder(project, "reports"))


def _folder(project: Settings, name: str) -> Path:
    return project.root / name
