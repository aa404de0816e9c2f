"""Labels: which of the two is the favourable one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell import DataError
from stepwell.authoring import told_labels
from stepwell_fairness._columns import PREDICTION, Columns

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Labels:
    """Which label is favourable; the other one is not."""

    favourable: Any

    @classmethod
    def of(cls, counts: pl.DataFrame, columns: Columns, favourable: Any) -> Labels:
        """The labels that occur; without a `favourable` one, the greater of two.

        Raises DataError if they are not binary.
        """
        found = {
            label
            for column in (columns.actual, PREDICTION)
            for label in counts[column].unique()
            if not is_missing(label)
        }
        _require_binary(found, columns.actual, favourable)
        if favourable is not None:
            return cls(favourable)
        if len(found) == 2:
            return cls(max(found))
        if found <= {0, 1}:
            return cls(1)
        raise DataError(
            f"Fairness: {len(found)} label occurs, and nothing says which one is favourable.",
            hint=f"Give {columns.actual!r} the role Target(favourable=...), or set favourable=....",
        )

    def as_json(self) -> bool | int | float | str:
        """The favourable label for a report."""
        plain = isinstance(self.favourable, bool | int | float | str)
        return self.favourable if plain else str(self.favourable)

    def is_favourable(self, label: Any) -> bool | None:
        """Whether `label` is the favourable one; None for a missing label."""
        return None if is_missing(label) else label == self.favourable


def is_missing(label: Any) -> bool:
    """Whether a label is null or NaN."""
    return label is None or (isinstance(label, float) and math.isnan(label))


def _require_binary(found: set[Any], actual: str, favourable: Any) -> None:
    text = {isinstance(label, str) for label in found}
    if len(text) == 2:
        raise DataError(
            f"Fairness: columns {actual!r} and {PREDICTION!r} hold labels of different types, text "
            "and not text.",
            hint="Give both the same type in an earlier step.",
        )
    if len(found) > 2:
        raise DataError(
            f"Fairness: columns {actual!r} and {PREDICTION!r} hold {len(found):,} labels; "
            "fairness is measured for two, a favourable one and the other.",
            hint="Make both columns binary, favourable or not, in an earlier step.",
        )
    if len(found) == 2 and favourable is not None and favourable not in found:
        raise DataError(
            f"Fairness: the favourable label {favourable!r} ({type(favourable).__name__}) is none "
            f"of the labels of {actual!r}: {told_labels(found, near=favourable)}.",
            hint=f"Correct the role: {actual!r}: Target(favourable=...).",
        )
