"""What compiled code says of itself: what it does, and which modules it imports when it runs."""

from __future__ import annotations

import dis
import types
from collections.abc import Iterator
from typing import Any

from stepwell._code._imports import absolute_name


def code_parts(code: types.CodeType) -> list[Any]:
    """What a code object does, without where it stands: no file name, no line numbers."""
    constants = [
        code_parts(c) if isinstance(c, types.CodeType) else _constant(c) for c in code.co_consts
    ]
    names = [code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars]
    shape = [code.co_flags, code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount]
    handlers = getattr(code, "co_exceptiontable", b"").hex()
    return [code.co_code.hex(), handlers, shape, [list(n) for n in names], constants]


def with_nested(code: types.CodeType) -> list[types.CodeType]:
    """A code object and those of the functions and classes inside it."""
    nested = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return [code, *(inner for part in nested for inner in with_nested(part))]


def imported_names(code: types.CodeType, package: str) -> Iterator[str]:
    """The modules that the code imports when it runs, and what may be modules in them."""
    before: list[Any] = [0, None]
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            level, names = before
            base = absolute_name(str(instruction.argval), level, package)
            yield base
            yield from (f"{base}.{name}" for name in names or ())
        before = [before[1], instruction.argval]


def _constant(value: Any) -> str:
    # the order of a frozenset differs from process to process
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)
