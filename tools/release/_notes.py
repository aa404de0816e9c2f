"""The notes in changes/: what users are told, and the version that it asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from release._errors import ReleaseError
from release._packages import Package

Bump = Literal["patch", "minor", "major"]
BUMPS: tuple[Bump, ...] = ("patch", "minor", "major")
KINDS: dict[str, Bump] = {
    "removed": "major",
    "deprecated": "minor",
    "added": "minor",
    "fixed": "patch",
}


def notes(package: Package) -> list[Path]:
    """The notes that wait for the next version of a package."""
    files = sorted((package.folder / "changes").glob("[!.]*"))
    for file in files:
        if file.suffix != ".md" or _kind(file) not in KINDS:
            raise ReleaseError(
                f"{package}: changes/{file.name} is no note. Call it "
                f"<number>.<{'|'.join(KINDS)}>.md; without a number, +<word>."
            )
    return files


def bump_of(files: list[Path]) -> Bump:
    """The largest bump that one of the notes asks for."""
    return max((KINDS[_kind(file)] for file in files), key=BUMPS.index)


def write_note(package: Package, word: str, kind: str, text: str) -> Path:
    """Tell users of a package something with its next version."""
    file = package.folder / "changes" / f"+{word}.{kind}.md"
    file.write_text(f"{text}\n", encoding="utf-8")
    return file


def _kind(file: Path) -> str:
    return file.name.removesuffix(".md").rpartition(".")[2]
