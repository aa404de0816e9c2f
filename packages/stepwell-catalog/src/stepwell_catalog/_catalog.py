"""The catalog: a folder of contracts, one file for each dataset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stepwell import ConfigurationError, settings
from stepwell.authoring import did_you_mean, listed
from stepwell_catalog._contract import Contract, read_contract, usable
from stepwell_catalog._problem import Problem

ENDINGS = (".odcs.yaml", ".odcs.yml")
DEFAULT = "catalog"


@dataclass(frozen=True)
class Entry:
    """A file of the catalog: its contract, unless it cannot be used, and what is wrong with it."""

    path: Path
    contract: Contract | None
    problems: tuple[Problem, ...]


def folder_of(catalog: str) -> Path:
    """The folder of a catalog: relative to the working directory, else to the project.

    Raises ConfigurationError if there is none.
    """
    places = [Path(catalog), settings().root / catalog]
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        raise ConfigurationError(
            f"There is no catalog folder {catalog!r}.",
            hint="Write a first contract: stepwell catalog draft FILE",
        )
    return found


def files_of(folder: Path) -> list[Path]:
    """The files of a catalog, in the order of their names."""
    try:
        return sorted(path for path in folder.iterdir() if path.name.lower().endswith(ENDINGS))
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be read: {error.strerror}.") from None


def entries(paths: Iterable[Path]) -> list[Entry]:
    """Every file with what is wrong with it; two with one name are wrong, both of them."""
    read = [(path, *read_contract(path)) for path in paths]
    named: dict[str, list[Path]] = defaultdict(list)
    for path, contract, _ in read:
        if contract is not None:
            named[contract.name.casefold()].append(path)
    return [
        Entry(path, contract, (*problems, *_shared(path, contract, named)))
        for path, contract, problems in read
    ]


def _shared(path: Path, contract: Contract | None, named: dict[str, list[Path]]) -> list[Problem]:
    if contract is None:
        return []
    others = [str(other) for other in named[contract.name.casefold()] if other != path]
    if not others:
        return []
    what = f"{listed(others)} has the name {contract.name!r} as well."
    return [Problem("name", what, "Give every dataset a name of its own.")]


def contracts(catalog: str) -> list[Contract]:
    """All contracts of a catalog, by name. Raises ConfigurationError for what cannot be used."""
    found = entries(files_of(folder_of(catalog)))
    return sorted(
        (usable(entry.path, _unshared(entry), entry.problems) for entry in found),
        key=lambda contract: contract.name,
    )


def contract_named(catalog: str, name: str) -> Contract:
    """The contract of this name, whatever is wrong with the others.

    Raises ConfigurationError if there is none, if two files have the name, or if it is unusable.
    """
    folder = folder_of(catalog)
    found = entries(files_of(folder))
    matching = [one for one in found if one.contract is not None and one.contract.name == name]
    if matching:
        return usable(matching[0].path, _unshared(matching[0]), matching[0].problems)
    meant = [one for one in found if one.contract is None and _names(one.path) == name]
    if meant:
        return usable(meant[0].path, None, meant[0].problems)
    names = [one.contract.name for one in found if one.contract is not None]
    raise ConfigurationError(
        f"The catalog in {folder}/ has no dataset {name!r}.",
        hint=f"{did_you_mean(name, names)} Datasets: {listed(names)}.".strip(),
    )


def _unshared(entry: Entry) -> Contract | None:
    return None if any(problem.level == "error" for problem in entry.problems) else entry.contract


def _names(path: Path) -> str:
    """The name that the file of a dataset usually has."""
    return path.name.lower().partition(".odcs.")[0]
