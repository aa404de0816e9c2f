"""The model format that Stepwell finds under the name of scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stepwell import Model, ModelDescription, ModelError
from stepwell_sklearn._describe import FORMAT, check_fitted, check_hints, describe
from stepwell_sklearn._load import loaded, stored, untrusted_in
from stepwell_sklearn._predictions import predictions
from stepwell_sklearn._state import state_digest

if TYPE_CHECKING:
    import polars as pl

MODEL_FILE = "model.skops"


class SklearnFormat:
    """Stores fitted scikit-learn estimators, and all that derive from its base classes, as skops.

    `Model.of(estimator, …)` takes these hints: `data`, a frame with the columns that it was fitted
    on (or `features`, if their types are known), `target`, `favourable`, `metadata`, and `files`,
    further files by name.
    """

    name = FORMAT

    def save(
        self, model: Any, hints: Mapping[str, Any]
    ) -> tuple[ModelDescription, dict[str, bytes]]:
        """The description and files of a fitted estimator; the same one gives the same bytes."""
        check_hints(hints)
        check_fitted(model)
        kept = stored(model)
        description = describe(model, hints, modules=kept.modules)
        return description, {**hints.get("files", {}), MODEL_FILE: kept.content}

    def load(self, model: Model, trusted: Sequence[str]) -> Any:
        """The estimator, if every type in its file is in the reviewed list or in `trusted`."""
        return loaded(model.read(MODEL_FILE), trusted)

    def predict(
        self, live: Any, description: ModelDescription, frame: pl.DataFrame
    ) -> pl.DataFrame:
        """`prediction` and score columns for each row of `frame`."""
        return predictions(live, description, frame)

    def state_digest(self, live: Any) -> str:
        """A digest of all that the estimator holds."""
        return state_digest(live)


def untrusted_types(model: Model) -> list[str]:
    """The types in a model that `load` refuses unless the caller names them in `trusted`."""
    if model.description.format != FORMAT:
        raise ModelError(f"The model has the format {model.description.format!r}, not {FORMAT!r}.")
    return untrusted_in(model.read(MODEL_FILE))
