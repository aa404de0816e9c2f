"""What one place of a configuration says about where packages come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from stepwell._indexes._credentials import without_credentials

Role = Literal["index", "extra index", "links", "no index", "strategy", "constraints", "insecure"]
"""An `index` is asked when no other has the package; an `extra index` is asked as well."""


@dataclass(frozen=True)
class IndexEntry:
    """A value, what it means, and where it stands: `PIP_INDEX_URL`, `/etc/pip.conf [global]`.

    An index that is `explicit` is asked only for packages that are assigned to it.
    """

    tool: Literal["pip", "uv"]
    role: Role
    where: str
    value: str = field(repr=False)
    name: str | None = None
    explicit: bool = False

    @property
    def shown(self) -> str:
        """The value as it may be shown."""
        return without_credentials(self.value) if "://" in self.value else self.value
