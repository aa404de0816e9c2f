"""Templates: folders of files that work as they are, in which some words are replaced.

Nothing marks what is replaced: the name of the template, in each of its spellings, is such a word,
and so are the requirements of packages of Stepwell.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.version import Version

from stepwell._code._packages import version_of
from stepwell._errors import ConfigurationError

TEMPLATES = Path(__file__).parents[1] / "_templates"
_MADE_BY_TOOLS = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".stepwell"}
"""What installers and tools put beside the files of a template."""
_REQUIREMENT = re.compile(r"(stepwell[a-z-]*)(\[packages\])?>=[\d.]+,<\d+")


def make_folder(folder: Path, template: str, words: Mapping[str, str]) -> list[Path]:
    """Make `folder` from a template, whole or not at all; the files in it.

    Raises ConfigurationError if something is there already, or cannot be made.
    """
    if os.path.lexists(folder) and not _is_empty(folder):
        what = "a folder with files" if folder.is_dir() else "there"
        raise ConfigurationError(
            f"{folder} is {what} already.",
            hint="Choose another name, or another folder with --into.",
        )
    try:
        _make(folder, template, words)
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be made: {error.strerror or type(error).__name__}.",
            hint="Choose a folder that you may write to with --into.",
        ) from None
    return sorted(path for path in folder.rglob("*") if path.is_file())


def requirements_of_installed() -> dict[str, str]:
    """For each requirement of the templates, the one from the version that is installed."""
    return {found.group(): _from_installed(found) for found in _requirements()}


def stepwell_packages() -> set[str]:
    """The packages of Stepwell that a new project uses."""
    return {found[1] for found in _requirements()}


def _requirements() -> Iterator[re.Match[str]]:
    for path in TEMPLATES.glob("*/pyproject.toml"):
        yield from _REQUIREMENT.finditer(path.read_text(encoding="utf-8"))


def _from_installed(requirement: re.Match[str]) -> str:
    name, extra = requirement.groups(default="")
    installed = version_of(name)
    if installed is None:
        return requirement.group()
    version = Version(installed)
    return f"{name}{extra}>={version.public},<{version.major + 1}"


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir())


def _make(folder: Path, template: str, words: Mapping[str, str]) -> None:
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made = beside / folder.name
        for path, content in _rendered(template, words):
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_bytes(content)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    finally:
        shutil.rmtree(beside)


def _rendered(template: str, words: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Every file of a template by its relative path, with the words replaced in both."""
    every = sorted(words, key=len, reverse=True)
    pattern = re.compile(b"|".join(re.escape(word.encode()) for word in every))

    def replaced(content: bytes) -> bytes:
        return pattern.sub(lambda found: words[found.group().decode()].encode(), content)

    for path in sorted((TEMPLATES / template).rglob("*")):
        name = path.relative_to(TEMPLATES / template)
        if path.is_file() and not _MADE_BY_TOOLS.intersection(name.parts):
            yield replaced(name.as_posix().encode()).decode(), replaced(path.read_bytes())
