"""The roles of a dataset that a step made, by what it was made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from stepwell._data._dataset import Dataset
from stepwell._data._derived import derived_from
from stepwell._data._roles import Role, Roles
from stepwell._errors import ContractError, listed
from stepwell._protocol._function_step import FunctionStep
from stepwell._protocol._step import Step

if TYPE_CHECKING:
    import polars as pl

_ROWS = 20_000
_SAYS_WHAT_IT_IS = {"target", "protected", "identifier", "weight", "time", "personal", "special"}


def with_inherited_roles(
    where: str, step: Step, made: Dataset, origins: Sequence[Dataset], declared: Roles
) -> Dataset:
    """`made` with what its makers and `origins` say about its columns.

    What the step declares holds, then what the dataset says itself, then what it was made of. A
    column that says the same as a dropped protected one is protected in its place. Raises
    ContractError for a protected column that vanished unnamed, and for contradictions.
    """
    _refuse_losses(where, step, made, origins)
    roles = _inherited(where, made, origins, declared)
    suspects = [
        column
        for column in made.columns
        if column not in declared and not _SAYS_WHAT_IT_IS & set(Roles(roles).of(column))
    ]
    for origin in origins:
        for column in _successors(made, origin, suspects):
            roles[column] = (*roles.get(column, ()), Role(kind="protected"))
    return made.with_roles({**roles, **declared})


def _refuse_losses(where: str, step: Step, made: Dataset, origins: Sequence[Dataset]) -> None:
    missing = {column for origin in origins for column in origin.missing_protected(made)}
    gone = sorted(missing - set(step.drops))
    if not gone:
        return
    before = {column for origin in origins for column in origin.columns}
    new = [column for column in made.columns if column not in before]
    raise ContractError(
        f"{where} lost the protected columns {listed(gone)} without saying so.",
        hint=_what_to_type(step, gone, new),
    )


def _what_to_type(step: Step, gone: list[str], new: list[str]) -> str:
    before, after = ("@step(", ")")
    dropped = f"drops={gone}"
    if not isinstance(step, FunctionStep):
        before, dropped = "data.with_data(..., ", f"dropped={gone}"
    hint = f"If that is meant, write {before}{dropped}{after}."
    if new:
        roles = ", ".join(f'"{column}": "protected"' for column in new[: len(gone)])
        hint += (
            f" If another column took the place, such as {listed(new, most=3)}, say that as well: "
            f"{before}{dropped}, roles={{{roles}}}{after}."
        )
    return hint


def _inherited(
    where: str, made: Dataset, origins: Sequence[Dataset], declared: Roles
) -> dict[str, tuple[Role, ...]]:
    has_target = made.roles.target is not None or declared.target is not None
    roles: dict[str, tuple[Role, ...]] = {}
    for column in made.columns:
        said = made.roles.get(column, ())
        known = [role for origin in origins for role in origin.roles.get(column, ())]
        if said:  # a column with new roles keeps only what must not be lost
            known = [role for role in known if role.kind == "protected"]
        if has_target:
            known = [role for role in known if role.kind != "target"]
        if column not in declared and (said or known):
            roles[column] = _agreed(where, column, {*said, *known})
    _refuse_two_targets(where, roles)
    return roles


def _agreed(where: str, column: str, roles: Collection[Role]) -> tuple[Role, ...]:
    kinds = [role.kind for role in roles]
    contradictory = sorted({kind for kind in kinds if kinds.count(kind) > 1})
    if contradictory:
        raise ContractError(
            f"{where} joins datasets that contradict each other about the {contradictory[0]} of "
            f"column {column!r}.",
            hint=f"Say which holds, for example @step(roles={{{column!r}: ...}}).",
        )
    return tuple(roles)


def _refuse_two_targets(where: str, roles: Mapping[str, Sequence[Role]]) -> None:
    targets = [column for column in roles if any(r.kind == "target" for r in roles[column])]
    if len(targets) > 1:
        raise ContractError(
            f"{where} joins datasets with different targets: {listed(targets)}.",
            hint=f"Say which holds, for example @step(roles={{{targets[0]!r}: 'target'}}).",
        )


def _successors(made: Dataset, origin: Dataset, suspects: Sequence[str]) -> set[str]:
    """Those of `suspects` that say the same as a protected column which was dropped by name."""
    dropped = [column for column in origin.roles.columns("protected") if column not in made.columns]
    if not dropped or not suspects:
        return set()
    identifiers = origin.roles.columns("identifier")
    old = [column for column in suspects if column in origin.columns]
    before = _evenly(origin, [*dropped, *old, *identifiers])
    found = set(derived_from(before, dropped, old, identifiers=identifiers))
    if len(made) != len(origin):
        return found
    rows = before.select(*dropped, *(before[name].alias(f" {name}") for name in identifiers))
    rows = rows.hstack(_evenly(made, suspects))
    found |= set(derived_from(rows, dropped, suspects, identifiers=[f" {n}" for n in identifiers]))
    renamed = {
        name
        for name in suspects
        if name not in origin.columns and any(_is_same(rows[name], rows[p]) for p in dropped)
    }
    return found | renamed


def _is_same(column: pl.Series, other: pl.Series) -> bool:
    return column.dtype == other.dtype and column.equals(other) and column.n_unique() > 1


def _evenly(dataset: Dataset, columns: Sequence[str]) -> pl.DataFrame:
    """Evenly spaced rows of some columns."""
    step = max(1, len(dataset) // _ROWS)
    chosen = list(dict.fromkeys(columns))
    return Dataset.of(dataset.lazy().select(chosen).gather_every(step)).to_polars()
