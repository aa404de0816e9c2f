"""Putting something else into the place of personal data, whatever the type of the column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from stepwell_pii_scan._cells import fields_of, inner_fields, texts_of
from stepwell_pii_scan._finder import Finder
from stepwell_pii_scan._placeholders import PLACEHOLDER, generalised, placeholder, same_format
from stepwell_pii_scan._spans import Span

if TYPE_CHECKING:
    import polars as pl

Treatment = Literal["placeholder", "pseudonym", "format", "generalise"]

_ATTEMPTS = 4
"""How often other digits and letters are tried, where those tried first happen to be valid."""
_ROUNDS = _ATTEMPTS + 3


@dataclass(frozen=True, kw_only=True)
class Masking:
    """What is masked in one column, and how.

    `whole` gives the entity for each path of which every cell is replaced; in the cells of `parts`
    only what is found is replaced, but for the entities that are `kept`. Suspects are replaced of
    the entities in `treatments`, and what these do not speak of gets a placeholder.
    """

    finder: Finder
    whole: Mapping[str, str] = field(default_factory=dict)
    parts: Collection[str] = ()
    kept: Collection[str] = ()
    treatments: Mapping[str, Treatment] = field(default_factory=dict)
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

        texts = _dates_as_text(cells) if cells.dtype in (pl.Date, pl.Datetime) else texts_of(cells)
        as_they_are = texts
        if cells.dtype.is_numeric():
            as_they_are = cells.cast(pl.String)
        elif cells.dtype == pl.Binary:
            as_they_are = cells
        if path in self.whole:
            masks = self._whole_cells(texts, path)
        else:
            masks = self._texts_with_masks(texts, path)
        masked = pl.Series(masks, dtype=pl.String).cast(as_they_are.dtype)
        changed = cells.is_not_null() & masked.is_not_null()
        result = pl.select(pl.when(changed).then(masked).otherwise(as_they_are)).to_series()
        return result.cast(dtype)

    def _whole_cells(self, texts: pl.Series, path: str) -> list[str | None]:
        """A mask for every cell, None for those that hold nothing.

        What cannot be written as text, such as a fraction, gets one without a pseudonym.
        """
        entity = self.whole[path]
        nothing = texts.str.strip_chars().eq("") | texts.str.contains(PLACEHOLDER)
        masks: list[str | None] = [
            self._mask(entity, text) if text is not None else placeholder(entity) for text in texts
        ]
        for attempt in range(1, _ATTEMPTS + 1) if self._keeps_format(entity) else ():
            written = dict(enumerate(mask or "" for mask in masks))
            for position in self._unwanted(written, path, suspects=False):
                masks[position] = self._mask(entity, texts[position], attempt)
        return [None if empty else mask for mask, empty in zip(masks, nothing, strict=True)]

    def _texts_with_masks(self, texts: pl.Series, path: str) -> list[str | None]:
        """The texts with what is found in them replaced, None for those in which nothing is.

        What is left of a text is searched again: it may read differently without what is gone. A
        text that does not come clean is replaced as a whole.
        """
        import polars as pl

        masked: list[str | None] = [None] * len(texts)
        frame = pl.DataFrame({"position": pl.int_range(len(texts), eager=True), "text": texts})
        unclean = dict(self.finder.candidates(path, frame).iter_rows())
        for attempt in range(_ROUNDS):
            found = self._unwanted(unclean, path, suspects=not attempt)
            unclean = {
                key: self._replaced(unclean[key], spans, attempt) for key, spans in found.items()
            }
            for position, text in unclean.items():
                masked[position] = text
        for position, spans in self._unwanted(unclean, path, suspects=False).items():
            masked[position] = placeholder(spans[0].entity)
        return masked

    def _unwanted(
        self, texts: Mapping[int, str], path: str, *, suspects: bool
    ) -> dict[int, list[Span]]:
        """What is found in the texts and may not stay, by the texts' keys."""
        import polars as pl

        found = self.finder.find(path, pl.Series(list(texts.values()), dtype=pl.String))
        keys = list(texts)
        unwanted = {
            keys[position]: [span for span in spans if self._has_to_go(span, suspects)]
            for position, spans in found.items()
        }
        return {key: spans for key, spans in unwanted.items() if spans}

    def _has_to_go(self, span: Span, suspects: bool) -> bool:
        if span.entity in self.kept:
            return False
        return span.certain or (suspects and span.entity in self.treatments)

    def _replaced(self, text: str, spans: Sequence[Span], attempt: int) -> str:
        pieces = []
        end = 0
        for span in spans:
            value = text[span.start : span.end]
            pieces += [text[end : span.start], self._mask(span.entity, value, attempt)]
            end = span.end
        return "".join([*pieces, text[end:]])

    def _keeps_format(self, entity: str) -> bool:
        return self.treatments.get(entity) == "format"

    def _mask(self, entity: str, value: str, attempt: int = 0) -> str:
        if self._keeps_format(entity) and self.key and attempt < _ATTEMPTS:
            return same_format(entity, value, self.key, attempt)
        if self.treatments.get(entity) == "generalise" and not attempt:
            coarser = generalised(entity, value)
            if coarser is not None:
                return coarser
        return placeholder(entity, value, self._key_for(entity))

    def _key_for(self, entity: str) -> bytes | None:
        return self.key if self.treatments.get(entity, "pseudonym") == "pseudonym" else None


def _dates_as_text(cells: pl.Series) -> pl.Series:
    return cells.dt.to_string("%Y-%m-%d")
