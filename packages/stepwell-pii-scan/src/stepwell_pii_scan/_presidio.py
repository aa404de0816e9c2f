"""Presidio as a further engine, with whatever model for names and places its user gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from stepwell import ConfigurationError, DataError
from stepwell_pii_scan._spans import Span

if TYPE_CHECKING:
    import polars as pl

_CERTAIN_FROM = 0.6
"""The score from which a result of Presidio is no mere suspect."""


def spans_of_analyzer(path: str, texts: pl.Series) -> Mapping[int, Sequence[Span]]:
    """What the analyzer finds in each text in which it finds anything."""
    analyzer = analyzer_at(path)
    found = {}
    for position, text in enumerate(texts):
        spans = _spans(analyzer, text)
        if spans:
            found[position] = spans
    return found


def _spans(analyzer: Any, text: str) -> list[Span]:
    try:
        results = analyzer.analyze(text=text, language=analyzer.supported_languages[0])
    except Exception as error:
        kind = type(error).__name__
        raise DataError(f"The Presidio analyzer fails ({kind}).") from None
    return [
        Span(result.start, result.end, result.entity_type, result.score >= _CERTAIN_FROM)
        for result in results
        if text[result.start : result.end].strip()
    ]


@cache
def analyzer_at(path: str) -> Any:
    """The engine that the function at `module:function` makes; made once in a process.

    Raises ConfigurationError if there is no such function, or what it makes is no engine.
    """
    module, _, name = path.partition(":")
    try:
        analyzer = getattr(import_module(module), name)()
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"PiiScan, field 'presidio': {path!r} cannot be used ({type(error).__name__}).",
            hint="Give 'module:function' of a function that returns an AnalyzerEngine, and "
            'install "stepwell-pii-scan[presidio]".',
        ) from error
    if not hasattr(analyzer, "analyze"):
        raise ConfigurationError(
            f"PiiScan, field 'presidio': {path!r} makes a {type(analyzer).__name__}.",
            hint="It has to return a presidio_analyzer.AnalyzerEngine.",
        )
    return analyzer
