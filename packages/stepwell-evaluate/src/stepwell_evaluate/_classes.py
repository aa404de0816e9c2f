"""The classes of a classification: their labels, codes, and which one is positive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell import ConfigurationError, DataError
from stepwell.authoring import told_labels
from stepwell_evaluate._labels import Codes

if TYPE_CHECKING:
    import polars as pl

Label = bool | int | float | str

MOST_CLASSES = 1_000


@dataclass(frozen=True)
class Classes:
    """Labels in sort order; a label's place is its code.

    `positive` is the code of the class that binary metrics look for and `scored` the one whose
    probability the column `score` holds; None if only one class is known.
    """

    labels: tuple[Label, ...]
    positive: int | None = None
    scored: int | None = None

    def codes(self, labels: pl.Series) -> Codes:
        """The labels as numbers."""
        import polars as pl

        comparable = labels.cast(pl.String) if kind_of(labels.dtype) == "text" else labels
        codes = range(len(self.labels))
        return comparable.replace_strict(
            list(self.labels), list(codes), return_dtype=pl.Int32
        ).to_numpy()


def labels_in(columns: Iterable[pl.Series], known: Iterable[Any] = ()) -> tuple[Label, ...]:
    """All labels that occur, and those that are known from elsewhere, sorted as scikit-learn does.

    Raises DataError if they cannot be compared, or are too many for classes.
    """
    columns = tuple(columns)
    kinds = {column.name: kind_of(column.dtype) for column in columns if len(column)}
    if len(set(kinds.values())) > 1:
        held = " and ".join(f"{name!r} holds {kind}" for name, kind in kinds.items())
        raise DataError(
            f"Evaluate: column {held}, so that they cannot be compared.",
            hint="Cast one of them before the models are scored.",
        )
    found: set[Any] = set()
    for column in columns:
        _refuse_too_many(column)
        found.update(_plain(label) for label in column.unique())
    same_kind = {_plain(label) for label in known if _fits(label, kinds.values())}
    return tuple(sorted(found | same_kind))


def few_labels(column: pl.Series) -> frozenset[Label] | None:
    """The labels that occur in a column; None if they are too many for classes."""
    if column.n_unique() > MOST_CLASSES:
        return None
    return frozenset(_plain(label) for label in column.unique())


def binary_classes(
    labels: tuple[Label, ...], *, positive: Any, favourable: Any, last_of_model: Any
) -> Classes:
    """Two classes with the positive one: as configured, else favourable, else the greater.

    `score` is taken for the probability of the favourable class, else of the model's last.
    Raises if the labels are not two, or if the positive class is not among them.
    """
    if len(labels) > 2:
        raise DataError(
            f"Evaluate: binary metrics need two classes; there are {len(labels):,}.",
            hint='If that is right, write Evaluate(task="multiclass").',
        )
    named = positive if positive is not None else favourable
    labels = _completed(labels, named)
    if named is not None and named not in labels:
        field = "positive" if positive is not None else "the favourable value of the target's role"
        raise ConfigurationError(
            f"Evaluate: {field} is {named!r} ({type(named).__name__}), which is no class.",
            hint=f"Classes: {told_labels(labels, near=named)}.",
        )
    greater = len(labels) - 1 if len(labels) == 2 else None
    scored = favourable if favourable is not None else last_of_model
    return Classes(
        labels,
        positive=labels.index(named) if named is not None else greater,
        scored=labels.index(scored) if scored in labels else greater,
    )


def kind_of(dtype: pl.DataType) -> str:
    """What a column holds, in a word; columns of one kind can be compared."""
    import polars as pl

    if isinstance(dtype, pl.String | pl.Enum | pl.Categorical):
        return "text"
    if dtype.is_numeric():
        return "numbers"
    return "truth values" if isinstance(dtype, pl.Boolean) else str(dtype)


def _completed(labels: tuple[Label, ...], named: Any) -> tuple[Label, ...]:
    """The second class, where only one occurs and the other is known."""
    if len(labels) != 1:
        return labels
    only = labels[0]
    if isinstance(only, bool):
        return False, True
    if only in (0, 1):
        return 0, 1
    if named is not None and named != only and isinstance(named, str) == isinstance(only, str):
        first, second = sorted([only, named])
        return first, second
    return labels


def _refuse_too_many(column: pl.Series) -> None:
    different = column.n_unique()
    if different > MOST_CLASSES:
        raise DataError(
            f"Evaluate: column {column.name!r} holds {different:,} different values; "
            f"a classification has at most {MOST_CLASSES:,} classes.",
            hint='If these are numbers to predict, write Evaluate(task="regression").',
        )


def _plain(label: Any) -> Any:
    """Whole numbers as integers: 1.0 in a column with gaps is the class 1."""
    if isinstance(label, float) and label.is_integer():
        return int(label)
    return label


def _fits(label: Any, kinds: Iterable[str]) -> bool:
    kind = "text" if isinstance(label, str) else "numbers"
    if isinstance(label, bool):
        kind = "truth values"
    return kind in kinds
