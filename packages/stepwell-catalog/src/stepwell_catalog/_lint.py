"""What a contract lacks for people, auditors and pipelines: one rule, one function, one message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stepwell.authoring import Store, listed
from stepwell_catalog._catalog import Entry, entries
from stepwell_catalog._contract import Contract
from stepwell_catalog._problem import Problem
from stepwell_catalog._quality import CHECKED_OPTIONS
from stepwell_catalog._versioned import unversioned_change

Rule = Callable[[Contract], Iterable[Problem]]


@dataclass(frozen=True)
class Linted:
    """A finding about one file."""

    path: Path
    problem: Problem


def lint(paths: Iterable[Path], store: Store | None) -> list[Linted]:
    """Every finding about these files, in their order.

    With a store, the contracts are also compared with those that its last runs used.
    """
    return [Linted(one.path, problem) for one in entries(paths) for problem in _of(one, store)]


def _of(entry: Entry, store: Store | None) -> Iterator[Problem]:
    yield from entry.problems
    if entry.contract is not None:
        for rule in _RULES:
            yield from rule(entry.contract)
        yield from unversioned_change(entry.contract, store)


def _owner(contract: Contract) -> Iterator[Problem]:
    if not contract.owner:
        yield _missing("team", "Nobody owns it.", "Add: team: {name: ...}")


def _purpose(contract: Contract) -> Iterator[Problem]:
    if not contract.purpose:
        fix = "Add: description: {purpose: ...}"
        yield _missing("description.purpose", "It does not say what the data is for.", fix)


def _licence(contract: Contract) -> Iterator[Problem]:
    if not contract.licence:
        yield _missing("customProperties", "It has no licence.", _custom("licence"))


def _legal_basis(contract: Contract) -> Iterator[Problem]:
    personal = [column.name for column in contract.columns if column.classified]
    if personal and not contract.legal_basis:
        yield Problem(
            "customProperties",
            f"It has personal data ({listed(personal)}) and no legal basis.",
            _custom("legalBasis"),
        )


def _retention(contract: Contract) -> Iterator[Problem]:
    if contract.retention:
        return
    is_personal = any(column.classified for column in contract.columns)
    yield Problem(
        "slaProperties",
        "It does not say how long the data may be kept.",
        "Add: slaProperties: [{property: retention, value: 365, unit: d}]",
        level="error" if is_personal else "warning",
    )


def _servers(contract: Contract) -> Iterator[Problem]:
    if not contract.servers:
        yield _missing("servers", "It does not say where the data lies.", "Add a server.")


def _columns(contract: Contract) -> Iterator[Problem]:
    wanting = {
        "description": "without a description",
        "classification": "without a classification",
        "type": "without a logicalType, so that no type is checked",
    }
    for field, what in wanting.items():
        names = [one.name for one in contract.columns if not getattr(one, field)]
        if names:
            count = f"{len(names)} column{'' if len(names) == 1 else 's'}"
            told = f"There {'is' if len(names) == 1 else 'are'} {count} {what}: {listed(names)}."
            fix = f"Add {'logicalType' if field == 'type' else field} to each."
            yield _missing("schema[0].properties", told, fix)


def _quality(contract: Contract) -> Iterator[Problem]:
    if not contract.quality and not any(one.required for one in contract.columns):
        fix = "Add, for example: quality: [{metric: rowCount, mustBeGreaterThan: 0}]"
        yield _missing("schema[0].quality", "No rule says what good data is.", fix)


def _unchecked(contract: Contract) -> Iterator[Problem]:
    for column in contract.columns:
        checked = CHECKED_OPTIONS | ({"format"} if column.type in ("integer", "number") else set())
        others = sorted(set(column.options) - checked)
        if others and column.type not in _WITH_OWN_OPTIONS:
            what = f"Column {column.name!r}: nothing checks {listed(others)}."
            yield _missing("schema[0].properties", what, "State it as a quality rule as well.")


_WITH_OWN_OPTIONS = ("date", "timestamp", "time")
_RULES: tuple[Rule, ...] = (
    _owner,
    _purpose,
    _licence,
    _legal_basis,
    _retention,
    _servers,
    _columns,
    _quality,
    _unchecked,
)


def _custom(name: str) -> str:
    return f"Add: customProperties: [{{property: {name}, value: ...}}]"


def _missing(where: str, what: str, fix: str) -> Problem:
    return Problem(where, what, fix, level="warning")
