"""Configurations of pip and uv with which a step could come from somewhere else.

An installer that may ask several indexes for one name can be given a stranger's package under the
name of one's own: all that a stranger has to do is to publish a higher version.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

from stepwell._errors import listed
from stepwell._indexes._credentials import without_credentials
from stepwell._indexes._entries import IndexEntry
from stepwell._updates._doctor._problem import Problem

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Configured:
    """What pip and uv are told, and the names of the packages that matter.

    `sources` assigns packages to an index of uv; that counts for what the project names itself.
    """

    entries: Sequence[IndexEntry]
    sources: Mapping[str, str]
    named: Collection[str]
    steps: Collection[str]
    index: str | None

    def of(self, tool: str, *roles: str) -> list[IndexEntry]:
        """The entries of a tool with these roles."""
        return [one for one in self.entries if one.tool == tool and one.role in roles]


def extra_index_of_pip(told: Configured) -> Iterator[Problem]:
    """Pip asks all of its indexes, and takes the highest version of any."""
    for entry in told.of("pip", "extra index"):
        yield Problem(
            "pip-extra-index",
            "error",
            f"{entry.where} lets pip ask {entry.shown}, too: it takes the highest version of any "
            "index, also a stranger's.",
            f"{_removed(entry)}, and name the index of your steps alone: "
            "pip config set global.index-url URL",
        )


def links_of_pip(told: Configured) -> Iterator[Problem]:
    """What pip finds there competes with the index."""
    for entry in told.of("pip", "links"):
        yield Problem(
            "pip-find-links",
            "warning",
            f"{entry.where} lets pip install from {entry.shown}, beside the index.",
            f"{_removed(entry)}.",
        )


def unsafe_strategy(told: Configured) -> Iterator[Problem]:
    """Uv compares the versions of several indexes only when told."""
    for entry in told.of("uv", "strategy"):
        if entry.value.startswith("unsafe"):
            yield Problem(
                "unsafe-index-strategy",
                "error",
                f"{entry.where} is {entry.value}: uv takes a step from any index that offers it.",
                f"{_removed(entry)}.",
            )


def no_index(told: Configured) -> Iterator[Problem]:
    """Without any index, pip and uv ask the public one."""
    is_told = any(one.role in ("index", "extra index", "no index") for one in told.entries)
    if not is_told:
        yield Problem(
            "no-index",
            "error",
            "Neither pip nor uv is told an index: both would take steps from the public one.",
            "For pip: pip config set global.index-url URL; for uv: a [[tool.uv.index]] with "
            "default = true in pyproject.toml.",
        )


def public_fallback(told: Configured) -> Iterator[Problem]:
    """What the index of steps does not have, uv looks for in the next one."""
    extra = [one for one in told.of("uv", "extra index") if not one.explicit]
    default = told.of("uv", "index")
    if not told.of("uv", "index", "extra index") or told.of("uv", "no index"):
        return
    assigned = {canonicalize_name(name) for name in told.sources} & set(told.named)
    loose = sorted(set(told.steps) - assigned)
    asked = [*dict.fromkeys(one.shown for one in [*extra, *default[:1]])]
    if not default:
        asked.append("the public index")
    if loose and (len(asked) > 1 or not default):
        yield Problem(
            "public-fallback",
            "error",
            f"uv asks {' and then '.join(asked)} for {listed(loose)}: a step that the first does "
            "not have comes from the next, whoever published it there.",
            "Make the index of steps the only one (default = true), or make it explicit = true and "
            "assign each step to it: the name in dependencies, and in [tool.uv.sources] "
            'NAME = { index = "..." }.',
        )


def indexes_disagree(told: Configured) -> Iterator[Problem]:
    """pip, uv and the setting of the project should mean one index."""
    known_to = {
        tool: [one.shown for one in (*told.of(tool, "extra index"), *told.of(tool, "index")[:1])]
        for tool in ("uv", "pip")
    }
    asked = without_credentials(told.index) if told.index else None
    for tool, known in known_to.items():
        if asked and known and asked.rstrip("/") not in {url.rstrip("/") for url in known}:
            yield Problem(
                "indexes-disagree",
                "warning",
                f"[tool.stepwell] says that steps are in {asked}, and {tool} installs from "
                f"{listed(known)}.",
                f"Give {tool} the same index.",
            )


def without_tls(told: Configured) -> Iterator[Problem]:
    """Who is on the way can change what comes over plain HTTP."""
    for entry in told.entries:
        parts = urlsplit(entry.value)
        is_plain = parts.scheme == "http" and parts.hostname not in _LOOPBACK
        if entry.role in ("index", "extra index", "links") and is_plain:
            yield Problem(
                "index-without-tls",
                "error",
                f"{entry.where} asks {entry.shown} without TLS.",
                "Write https:// there.",
            )
        elif entry.role == "insecure" and entry.value.partition(":")[0] not in _LOOPBACK:
            yield Problem(
                "certificate-not-checked",
                "error",
                f"{entry.where} trusts {entry.shown} without a look at its certificate.",
                f"{_removed(entry)}; a certificate of your own goes into SSL_CERT_FILE.",
            )


def credentials_in_project(told: Configured) -> Iterator[Problem]:
    """What stands in pyproject.toml is in the repository of the project."""
    for entry in told.entries:
        if "pyproject.toml" in entry.where and _has_password(entry.value) and entry.name is None:
            yield Problem(
                "credentials-in-project",
                "error",
                f"{entry.where} holds a password.",
                "Change the password, take it out of the file, and give uv a netrc file, a keyring "
                "or UV_INDEX_NAME_PASSWORD.",
            )


def _has_password(url: str) -> bool:
    return urlsplit(url).password is not None


def _removed(entry: IndexEntry) -> str:
    is_variable = entry.where.isupper()
    return f"Unset it: unset {entry.where}" if is_variable else f"Remove it from {entry.where}"
