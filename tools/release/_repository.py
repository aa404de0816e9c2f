"""The index that packages are published to: what it has, how to upload, how to install from it."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from packaging.version import Version

from release._build import sha256
from release._errors import ReleaseError
from release._history import Digests
from release._packages import Package, all_needs
from release._process import run
from stepwell import PackageError
from stepwell._indexes._index import IndexFile, PackageIndex, open_index

_PATIENCE = 60.0


@dataclass(frozen=True)
class Repository:
    """Where files are uploaded to (`url`) and listed (`simple`), without credentials in either."""

    url: str
    simple: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def uv_environment(self) -> dict[str, str]:
        """With these variables uv takes what is here from nowhere else, whatever others offer."""
        return {
            "UV_INDEX": f"stepwell={self.simple}",
            "UV_INDEX_STEPWELL_USERNAME": self.username,
            "UV_INDEX_STEPWELL_PASSWORD": self.password,
        }

    @contextmanager
    def opened(self) -> Iterator[PackageIndex]:
        """A connection to its simple pages."""
        scheme, _, rest = self.simple.partition("://")
        who = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@"
        with open_index(f"{scheme}://{who if self.password else ''}{rest}") as index:
            yield index

    def upload(self, package: Package, files: Iterable[Path]) -> None:
        """Upload files of a package with twine. Raises ReleaseError."""
        command = [sys.executable, "-m", "twine", "upload", "--non-interactive"]
        command += ["--disable-progress-bar", "--repository-url", self.url]
        given = {"TWINE_USERNAME": self.username, "TWINE_PASSWORD": self.password}
        who = {name: value for name, value in given.items() if value}
        run([*command, *files], what=f"{package}: twine upload to {self.url}", environment=who)


def repository_at(url: str, *, simple: str | None, environment: Mapping[str, str]) -> Repository:
    """The repository at `url`; credentials stand in it, or in TWINE_USERNAME and TWINE_PASSWORD.

    Its simple pages are below it, in `simple/`, if they are not said to be elsewhere.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ReleaseError("--repository is not the address of an index. Write https://HOST/PATH/.")
    plain = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    username = unquote(parts.username or "") or environment.get("TWINE_USERNAME", "")
    password = unquote(parts.password or "") or environment.get("TWINE_PASSWORD", "")
    return Repository(plain, simple or f"{plain.rstrip('/')}/simple/", username, password)


def published(index: PackageIndex, package: Package, version: str | None = None) -> Digests:
    """The SHA-256 of the files that the index has of a version. Raises PackageIndexError."""
    wanted = Version(version or package.version)
    files = [file for file in index.files(package.name) if file.version == wanted]
    return {file.filename: _digest(index, file) for file in files}


def newest(index: PackageIndex, name: str) -> Version | None:
    """The newest version of a package on the index that has a wheel and is no pre-release."""
    files = index.files(name)
    return max(
        (file.version for file in files if file.is_wheel and not file.version.is_prerelease),
        default=None,
    )


def require_needs(package: Package, packages: dict[str, Package], index: PackageIndex) -> None:
    """Raise ReleaseError if the index lacks a package of this repository that is needed.

    An installer would look for it on the next index, where a stranger may have taken its name.
    """
    for name in all_needs(package, packages):
        if not index.files(name):
            raise ReleaseError(
                f"{package} needs {name}, which {index.url} does not have. Publish {name} first; "
                "what another index offers under this name is not it."
            )


def wait_for(index: PackageIndex, package: Package, digests: Digests) -> None:
    """Return once the index lists these files. Raises ReleaseError if it lists other bytes."""
    end = time.monotonic() + _PATIENCE
    while True:
        found = published(index, package)
        require_same(package, ours=digests, theirs=found, where=index.url)
        if digests.keys() <= found.keys():
            return
        if time.monotonic() > end:
            raise ReleaseError(
                f"{package} was uploaded, but {index.url} does not list it after "
                f"{_PATIENCE:g} seconds. Run this again once it does."
            )
        time.sleep(0.5)


def require_same(package: Package, *, ours: Digests, theirs: Digests, where: str) -> None:
    """Raise ReleaseError if a file of this version has other bytes elsewhere than here."""
    for name in sorted(ours.keys() & theirs.keys()):
        if ours[name] != theirs[name]:
            raise ReleaseError(
                f"{package}: {where} has a {name} with OTHER BYTES than this one: "
                f"{theirs[name][:12]}… there, {ours[name][:12]}… here. A version is published "
                "once. If the package was changed, prepare a new version; if not, find out who "
                "replaced the file."
            )


def _digest(index: PackageIndex, file: IndexFile) -> str:
    """What the index says, or what it hands out if it says nothing that can be trusted."""
    if "sha256" in file.digests:
        return file.digests["sha256"].lower()
    with tempfile.TemporaryDirectory() as folder:
        try:
            return sha256(index.download(file, Path(folder)))
        except PackageError as error:
            raise ReleaseError(str(error)) from None
