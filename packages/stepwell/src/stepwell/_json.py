"""JSON that somebody else may have written: read in one way only, or not at all."""

from __future__ import annotations

import json
import math
from typing import Any

_DEEPEST = 200


def read_json(content: Any) -> Any:
    """The JSON in these bytes. Raises ValueError for whatever two readers could understand
    differently, or not at all: a key that stands twice, NaN and infinities, text that is no
    Unicode, more than 200 levels.
    """
    text = bytes(content).decode("utf-8")
    try:
        document = json.loads(
            text, object_pairs_hook=_once, parse_constant=_refused, parse_float=_finite
        )
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    _check_depth(document)
    if "\\u" in text:  # halves of characters can only be written like that
        json.dumps(document, ensure_ascii=False).encode()
    return document


def read_object(content: Any) -> dict[str, Any]:
    """The JSON object in these bytes. Raises ValueError for anything else."""
    document = read_json(content)
    if not isinstance(document, dict):
        raise ValueError("It is no JSON object.")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("A key stands twice.")
    return read


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("A number is too large.")
    return number


def _check_depth(document: Any) -> None:
    level = [document]
    for _ in range(_DEEPEST):
        level = [inner for value in level for inner in _inner(value)]
        if not level:
            return
    raise ValueError("It is nested too deeply.")


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
