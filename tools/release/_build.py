"""Building a package: one wheel, one source distribution, the same bytes for the same source."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from release._errors import ReleaseError
from release._history import Digests
from release._packages import Package
from release._process import run, uv_command

_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".*_cache")


@dataclass(frozen=True)
class Built:
    """The two files of a release."""

    wheel: Path
    sdist: Path

    @property
    def files(self) -> tuple[Path, Path]:
        """Both, the wheel first: an index that has it alone harms nobody."""
        return self.wheel, self.sdist

    @property
    def digests(self) -> Digests:
        """The SHA-256 of both by their names."""
        return {file.name: sha256(file) for file in self.files}


def build(package: Package, tree: Path, into: Path) -> Built:
    """Build a package of the repository in `tree` into a folder. Raises ReleaseError.

    It is built twice, from two copies in different places: what depends on a path, a date or a
    machine cannot be verified by anybody else.
    """
    first = build_once(package, tree, into)
    with tempfile.TemporaryDirectory(prefix="stepwell-again-") as folder:
        copy, again = Path(folder, "elsewhere", "tree"), Path(folder, "built")
        shutil.copytree(tree, copy, ignore=_LEFT_BEHIND)
        second = build_once(package, copy, again)
        different = [_difference(*pair) for pair in zip(first.files, second.files, strict=True)]
    if found := [text for text in different if text]:
        for file in first.files:
            file.unlink()
        raise ReleaseError(
            f"{package}: two builds of the same source differ: {'; '.join(found)}. Take out of "
            "them what depends on a path, a date or a machine."
        )
    return first


def build_once(package: Package, tree: Path, into: Path) -> Built:
    """Build a package without asking whether it can be repeated. Raises ReleaseError."""
    # The build backend is the one installed here, pinned: its version is part of what it builds.
    command = uv_command("build", "--no-build-isolation", "--python", sys.executable)
    source = tree / "packages" / package.name
    run([*command, "--out-dir", into, source], what=f"{package}: building it")
    built = built_in(into, package)
    if built is None:
        found = ", ".join(sorted(file.name for file in into.glob("*.*")))
        raise ReleaseError(
            f"{package}: its build gave {found}; expected a wheel for every machine."
        )
    return built


def built_in(folder: Path, package: Package) -> Built | None:
    """What was built of a package into a folder, if it was."""
    stem = f"{package.import_name}-{package.version}"
    found = Built(folder / f"{stem}-py3-none-any.whl", folder / f"{stem}.tar.gz")
    return found if all(file.exists() for file in found.files) else None


def check_metadata(built: Built, package: Package) -> None:
    """Raise ReleaseError for metadata that an index may refuse or show wrongly."""
    twine = [sys.executable, "-m", "twine", "check", "--strict", *map(str, built.files)]
    run(twine, what=f"{package}: twine check --strict")


def sha256(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _difference(first: Path, second: Path) -> str:
    if first.read_bytes() == second.read_bytes():
        return ""
    one, other = _members(first), _members(second)
    names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return f"{first.name} in {', '.join(names[:5]) or 'order or dates'}"


def _members(archive: Path) -> Digests:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name: hashlib.sha256(wheel.read(name)).hexdigest() for name in wheel.namelist()}
    with tarfile.open(archive) as opened:
        files = [(member.name, opened.extractfile(member)) for member in opened]
        return {name: hashlib.sha256(f.read()).hexdigest() for name, f in files if f is not None}
