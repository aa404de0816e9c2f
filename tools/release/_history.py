"""What git knows: which commit a version was published from, and what has changed since."""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path

from packaging.version import InvalidVersion, Version

from release._errors import ReleaseError
from release._packages import Package
from release._process import run

Digests = dict[str, str]
"""The SHA-256 of files by their names."""

_DIGEST = re.compile(r"^sha256:([0-9a-f]{64})  (\S+)$", re.MULTILINE)
_SHIPPED = ("src", "pyproject.toml", "README.md")


class History:
    """The git repository at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, tag: str) -> bool:
        """Whether there is a tag of this name."""
        return bool(self._git("tag", "--list", tag).strip())

    def released(self, name: str) -> list[Version]:
        """The versions of a package that have a tag, oldest first."""
        tags = self._git("tag", "--list", f"{name}-v*").split()
        return sorted(filter(None, (_version(tag.removeprefix(f"{name}-v")) for tag in tags)))

    def before(self, package: Package) -> Version | None:
        """The newest version with a tag that is older than the package is now."""
        older = [one for one in self.released(package.name) if one < Version(package.version)]
        return older[-1] if older else None

    def digests(self, tag: str) -> Digests:
        """What the files of a release were when it was tagged."""
        message = self._git("for-each-ref", "--format=%(contents)", f"refs/tags/{tag}")
        return {name: digest for digest, name in _DIGEST.findall(message)}

    def tag(self, package: Package, digests: Digests, *, revision: str) -> None:
        """Remember which commit was published, and as which bytes."""
        lines = [f"sha256:{digest}  {name}" for name, digest in sorted(digests.items())]
        message = "\n".join([str(package), "", *lines])
        self._git("tag", "--annotate", "--message", message, package.tag, revision)

    def push(self, tag: str) -> None:
        """Tell everybody of a tag."""
        self._git("push", "--quiet", "origin", f"refs/tags/{tag}")

    def commit(self, revision: str = "HEAD") -> str:
        """The commit that a tag or branch stands for."""
        return self._git("rev-parse", "--verify", f"{revision}^{{commit}}").strip()

    def uncommitted(self, package: Package) -> list[str]:
        """The files of a package that are not as they are in the newest commit."""
        lines = self._git("status", "--porcelain", "--", self._place(package)).splitlines()
        return [line[3:] for line in lines]

    def changed(self, package: Package, since: str) -> list[str]:
        """The files of a package that go into its wheel and have changed since a tag."""
        places = [f"{self._place(package)}/{part}" for part in _SHIPPED]
        return self._git("diff", "--name-only", since, "HEAD", "--", *places).split()

    def export(self, revision: str, into: Path) -> Path:
        """The files of a commit, and nothing that lies around beside them."""
        into.parent.mkdir(parents=True, exist_ok=True)
        archive = into.with_suffix(".tar")
        self._git("archive", "--format=tar", f"--output={archive}", revision)
        with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as opened:
            opened.extractall(into, filter="data")
        archive.unlink()
        return into

    def _place(self, package: Package) -> str:
        return package.folder.relative_to(self.root).as_posix()

    def _git(self, *words: str) -> str:
        return run(["git", *words], what=f"git {words[0]}", folder=self.root)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def require_committed(package: Package, history: History) -> None:
    """Raise ReleaseError if the package has files that the commit to be tagged does not have."""
    if files := history.uncommitted(package):
        raise ReleaseError(
            f"{package}: {', '.join(files[:5])} {'is' if len(files) == 1 else 'are'} not "
            "committed, so that nobody could tell later what was published. Commit or remove it."
        )
