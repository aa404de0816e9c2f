"""One model at work: a batch of rows in, the columns of their predictions out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from stepwell import DataError, Model
from stepwell_predict._models import Label, scored_class
from stepwell_predict._schema import IDENTITY, PREDICTION, SCORE, SEEN, TIME, VERSION

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Scorer:
    """A model, and what its predictions have in common.

    `features` are the columns that it takes, `scores` the columns of scores of the table, and
    `class_of_score` is the class that `score` is the probability of.
    """

    model: Model
    features: tuple[str, ...]
    scores: tuple[str, ...]
    class_of_score: Label
    time: datetime | None
    trusted: Sequence[str]

    @property
    def schema(self) -> pl.Schema:
        """The columns that predictions add to the rows."""
        import polars as pl

        return pl.Schema(
            {
                PREDICTION: self._type_of_prediction(),
                **dict.fromkeys(self.scores, pl.Float64()),
                VERSION: pl.String(),
                IDENTITY: pl.String(),
                TIME: pl.Datetime("us", "UTC"),
                SEEN: pl.Boolean(),
            }
        )

    def predicted(self, rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
        """The predictions of these rows, which are called `names`."""
        import polars as pl

        from stepwell_sklearn import seen_rows

        if rows.is_empty():
            return self.schema.to_frame()
        said = self._said(rows.select(self.features))
        version = self.model.version
        return said.select(
            PREDICTION,
            *(self._score(said, name).alias(name) for name in self.scores),
            pl.lit(version).alias(VERSION),
            pl.Series(IDENTITY, [f"{version}-{name}" for name in names]),
            pl.lit(self.time).alias(TIME),
            seen_rows(self.model, rows).alias(SEEN),
        ).cast(self.schema)

    def _said(self, rows: pl.DataFrame) -> pl.DataFrame:
        try:
            return self.model.predict(rows, trusted=self.trusted)
        except DataError as error:
            message = f"Predict: model {self.model.version} cannot score the rows: {error.message}"
            raise DataError(message, hint=error.hint) from None

    def _score(self, said: pl.DataFrame, name: str) -> pl.Expr:
        import polars as pl

        if name in said.columns:
            score = pl.col(name)
            of_the_other = name == SCORE and scored_class(self.model) != self.class_of_score
            return 1 - score if of_the_other else score
        # A class that only the other model knows has no chance; without any scores, none is known.
        return pl.lit(0.0 if any(score in said.columns for score in self.scores) else None)

    def _type_of_prediction(self) -> pl.DataType:
        import polars as pl

        if self.model.description.task == "regression":
            return pl.Float64()
        label = (self.model.description.classes or ("",))[0]
        if isinstance(label, bool):
            return pl.Boolean()
        if isinstance(label, int):
            return pl.Int64()
        return pl.Float64() if isinstance(label, float) else pl.String()
