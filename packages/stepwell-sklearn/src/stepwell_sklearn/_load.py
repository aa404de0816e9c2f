"""From a live estimator to bytes and back; nothing in the bytes decides what may be run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stepwell import ModelError, StepwellError
from stepwell_sklearn._archive import unpacked
from stepwell_sklearn._bounds import check_bounds
from stepwell_sklearn._canonical import canonical
from stepwell_sklearn._schema import Node, nodes, type_name
from stepwell_sklearn._sizes import check_sizes
from stepwell_sklearn._trust import audited, untrusted

_BY_NAME = ("FunctionNode", "TypeNode", "ObjectNode", "ConstructorFromReduceNode")


@dataclass(frozen=True)
class Stored:
    """An estimator as bytes, and the modules whose types and functions are in them."""

    content: bytes
    modules: frozenset[str]


def stored(estimator: Any) -> Stored:
    """The canonical bytes of an estimator. Raises ModelError for what cannot be stored."""
    from skops import io  # type: ignore[import-untyped]  # no stubs

    name = type(estimator).__name__
    try:
        content, schema = canonical(io.dumps(estimator))
    except StepwellError:
        raise
    except Exception as error:  # skops and NumPy raise many kinds, some with cells in their text
        raise ModelError(
            f"{name} cannot be stored: skops does not support something that it holds "
            f"({type(error).__name__}{_unsupported(error)}).",
        ) from None
    described = list(nodes(schema))
    for node in described:
        if node["__loader__"] in _BY_NAME:
            _check_importable(name, node)
    return Stored(content, frozenset(node["__module__"] for node in described))


def loaded(content: bytes, trusted: Sequence[str] = ()) -> Any:
    """The estimator in these bytes, if every type in them is trusted. Raises ModelError."""
    try:
        archive = unpacked(content)
        names = audited(archive.schema, trusted)
        check_bounds(archive)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"The model file is refused: its schema is damaged ({type(error).__name__})."
        ) from None
    return _constructed(content, names)


def untrusted_in(content: bytes) -> list[str]:
    """The types in these bytes that only load with the caller's explicit trust."""
    return untrusted(unpacked(content).schema)


def _constructed(content: bytes, audited_names: list[str]) -> Any:
    from skops import io

    try:
        live = io.loads(content, trusted=audited_names)
        check_sizes(live)
        return live
    except ModelError:
        raise
    except Exception as error:  # whatever the types that it makes raise
        raise ModelError(
            f"The model cannot be loaded here ({type(error).__name__}).",
            hint="Compare the versions in model.description.libraries with the installed ones.",
        ) from None


def _unsupported(error: Exception) -> str:
    from skops.io.exceptions import (  # type: ignore[import-untyped]  # no stubs
        UnsupportedTypeException,
    )

    return f": {error}" if isinstance(error, UnsupportedTypeException) else ""


def _check_importable(estimator: str, node: Node) -> None:
    module, name = node["__module__"], node["__class__"]
    if name == "<lambda>":
        problem = "a lambda, which has no name by which another process could find it"
        hint = "Write it as a function in a module of your project."
    elif module in ("__main__", "__mp_main__"):
        problem = f"{name!r} of a script or notebook, which another process cannot import"
        hint = f"Move {name!r} into a module of your project and import it from there."
    elif not hasattr(sys.modules.get(module), name):
        problem = f"{type_name(node)}, which cannot be imported by that name"
        hint = f"Define {name!r} at the top level of a module."
    else:
        return
    raise ModelError(f"{estimator} cannot be stored: it holds {problem}.", hint=hint)
