"""YAML from somewhere else: no tags, no key twice, and no more than fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from stepwell_expectations._expectation import SuiteError

_LARGEST = 5_000_000
_MOST_NODES = 200_000


class _Loader(yaml.SafeLoader):
    """Refuses what is there twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node."""
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(found) < len(node.value):
            line = node.start_mark.line + 1
            raise SuiteError(f"a key stands twice in the mapping that begins in line {line}")
        return found


def read_yaml(path: Path) -> Any:
    """What the YAML file holds. Raises SuiteError."""
    if path.stat().st_size > _LARGEST:
        raise SuiteError(f"{path} has more than {_LARGEST:,} bytes")
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)  # noqa: S506 - it is a safe loader
        _check_size(content)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SuiteError(f"{path} is no valid YAML: {error.problem}{where}") from None
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, SuiteError):
            raise SuiteError(f"{path}: {error}") from None
        raise SuiteError(f"{path} is no valid YAML ({type(error).__name__})") from None
    except RecursionError:
        raise SuiteError(f"{path} is nested too deeply") from None
    return content


def _check_size(content: Any) -> None:
    """Raise SuiteError for aliases that stand for far more than is written."""
    left, waiting = _MOST_NODES, [content]
    while waiting:
        one = waiting.pop()
        left -= 1
        if left < 0:
            raise SuiteError(f"it stands for more than {_MOST_NODES:,} values")
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
