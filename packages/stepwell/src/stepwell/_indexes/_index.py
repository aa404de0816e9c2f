"""A package index: which files it has of a package, and each of them verified.

Only this one index is asked. That it does not have a package is an answer; whatever else keeps it
from answering is an error, so that an index that is down is never taken for an empty one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from stepwell._errors import ConfigurationError, PackageError
from stepwell._indexes._credentials import without_credentials
from stepwell._indexes._extra import require_extra
from stepwell._indexes._server import PATIENCE, Server, broken

if TYPE_CHECKING:
    from pypi_simple import DistributionPackage

LARGEST_FILE = 1 << 30
_LARGEST_PAGE = 1 << 26
_FORM = re.compile(rb"<form\b", re.IGNORECASE)
_STRONG = ("sha512", "sha384", "sha256")


@dataclass(frozen=True)
class IndexFile:
    """A wheel or source distribution, as an index describes it; `yanked` says why, if it is."""

    filename: str
    version: Version
    is_wheel: bool
    url: str = field(repr=False)
    digests: Mapping[str, str]
    requires_python: str | None = None
    yanked: str | None = None


class PackageIndex:
    """What `open_index` gives: the index at `url`, which is shown without credentials."""

    def __init__(self, url: str, server: Server, *, patience: float) -> None:
        self.url = without_credentials(url)
        self._server, self._patience = server, patience

    def files(self, name: str) -> tuple[IndexFile, ...]:
        """All wheels and source distributions of a package, oldest version first.

        Without any if the index does not have the package. Raises PackageIndexError if it refuses
        to answer, or cannot.
        """
        from pypi_simple import ACCEPT_ANY

        page = f"{self.url.rstrip('/')}/{canonicalize_name(name)}/"
        with self._server.get(page, stay=True, accept=ACCEPT_ANY) as response:
            if response.status_code == 404:
                return ()
            seconds = 4 * self._patience
            content = b"".join(self._server.content(response, most=_LARGEST_PAGE, seconds=seconds))
            kind = response.headers.get("Content-Type", "")
        packages = _read(name, response.url, kind, content)
        return tuple(sorted(_described(name, packages), key=lambda file: file.version))

    def download(self, file: IndexFile, folder: Path, *, most: int = LARGEST_FILE) -> Path:
        """The file in `folder`, once its bytes are what the index says they are.

        Raises PackageError if they are not, or if it has more than `most` bytes.
        """
        algorithm = next((name for name in _STRONG if name in file.digests), None)
        if algorithm is None:
            raise PackageError(
                f"The package index {self.url} gives no SHA-256 of {file.filename}.",
                hint="Let it give them (pypiserver has --hash-algo sha256).",
            )
        into = folder / file.filename
        try:
            found = self._written(file, into, hashlib.new(algorithm), most)
            if found != file.digests[algorithm].lower():
                raise PackageError(
                    f"{file.filename} of {self.url} has the {algorithm} {found[:12]}…, and the "
                    f"index says {file.digests[algorithm][:12]}….",
                    hint="It was damaged or replaced. Do not install it; tell who runs the index.",
                )
        except BaseException:
            into.unlink(missing_ok=True)
            raise
        return into

    def _written(self, file: IndexFile, into: Path, digest: Any, most: int) -> str:
        with self._server.get(file.url, stay=False) as response, into.open("wb") as opened:
            if response.status_code == 404:
                raise broken(file.url, "it lists this file and does not have it")
            seconds = 40 * self._patience
            for chunk in self._server.content(response, most=most, seconds=seconds):
                digest.update(chunk)
                opened.write(chunk)
        return str(digest.hexdigest())


@contextmanager
def open_index(url: str, *, patience: float = PATIENCE) -> Iterator[PackageIndex]:
    """The package index with simple pages at `url`; user and password in it are for it alone.

    Raises ConfigurationError for an address that is none, and if `stepwell[packages]` is missing.
    """
    require_extra()
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ConfigurationError(
            f"{without_credentials(url)!r} is not the address of a package index.",
            hint="Write the one that pip is given: https://HOST/simple/.",
        )
    server = Server(url, patience=patience)
    try:
        yield PackageIndex(url, server, patience=patience)
    finally:
        server.close()


def versions(files: Iterable[IndexFile]) -> dict[Version, list[IndexFile]]:
    """The files of every version that can be installed: those that are not yanked."""
    found: dict[Version, list[IndexFile]] = {}
    for file in files:
        if file.yanked is None:
            found.setdefault(file.version, []).append(file)
    return found


def _read(name: str, url: str, kind: str, content: bytes) -> list[DistributionPackage]:
    """The entries of a page, JSON (PEP 691) or HTML."""
    from pypi_simple import ProjectPage, UnsupportedRepoVersionError

    try:
        if "json" in kind:
            page = ProjectPage.from_json_data(json.loads(content), base_url=url)
        elif "html" in kind:
            if _FORM.search(content):
                raise broken(url, "it answers with a form, as for signing in, not with a list")
            page = ProjectPage.from_html(name, content, base_url=url)
        else:
            raise broken(url, "its page is neither JSON nor HTML")
    except UnsupportedRepoVersionError:
        raise broken(url, "it speaks a newer version of the protocol") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise broken(url, "its page cannot be read") from None
    return page.packages


def _described(name: str, packages: Iterable[DistributionPackage]) -> Iterator[IndexFile]:
    """What can be installed; files of other names and of no version are left out."""
    for package in packages:
        if package.package_type not in ("wheel", "sdist") or package.version is None:
            continue
        if canonicalize_name(package.project or "") != canonicalize_name(name):
            continue
        try:
            version = Version(package.version)
        except InvalidVersion:
            continue
        yield IndexFile(
            filename=package.filename,
            version=version,
            is_wheel=package.package_type == "wheel",
            url=package.url,
            digests=package.digests,
            requires_python=package.requires_python,
            yanked=(package.yanked_reason or "no reason given") if package.is_yanked else None,
        )
