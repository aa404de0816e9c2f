"""skops files made canonical: the same fitted estimator has the same bytes in every process.

skops names objects by their memory address, files by address or at random, writes sets in the
order of their hashes, stamps the time, and compresses sparse matrices. Here, objects that occur
once lose their number and the others are numbered in order of appearance; so are the files, of
which equal ones are stored once; sets are sorted; gaps in memory, how often a tree was asked and
in which process a model was fitted are not part of it. What comes out is still a skops file.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from typing import Any

from blake3 import blake3

from stepwell import ModelError
from stepwell_sklearn._archive import SCHEMA, packed, repacked_matrix
from stepwell_sklearn._schema import Node, nodes, type_name

_VALUES = frozenset(
    {
        "BytesNode",
        "ConstructorFromReduceNode",
        "DTypeNode",
        "FunctionNode",
        "JsonNode",
        "MethodNode",
        "OperatorFuncNode",
        "PartialNode",
        "SliceNode",
        "TupleNode",
        "TypeNode",
    }
)
"""Nodes of immutable objects: whether two of them are one in memory is an accident."""

_BINARY_TREES = ("KDTree", "BallTree")
_COUNTERS = slice(7, 11)  # in the state of a binary tree: how often it was asked
_HEADER = 1024  # bytes: more than any header of an array in scikit-learn
_ACCIDENTS = {"n_threads": "1", "_n_threads": "1", "_stop_words_id": "null"}
"""Attributes that tell of the process in which a model was fitted, and what is stored instead."""


def canonical(content: bytes) -> tuple[bytes, Node]:
    """A skops file in its canonical form, and the schema in it.

    Raises ModelError for what skops would not give back as it was.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(members.pop(SCHEMA))
    members = {name: _without_accidents(name, member) for name, member in members.items()}
    digests = {name: blake3(member).hexdigest() for name, member in members.items()}
    for node in list(nodes(schema)):
        _repair_keys(node)
        _sort_set(node, digests)
        _forget_counters(node)
        _forget_process(node)
    _renumber_objects(schema)
    renamed = _renumber_files(schema, digests)
    files = {new: members[old] for new, old in renamed.items()}
    written = json.dumps(schema, separators=(",", ":")).encode()
    return packed({SCHEMA: written, **files}), schema


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
    if node["__loader__"] == "ConstructorFromReduceNode" and node["__class__"] == "frozenset":
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


def _forget_process(node: Node) -> None:
    if node["__loader__"] != "ObjectNode" or not node["__module__"].startswith("sklearn."):
        return
    attributes = node.get("content", {}).get("content")
    for name, instead in _ACCIDENTS.items():
        if isinstance(attributes, dict) and name in attributes:
            attributes[name]["content"] = instead


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
    return bool(node["__loader__"] == "NdArrayNode" and node["__class__"] != "ndarray")


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


def _without_accidents(name: str, content: bytes) -> bytes:
    if name.endswith(".npz"):
        return repacked_matrix(content)
    return _without_gaps(content) if b"'|V" in content[:_HEADER] else content


def _without_gaps(content: bytes) -> bytes:
    """A structured array with zeros where its fields leave a gap: there may be anything."""
    import numpy as np

    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.names is None:
        return content
    clean = np.zeros(array.shape, array.dtype)
    for field in array.dtype.names:
        clean[field] = array[field]
    buffer = io.BytesIO()
    np.save(buffer, clean, allow_pickle=False)
    return buffer.getvalue()
