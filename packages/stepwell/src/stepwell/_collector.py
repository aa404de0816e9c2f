"""Python's garbage collector, which passes over everything again and again while much is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """A block without passes of the collector, unless they were switched off before.

    For moments in which much is imported or made that stays: each pass would look at all of it.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
