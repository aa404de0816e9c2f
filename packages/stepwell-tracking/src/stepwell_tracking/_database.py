"""The SQLite file of MLflow, made so that nobody ever meets half of it."""

from __future__ import annotations

import os
from pathlib import Path


def make_database(path: Path, *, artifacts: str) -> None:
    """Create the tables of MLflow in a new file, then give it its name; an existing one is left.

    MLflow's own first start migrates in place: a process that dies in the middle leaves a file
    that no later start can open. The caller holds a lock.
    """
    if path.exists():
        return
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    uri = f"sqlite:///{path.as_posix()}"; unfinished = path
    made = SqlAlchemyStore(uri, artifacts)  # type: ignore[no-untyped-call]  # MLflow's own
    made.engine.dispose()
    os.replace(unfinished, path)
