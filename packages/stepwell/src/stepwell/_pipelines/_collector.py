"""Python's garbage collector, which passes over everything again and again while much is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_paused_here = False


@contextmanager
def collector_paused() -> Iterator[None]:
    """A block without passes of the collector, unless they were switched off before.

    For moments in which much is imported or made that stays: each pass would look at all of it.
    """
    if not gc.isenabled():
        yield
        return
    with _switched(on=False):
        yield


@contextmanager
def collector_resumed() -> Iterator[None]:
    """A block inside of `collector_paused` in which the collector does what it does elsewhere."""
    if not _paused_here:
        yield
        return
    with _switched(on=True):
        yield


@contextmanager
def _switched(*, on: bool) -> Iterator[None]:
    _switch(on=on)
    try:
        yield
    finally:
        _switch(on=not on)


def _switch(*, on: bool) -> None:
    global _paused_here
    (gc.enable if on else gc.disable)()
    _paused_here = not on
