"""Everything that a block of code says: printed, logged, warned of."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from tempfile import TemporaryFile


@dataclass
class Said:
    """What was said, by the way it was said; complete once the block is left."""

    texts: dict[str, str] = field(default_factory=dict)


@contextmanager
def listening() -> Iterator[Said]:
    """Hear what this process prints, logs or warns of in a block; nobody else hears it.

    What compiled code writes to the file descriptors is heard as well.
    """
    said = Said()
    printed = io.StringIO()
    with (
        _descriptors(said),
        _log(said),
        redirect_stdout(printed),
        redirect_stderr(printed),
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        try:
            yield said
        finally:
            said.texts["what it prints"] = printed.getvalue()
            said.texts["a warning"] = "\n".join(str(warning.message) for warning in warned)


@contextmanager
def _log(said: Said) -> Iterator[None]:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        said.texts["its log"] = lines.getvalue()


@contextmanager
def _descriptors(said: Said) -> Iterator[None]:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    kept = os.dup(1), os.dup(2)
    with TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            for number, copy in enumerate(kept, start=1):
                os.dup2(copy, number)
                os.close(copy)
            file.seek(0)
            said.texts["what compiled code prints"] = file.read().decode(errors="replace")
