"""The catalog: a folder of contracts, one file for each dataset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stepwell import ConfigurationError, settings
from stepwell.authoring import did_you_mean, listed
from stepwell_catalog._contract import Contract, read_contract, usable
from stepwell_catalog._problem import Problem
from stepwell_expectations import YamlError, read_yaml

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
    """The contract of this name, whatever is wrong with the others, which are not even checked.

    Raises ConfigurationError if there is none, if two files have the name, or if it is unusable.
    """
    folder = folder_of(catalog)
    names = {path: _name_in(path) for path in files_of(folder)}
    matching = [path for path, found in names.items() if found.casefold() == name.casefold()]
    if not matching or name not in map(names.get, matching):
        known = list(names.values())
        raise ConfigurationError(
            f"The catalog in {folder}/ has no dataset {name!r}.",
            hint=f"{did_you_mean(name, known)} Datasets: {listed(known)}.".strip(),
        )
    (entry, *_) = entries(matching)
    return usable(entry.path, _unshared(entry), entry.problems)


def _name_in(path: Path) -> str:
    """The name that a file gives its dataset; of one that cannot be read, that of the file."""
    try:
        document = read_yaml(path)
    except YamlError:
        document = None
    name = document.get("name") if isinstance(document, Mapping) else None
    return name if isinstance(name, str) else path.name.lower().partition(".odcs.")[0]


def _unshared(entry: Entry) -> Contract | None:
    return None if any(problem.level == "error" for problem in entry.problems) else entry.contract
