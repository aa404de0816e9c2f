"""A contract: what one file of the catalog says about one dataset."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepwell import ConfigurationError, Origin, Roles
from stepwell_catalog._columns import Column, column_of, roles_of, written
from stepwell_catalog._problem import Problem, errors
from stepwell_catalog._server import Server, server_of
from stepwell_catalog._standard import problems_with_the_standard
from stepwell_catalog._usable import problems_of_use
from stepwell_expectations import YamlError, read_yaml

if TYPE_CHECKING:
    from open_data_contract_standard.model import OpenDataContractStandard


@dataclass(frozen=True)
class Contract:
    """What the catalog says about a dataset. Made by `contract_of` and `read_contract` only."""

    document: Mapping[str, Any]
    path: Path = field(default=Path(), compare=False)

    @cached_property
    def model(self) -> OpenDataContractStandard:
        """The contract as the standard's own package has it."""
        from open_data_contract_standard.model import OpenDataContractStandard

        return OpenDataContractStandard.model_validate(self.document)

    @property
    def name(self) -> str:
        """The name in the catalog."""
        return str(self.document["name"])

    @property
    def version(self) -> str:
        """The version of the contract."""
        return str(self.document["version"])

    @property
    def label(self) -> str:
        """Name, version and file, for messages."""
        return f"{self.name} {self.version} ({self.path})"

    @cached_property
    def digest(self) -> str:
        """The digest of what it says; comments, order and layout of the file do not count."""
        return digest_of(self.document)

    @property
    def origin(self) -> Origin:
        """What a dataset that was loaded by it remembers."""
        return Origin(name=self.name, version=self.version, contract=self.digest)

    @property
    def table(self) -> Mapping[str, Any]:
        """The one element of its schema."""
        found: Mapping[str, Any] = self.document["schema"][0]
        return found

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the data; measures are computed from them, and stand in no data."""
        described = self.table.get("properties") or ()
        return tuple(column_of(one) for one in described if one.get("semanticType") != "measure")

    @property
    def roles(self) -> Roles:
        """What it says about the columns."""
        return roles_of(self.columns)

    @cached_property
    def servers(self) -> tuple[Server, ...]:
        """Where the data lies."""
        return tuple(server_of(one, self.table) for one in self.document.get("servers") or ())

    @property
    def purpose(self) -> str:
        """What the data is for."""
        return written((self.document.get("description") or {}).get("purpose"))

    @property
    def owner(self) -> str:
        """The team, or the member of it with the role owner."""
        team = self.document.get("team") or {}
        members = team if isinstance(team, list) else team.get("members") or []
        owners = [one for one in members if str(one.get("role", "")).lower() == "owner"]
        named = owners[0].get("name") or owners[0].get("username") if owners else None
        return written(named or ("" if isinstance(team, list) else team.get("name")))

    @property
    def retention(self) -> str:
        """How long the data may be kept, with its unit."""
        return next((text for name, text in self.sla if name == "retention"), "")

    @property
    def sla(self) -> list[tuple[str, str]]:
        """The service levels: property, and value with unit."""
        every = self.document.get("slaProperties") or ()
        return [
            (str(one["property"]), f"{one['value']} {one.get('unit') or ''}".strip())
            for one in every
            if written(one["value"])
        ]

    def custom(self, *names: str) -> str:
        """The text of the first custom property of one of these names."""
        every = self.document.get("customProperties") or ()
        found = (written(one["value"]) for one in every if one["property"] in names)
        return next(filter(None, found), "")

    @property
    def licence(self) -> str:
        """On which terms the data may be used."""
        return self.custom("licence", "license")

    @property
    def legal_basis(self) -> str:
        """What allows the processing of personal data."""
        return self.custom("legalBasis")

    @property
    def quality(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The quality rules: the column that each is about (empty for the table), and the rule."""
        rules = [("", rule) for rule in self.table.get("quality") or ()]
        for described in self.table.get("properties") or ():
            name = column_of(described).name
            rules += [(name, rule) for rule in described.get("quality") or ()]
        return rules


def digest_of(document: Mapping[str, Any]) -> str:
    """The digest of what a contract says."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def contract_of(document: Any, path: Path) -> tuple[Contract | None, list[Problem]]:
    """The contract in a document, unless errors make it unusable, and all that is wrong with it."""
    problems = problems_with_the_standard(document)
    if not problems:
        problems = problems_of_use(document)
    return (None if errors(problems) else Contract(document, path)), problems


def read_contract(path: Path) -> tuple[Contract | None, list[Problem]]:
    """The contract in a file, unless errors make it unusable, and all that is wrong with it."""
    try:
        document = read_yaml(path)
    except YamlError as error:
        return None, [Problem("", str(error)[:1].upper() + str(error)[1:], "")]
    return contract_of(document, path)


def usable(path: Path, contract: Contract | None, problems: Sequence[Problem]) -> Contract:
    """The contract. Raises ConfigurationError with what makes it unusable."""
    if contract is not None:
        return contract
    wrong = errors(problems)
    more = f" There are {len(wrong) - 1} more." if len(wrong) > 1 else ""
    raise ConfigurationError(
        f"{path} cannot be used: {wrong[0]}{more}", hint=f"See: stepwell catalog lint {path}"
    )
