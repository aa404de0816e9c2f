"""What is passed on of what uv says."""

from __future__ import annotations

from stepwell._uv import _told

SAID = """error: No solution found when resolving dependencies
  cause: Because only x==1 is available and you require x>=2, it cannot be.

hint: `x` was found on one index. If all indexes are equally trusted, use `--index-strategy
unsafe-best-match` to consider all versions from all indexes.
hint: Pre-releases are available.
"""


def test_advice_to_ask_every_index_is_left_out() -> None:
    """(fault 33) Doctor calls what uv advises here an error."""
    told = _told(SAID)
    assert "index-strategy" not in told
    assert told.startswith("No solution found when resolving dependencies: Because only x==1")
    assert told.endswith("it cannot be. Pre-releases are available.")
