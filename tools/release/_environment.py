"""Empty environments, in which a package shows that it works without this repository."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from release._process import run, uv_command


class Environment:
    """A virtual environment of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        run(uv_command("venv", "--python", sys.executable, folder), what="making an environment")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        scripts = "Scripts/python.exe" if os.name == "nt" else "bin/python"
        return self.folder / scripts

    def install(
        self,
        *words: str | Path,
        what: str,
        wheels: Iterable[Path] = (),
        fresh: Iterable[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Install requirements; those packages of which a wheel is given come from nowhere else.

        Packages named `fresh` are asked for anew, whatever uv remembers of the index.
        """
        command = uv_command("pip", "install", "--python", self.python)
        ours = self.folder / "ours.txt"
        ours.write_text("".join(f"{_name(one)} @ {one.resolve().as_uri()}\n" for one in wheels))
        command += ["--constraints", ours]
        for name in fresh:
            command += ["--refresh-package", name]
        run([*command, *words], what=what, environment=environment)

    def check(self, *, what: str) -> None:
        """Raise ReleaseError if installed packages do not fit together."""
        run(uv_command("pip", "check", "--python", self.python), what=f"{what}: pip check")

    def python_runs(
        self,
        *words: str | Path,
        what: str,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> str:
        """What its interpreter prints. Raises ReleaseError."""
        command = [self.python, *words]
        return run(command, what=what, folder=folder or self.folder, environment=environment)

    def version_of(self, name: str) -> str:
        """The version of a package that is installed in it."""
        code = f"from importlib.metadata import version; print(version({name!r}))"
        return self.python_runs("-c", code, what=f"asking for the version of {name}").strip()


def _name(wheel: Path) -> str:
    return wheel.name.partition("-")[0].replace("_", "-")
