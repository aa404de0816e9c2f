"""skops files made canonical: the same fitted estimator has the same bytes in every process.

skops names objects by their memory address, files by address or at random, writes sets in the
order of their hashes, stamps the time, and compresses sparse matrices. Here, objects that occur
once lose their number and the others are numbered in order of appearance; so are the files, of
which equal ones are stored once; sets are sorted. What comes out is still a skops file.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from blake3 import blake3

from stepwell import ModelError
from stepwell_sklearn._archive import SCHEMA, packed, repacked_matrix

Node = dict[str, Any]

_VALUES = frozenset(
    "JsonNode TypeNode FunctionNode TupleNode SliceNode BytesNode DTypeNode MethodNode "
    "OperatorFuncNode PartialNode ConstructorFromReduceNode".split()
)
"""Nodes of immutable objects: whether two of them are one in memory is an accident."""

_BINARY_TREES = ("KDTree", "BallTree")
_COUNTERS = slice(7, 11)  # in the state of a binary tree: how often it was asked


def canonical(content: bytes) -> bytes:
    """A skops file in its canonical form. Raises ModelError for what skops would not give back."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members.pop(SCHEMA))
    digests = {name: blake3(member).hexdigest() for name, member in members.items()}
    for node in list(nodes(schema)):
        _repair_keys(node)
        _sort_set(node, digests)
        _forget_counters(node)
    _renumber_objects(schema)
    renamed = _renumber_files(schema, digests)
    files = {new: _as_stored(new, members[old]) for new, old in renamed.items()}
    return packed({SCHEMA: json.dumps(schema, separators=(",", ":")).encode(), **files})


def nodes(schema: Any) -> Iterator[Node]:
    """Every described object of a schema, outer before inner, in order."""
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


def _repair_keys(node: Node) -> None:
    """Keys of a mapping that skops would read back as others are written so that it does not."""
    if node["__loader__"] != "DictNode":
        return
    kinds = [type_name(kind) for kind in node["key_types"]["content"]]
    keys = {
        "" if kind in ("builtins.bool", "numpy.bool") and key == "false" else key: value
        for kind, (key, value) in zip(kinds, node["content"].items(), strict=False)
    }
    if len(keys) != len(kinds) or "builtins.NoneType" in kinds:
        raise ModelError(
            "The estimator holds a mapping whose keys cannot be stored: None, or different keys "
            "that read the same, such as 1 and '1'."
        )
    node["content"] = keys


def _sort_set(node: Node, digests: Mapping[str, str]) -> None:
    if node["__loader__"] == "SetNode":
        node["content"].sort(key=lambda item: _identity(item, digests))
    if type_name(node) == "builtins.frozenset":
        items = node["content"]["content"][0]["content"]
        items.sort(key=lambda item: _identity(item, digests))


def _identity(item: Node, digests: Mapping[str, str]) -> str:
    """A text that depends on what an object is, not on where it lives."""

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(one) for one in value]
        if not isinstance(value, dict):
            return value
        kept = {key: plain(inner) for key, inner in value.items() if key != "__id__"}
        return {**kept, "file": digests[value["file"]]} if _has_file(value) else kept

    return json.dumps(plain(item))


def _forget_counters(node: Node) -> None:
    if node["__class__"] in _BINARY_TREES and node["__loader__"] == "ObjectNode":
        for counter in node["content"]["content"][_COUNTERS]:
            counter["content"] = "0"


def _renumber_objects(schema: Any) -> None:
    described = list(nodes(schema))
    for node in described:
        if node["__loader__"] in _VALUES or _is_scalar(node):
            node.pop("__id__", None)
    appearances = Counter(node["__id__"] for node in described if "__id__" in node)
    numbers: dict[int, int] = {}
    for node in described:
        old = node.pop("__id__", None)
        if appearances[old] > 1:
            node["__id__"] = numbers.setdefault(old, len(numbers) + 1)


def _is_scalar(node: Node) -> bool:
    return node["__loader__"] == "NdArrayNode" and node["__class__"] != "ndarray"


def _has_file(node: Node) -> bool:
    return isinstance(node.get("file"), str)


def _renumber_files(schema: Any, digests: Mapping[str, str]) -> dict[str, str]:
    """Rename the files in `schema`; returns the old name of each new one."""
    by_digest: dict[tuple[str, str], str] = {}
    renamed: dict[str, str] = {}
    for node in nodes(schema):
        if _has_file(node):
            old = node["file"]
            ending = old.rpartition(".")[2]
            new = by_digest.setdefault((digests[old], ending), f"{len(by_digest)}.{ending}")
            renamed.setdefault(new, old)
            node["file"] = new
    return renamed


def _as_stored(name: str, content: bytes) -> bytes:
    return repacked_matrix(content) if name.endswith(".npz") else content
