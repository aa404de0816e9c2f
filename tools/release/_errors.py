"""What keeps a package from being released."""

from __future__ import annotations


class ReleaseError(Exception):
    """Says which package, what was found and what to do, without any credentials."""
