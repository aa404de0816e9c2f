"""Kinds of artifacts, told from annotations without importing the libraries that they name."""

from __future__ import annotations

import types
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter

from stepwell._data._dataset import Dataset
from stepwell._models._model import Model
from stepwell._models._model_formats import claimed_libraries
from stepwell._protocol._report import Report

Kind = Literal["dataset", "model", "report", "file", "value"]

_FRAMES = {
    ("pandas", "DataFrame"),
    ("polars", "DataFrame"),
    ("polars", "LazyFrame"),
    ("pyarrow", "Table"),
}


def without_none(annotation: Any) -> tuple[Any, bool]:
    """The annotation without `None`, and whether it allowed `None`."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    others = [part for part in get_args(annotation) if part is not type(None)]
    if len(others) == len(get_args(annotation)):
        return annotation, False
    return (others[0] if len(others) == 1 else Union[tuple(others)]), True  # noqa: UP007 - built at run time


def kind_of(annotation: Any) -> Kind:
    """The kind of artifact that an annotation (without None) stands for."""
    if not isinstance(annotation, type):
        return "value"
    if annotation is Dataset or frame_type(annotation) is not None:
        return "dataset"
    if issubclass(annotation, Model) or live_model(annotation):
        return "model"
    if issubclass(annotation, Report):
        return "report"
    if issubclass(annotation, Path):
        return "file"
    return "value"


def frame_type(annotation: Any) -> tuple[str, str] | None:
    """The library and name of a frame type such as `pandas.DataFrame`; None for other types."""
    if not isinstance(annotation, type):
        return None
    named = annotation.__module__.partition(".")[0], annotation.__name__
    return named if named in _FRAMES else None


def live_model(annotation: Any) -> bool:
    """Whether the type belongs to a library that an installed model format claims."""
    if not isinstance(annotation, type):
        return False
    return any(
        base.__module__.partition(".")[0] in claimed_libraries() for base in annotation.__mro__
    )


@cache
def json_adapter(annotation: Any) -> TypeAdapter[Any]:
    """What turns values of this annotation into JSON and back. Raises TypeError if nothing can."""
    try:
        return TypeAdapter(annotation)
    except (PydanticSchemaGenerationError, PydanticUserError):
        raise TypeError(annotation) from None
