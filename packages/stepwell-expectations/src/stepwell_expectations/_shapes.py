"""The masked shape of a text: what it looks like, and nothing of what it says."""

from __future__ import annotations

import polars as pl

_LONGEST = 32


def masked(text: pl.Expr) -> pl.Expr:
    """`anna.meier@example.com` as `aaaa.aaaaa@aaaaaaa.aaa`, `BX-17` as `AA-99`.

    Letters and digits lose what they are, other characters stay only if they are harmless
    wherever a report is shown, and long texts are cut.
    """
    shape = (
        text.str.slice(0, _LONGEST)
        .str.replace_all(r"[^\P{L}\p{Lu}]|\p{M}", "a")
        .str.replace_all(r"\p{Lu}", "A")
        .str.replace_all(r"\p{N}", "9")
        .str.replace_all(r"[^aA9 @._+/:,()#-]", "?")
    )
    cut = text.str.len_chars() > _LONGEST
    return pl.when(cut).then(shape + "…").otherwise(shape)
