"""`stepwell check-data`: a file against a suite, outside of pipelines."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from stepwell import Dataset

_FAILED = 3


@click.command("check-data")
@click.argument("source", metavar="FILE")
@click.option(
    "--suite", metavar="FILE", help="A suite (JSON) or a data contract (YAML, FILE#TABLE)."
)
@click.option("--draft", is_flag=True, help="Print a suite that FILE keeps, to begin with.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "gx", "junit"]),
    default="table",
    help="Print a table, the result as Great Expectations writes it, or JUnit XML.",
)
def check_data(source: str, suite: str | None, draft: bool, form: str) -> None:
    """Check the data in FILE (CSV, Parquet, JSON lines, Arrow, or a folder) against a suite.

    Exit codes: 0 nothing failed, 3 an expectation failed, 1 failed, 2 usage.
    """
    if draft == (suite is not None):
        raise click.UsageError("Give either --suite FILE or --draft.")
    if suite is None:
        _print_draft(_loaded(source), source)
        return
    from stepwell_data_check._check import DataCheck
    from stepwell_data_check._printed import printed

    check = DataCheck(suite=suite)
    report = check.run(data=_loaded(source)).report
    click.echo(printed(report, form))
    if report.verdict == "failed":
        sys.exit(_FAILED)


def _loaded(source: str) -> Dataset:
    from stepwell import Load

    return Load(source=source).run().data


def _print_draft(data: Dataset, source: str) -> None:
    from pathlib import Path

    from stepwell_expectations import drafted

    click.echo(json.dumps(drafted(data.lazy(), name=Path(source).stem), indent=2))
