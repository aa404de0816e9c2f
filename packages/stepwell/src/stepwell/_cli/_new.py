"""`stepwell new`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from stepwell._errors import ConfigurationError
from stepwell._new._names import checked_project, checked_step
from stepwell._new._template import make_folder, requirements_of_installed

_into = click.option(
    "--into",
    "parent",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    default=".",
    help="Make it in this folder (default: the current one).",
)


@click.group()
def new() -> None:
    """Make a project, or a package with a step of your own."""


@new.command()
@click.argument("name")
@_into
def project(name: str, parent: Path) -> None:
    """Make the project NAME, which trains, deploys and watches a model on example data."""
    words = {"new-project": checked_project(name), **_of_this_python()}
    folder = _made(parent / name, "project", words)
    _tell_next(
        folder,
        "uv venv",
        ". .venv/bin/activate",
        "uv pip compile --quiet --universal pyproject.toml --output-file pylock.toml",
        "uv pip install -r pylock.toml",
        "stepwell run pipelines/train.py",
    )


@new.command()
@click.argument("name")
@_into
def step(name: str, parent: Path) -> None:
    """Make the package stepwell-NAME with an example of a step, its tests and its release."""
    names = checked_step(name)
    words = {
        "new-step": names.step,
        "new_step": names.module,
        "NewStep": names.class_name,
        "2000-01-01": datetime.now(UTC).date().isoformat(),
        **_of_this_python(),
    }
    folder = _made(parent / names.package, "step", words)
    _tell_next(
        folder,
        "uv venv",
        ". .venv/bin/activate",
        "uv pip install --editable . --group check",
        "pytest",
    )


def _of_this_python() -> dict[str, str]:
    """Jobs get the Python that the author has, and packages from the versions installed here."""
    version = "{}.{}".format(*sys.version_info)
    return {
        "python:3.11-slim": f"python:{version}-slim",
        'python-version: "3.11"': f'python-version: "{version}"',
        **requirements_of_installed(),
    }


def _made(folder: Path, template: str, words: dict[str, str]) -> Path:
    if not folder.parent.is_dir():
        raise ConfigurationError(
            f"There is no folder {folder.parent}.", hint="Make it first, or leave out --into."
        )
    files = make_folder(folder, template, words)
    click.echo(f"Made {folder} with {len(files)} files.")
    return folder


def _tell_next(folder: Path, *commands: str) -> None:
    click.echo("\nNext (README.md tells more; uv comes with: pip install uv):\n")
    for command in (f"cd {folder}", *commands):
        click.echo(f"  {command}")
