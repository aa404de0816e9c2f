"""A digest of a live estimator: a step that was lent one must give it back as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

_STATISTICS = slice(7, 11)  # of a k-d or ball tree: they count queries
_BINARY_TREES = ("KDTree", "BallTree")


def state_digest(live: Any) -> str:
    """The digest of everything that the object holds, cheap enough to take before and after use."""
    from blake3 import blake3

    hasher = blake3()
    _Feed(hasher.update).value(live)
    return str(hasher.hexdigest())


class _Feed:
    """Feeds an object graph, each object once, to a hash."""

    def __init__(self, update: Callable[[bytes], Any]) -> None:
        self._update = update
        self._seen: dict[int, int] = {}
        self._alive: list[Any] = []  # a freed object's address would be taken by another

    def value(self, value: Any) -> None:
        import numpy as np

        if value is None or isinstance(value, bool | int | float | complex | str | bytes):
            self._text(f"{type(value).__name__} {value!r}")
        elif isinstance(value, np.ndarray):
            self._array(value)
        elif isinstance(value, np.generic):
            self._text(f"{value.dtype} {value.tobytes().hex()}")
        elif isinstance(value, type | FunctionType | BuiltinFunctionType | np.ufunc):
            self._text(f"{getattr(value, '__module__', '')}.{value.__name__}")
        elif not self._again(value):
            self._container(value)

    def _text(self, text: str) -> None:
        self._update(f"{len(text)}:{text}".encode(errors="surrogatepass"))

    def _again(self, value: Any) -> bool:
        if id(value) in self._seen:
            self._text(f"object {self._seen[id(value)]}")
            return True
        self._seen[id(value)] = len(self._seen)
        self._alive.append(value)
        return False

    def _array(self, array: Any) -> None:
        import numpy as np

        self._text(f"array {array.dtype} {array.shape}")
        if array.dtype.hasobject:
            self._items(array.ravel().tolist())
        else:
            self._update(np.ascontiguousarray(array).tobytes())

    def _container(self, value: Any) -> None:
        self._text(f"{type(value).__module__}.{type(value).__qualname__}")
        if isinstance(value, Mapping):
            self._items([part for item in value.items() for part in item])
        elif isinstance(value, Set):
            self._items(sorted(state_digest(item) for item in value))
        elif isinstance(value, list | tuple):
            self._items(value)
        else:
            self.value(_state_of(value))

    def _items(self, items: Any) -> None:
        self._text(f"{len(items)} items")
        for item in items:
            self.value(item)


def _state_of(value: Any) -> Any:
    import numpy as np

    if isinstance(value, np.random.RandomState):
        return value.get_state(legacy=False)
    if isinstance(value, np.random.Generator):
        return value.bit_generator.state
    if isinstance(value, MethodType):
        return value.__self__, value.__name__
    state = value.__getstate__() if hasattr(value, "__getstate__") else vars(value)
    if type(value).__name__ in _BINARY_TREES and isinstance(state, tuple):
        return state[: _STATISTICS.start] + state[_STATISTICS.stop :]
    if state is None:
        state = getattr(value, "__dict__", None) or _reduced(value)
    return state


def _reduced(value: Any) -> Any:
    """What pickle would keep, for objects of compiled code; nothing is ever unpickled."""
    try:
        return value.__reduce__()[1:]
    except TypeError:
        return None
