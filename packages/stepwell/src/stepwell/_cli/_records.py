"""`stepwell records`."""

from __future__ import annotations

import click

from stepwell._cli._options import json_option, opened_store, print_json, store_option
from stepwell._errors import CorruptedError, StoreError
from stepwell._records._decisions import DecisionLog
from stepwell._storage._chain import Head
from stepwell._storage._store import Store


@click.group()
def records() -> None:
    """The chain of run records, and those of decisions."""


@records.command()
@click.option(
    "--anchor",
    "anchors",
    metavar="[CHAIN=]NUMBER:DIGEST",
    multiple=True,
    help="A head that was noted elsewhere, of the records or, for example, of decisions/NAME.",
)
@store_option
@json_option
def verify(anchors: tuple[str, ...], store: str | None, as_json: bool) -> None:
    """Check that no record and no decision was edited, removed, reordered or cut off.

    Exit code 1 names the first wrong entry of every chain. What was cut off at the end only shows
    with --anchor.
    """
    heads, wrong = _verified(opened_store(store), dict(map(_anchor, anchors)))
    if as_json:
        print_json(
            {chain: {"entries": head.number, "head": str(head)} for chain, head in heads.items()}
        )
    else:
        for chain, head in heads.items():
            click.echo(f"{chain}: {head.number} entries, all as they were written. Head {head}")
    if wrong:
        raise CorruptedError(" ".join(wrong))


def _verified(store: Store, anchors: dict[str, Head]) -> tuple[dict[str, Head], list[str]]:
    """The heads of the chains that are as they were written, and what is wrong with others."""
    names = [f"decisions/{name}" for name in store.files.names("decisions")]
    heads: dict[str, Head] = {}
    wrong = []
    for chain in dict.fromkeys(["records", *names, *anchors]):
        try:
            heads[chain] = _verify(store, chain, anchors.get(chain))
        except StoreError as error:
            wrong.append(str(error))
    return heads, wrong


def _verify(store: Store, chain: str, anchor: Head | None) -> Head:
    if chain == "records":
        return store.records.verify(anchor)
    return DecisionLog(store, chain.removeprefix("decisions/")).verify(anchor)


def _anchor(text: str) -> tuple[str, Head]:
    chain, equals, head = text.rpartition("=")
    return chain if equals else "records", Head.parse(head)
