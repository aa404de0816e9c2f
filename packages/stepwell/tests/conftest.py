import importlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from stepwell._code._packages import distribution_of
from stepwell._contract._write import contract_of_installed
from stepwell._storage._store import Store

settings.register_profile(
    "few",
    max_examples=int(os.environ.get("EXAMPLES", "40")),
    deadline=None,
    derandomize="EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("few")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture(autouse=True)
def no_settings_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run in an empty folder, without the settings of whoever runs them."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("STEPWELL_"):
            monkeypatch.delenv(name)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Install throw-away distributions into the folder `site`, which is on the path.

    What was imported from it is forgotten afterwards.
    """
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))
    before = set(sys.modules)
    distribution_of.cache_clear()
    yield partial(_install, site)
    distribution_of.cache_clear()
    for name in set(sys.modules) - before:
        if str(site) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def _install(
    site: Path,
    name: str,
    source: str,
    *,
    steps: dict[str, str] | None = None,
    commands: dict[str, str] | None = None,
    requires: tuple[str, ...] = ("stepwell>=1.0,<2",),
    typed: bool = True,
    contract: bool = False,
) -> str:
    """A package of one module, as an installer leaves it; returns the name of the module.

    `contract` is made from its steps, which have to be importable.
    """
    module = name.replace("-", "_")
    package, described = site / module, site / f"{module}-0.1.0.dist-info"
    package.mkdir()
    described.mkdir()
    (package / "__init__.py").write_text(source)
    if typed:
        (package / "py.typed").touch()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 0.1.0"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    (described / "METADATA").write_text("\n".join(lines))
    (described / "RECORD").write_text(f"{module}/__init__.py,,\n")
    lines = []
    for group, points in (("steps", steps), ("commands", commands)):
        lines += [
            f"[stepwell.{group}]",
            *(f"{n} = {target}" for n, target in (points or {}).items()),
        ]
    (described / "entry_points.txt").write_text("\n".join(lines))
    importlib.invalidate_caches()
    if contract:
        contract_of_installed(name).write()
    return module
