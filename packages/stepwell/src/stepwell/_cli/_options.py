"""Options that several commands share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from stepwell._errors import ConfigurationError
from stepwell._settings import settings
from stepwell._storage._store import Store

store_option = click.option(
    "--store", metavar="URL", help="Path or URL of the store (default: the project's)."
)
index_option = click.option(
    "--index", metavar="URL", help="The package index of the steps (default: the project's)."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
set_option = click.option(
    "--set",
    "changes",
    metavar="STEP.FIELD=VALUE",
    multiple=True,
    help="Change a field of a step; the value is JSON or text. May be repeated.",
)


def opened_store(url: str | None) -> Store:
    """The store of the option, else of the project's settings. Raises ConfigurationError."""
    where = settings().store if url is None else url
    if not where:
        raise ConfigurationError("--store is empty.", hint="Name a folder, or leave it out.")
    if Path(where).is_file():
        raise ConfigurationError(
            f"The store {where} is a file.", hint="A store is a folder: --store FOLDER."
        )
    return Store(where)


def print_json(value: Any) -> None:
    """Print a JSON document."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))
