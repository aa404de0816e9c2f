"""Finding datasets by words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepwell_catalog._contract import Contract


def search(contracts: Iterable[Contract], words: str) -> list[tuple[Contract, list[str]]]:
    """The datasets in which every word occurs, and the places where: `column income`, `purpose`."""
    wanted = words.casefold().split()
    found = []
    for contract in contracts:
        places = [(place, text.casefold()) for place, text in texts_of(contract)]
        if all(any(word in text for _, text in places) for word in wanted):
            hits = [place for place, text in places if any(word in text for word in wanted)]
            found.append((contract, list(dict.fromkeys(hits))))
    return found


def texts_of(contract: Contract) -> Iterator[tuple[str, str]]:
    """What a person may look for, and where it stands."""
    yield "name", contract.name
    yield "purpose", contract.purpose
    yield "owner", contract.owner
    yield "domain", str(contract.document.get("domain") or "")
    yield "tags", " ".join(map(str, contract.document.get("tags") or ()))
    for column in contract.columns:
        words = (column.name, column.business_name, column.description, column.classification)
        yield f"column {column.name}", " ".join(words)
