"""Where MLflow is: an address that may hold a password, and how to speak of it without one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from stepwell import ConfigurationError, settings
from stepwell.authoring import resolved

if TYPE_CHECKING:
    from stepwell.authoring import Settings, Store

DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"
_SQLITE = "sqlite:///"
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


def tracking_uri(store: Store, project: Settings | None = None) -> str:
    """The address of MLflow: the project's setting, `MLFLOW_TRACKING_URI`, or SQLite in the store.

    `${NAME}` in it is replaced by the environment variable of that name. Raises
    ConfigurationError if that is not set, or if nothing is given and the store is no local folder.
    """
    project = project or settings()
    given = project.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
    if given:
        return _absolute(resolved(given), project.root)
    if store.folder is None:
        raise ConfigurationError(
            f"MLflow has no default place beside the store {without_credentials(store.url)}.",
            hint="Set tracking_uri in [tool.stepwell] or STEPWELL_TRACKING_URI.",
        )
    return f"{_SQLITE}{Path(store.folder, DATABASE).as_posix()}"


def artifact_location(uri: str, store: Store) -> str | None:
    """Where new experiments put artifacts; None where the server at `uri` decides."""
    if uri.startswith(("http://", "https://", "databricks")):
        return None
    if store.folder is None:
        return f"{store.url}/{ARTIFACTS}"
    return Path(store.folder, ARTIFACTS).as_uri()


def database_file(uri: str) -> Path | None:
    """The file of an SQLite database; None for every other address."""
    path = uri.removeprefix(_SQLITE).partition("?")[0]
    return Path(path) if uri.startswith(_SQLITE) and path else None


def without_credentials(text: str) -> str:
    """`text` with `***` for the user and password of every URL in it."""
    return _CREDENTIALS.sub("***@", text)


def _absolute(uri: str, root: Path) -> str:
    """A relative SQLite path counts from the project's folder, wherever a process was started."""
    path = database_file(uri)
    if path is None or path.is_absolute():
        return uri
    return f"{_SQLITE}{(root.absolute() / path).as_posix()}"
