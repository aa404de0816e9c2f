"""A folder for files that only this process needs."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

_numbers = count(1)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="stepwell-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_folder() -> Path:
    """A new, empty folder that only this user can read, and that vanishes with the process."""
    folder = _folder() / str(next(_numbers))
    folder.mkdir(mode=0o700)
    return folder
