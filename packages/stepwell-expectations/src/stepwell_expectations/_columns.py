"""The columns of a frame, as the compiled expectations see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import polars as pl
import polars.selectors as cs

from stepwell.authoring import did_you_mean, listed
from stepwell_expectations._types import shown_type
from stepwell_expectations._words import sentences


class UnanswerableError(Exception):
    """An expectation cannot be judged on this dataset; the text says why, without any cell."""


class NotCompiledError(Exception):
    """An expectation is left to Great Expectations for this type of column."""


class Kind(Enum):
    """What the values of a column can be compared with."""

    NUMBER = "numbers"
    TRUTH = "true and false"
    TEXT = "text"
    MOMENT = "dates"
    NOTHING = "nothing"
    OTHER = "other things"


@dataclass(frozen=True)
class Column:
    """A column and its type."""

    name: str
    dtype: pl.DataType

    @property
    def kind(self) -> Kind:
        """What its values can be compared with."""
        if self.dtype.is_numeric():
            return Kind.NUMBER
        kinds: Mapping[type[pl.DataType], Kind] = {
            pl.Boolean: Kind.TRUTH,
            pl.String: Kind.TEXT,
            pl.Categorical: Kind.TEXT,
            pl.Enum: Kind.TEXT,
            pl.Date: Kind.MOMENT,
            pl.Datetime: Kind.MOMENT,
            pl.Null: Kind.NOTHING,
        }
        return kinds.get(self.dtype.base_type(), Kind.OTHER)

    @property
    def raw(self) -> pl.Expr:
        """The column as it is."""
        if self.name == "*" or (self.name.startswith("^") and self.name.endswith("$")):
            return cs.by_name(self.name).as_expr()  # pl.col takes these for patterns
        return pl.col(self.name)

    @property
    def values(self) -> pl.Expr:
        """The column with NaN as null, categories as text and booleans as 0 and 1."""
        if self.dtype.is_float():
            return self.raw.fill_nan(None)
        if self.kind is Kind.TEXT and self.dtype != pl.String:
            return self.raw.cast(pl.String)
        if self.kind is Kind.TRUTH:
            return self.raw.cast(pl.Int8)
        return self.raw

    @property
    def present(self) -> pl.Expr:
        """Where it has a value; elsewhere it is false or null."""
        return self.raw.is_not_nan() if self.dtype.is_float() else self.raw.is_not_null()

    @property
    def missing(self) -> pl.Expr:
        """Where it has no value; Great Expectations takes NaN for missing, as pandas does."""
        if self.dtype.is_float():
            return self.raw.is_null() | self.raw.is_nan()
        return self.raw.is_null()

    def described(self) -> str:
        """The column for a message."""
        return f"column {self.name!r} holds {self.kind.value} ({shown_type(self.dtype)})"


class Columns:
    """The columns of a frame by name, and the other tables that a suite may speak of."""

    def __init__(self, schema: pl.Schema, tables: Mapping[str, pl.LazyFrame] | None = None) -> None:
        self.schema = schema
        self.tables = tables or {}
        self._folded: dict[str, str] = {}
        for name in schema:
            self._folded.setdefault(name.casefold(), name)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, in order."""
        return tuple(self.schema)

    def free_name(self) -> str:
        """A name that no column has."""
        name = "row"
        while name in self.schema:
            name += "_"
        return name

    def find(self, name: str) -> Column:
        """The column of this name; as in Great Expectations, upper and lower case are one.

        Raises UnanswerableError if there is none.
        """
        found = name if name in self.schema else self._folded.get(name.casefold())
        if found is None:
            existing = f"Columns: {listed(self.names)}."
            near = did_you_mean(name, self.names)
            raise UnanswerableError(
                sentences([f"The column {name!r} does not exist.", near, existing])
            )
        return Column(found, self.schema[found])
