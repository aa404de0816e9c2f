"""Row conditions as text: pandas queries (`age > 18 and sex == "f"`) and `col("age") > 18`.

Both consist of a part of Python's expressions. It is parsed, and never evaluated as code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from stepwell_expectations._conditions import (
    Comparison,
    Condition,
    ConditionError,
    Every,
    Membership,
    Missing,
    Name,
    Opposite,
    Some,
    Truth,
)

OPERATORS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MISSING = ("isnull", "isna")
_PRESENT = ("notnull", "notna")

_LONGEST = 10_000
_PIECES = re.compile(r"""`[^`]*`|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^`'"]+|[`'"]""")
_SUPPORTED = (
    "Supported are comparisons, in, not in, and, or, not, isnull(), notnull() and isin([...]) "
    "of columns and literals"
)


class _UnsupportedError(Exception):
    """A part of Python that a row condition does not have."""


def condition_of_text(text: str) -> Condition:
    """The condition that `text` spells. Raises ConditionError."""
    if len(text) > _LONGEST:
        raise ConditionError(f"a row_condition has {len(text):,} characters; at most {_LONGEST:,}")
    source, quoted = _as_python(text)
    try:
        return _Reader(quoted).condition(ast.parse(source, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ConditionError(f"the row_condition {text!r} cannot be parsed. {_SUPPORTED}") from None
    except _UnsupportedError as part:
        raise ConditionError(f"the row_condition {text!r} uses {part}. {_SUPPORTED}") from None


def _as_python(text: str) -> tuple[str, dict[str, str]]:
    """`text` with what pandas adds to Python spelt in Python, and the columns it has in backticks.

    pandas reads & and | as `and` and `or`, and words in backticks as one column.
    """
    quoted: dict[str, str] = {}
    parts = []
    for piece in _PIECES.findall(text.strip()):
        if piece.startswith("`") and len(piece) > 1:
            placeholder = f"__quoted_{len(quoted)}"
            quoted[placeholder] = piece[1:-1]
            parts.append(placeholder)
        elif piece.startswith(("'", '"')):
            parts.append(piece)
        else:
            parts.append(piece.replace("&", " and ").replace("|", " or "))
    return "".join(parts), quoted


class _Reader:
    """Reads Python's syntax tree as a condition."""

    def __init__(self, quoted: Mapping[str, str]) -> None:
        self._quoted = quoted

    def condition(self, node: ast.expr) -> Condition:
        """`node` as a condition."""
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return Every(tuple(map(self.condition, values)))
            case ast.BoolOp(values=values):
                return Some(tuple(map(self.condition, values)))
            case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
                return Opposite(self.condition(operand))
            case ast.Compare():
                return self._comparisons(node)
            case ast.Call(
                func=ast.Attribute(value=value, attr=method), args=arguments, keywords=[]
            ):
                return self._method(self._column(value), method.lower(), arguments)
            case _:
                return Truth(self._column(node))

    def _comparisons(self, node: ast.Compare) -> Condition:
        sides = [node.left, *node.comparators]
        parts = [
            self._compared(left, operator, right)
            for left, operator, right in zip(sides, node.ops, sides[1:], strict=False)
        ]
        return parts[0] if len(parts) == 1 else Every(tuple(parts))

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Condition:
        if isinstance(operator, ast.In):
            return Membership(self._column(left), self._literals(right))
        if isinstance(operator, ast.NotIn):
            return Opposite(Membership(self._column(left), self._literals(right)))
        if type(operator) not in OPERATORS:
            raise _UnsupportedError("'is'")
        sign = OPERATORS[type(operator)]
        one, other = self._operand(left), self._operand(right)
        if isinstance(one, Name):
            return Comparison(one, sign, other)
        if isinstance(other, Name):
            return Comparison(other, _MIRRORED[sign], one)
        raise _UnsupportedError("a comparison without a column")

    def _method(self, column: Name, method: str, arguments: list[ast.expr]) -> Condition:
        if method in _MISSING and not arguments:
            return Missing(column)
        if method in _PRESENT and not arguments:
            return Opposite(Missing(column))
        if method == "isin" and len(arguments) == 1:
            return Membership(column, self._literals(arguments[0]))
        raise _UnsupportedError(f"{method}()")

    def _operand(self, node: ast.expr) -> Any:
        match node:
            case ast.Name() | ast.Call(func=ast.Name(id="col")):
                return self._column(node)
            case ast.Call(func=ast.Name(id="date"), args=[ast.Constant(value=str(date))]):
                return date
            case _:
                return self._literal(node)

    def _column(self, node: ast.expr) -> Name:
        match node:
            case ast.Name(id=name):
                return Name(self._quoted.get(name, name))
            case ast.Call(func=ast.Name(id="col"), args=[ast.Constant(value=str(name))]):
                return Name(name)
            case _:
                raise _UnsupportedError(_described(node))

    def _literals(self, node: ast.expr) -> tuple[Any, ...]:
        if not isinstance(node, ast.List | ast.Tuple | ast.Set):
            raise _UnsupportedError(f"{_described(node)} where a list of literals is needed")
        return tuple(map(self._literal, node.elts))

    def _literal(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=str() | int() | float() as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case _:
                raise _UnsupportedError(_described(node))


def _described(node: ast.expr) -> str:
    kinds = {
        ast.Attribute: "an attribute",
        ast.BinOp: "arithmetic",
        ast.Call: "a function",
        ast.Constant: "a literal",
        ast.Subscript: "brackets",
    }
    return kinds.get(type(node), f"Python's {type(node).__name__}")
