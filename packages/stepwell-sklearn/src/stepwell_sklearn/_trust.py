"""Who may be in a model file: named types that were reviewed, and those that the caller adds.

The file has no say in it. The list stands in `trusted_types.txt`; skops' own defaults do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from stepwell import ModelError
from stepwell_sklearn._schema import nodes, type_name

Use = Literal["constructors", "types", "functions"]

_USES: Mapping[str, Use] = {
    "FunctionNode": "functions",
    "MethodNode": "functions",
    "ConstructorFromReduceNode": "constructors",
}


@cache
def trusted_types() -> Mapping[Use, frozenset[str]]:
    """The reviewed names, by what a file may do with them."""
    text = files("stepwell_sklearn").joinpath("trusted_types.txt").read_text(encoding="utf-8")
    sections: dict[Any, set[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), set())
        elif not line.startswith("#"):
            section.add(line)
    return {use: frozenset(names) for use, names in sections.items()}


def untrusted(schema: Mapping[str, Any], trusted: Sequence[str] = ()) -> list[str]:
    """The names in a schema that are neither in the reviewed list nor in `trusted`."""
    policy, added = trusted_types(), frozenset(trusted)
    found = {name for name, use in _used(schema) if name not in policy[use] | added}
    return sorted(found)


def audited(schema: Mapping[str, Any], trusted: Sequence[str]) -> list[str]:
    """The names in a schema, all of them trusted.

    Raises ModelError that lists every untrusted one, before any object is made.
    """
    _check_names(trusted)
    strangers = untrusted(schema, trusted)
    if not strangers:
        return sorted({name for name, _ in _used(schema)})
    what = "a type that is" if len(strangers) == 1 else f"{len(strangers)} types that are"
    everything = [*trusted, *strangers]
    raise ModelError(
        f"The model holds {what} not trusted: {', '.join(strangers)}.",
        hint="If you know who made the model and have read the code of these types: "
        f"model.load(trusted={everything!r}).",
    )


def _check_names(trusted: Sequence[str]) -> None:
    if isinstance(trusted, str) or any("*" in name for name in trusted):
        raise ModelError(
            "Types are trusted one by one, by their full names; there are no patterns.",
            hint='Write trusted=["package.module.Type"].',
        )


def _used(schema: Any) -> Iterator[tuple[str, Use]]:
    for node in nodes(schema):
        loader = node["__loader__"]
        name = type_name(node)
        if loader == "MethodNode":
            name = f"{name}.{node['content']['func']}"
        yield name, _USES.get(loader, "types")
