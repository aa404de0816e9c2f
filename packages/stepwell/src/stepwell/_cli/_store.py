"""`stepwell store`."""

from __future__ import annotations

import click

from stepwell._cli._options import json_option, opened_store, print_json, store_option
from stepwell._records._prune import prune as prune_store


@click.group()
def store() -> None:
    """Look after the store."""


@store.command()
@click.option(
    "--keep-runs",
    default=50,
    show_default=True,
    help="Keep the artifacts of so many runs of each pipeline.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@store_option
@json_option
def prune(keep_runs: int, dry_run: bool, store: str | None, as_json: bool) -> None:
    """Remove artifacts that no recent run, no decision and no running run needs.

    Records and decisions are never removed; models of the decision log keep their files.
    """
    removed = prune_store(opened_store(store), keep_runs=keep_runs, dry_run=dry_run)
    if as_json:
        print_json(removed)
        return
    verb = "Would remove" if dry_run else "Removed"
    click.echo(
        f"{verb} {removed['blobs']} blobs ({removed['bytes'] / 2**20:.1f} MiB), "
        f"{removed['cache_entries']} cache entries and {removed['unfinished']} unfinished files; "
        f"kept {removed['kept_blobs']} blobs."
    )
