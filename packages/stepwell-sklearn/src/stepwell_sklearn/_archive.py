"""The container of a stored estimator: a zip file that can be written in one way only.

    schema.json     the tree of objects
    0.npy 1.npz …   their arrays, sparse matrices and bytes, numbered as the schema names them

Nothing is compressed, so that the bytes do not depend on a compression library and nothing can
grow when it is read. A file that is not byte for byte what `packed` writes is refused.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stepwell import ModelError
from stepwell_sklearn._schema import check_schema

SCHEMA = "schema.json"
_MEMBER = re.compile(r"schema\.json|(0|[1-9]\d{0,8})\.(npy|npz|bin)")
_ARRAY_OF_MATRIX = re.compile(r"\w{1,40}\.npy")
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold
_UNIX = 3


@dataclass(frozen=True)
class Archive:
    """A tree of objects, as skops describes it, and the arrays that it names."""

    schema: dict[str, Any]
    members: Mapping[str, bytes]


def packed(members: Mapping[str, bytes]) -> bytes:
    """These members as a zip file; the same members give the same bytes everywhere."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, date_time=_FIRST_DATE)
            entry.create_system = _UNIX
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def unpacked(content: bytes) -> Archive:
    """What a model file holds. Raises ModelError for anything but what Stepwell wrote."""
    members = _members(content, _MEMBER.fullmatch)
    for name, member in members.items():
        _check_member(name, member)
    if not all(map(str.startswith, members, [SCHEMA, *map("{}.".format, range(len(members)))])):
        raise _refused("its files are not in order")
    try:
        schema = json.loads(members[SCHEMA])
    except (KeyError, ValueError, RecursionError) as error:
        raise _refused(f"its schema cannot be read ({type(error).__name__})") from None
    check_schema(schema)
    return Archive(schema, members)


def repacked_matrix(content: bytes) -> bytes:
    """A sparse matrix as scipy stored it, without compression and dates."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return packed({name: archive.read(name) for name in archive.namelist()})


def _members(content: bytes, allowed: Any) -> dict[str, bytes]:
    if not content.startswith(b"PK\x03\x04"):
        raise _refused("its bytes are no skops file; pickle and joblib files are never loaded")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_entries(archive.infolist(), allowed)
            members = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _refused(f"it is a damaged archive ({type(error).__name__})") from None
    if packed(members) != content:
        raise _refused("its archive holds more than its files")
    return members


def _check_entries(entries: Iterable[zipfile.ZipInfo], allowed: Any) -> None:
    names = set()
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise _refused("it holds compressed files")
        if not allowed(entry.filename):
            raise _refused("it holds a file with a name that Stepwell does not write")
        if entry.filename in names:
            raise _refused("it holds two files with the same name")
        names.add(entry.filename)


def _check_member(name: str, content: bytes) -> None:
    if name.endswith(".npy"):
        _check_array(content)
    if name.endswith(".npz"):
        for array in _members(content, _ARRAY_OF_MATRIX.fullmatch).values():
            _check_array(array)


def _check_array(content: bytes) -> None:
    """An array is as long as its header says: NumPy reserves the memory before it reads."""
    import math

    from numpy.lib import format as npy

    stream = io.BytesIO(content)
    try:
        readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        shape, _, kind = readers[npy.read_magic(stream)](stream)
    except Exception as error:  # the header is a literal: there are many ways to break it
        raise _refused(f"it holds a damaged array ({type(error).__name__})") from None
    if kind.hasobject:
        raise _refused("it holds an array of objects, which may be a pickle")
    if (
        min(shape, default=0) < 0
        or len(content) - stream.tell() != math.prod(shape) * kind.itemsize
    ):
        raise _refused("it holds an array that is not as long as it says")


def _refused(reason: str) -> ModelError:
    return ModelError(
        f"The model file is refused: {reason}.",
        hint="Store the estimator with stepwell.Model.of(estimator).save(folder).",
    )
