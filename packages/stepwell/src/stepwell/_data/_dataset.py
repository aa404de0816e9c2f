"""Datasets: a table with roles, handed to every step in the form that it likes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from stepwell._data._dtypes import check_types
from stepwell._data._origin import Origin, joined
from stepwell._data._plain import PlainColumns
from stepwell._data._roles import Roles, RolesLike
from stepwell._errors import DataError, did_you_mean, listed

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from stepwell._data._stored import StoredColumns


class Dataset:
    """A table and the roles of its columns. Never changes.

    Made from whatever speaks Arrow with `Dataset.of`, or from files by the step `Load`. Steps see
    it as the type that they annotate: a `Dataset`, a Polars frame or lazy frame, a pandas frame or
    a pyarrow table.
    """

    def __init__(self, data: object) -> None:
        borrowed = _borrowed(data)
        self._given: pl.DataFrame | pl.LazyFrame | StoredColumns | PlainColumns = _held(borrowed)
        self._lender = borrowed  # as long as it lives, pandas copies before it writes
        self._roles = Roles()
        self._origins: tuple[Origin, ...] = ()
        self._dropped: frozenset[str] = frozenset()
        self._check: Callable[[], None] | None = None

    @classmethod
    def of(cls, data: object, *, roles: RolesLike | None = None) -> Dataset:
        """`data` as a dataset: a Polars frame or lazy frame, a pandas frame, a pyarrow table, or
        anything else with `__arrow_c_stream__`; a dataset is returned as it is.

        Raises DataError for anything else, and for roles of columns that do not exist.
        """
        dataset = data if isinstance(data, Dataset) else cls(data)
        return dataset.with_roles(roles) if roles else dataset

    @classmethod
    def _stored(
        cls, columns: StoredColumns, roles: Roles, origins: tuple[Origin, ...] = ()
    ) -> Dataset:
        dataset = cls.__new__(cls)
        dataset._given = columns
        dataset._lender = None
        dataset._roles = roles
        dataset._origins = origins
        dataset._dropped = frozenset()
        dataset._check = None
        return dataset

    def _copy(self) -> Dataset:
        copy = Dataset.__new__(Dataset)
        copy.__dict__.update(self.__dict__)
        copy.__dict__.pop("fingerprint", None)
        return copy

    def checked_by(self, check: Callable[[], None]) -> Dataset:
        """The same dataset after `check` was called: now, or once a lazy one was really read."""
        if not self.is_lazy:
            check()
            return self
        copy = self._copy()
        copy._check = check
        return copy

    def was_read(self) -> None:
        """To be called by whoever has read all rows of a lazy dataset."""
        if self._check is not None:
            self._check()

    # what it is

    @property
    def roles(self) -> Roles:
        """What is known about the columns."""
        return self._roles

    @property
    def origins(self) -> tuple[Origin, ...]:
        """The catalogued datasets that the rows come from, with their versions."""
        return self._origins

    @property
    def schema(self) -> pl.Schema:
        """Names and Polars types of the columns, in order; reads no data."""
        import polars as pl

        return pl.Schema(self._schema)

    @cached_property
    def _schema(self) -> pl.Schema:
        if _is_lazy(self._given):
            return _collect_schema(self._given)
        return self._given.schema

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        given = self._given
        return given.names if _is_columns(given) else tuple(self._schema)

    @property
    def is_lazy(self) -> bool:
        """Whether its rows are still to be read, from files or out of other frames."""
        return _is_lazy(self._given) and "_frame" not in self.__dict__

    @cached_property
    def _frame(self) -> pl.DataFrame:
        given = self._given
        if _is_columns(given):
            return given.read()
        if _is_lazy(given):
            frame = _collect(given)
            self.was_read()
            return frame
        return cast("pl.DataFrame", given)

    def __len__(self) -> int:
        given = self._given
        if _is_columns(given):
            return given.rows
        if not _is_lazy(given) or not self.is_lazy:
            return self._frame.height
        import polars as pl

        return int(_collect(given.select(pl.len())).item())

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Dataset({len(self.columns)} columns: {listed(self.columns)})"

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)

    # as the types that steps work with

    def lazy(self) -> pl.LazyFrame:
        """The rows as a Polars lazy frame; nothing is read before it is collected."""
        given = self._given
        return given if _is_lazy(given) and self.is_lazy else self._frame.lazy()

    def to_polars(self) -> pl.DataFrame:
        """The rows as a Polars frame that may be changed without changing the dataset."""
        return self._frame.clone()

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a pandas frame of its own."""
        return self._pandas.copy(deep=True)

    def lend_pandas(self) -> pd.DataFrame:
        """The rows as a pandas frame that shares memory with the dataset.

        It may be changed without changing the dataset: pandas copies a column before it writes.
        After the dataset is gone, its columns of plain numbers are read-only.
        """
        from stepwell._data._pandas import lent

        return lent(self._pandas)

    @cached_property
    def _pandas(self) -> pd.DataFrame:
        from stepwell._data._pandas import to_pandas

        return to_pandas(self._given if isinstance(self._given, PlainColumns) else self._frame)

    def to_arrow(self) -> pa.Table:
        """The rows as a pyarrow table with 64-bit offsets."""
        import polars as pl

        return self._frame.to_arrow(compat_level=pl.CompatLevel.oldest())

    # new datasets out of this one

    def with_data(
        self, data: object, *, roles: RolesLike | None = None, dropped: Iterable[str] = ()
    ) -> Dataset:
        """A dataset of other rows or columns that keeps the roles of the columns which are left.

        `roles` adds to them. Columns that were left out on purpose are named in `dropped`: a
        protected column that vanishes without being named is an error of the pipeline.
        """
        source = Dataset.of(data)
        made = source._copy()
        made._roles = self._roles.only(made.columns).merged(source.roles)
        made._dropped = (self._dropped | source._dropped | frozenset(dropped)) - set(made.columns)
        made._origins = joined((*self._origins, *source._origins))
        made._check = source._check or self._check
        return made.with_roles(roles or {})

    def with_roles(self, roles: RolesLike) -> Dataset:
        """The same data with further roles. Raises DataError for a column that does not exist."""
        for column in roles:
            if column not in self.columns:
                near = did_you_mean(column, self.columns)
                raise DataError(
                    f"A role is given to column {column!r}, which the dataset does not have.",
                    hint=f"{near} Columns: {listed(self.columns)}.".strip(),
                )
        merged = self._roles.merged(roles)
        if merged == self._roles:
            return self
        made = self._copy()
        made._roles = merged
        return made

    def with_origins(self, origins: Iterable[Origin]) -> Dataset:
        """The same data, known to come from `origins` as well."""
        every = joined((*self._origins, *origins))
        if every == self._origins:
            return self
        made = self._copy()
        made._origins = every
        return made

    def missing_protected(self, after: Dataset) -> tuple[str, ...]:
        """Protected columns that `after` lacks although nobody dropped them by name."""
        gone = set(self._roles.columns("protected")) - set(after.columns) - after._dropped
        return tuple(sorted(gone))

    # identity

    @cached_property
    def fingerprint(self) -> str:
        """The digest of cells, column names, types, order, roles and origins.

        The same data has the same fingerprint through every library, chunking and process.
        """
        from stepwell._data._stored import fingerprint_of

        return fingerprint_of(self)


