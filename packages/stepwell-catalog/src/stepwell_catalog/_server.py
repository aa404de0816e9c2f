"""Servers of contracts: files behind a path or URL, and tables in a database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from stepwell.authoring import listed, masked
from stepwell_catalog._problem import Problem

FileFormat = Literal["csv", "parquet", "jsonl", "arrow"]
FORMATS: dict[str, FileFormat] = {
    "csv": "csv",
    "tsv": "csv",
    "delimited": "csv",
    "parquet": "parquet",
    "json": "jsonl",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "arrow": "arrow",
    "feather": "arrow",
    "ipc": "arrow",
}
_SCHEMES = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "redshift": "redshift",
    "cloudsql": "postgresql",
    "mysql": "mysql",
    "sqlserver": "mssql",
}
_CUSTOM_TYPES: dict[str, type[object]] = {
    "url": str,
    "user": str,
    "password": str,
    "nullValues": list,
    "storageOptions": dict,
}
_TOLD: dict[type[object], str] = {str: "text", list: "list", dict: "mapping"}
_FILES = ("local", "s3", "azure", "sftp")
LOADED = (*_FILES, *_SCHEMES, "custom")
_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


@dataclass(frozen=True)
class Server:
    """Where data lies: `source`, a path or URL of files, or `url` and `table` of a database.

    References such as `${PASSWORD}` stand in all of them as they were written.
    """

    name: str
    type: str
    description: str = ""
    source: str | None = None
    format: FileFormat | None = None
    separator: str | None = None
    null_values: tuple[str, ...] | None = None
    storage_options: Mapping[str, Any] = field(default_factory=dict)
    url: str | None = None
    schema: str | None = None
    table: str = ""

    @property
    def place(self) -> str:
        """Where it is, without user and password."""
        if self.url is None:
            return str(masked(without_user(self.source or "")))
        table = f"{self.schema}.{self.table}" if self.schema else self.table
        return f"{without_user(self.url).partition('?')[0]}, table {table}"


def server_of(described: Mapping[str, Any], table: Mapping[str, Any]) -> Server:
    """A server of a contract, which was checked before."""
    custom = _custom(described)
    url = custom.get("url") or _database_url(described, custom)
    source = described.get("location") or described.get("path")
    endpoint = described.get("endpointUrl")
    options = dict(custom.get("storageOptions") or {})
    if endpoint:
        options.setdefault("endpoint_url", endpoint)
    return Server(
        name=described["server"],
        type=described["type"],
        description=described.get("description") or "",
        source=None if url else source,
        format=FORMATS.get(str(described.get("format") or "").lower()),
        separator=described.get("delimiter"),
        null_values=_texts(custom.get("nullValues")),
        storage_options=options,
        url=url,
        schema=described.get("schema"),
        table=str(table.get("physicalName") or table.get("name")),
    )


def problems_of_server(described: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """What keeps data from being loaded from a server, and passwords that everybody can read."""
    custom, kind = _custom(described), described["type"]
    if kind not in LOADED and "url" not in custom:
        yield Problem(
            f"{where}.type",
            f"Data cannot be loaded from a server of the type {kind}.",
            f"Types: {listed(LOADED)}; or write the URL of a database into its custom property "
            "url.",
            level="warning",
        )
    if kind == "custom" and not ({"location", "path"} & set(described) or "url" in custom):
        yield Problem(where, "It has no location.", "Add location, or the custom property url.")
    named = described.get("format")
    if named and str(named).lower() not in FORMATS:
        yield Problem(f"{where}.format", "It is no known format.", f"Formats: {listed(FORMATS)}.")
    place = str(described.get("location") or described.get("path") or "")
    if place and not named and format_of(place) is None:
        yield Problem(
            f"{where}.format",
            "Neither it nor an ending says the format.",
            f"Formats: {listed(FORMATS)}.",
            level="warning",
        )
    for name, kind_ in _CUSTOM_TYPES.items():
        if name in custom and not isinstance(custom[name], kind_):
            what = f"The custom property {name} is no {_TOLD[kind_]}."
            yield Problem(f"{where}.customProperties", what, "Correct it.")
    yield from _open_secrets(described, custom, where)


def format_of(place: str) -> FileFormat | None:
    """The format that the ending of a path tells, whether or not it is compressed."""
    return FORMATS.get(place.lower().removesuffix(".gz").rpartition(".")[2])


def _open_secrets(
    described: Mapping[str, Any], custom: Mapping[str, Any], where: str
) -> Iterator[Problem]:
    texts = {"location": described.get("location"), "customProperties": custom.get("url")}
    fix = "Write a reference, such as ${DATABASE_PASSWORD}, and set that variable."
    for field_, text in texts.items():
        if isinstance(text, str) and _open_password(text):
            yield Problem(f"{where}.{field_}", "A password stands in the URL.", fix)
    password = custom.get("password")
    if password is not None and not _REFERENCE.fullmatch(str(password)):
        yield Problem(f"{where}.customProperties", "A password stands there.", fix)


def _open_password(url: str) -> bool:
    """Whether a URL holds a password that is no reference, before its host or as a parameter."""
    user, colon, password = url.partition("://")[2].rpartition("@")[0].partition(":")
    if colon and user and not _REFERENCE.fullmatch(password):
        return True
    return bool(masked(without_user(url), environment={}) != without_user(url))


def _texts(given: object) -> tuple[str, ...] | None:
    return tuple(str(one) for one in given) if isinstance(given, list) else None


def _custom(described: Mapping[str, Any]) -> dict[str, Any]:
    return {one["property"]: one["value"] for one in described.get("customProperties") or ()}


def _database_url(described: Mapping[str, Any], custom: Mapping[str, Any]) -> str | None:
    scheme = _SCHEMES.get(described["type"])
    if scheme is None:
        return None
    user, password = custom.get("user"), custom.get("password")
    login = _quoted(user) if user else ""
    login += f":{_quoted(password)}" if password else ""
    port = f":{described['port']}" if described.get("port") else ""
    host = f"{login}{'@' if login else ''}{described.get('host', '')}{port}"
    return f"{scheme}://{host}/{described.get('database', '')}"


def _quoted(part: object) -> str:
    text = str(part)
    return text if _REFERENCE.fullmatch(text) else quote(text, safe="")


def without_user(url: str) -> str:
    """A URL without user and password."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
