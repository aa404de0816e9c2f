"""What is known about the columns of a dataset: its target, protected attributes, units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict

from stepwell._errors import ConfigurationError, did_you_mean, listed

RoleKind = Literal[
    "target", "protected", "identifier", "time", "weight", "personal", "special", "unit"
]


class Role(BaseModel):
    """One thing that is known about a column.

    `favourable` is the desirable value of a target, `unit` the unit of a measured column. What is
    `special` is personal data of a special category: health, religion, origin, …
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: RoleKind
    favourable: bool | int | float | str | None = None
    unit: str | None = None


RoleLike = str | Role
RolesLike = Mapping[str, RoleLike | Sequence[RoleLike]]


def Target(*, favourable: bool | int | float | str | None = None) -> Role:  # noqa: N802 - reads as the role that it makes
    """The role of the column to predict, and the value of it that is good for a person."""
    return Role(kind="target", favourable=favourable)


def Unit(unit: str) -> Role:  # noqa: N802 - reads as the role that it makes
    """The role of a measured column, with its unit, for example `Unit("EUR")`."""
    return Role(kind="unit", unit=unit)


class Roles(Mapping[str, tuple[Role, ...]]):
    """The roles of a dataset's columns, by column name; immutable and comparable."""

    __slots__ = ("_by_column",)

    def __init__(self, roles: RolesLike | None = None) -> None:
        self._by_column = {
            column: _as_roles(column, given) for column, given in sorted((roles or {}).items())
        }
        targets = self.columns("target")
        if len(targets) > 1:
            raise ConfigurationError(
                f"A dataset has one target; the roles name {len(targets)}: {listed(targets)}."
            )

    def __getitem__(self, column: str) -> tuple[Role, ...]:
        return self._by_column[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_column)

    def __len__(self) -> int:
        return len(self._by_column)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Roles) and self._by_column == other._by_column

    def __hash__(self) -> int:
        return hash(tuple(self._by_column.items()))

    def __repr__(self) -> str:
        described = {column: [role.kind for role in roles] for column, roles in self.items()}
        return f"Roles({described})"

    def columns(self, kind: RoleKind) -> tuple[str, ...]:
        """The columns that have a role of this kind."""
        return tuple(c for c, roles in self.items() if any(role.kind == kind for role in roles))

    def of(self, column: str) -> tuple[RoleKind, ...]:
        """The kinds of role that `column` has; none for a column without roles."""
        return tuple(role.kind for role in self.get(column, ()))

    @property
    def target(self) -> str | None:
        """The column to predict."""
        return next(iter(self.columns("target")), None)

    @property
    def favourable(self) -> Any:
        """The value of the target that is good for a person, if it was declared."""
        target = self.target
        if target is None:
            return None
        return next(role.favourable for role in self[target] if role.kind == "target")

    def only(self, columns: Sequence[str]) -> Roles:
        """The roles of these columns."""
        kept = set(columns)
        return Roles({column: roles for column, roles in self.items() if column in kept})

    def merged(self, other: RolesLike | None) -> Roles:
        """These roles with those of `other` in their place, column by column.

        A new target takes the role from the old one.
        """
        added = Roles(other)
        kept: dict[str, Sequence[RoleLike]] = dict(self)
        if added.target is not None and self.target not in (None, added.target):
            kept[str(self.target)] = [r for r in self[str(self.target)] if r.kind != "target"]
        return Roles({c: r for c, r in {**kept, **added}.items() if r})

    def to_json(self) -> dict[str, list[dict[str, Any]]]:
        """The roles as JSON, for a record or a digest."""
        return {
            column: [role.model_dump(exclude_none=True) for role in roles]
            for column, roles in self.items()
        }


def _as_roles(column: str, given: RoleLike | Sequence[RoleLike]) -> tuple[Role, ...]:
    several = (given,) if isinstance(given, str | Role) else tuple(given)
    roles = {role.kind: role for role in (_as_role(column, one) for one in several)}
    return tuple(roles[kind] for kind in sorted(roles))


def _as_role(column: str, given: object) -> Role:
    if isinstance(given, Role):
        return given
    if isinstance(given, Mapping):
        return Role.model_validate(given)
    kinds = get_args(RoleKind)
    if given in kinds:
        return Role(kind=given)  # type: ignore[arg-type]  # membership was tested above
    raise ConfigurationError(
        f"Column {column!r} was given the role {given!r}, which does not exist. "
        f"{did_you_mean(str(given), kinds)} Roles: {listed(kinds)}.".replace("  ", " ")
    )
