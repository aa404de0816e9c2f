"""The tree of objects in a skops file: JSON in which every object names its type and its loader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stepwell import ModelError

Node = dict[str, Any]

_OLDEST_PROTOCOL = 2
"""Files of older protocols opt into loaders of older skops versions; Stepwell never wrote any."""


def nodes(schema: Any) -> Iterator[Node]:
    """Every described object, outer before inner, in order."""
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("__loader__"), str):
                yield value
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


def type_name(node: Node) -> str:
    """The full name of the type or function that a node stands for."""
    return f"{node['__module__']}.{node['__class__']}"


def check_schema(schema: Any) -> None:
    """Raise ModelError for a tree that could be read in two ways, or calls what is no type."""
    protocol = schema.get("protocol") if isinstance(schema, dict) else None
    if not isinstance(protocol, int) or protocol < _OLDEST_PROTOCOL:
        raise _refused("its schema has no protocol that Stepwell writes")
    first: dict[Any, Node] = {}
    for node in nodes(schema):
        if not all(isinstance(node.get(part), str) for part in ("__module__", "__class__")):
            raise _refused("it describes an object without a type")
        number = node.get("__id__")
        if number is not None and not isinstance(number, int):
            raise _refused("it numbers objects with something that is no number")
        if number is not None and first.setdefault(number, node) != node:
            raise _refused("it describes different objects under one number")
        if node["__loader__"] == "DictNode":
            _check_key_types(node.get("key_types"))


def _check_key_types(key_types: Any) -> None:
    """The types of a mapping's keys are called with text from the file: only types may be."""
    plain = isinstance(key_types, dict) and key_types.get("__loader__") == "ListNode"
    kinds = key_types.get("content") if plain else None
    if not isinstance(kinds, list):
        raise _refused("it holds a mapping without types of its keys")
    if any(not isinstance(kind, dict) or kind.get("__loader__") != "TypeNode" for kind in kinds):
        raise _refused("it calls something that is no type")


def _refused(reason: str) -> ModelError:
    return ModelError(f"The model file is refused: {reason}.")
