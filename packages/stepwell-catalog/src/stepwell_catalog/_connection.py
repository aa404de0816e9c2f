"""Connections to databases through ADBC, with errors that hold no password and no cell."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pyarrow import ArrowException

from stepwell import ConfigurationError, DataError, settings
from stepwell.authoring import listed, resolved
from stepwell_catalog._server import Server

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_REFUSED = ("authentication", "password", "role ", "access denied", "login failed", "pg_hba")
_NO_DATABASE = ("database", "does not exist")
_OWN_DRIVERS = {
    "postgresql": ("adbc_driver_postgresql", "stepwell-catalog[postgresql]"),
    "redshift": ("adbc_driver_postgresql", "stepwell-catalog[postgresql]"),
    "sqlite": ("adbc_driver_sqlite", "stepwell-catalog[sqlite]"),
}
_MISSING_TABLE = "42P01"
_NO_PERMISSION = "42501"


def scheme_of(url: str) -> str:
    """The kind of database of an SQLAlchemy URL: what stands before `+driver`."""
    scheme = url.partition("://")[0].partition("+")[0].lower()
    return {"postgres": "postgresql", "mariadb": "mysql"}.get(scheme, scheme)


@contextmanager
def connected(server: Server, place: str) -> Iterator[Any]:
    """A connection to the database of a server, closed in the end.

    Raises DataError if it cannot be reached, refuses us, or refuses what is asked of it, and
    ConfigurationError if its driver is not installed.
    """
    assert server.url is not None  # only called for databases
    url = real_url(server.url)
    scheme, open_ = scheme_of(url), _opener(url, place)
    manager = import_module("adbc_driver_manager")
    try:
        connection = open_()
    except manager.Error as error:
        raise _not_connected(error, scheme, place) from None
    try:
        with connection:
            yield connection
    except (manager.Error, ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the file that is written: those of a stream have no number
        raise _refused(error, place) from None


def real_url(url: str) -> str:
    """The URL with its references resolved; what is resolved before the host is quoted."""
    whole = resolved(url) if _REFERENCE.fullmatch(url) else url
    scheme, separator, rest = whole.partition("://")
    user, at, host = rest.rpartition("@")
    for reference in _REFERENCE.finditer(user):
        resolved(reference.group())  # says which variable is not set
    quoted = _REFERENCE.sub(lambda found: quote(os.environ[found.group(1)], safe=""), user)
    if not separator:
        raise ConfigurationError("The URL of a database is to look like postgresql://host/name.")
    return f"{scheme}{separator}{quoted}{at}{resolved(host)}"


def _opener(url: str, place: str) -> Any:
    scheme = scheme_of(url)
    module, requirement = _OWN_DRIVERS.get(
        scheme, ("adbc_driver_manager", "stepwell-catalog[databases]")
    )
    try:
        driver: Any = import_module(f"{module}.dbapi")
    except ImportError:
        raise ConfigurationError(
            f"{place} needs the package {module.replace('_', '-')}.",
            hint=f"pip install '{requirement}'",
        ) from None
    rest = url.partition("://")[2]
    if scheme == "sqlite":
        return lambda: driver.connect(_sqlite_file(rest))
    if module == "adbc_driver_postgresql":
        return lambda: driver.connect(f"postgresql://{_with_timeout(rest)}")
    return lambda: driver.connect(driver=scheme, db_kwargs={"uri": f"{scheme}://{rest}"})


def _sqlite_file(rest: str) -> str:
    """A file that is only read: SQLite would make one that is missing."""
    path = rest.partition("?")[0].removeprefix("/")
    places = [Path(path), settings().root / path]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise DataError(f"The SQLite file {path} does not exist.", hint="sqlite:///folder/file.db")
    return f"file:{quote(str(found.absolute()))}?mode=ro"


def _with_timeout(rest: str) -> str:
    """Waiting without end for a host that does not answer is no error that anybody sees."""
    if "connect_timeout=" in rest:
        return rest
    return f"{rest}{'&' if '?' in rest else '?'}connect_timeout=10"


def _not_connected(error: Exception, scheme: str, place: str) -> DataError | ConfigurationError:
    """What an error of the driver means: its own text may quote user and password."""
    text = str(error).lower()
    if "could not load" in text:
        return ConfigurationError(
            f"{place} needs an ADBC driver {scheme!r}, which is not installed.",
            hint="Install it as its makers say; drivers of their own have: "
            f"{listed(_OWN_DRIVERS)}.",
        )
    if all(part in text for part in _NO_DATABASE) and "role" not in text:
        return DataError(f"{place}: the server has no such database.", hint="Check its name.")
    if any(part in text for part in _REFUSED):
        return DataError(
            f"{place} refuses user and password.",
            hint="Check the variables that the contract names for them.",
        )
    return DataError(
        f"{place} cannot be reached.", hint="Check host and port, and whether it is running."
    )


def _refused(error: Any, place: str) -> DataError:
    state = getattr(error, "sqlstate", None)
    if state == _MISSING_TABLE or "no such table" in str(error):
        return DataError(f"{place} does not exist.", hint="Check schema and table.")
    if state == _NO_PERMISSION:
        return DataError(f"{place} may not be read by this user.", hint="Ask its owner for SELECT.")
    code = f"SQLSTATE {state}" if state else type(error).__name__
    return DataError(f"{place} cannot be read ({code}).")
