"""Putting placeholders into the place of personal data, whatever the type of the column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from stepwell_pii_scan._cells import fields_of, inner_fields, texts_of
from stepwell_pii_scan._placeholders import PLACEHOLDER, placeholder
from stepwell_pii_scan._search import Span, search_in

if TYPE_CHECKING:
    import polars as pl

_ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Masking:
    """What is masked in one column.

    `whole` gives the entity for each path of which every cell is replaced; in the cells of `parts`
    only what is found is replaced, but for the entities that are `allowed`.
    """

    regions: tuple[str, ...]
    whole: Mapping[str, str] = field(default_factory=dict)
    parts: Collection[str] = ()
    allowed: Collection[str] = ()
    key: bytes | None = None

    def applied(self, column: str, dtype: pl.DataType) -> pl.Expr:
        """The masked column, lazily. Masked numbers and dates become text; nesting stays."""
        import polars as pl

        return self._nested(pl.col(column), column, dtype).alias(column)

    def _nested(self, expression: pl.Expr, path: str, dtype: pl.DataType) -> pl.Expr:
        import polars as pl

        if not any(p in self.whole or p in self.parts for p, _ in fields_of(path, dtype)):
            return expression
        inner = inner_fields(path, dtype)
        if inner is None:
            return self._flat(expression, path, dtype)
        if isinstance(dtype, pl.Struct):
            fields = zip(dtype.fields, inner, strict=True)
            return expression.struct.with_fields(
                self._nested(pl.field(field.name), *named).alias(field.name)
                for field, named in fields
            )
        items = self._nested(pl.element(), *inner[0])
        if isinstance(dtype, pl.Array):
            return expression.arr.to_list().list.eval(items).list.to_array(dtype.size)
        return expression.list.eval(items)

    def _flat(self, expression: pl.Expr, path: str, dtype: pl.DataType) -> pl.Expr:
        masked_type = self._type_of_masks(path, dtype)
        mask = partial(self._masked, path=path, dtype=masked_type)
        return expression.map_batches(mask, return_dtype=masked_type, is_elementwise=True)

    def _type_of_masks(self, path: str, dtype: pl.DataType) -> pl.DataType:
        import polars as pl

        if isinstance(dtype, pl.Enum):
            masked = self._masked(dtype.categories, path=path, dtype=pl.String())
            return pl.Enum(masked.unique(maintain_order=True))
        return dtype if dtype in (pl.Categorical, pl.Binary) else pl.String()

    def _masked(self, cells: pl.Series, *, path: str, dtype: pl.DataType) -> pl.Series:
        import polars as pl

        texts = texts_of(cells)
        as_they_are = texts
        if cells.dtype.is_numeric():
            as_they_are = cells.cast(pl.String)
        elif cells.dtype == pl.Binary:
            as_they_are = cells
        if path in self.whole:
            masks = self._placeholders(texts, self.whole[path])
        else:
            masks = self._texts_with_placeholders(texts, path)
        masked = pl.Series(masks, dtype=pl.String).cast(as_they_are.dtype)
        changed = cells.is_not_null() & masked.is_not_null()
        result = pl.select(pl.when(changed).then(masked).otherwise(as_they_are)).to_series()
        return result.cast(dtype)

    def _placeholders(self, texts: pl.Series, entity: str) -> list[str | None]:
        """A placeholder for every cell, None for those that hold nothing.

        What cannot be written as text, such as a fraction, gets one without a pseudonym.
        """
        nothing = texts.str.strip_chars().eq("") | texts.str.contains(PLACEHOLDER)
        masks = (
            placeholder(entity, text, self.key) if text is not None else placeholder(entity)
            for text in texts
        )
        return [None if empty else mask for mask, empty in zip(masks, nothing, strict=True)]

    def _texts_with_placeholders(self, texts: pl.Series, path: str) -> list[str | None]:
        """The texts with what is found in them replaced, None for those in which nothing is.

        What is left of a text is searched again: it may read differently without what is gone. A
        text that does not come clean is replaced as a whole.
        """
        import polars as pl

        masked: list[str | None] = [None] * len(texts)
        frame = pl.DataFrame({"position": pl.int_range(len(texts), eager=True), "text": texts})
        unclean = dict(search_in(path, self.regions).candidates(frame).iter_rows())
        for _ in range(_ROUNDS):
            found = self._unwanted(unclean, path)
            unclean = {key: self._replaced(unclean[key], spans) for key, spans in found.items()}
            for position, text in unclean.items():
                masked[position] = text
        for position, spans in self._unwanted(unclean, path).items():
            masked[position] = placeholder(spans[0].entity)
        return masked

    def _unwanted(self, texts: Mapping[int, str], path: str) -> dict[int, list[Span]]:
        """What is found in the texts and not allowed, by the texts' keys."""
        import polars as pl

        found = search_in(path, self.regions).find(pl.Series(list(texts.values()), dtype=pl.String))
        keys = list(texts)
        unwanted = {
            keys[position]: [span for span in spans if span.entity not in self.allowed]
            for position, spans in found.items()
        }
        return {key: spans for key, spans in unwanted.items() if spans}

    def _replaced(self, text: str, spans: Sequence[Span]) -> str:
        pieces = []
        end = 0
        for span in spans:
            value = text[span.start : span.end]
            pieces += [text[end : span.start], placeholder(span.entity, value, self.key)]
            end = span.end
        return "".join([*pieces, text[end:]])
