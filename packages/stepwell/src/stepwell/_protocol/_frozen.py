"""Values that nobody can change: what the fields of a step hold."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, NoReturn


class FrozenMapping(dict[str, Any]):
    """A dictionary that refuses to be changed and can be hashed."""

    def _refuse(self, *_args: object, **_named: object) -> NoReturn:
        raise TypeError("the configuration of a step cannot be changed; make a new step instead")

    __setitem__ = __delitem__ = _refuse
    update = setdefault = pop = popitem = clear = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none; it never changes
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMapping, (dict(self),)

    def __copy__(self) -> FrozenMapping:
        return self

    def __deepcopy__(self, _memo: object) -> FrozenMapping:
        return self


def thaw(value: Any) -> Any:
    """`value`, which `freeze` made, with dictionaries and lists: what JSON knows."""
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    return [thaw(item) for item in value] if isinstance(value, tuple) else value


def freeze(value: Any) -> Any:
    """`value` with every sequence as a tuple, every mapping and set immutable, all the way down."""
    if isinstance(value, FrozenMapping):
        return value
    if isinstance(value, Mapping):
        return FrozenMapping({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return tuple(freeze(item) for item in value)
    if isinstance(value, Set):
        return frozenset(freeze(item) for item in value)
    return value
