"""The command `stepwell-tracking`: send what waits for MLflow, or say what waits."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from stepwell import StepwellError, settings
from stepwell.authoring import Store
from stepwell_tracking._address import tracking_uri, without_credentials
from stepwell_tracking._log import log_file, log_into, logger
from stepwell_tracking._mlflow import prepare_process, told
from stepwell_tracking._outbox import Outbox
from stepwell_tracking._sync import Synced, send_waiting

_STORE = click.option("--store", "url", help="Path or URL of the store (default: the project's).")


@click.group()
def cli() -> None:
    """Every Stepwell run as an MLflow run."""


@cli.command("sync")
@_STORE
@click.option("--background", is_flag=True, hidden=True, help="As the observer starts it.")
@click.option("--json", "as_json", is_flag=True, help="Say what became of them as JSON.")
def sync_command(url: str | None, background: bool, as_json: bool) -> None:
    """Send the runs that wait in the outbox to MLflow."""
    prepare_process()
    store = _store(url)
    log_into(store)
    synced = send_waiting(store, background=background)
    if as_json:
        click.echo(json.dumps(asdict(synced)))
    elif not background:
        _tell(synced)
    if not background and (synced.away or synced.failed or synced.busy):
        sys.exit(1)


@cli.command("status")
@_STORE
def status_command(url: str | None) -> None:
    """Say where runs are sent and what still waits."""
    store = _store(url)
    outbox = Outbox(store)
    click.echo(f"MLflow  {without_credentials(tracking_uri(store))}")
    click.echo(f"Log     {log_file(store) or 'none: the store is no local folder'}")
    pause = outbox.pause()
    if pause is not None:
        click.echo(f"Away    {pause.error}")
        click.echo(f"        The background tries again after {pause.until:%H:%M} UTC.")
    waiting = outbox.waiting()
    click.echo(f"Waiting {len(waiting)} runs")
    for one in waiting:
        trouble = f"  {one.attempts} attempts: {one.error}" if one.error else ""
        click.echo(f"  {one.run_id}  {one.pipeline}{trouble}")


def main() -> None:
    """Run the command; errors become one line and exit code 1."""
    try:
        cli(standalone_mode=True)
    except StepwellError as error:
        logger.error("%s", error)
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except Exception as error:  # a helper without a terminal must leave a trace of its end
        logger.error("%s: %s", type(error).__name__, told(error))
        click.echo(f"Error: {type(error).__name__}: {told(error)}", err=True)
        sys.exit(1)


def _store(url: str | None) -> Store:
    return Store(settings().store if url is None else url)


def _tell(synced: Synced) -> None:
    click.echo(f"{len(synced.sent)} runs sent.")
    for run_id, error in synced.failed.items():
        click.echo(f"{run_id} was not sent: {error}", err=True)
    if synced.away:
        click.echo(synced.away, err=True)
    if synced.busy:
        click.echo("Another process is sending.", err=True)
