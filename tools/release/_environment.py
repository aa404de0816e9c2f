"""Empty environments, in which a package shows that it works without this repository."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from release._process import run, uv_command


@dataclass(frozen=True)
class Supply:
    """Where the packages of this repository come from when they are installed.

    Those of which there is a wheel come from nowhere else; the others from the index that the
    variables of the environment name, which is asked anew for the packages in `fresh`, whatever uv
    remembers of it.
    """

    wheels: Sequence[Path] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    fresh: Iterable[str] = ()


class Environment:
    """A virtual environment of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command = uv_command("venv", "--python", sys.executable, folder)
        run(command, what="making an environment")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def install(self, *words: str | Path, what: str, supply: Supply) -> None:
        """Install requirements, or what else `uv pip install` takes. Raises ReleaseError."""
        ours = self.folder / "ours.txt"
        ours.write_text("".join(map(_pinned, supply.wheels)), encoding="utf-8")
        command = uv_command("pip", "install", "--python", self.python, "--constraints", ours)
        for name in supply.fresh:
            command += ["--refresh-package", name]
        run([*command, *words], what=what, environment=supply.environment)

    def check(self, *, what: str) -> None:
        """Raise ReleaseError if installed packages do not fit together."""
        run(uv_command("pip", "check", "--python", self.python), what=f"{what}: pip check")

    def python_runs(self, *words: str | Path, what: str, folder: Path | None = None) -> str:
        """What its interpreter prints. Raises ReleaseError."""
        return run([self.python, *words], what=what, folder=folder or self.folder)

    def version_of(self, name: str) -> str:
        """The version of a package that is installed in it."""
        code = f"from importlib.metadata import version; print(version({name!r}))"
        return self.python_runs("-c", code, what=f"asking for the version of {name}").strip()


def _pinned(wheel: Path) -> str:
    name = wheel.name.partition("-")[0].replace("_", "-")
    return f"{name} @ {wheel.resolve().as_uri()}\n"
