"""The step `Predict`: rows in, predictions of one or two models out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, Field

from stepwell import Dataset, Model, Step


@dataclass(frozen=True)
class Predicted:
    """What `Predict` produces: the scored rows, those of each model below each other."""

    predictions: Dataset


class Predict(Step):
    """Score rows with a model and, if there is one, with the champion, into one table.

    Each row keeps its columns; the target becomes `actual`. Rows are scored in batches, and a
    table too large for memory while the next step reads it.
    """

    at: AwareDatetime | None = Field(
        default=None,
        description="The time of the predictions, for a batch that may be repeated; by default "
        "now. Rows of a holdout have none.",
    )
    batch_rows: int = Field(
        default=65_536, ge=1, description="How many rows a model scores at a time."
    )
    trusted: Sequence[str] = Field(
        default=(), description="Types in the models' files that may be loaded, beyond the usual."
    )

    def run(
        self,
        *,
        model: Model,
        data: Dataset,
        holdout: Dataset | None = None,
        champion: Model | None = None,
    ) -> Predicted:
        """Score `holdout` if there is one, else `data`.

        Raises DataError if the rows lack what one of the models needs: a champion that cannot be
        scored cannot be beaten, either.
        """
        from stepwell_predict._predictions import predictions

        rows = Dataset.of(data if holdout is None else holdout)
        time = (self.at or datetime.now(UTC)) if holdout is None else None
        return Predicted(
            predictions=predictions(
                rows,
                model=model,
                champion=champion,
                time=time,
                batch_rows=self.batch_rows,
                trusted=self.trusted,
            )
        )

    @classmethod
    def example(cls) -> tuple["Predict", dict[str, Any]]:
        """A small step with inputs that it can run on."""
        import polars as pl
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # no stubs

        rows = pl.DataFrame({"income": [1.0, 2.0, 3.0, 4.0] * 5, "repaid": [0, 0, 1, 1] * 5})
        live = LogisticRegression().fit(rows.select("income").to_pandas(), rows["repaid"])
        data = Dataset.of(rows, roles={"repaid": "target"})
        return cls(at=datetime(2026, 1, 1, tzinfo=UTC)), {"model": Model.of(live), "data": data}
