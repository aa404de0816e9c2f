"""The log file of tracking: in the folder of the store, never larger than a few megabytes."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepwell.authoring import Store

logger = logging.getLogger("stepwell.tracking")


def log_file(store: Store) -> Path | None:
    """Where tracking writes what it does; None for a store that is no local folder."""
    return None if store.folder is None else Path(store.folder, "tracking.log")


def log_into(store: Store) -> None:
    """Write what tracking does into the store's log file."""
    path = log_file(store)
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
