"""YAML that can do no harm: bounded in size and depth, without aliases, tags or repeated keys."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

MOST_BYTES = 2**20
DEEPEST = 40

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(Exception):
    """A file is no YAML that is read here; the message says where and why."""


class _Loader(_Base):  # type: ignore[misc]  # the fast loader exists where libyaml does
    """PyYAML's safe loader; times stay text, as the standard has them, and keys come once."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping, if its keys are different texts."""
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(getattr(key, "value", ""))
            if key.tag != "tag:yaml.org,2002:str":
                raise YamlError(f"{_line(key.start_mark)}: a key is no text.")
            if name in seen:
                raise YamlError(
                    f"{_line(key.start_mark)}: the key {name[:60]!r} stands there twice."
                )
            seen.add(name)
        found: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return found


def read_yaml(path: Path) -> Any:
    """What the file holds. Raises YamlError for what is no YAML, or more than a contract needs."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise YamlError(f"it cannot be read: {error.strerror}.") from None
    if len(content) > MOST_BYTES:
        raise YamlError(f"it has more than {MOST_BYTES // 1024:,} KiB; no contract needs that.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise YamlError("it is not UTF-8 text.") from None
    return parse_yaml(text)


def parse_yaml(text: str) -> Any:
    """What a YAML text holds. Raises YamlError."""
    try:
        _check_events(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is derived from the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"{_line(mark)}: it is no valid YAML ({error.problem}).") from None
    except yaml.YAMLError:
        raise YamlError(
            "it is no valid YAML: it holds characters that YAML does not allow."
        ) from None
    except ValueError:
        raise YamlError("it holds a number or a time that does not exist.") from None


def _check_events(text: str) -> None:
    """Walk over the text before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Base):
        if isinstance(event, yaml.AliasEvent):
            raise YamlError(
                f"{_line(event.start_mark)}: the alias *{str(event.anchor)[:40]} is refused: small "
                "files with them can fill the memory. Write out what it stands for."
            )
        tag = getattr(event, "tag", None)
        if tag is not None and not tag.startswith("tag:yaml.org,2002:"):
            raise YamlError(
                f"{_line(event.start_mark)}: the tag {tag[:60]!r} is refused. Remove it."
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise YamlError(f"{_line(event.start_mark)}: it is nested more than {DEEPEST} deep.")


def _line(mark: Any) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else "somewhere"
