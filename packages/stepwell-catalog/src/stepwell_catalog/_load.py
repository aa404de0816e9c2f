"""`LoadFromCatalog`: data by its name in the catalog, held against its contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, JsonValue, model_validator

from stepwell import ConfigurationError, Dataset, Finding, Report, Step
from stepwell.authoring import new_folder
from stepwell_catalog._catalog import DEFAULT, contract_named

if TYPE_CHECKING:
    from stepwell_catalog._contract import Contract


@dataclass(frozen=True)
class LoadedFromCatalog:
    """What `LoadFromCatalog` produces."""

    data: Dataset
    report: Report


class LoadFromCatalog(Step):
    """Load a dataset by its name in the catalog, and check that it is what its contract says.

    The dataset knows its name and version, and the roles and classification of its columns. Data
    and contract that disagree about columns, types, units, or cells that are missing or repeated
    are an error that names both; quality rules that do not hold are findings of the report.
    """

    name: str = Field(description="The name of the dataset in the catalog.")
    version: str | None = Field(
        default=None,
        description="The version that is expected: another one in the catalog is an error.",
    )
    server: str | None = Field(
        default=None, description="The server of the contract to load from; default: its first."
    )
    catalog: str = Field(
        default=DEFAULT,
        description="The folder of contracts, relative to the working directory or the project.",
    )

    @model_validator(mode="after")
    def _is_in_the_catalog(self) -> Self:
        from stepwell_catalog._source import server_named

        server_named(self._contract(), self.server)
        return self

    def external_state(self) -> JsonValue:
        """The digests of the contract and of the data."""
        from stepwell_catalog._source import server_named, state_of

        contract = self._contract()
        return [contract.digest, state_of(contract, server_named(contract, self.server))]

    def run(self) -> LoadedFromCatalog:
        """Read and check the data. Raises DataError if contract and data disagree."""
        from stepwell_catalog._agreement import check_agreement
        from stepwell_catalog._source import read, server_named

        contract = self._contract()
        server = server_named(contract, self.server)
        found = read(contract, server)
        check_agreement(contract, found.data, where=server.place, units=found.units)
        data = found.data.with_roles(contract.roles).with_origins([contract.origin])
        return LoadedFromCatalog(data=data, report=_report(contract, server.place, data))

    def preview(self, **inputs: Any) -> Mapping[str, Any]:
        """The data itself: reading it is how its columns are known."""
        return {"data": self.run().data}

    def _contract(self) -> Contract:
        contract = contract_named(self.catalog, self.name)
        if self.version not in (None, contract.version):
            raise ConfigurationError(
                f"LoadFromCatalog expects version {self.version} of {self.name!r}; the catalog has "
                f"{contract.version}.",
                hint=f'Write version="{contract.version}", or leave it out.',
            )
        return contract

    @classmethod
    def example(cls) -> tuple[LoadFromCatalog, dict[str, Any]]:
        """A contract and two rows of CSV in a temporary folder."""
        folder = new_folder()
        (folder / "rows.csv").write_text("age,risk\n31,good\n24,bad\n", encoding="utf-8")
        (folder / "people.odcs.yaml").write_text(_EXAMPLE, encoding="utf-8")
        return cls(name="people", catalog=folder.as_posix()), {}


def _report(contract: Contract, place: str, data: Dataset) -> Report:
    from stepwell_catalog._quality import rules_report

    rules = rules_report(contract.document, data)
    agreed = Finding(
        check="contract",
        verdict="passed",
        message=f"{contract.name} {contract.version} says of the columns what {place} has.",
        columns=data.columns,
    )
    thawed = rules.model_dump(mode="json")["details"]
    return Report(
        summary=f"{contract.name} {contract.version}: {_told(rules)}",
        findings=(agreed, *_emptiness(data, rules), *rules.findings),
        details={**contract.origin.model_dump(), "source": place, "quality": thawed},
    )


def _emptiness(data: Dataset, rules: Report) -> list[Finding]:
    """That there are no rows, if no rule has said so."""
    if rules.findings or len(data):
        return []
    message = (
        "The data has no rows. If that is meant, add to the contract: "
        "quality: [{metric: rowCount, mustBeGreaterOrEqualTo: 0}]."
    )
    return [Finding(check="rows", verdict="failed", message=message, rows=0)]


def _told(rules: Report) -> str:
    failed = len(rules.failed())
    every = f"{len(rules.findings)} quality rule{'' if len(rules.findings) == 1 else 's'}"
    return f"{every}, {failed} {'does' if failed == 1 else 'do'} not hold."


_EXAMPLE = """\
apiVersion: v3.1.0
kind: DataContract
id: people
name: people
version: 1.0.0
status: active
servers:
  - {server: files, type: local, path: rows.csv, format: csv}
schema:
  - name: people
    properties:
      - {name: age, logicalType: integer, required: true}
      - name: risk
        logicalType: string
        customProperties:
          - {property: roles, value: [target]}
          - {property: favourable, value: good}
"""
