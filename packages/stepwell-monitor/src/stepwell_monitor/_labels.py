"""Which label of a binary prediction is the positive one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stepwell import DataError, Dataset, Model


def positive_label(
    labels: Iterable[Any], predictions: Dataset, model: Model | None, *, step: str
) -> Any:
    """The favourable label of the role or of the model, else the greater of two.

    Raises DataError where `labels` (without nulls) are not binary, or nothing tells.
    """
    found = set(labels)
    favourable = predictions.roles.favourable
    if favourable is None and model is not None:
        classes = model.description.classes or ()
        favourable = model.description.favourable or (classes[-1] if len(classes) == 2 else None)
    if len(found) > 2 or (len(found) == 2 and favourable is not None and favourable not in found):
        raise DataError(
            f"{step}: {len(found):,} labels occur where a favourable one and another are expected.",
            hint="Binary predictions need two labels, one of them that of Target(favourable=...).",
        )
    if favourable is not None:
        return favourable
    if len(found) == 2 and len({isinstance(label, str) for label in found}) == 1:
        return max(found)
    if found <= {0, 1}:
        return 1
    raise DataError(
        f"{step}: nothing says which label is favourable.",
        hint="Give the role where the data is loaded: Target(favourable=...).",
    )
