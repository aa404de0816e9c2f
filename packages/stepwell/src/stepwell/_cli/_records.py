"""`stepwell records`."""

from __future__ import annotations

import click

from stepwell._chain import Head
from stepwell._cli._options import json_option, opened_store, print_json, store_option


@click.group()
def records() -> None:
    """The chain of run records, and those of decisions."""


@records.command()
@click.option(
    "--anchor", metavar="NUMBER:DIGEST", help="A head of the records that was noted elsewhere."
)
@store_option
@json_option
def verify(anchor: str | None, store: str | None, as_json: bool) -> None:
    """Check that no record and no decision was edited, removed, reordered or cut off.

    Exit code 1 names the first wrong entry. What was cut off at the end only shows with --anchor.
    """
    opened = opened_store(store)
    heads = {"records": opened.records.verify(Head.parse(anchor) if anchor else None)}
    for name in opened.files.names("decisions"):
        heads[f"decisions/{name}"] = opened.decisions(name).verify()
    if as_json:
        print_json(
            {chain: {"entries": head.number, "head": str(head)} for chain, head in heads.items()}
        )
        return
    for chain, head in heads.items():
        click.echo(f"{chain}: {head.number} entries, all as they were written. Head {head}")
