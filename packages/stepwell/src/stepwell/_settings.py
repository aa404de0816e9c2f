"""The settings of a project: `[tool.stepwell]` of pyproject.toml, then `STEPWELL_*` variables."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stepwell._errors import ConfigurationError, did_you_mean, listed

PREFIX = "STEPWELL_"


class Settings(BaseModel):
    """Where a project keeps its store, who observes its runs, where MLflow is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: str = Field(default=".stepwell", description="Path or URL of the store.")
    observers: tuple[str, ...] = Field(default=(), description="Observers by entry-point name.")
    tracking_uri: str | None = Field(
        default=None, description="MLflow; default: SQLite in the store."
    )
    index: str | None = Field(default=None, description="The package index that has the steps.")
    environments: str | None = Field(
        default=None, description="Folder of environments; default: in the user's caches."
    )
    root: Path = Field(default=Path(), description="The folder of pyproject.toml.")


def settings(folder: Path | None = None) -> Settings:
    """The settings that hold in `folder` (default: the current one).

    Raises ConfigurationError for a setting that does not exist or has a wrong value.
    """
    start = (folder or Path.cwd()).absolute()
    root, table = start, {}
    for folder_above in (start, *start.parents):
        configured = _table(folder_above / "pyproject.toml")
        if configured is not None:
            root, table = folder_above, configured
            break
    found = _checked({**table, **_environment()}, root)
    paths = {"store": found.store, "environments": found.environments}
    absolute = {
        name: str(root / Path(path).expanduser())
        for name, path in paths.items()
        if path is not None and "://" not in path
    }
    return found.model_copy(update=absolute)


def _table(path: Path) -> dict[str, Any] | None:
    """The settings in a pyproject.toml; None if there is no such file, or none in it."""
    if not path.is_file() or b"tool.stepwell" not in (content := path.read_bytes()):
        return None
    try:
        table = tomllib.loads(content.decode("utf-8")).get("tool", {}).get("stepwell")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: [tool.stepwell] is to be a table.")
    return {name.replace("-", "_"): value for name, value in table.items()}


def _environment() -> dict[str, Any]:
    names = [name for name in Settings.model_fields if name != "root"]
    given = {name: os.environ.get(PREFIX + name.upper()) for name in names}
    found: dict[str, Any] = {name: value for name, value in given.items() if value}
    if "observers" in found:
        found["observers"] = [
            part.strip() for part in found["observers"].split(",") if part.strip()
        ]
    return found


def _checked(values: dict[str, Any], root: Path) -> Settings:
    known = [name for name in Settings.model_fields if name != "root"]
    unknown = sorted(set(values) - set(known))
    if unknown:
        near = did_you_mean(unknown[0], known)
        raise ConfigurationError(
            f"[tool.stepwell] has a setting {unknown[0]!r} that does not exist.",
            hint=f"{near} Settings: {listed(known)}.".strip(),
        )
    try:
        return Settings.model_validate({**values, "root": root})
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        raise ConfigurationError(
            f"[tool.stepwell] {problem['loc'][0]}: {problem['msg']}."
        ) from None
