"""The columns that a contract describes: types, roles, classification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from stepwell import Roles

Classified = Literal["personal", "special"]
OPEN = "FILL IN"
"""What a draft says where somebody has to write; it counts as nothing."""

_CLASSIFIED: dict[str, Classified] = {
    "personal": "personal",
    "personal data": "personal",
    "pii": "personal",
    "special": "special",
    "special category": "special",
    "special categories": "special",
}


@dataclass(frozen=True)
class Column:
    """What a contract says about one column of the data."""

    name: str
    type: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    physical_type: str | None = None
    required: bool = False
    unique: bool = False
    key_position: int | None = None
    description: str = ""
    business_name: str = ""
    classification: str = ""
    custom: Mapping[str, Any] = field(default_factory=dict)
    inner: tuple[Column, ...] = ()
    item: Column | None = None

    @property
    def classified(self) -> Classified | None:
        """Whether it is personal data, or of a special category."""
        words = self.classification.strip().lower().replace("-", " ").replace("_", " ")
        return _CLASSIFIED.get(words)

    @property
    def unit(self) -> str | None:
        """The unit in which it is measured."""
        unit = self.custom.get("unit")
        return unit if isinstance(unit, str) and unit else None

    @property
    def roles(self) -> list[Any]:
        """What is known about it, as roles of a dataset."""
        given = self.custom.get("roles", self.custom.get("role", ()))
        kinds = [given] if isinstance(given, str) else list(given)
        found: dict[str, Any] = {str(kind): str(kind) for kind in kinds}
        if "target" in found and self.custom.get("favourable") is not None:
            found["target"] = {"kind": "target", "favourable": self.custom["favourable"]}
        if self.classified is not None:
            found[self.classified] = self.classified
        if self.unit is not None:
            found["unit"] = {"kind": "unit", "unit": self.unit}
        return list(found.values())


def roles_of(columns: Sequence[Column]) -> Roles:
    """The roles of a dataset with these columns."""
    given: dict[str, Any] = {column.name: column.roles for column in columns}
    return Roles({name: roles for name, roles in given.items() if roles})


def written(value: object) -> str:
    """A text that somebody wrote; what a draft left to do is none."""
    text = "" if value is None else str(value).strip()
    return "" if text.startswith(OPEN) else text


def column_of(described: Mapping[str, Any]) -> Column:
    """A column from a property of the standard's schema, which was checked before."""
    item = described.get("items")
    custom = {one["property"]: one["value"] for one in described.get("customProperties") or ()}
    is_key = bool(described.get("primaryKey"))
    return Column(
        name=str(described.get("physicalName") or described.get("name") or ""),
        type=described.get("logicalType"),
        options=described.get("logicalTypeOptions") or {},
        physical_type=described.get("physicalType"),
        required=bool(described.get("required")) or is_key,
        unique=bool(described.get("unique")),
        key_position=int(described.get("primaryKeyPosition") or 1) if is_key else None,
        description=written(described.get("description")),
        business_name=written(described.get("businessName")),
        classification=written(described.get("classification")),
        custom=custom,
        inner=tuple(column_of(one) for one in described.get("properties") or ()),
        item=column_of(item) if item else None,
    )
