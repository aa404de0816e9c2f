"""The SQLite file of MLflow, made so that nobody ever meets half of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def make_database(path: Path, *, artifacts: str) -> None:
    """Create the tables of MLflow in a new file, then give it its name; an existing one is left.

    MLflow's own first start migrates in place: a process that dies in the middle leaves a file
    that no later start can open. The caller holds a lock.
    """
    if path.exists():
        return
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # a folder, because SQLite keeps a journal beside its file that must go with it
    unfinished = path.with_name(f"{path.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    uri = f"sqlite:///{(unfinished / path.name).as_posix()}"
    made = SqlAlchemyStore(uri, artifacts)  # type: ignore[no-untyped-call]  # MLflow's own
    made.engine.dispose()
    os.replace(unfinished / path.name, path)
    unfinished.rmdir()