def _borrowed(data: object) -> object:
    """`data`, protected against whoever gave it and may still write to it."""
    library, name = _type_name(data)
    if (library, name) == ("polars", "DataFrame"):
        return data.clone()  # type: ignore[attr-defined]  # told by name, without importing
    if (library, name) == ("pandas", "DataFrame"):
        from stepwell._data._pandas import lent

        return lent(data)  # type: ignore[arg-type]  # told by name, without importing
    return data


def _type_name(data: object) -> tuple[str, str]:
    return type(data).__module__.partition(".")[0], type(data).__name__


def _is_lazy(data: object) -> TypeGuard[pl.LazyFrame]:
    return _type_name(data) == ("polars", "LazyFrame")


def _is_columns(given: object) -> TypeGuard[StoredColumns | PlainColumns]:
    return _type_name(given)[0] == "stepwell"


def _held(data: Any) -> pl.DataFrame | pl.LazyFrame | PlainColumns:
    named = _type_name(data)
    if named == ("polars", "LazyFrame"):
        return data  # type: ignore[no-any-return]  # told by name, without importing
    if named == ("polars", "DataFrame"):
        check_types(data.schema)
        return data  # type: ignore[no-any-return]  # told by name, without importing
    if named == ("pandas", "DataFrame"):
        from stepwell._data._pandas import from_pandas

        frame = from_pandas(data)
        if isinstance(frame, PlainColumns):
            return frame
    elif hasattr(data, "__arrow_c_stream__"):
        from stepwell._data._arrow import from_arrow

        frame = from_arrow(data)
    else:
        raise _no_table(data)
    check_types(frame.schema)
    return frame


def _no_table(data: object) -> DataError:
    hint = None
    if isinstance(data, str | os.PathLike):
        hint = 'Read a file with the step Load(source="..."), or hand over a frame.'
    elif isinstance(data, Mapping):
        hint = "Make a frame of it: polars.DataFrame(...)."
    return DataError(
        f"A dataset is made from a Polars, pandas or Arrow table; this is a {type(data).__name__}.",
        hint=hint,
    )


def _collect_schema(frame: pl.LazyFrame) -> pl.Schema:
    from stepwell._data._polars import without_cells

    with without_cells():
        schema = frame.collect_schema()
    check_types(schema)
    return schema


def _collect(frame: pl.LazyFrame) -> pl.DataFrame:
    from stepwell._data._polars import collected, without_cells

    with without_cells():
        rows = collected(frame)
    check_types(rows.schema)
    return rows
