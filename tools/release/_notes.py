"""The notes in changes/: what users are told, and the version that it asks for."""

from __future__ import annotations

from collections.abc import Iterable
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
        if file.suffix != ".md" or kind_of(file) not in KINDS:
            raise ReleaseError(
                f"{package}: changes/{file.name} is no note. Call it "
                f"<number>.<{'|'.join(KINDS)}>.md; without a number, +<word>."
            )
    return files


def kind_of(file: Path) -> str:
    """What a note tells of: something `added`, `fixed`, `deprecated` or `removed`."""
    return file.name.removesuffix(".md").rpartition(".")[2]


def bump_of(kinds: Iterable[str]) -> Bump:
    """The largest bump that one kind of notes asks for."""
    return max((KINDS[kind] for kind in kinds), key=BUMPS.index)


def write_note(package: Package, word: str, kind: str, text: str) -> Path:
    """Tell users of a package something with its next version."""
    file = package.folder / "changes" / f"+{word}.{kind}.md"
    file.write_text(f"{text}\n", encoding="utf-8")
    return file
