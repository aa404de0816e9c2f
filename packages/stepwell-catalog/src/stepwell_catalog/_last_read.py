"""The digest of what a run has just read of a table, so that it need not be read again to tell."""

from __future__ import annotations

from stepwell.authoring import running

_read: dict[tuple[str, str, str], tuple[str, str]] = {}
"""The last run and its digest, by pipeline, step and table, so that many runs fill no memory."""


def remember(place: str, digest: str) -> None:
    """Keep the digest of what the running step has read."""
    run = running()
    if run is not None:
        _read[run.pipeline, run.step, place] = run.run_id, digest


def recalled(place: str) -> str | None:
    """The digest of what the running step has read in this run, once."""
    run = running()
    if run is None:
        return None
    run_id, digest = _read.pop((run.pipeline, run.step, place), (None, None))
    return digest if run_id == run.run_id else None
