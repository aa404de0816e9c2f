"""Sending what waits in the outbox: each run once, whoever else is sending."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime

from stepwell import StepwellError, settings
from stepwell.authoring import Store
from stepwell_tracking._address import tracking_uri
from stepwell_tracking._helper import helper_command, helper_environment
from stepwell_tracking._locks import lock_of, locked
from stepwell_tracking._log import logger
from stepwell_tracking._mlflow import Mlflow, MlflowError, told
from stepwell_tracking._outbox import Outbox, Waiting
from stepwell_tracking._send import send_run

_PATIENCE_BY_HAND = 60.0


@dataclass
class Synced:
    """What became of the runs in the outbox; `away` says why MLflow could not be asked."""

    sent: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    away: str | None = None
    busy: bool = False


def sync(store: Store | None = None) -> Synced:
    """Send the runs that wait in the outbox (default: of the project's store), and wait for it.

    MLflow is imported by a process of its own, not by this one. Raises MlflowError if that ends
    without an answer.
    """
    url = settings().store if store is None else store.url
    done = subprocess.run(
        helper_command("stepwell_tracking", "sync", "--json"),
        env=helper_environment(store=url, uri=tracking_uri(Store(url))),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    if not lines:
        raise MlflowError(f"The process that sends runs to MLflow ended with {done.returncode}.")
    return Synced(**json.loads(lines[-1]))


def send_waiting(store: Store, *, background: bool = False) -> Synced:
    """Send the runs that wait in the outbox of `store`, in this process.

    Only one process sends at a time. In the background, a process that finds another one at work
    leaves everything to it: that one looks into the outbox again before it ends.
    """
    outbox, synced = Outbox(store), Synced()
    tried: set[str] = set()
    while waiting := _untried(outbox, tried, background=background):
        patience = 0.0 if background else _PATIENCE_BY_HAND
        with locked(lock_of(store, "tracking"), patience=patience) as alone:
            if not alone:
                synced.busy = True
                return synced
            mlflow = _connect(store, outbox, synced)
            if mlflow is None:
                return synced
            for one in waiting:
                tried.add(one.run_id)
                if outbox.has(one.run_id) and not _send(mlflow, outbox, one, synced):
                    return synced
    return synced


def _untried(outbox: Outbox, tried: set[str], *, background: bool) -> list[Waiting]:
    if background and outbox.is_paused():
        return []
    now = datetime.now(UTC)
    new = [waiting for waiting in outbox.waiting() if waiting.run_id not in tried]
    return [waiting for waiting in new if waiting.is_due(now)] if background else new


def _connect(store: Store, outbox: Outbox, synced: Synced) -> Mlflow | None:
    try:
        mlflow = Mlflow.connect(store)
    except StepwellError as error:
        _away(outbox, synced, str(error))
        return None
    outbox.has_answered()
    return mlflow


def _send(mlflow: Mlflow, outbox: Outbox, waiting: Waiting, synced: Synced) -> bool:
    """Send one run; False if MLflow has gone away meanwhile, so that the others can wait."""
    try:
        send_run(mlflow, waiting)
    except Exception as error:  # whatever MLflow raises, the other runs are to be sent
        if not mlflow.answers():
            _away(outbox, synced, f"MLflow went away while run {waiting.run_id} was sent.")
            return False
        synced.failed[waiting.run_id] = told(error)
        outbox.failed(waiting, told(error))
        logger.warning("Run %s was not sent: %s", waiting.run_id, told(error))
        return True
    outbox.sent(waiting.run_id)
    synced.sent.append(waiting.run_id)
    logger.info("Run %s was sent.", waiting.run_id)
    return True


def _away(outbox: Outbox, synced: Synced, error: str) -> None:
    synced.away = error
    outbox.was_away(error)
    logger.warning("%s %d runs wait in the outbox.", error, len(outbox.waiting()))
