"""What the tests of the release tool share."""

from __future__ import annotations

from small_repositories import again, published, small

__all__ = ["again", "published", "small"]
