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
    root: Path = Field(default=Path(), description="The folder of pyproject.toml.")


def settings(folder: Path | None = None) -> Settings:
    """The settings that hold in `folder` (default: the current one).

    Raises ConfigurationError for a setting that does not exist or has a wrong value.
    """
    start = (folder or Path.cwd()).absolute()
    path = next((p / "pyproject.toml" for p in (start, *start.parents) if _configures(p)), None)
    table = _table(path) if path is not None else {}
    root = path.parent if path is not None else start
    found = _checked({**table, **_environment(), "root": root})
    if "://" not in found.store and not Path(found.store).is_absolute():
        return found.model_copy(update={"store": str(root / found.store)})
    return found


def _configures(folder: Path) -> bool:
    path = folder / "pyproject.toml"
    return path.is_file() and b"[tool.stepwell" in path.read_bytes()


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["stepwell"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from None
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


def _checked(values: dict[str, Any]) -> Settings:
    unknown = sorted(set(values) - set(Settings.model_fields))
    if unknown:
        known = [name for name in Settings.model_fields if name != "root"]
        near = did_you_mean(unknown[0], known)
        raise ConfigurationError(
            f"[tool.stepwell] has a setting {unknown[0]!r} that does not exist.",
            hint=f"{near} Settings: {listed(known)}.".strip(),
        )
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        raise ConfigurationError(
            f"[tool.stepwell] {problem['loc'][0]}: {problem['msg']}."
        ) from None
