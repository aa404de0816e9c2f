"""The observer: notes a finished run in the outbox, starts a helper, and is done."""

from __future__ import annotations

import logging

from stepwell import ConfigurationError, Run
from stepwell.authoring import Event, RunFinished, RunStarted, Settings, Store
from stepwell_tracking._address import tracking_uri
from stepwell_tracking._helper import helper_command, helper_environment, start_detached
from stepwell_tracking._log import log_file
from stepwell_tracking._outbox import Outbox

logger = logging.getLogger("stepwell.tracking")


class MlflowTracking:
    """Makes every run of a pipeline a run in MLflow; the pipeline never waits for it.

    What it leaves in the store is sent by a process of its own, now or, if MLflow is away, with
    the next run or by `stepwell-tracking sync`.
    """

    def __init__(self, project: Settings | None = None, store: Store | None = None) -> None:
        self._project = project
        self._store = store

    def on_event(self, event: Event) -> None:
        """Take notice of a run that begins or has ended; every other event is ignored."""
        if isinstance(event, RunStarted) and self._store is not None:
            Outbox(self._store).add(event.run_id, event.pipeline, None)
        if isinstance(event, RunFinished):
            self._finished(event.run)

    def _finished(self, run: Run) -> None:
        if run.store is None or run.head is None:
            logger.warning("Run %s has no store, so it cannot be sent to MLflow.", run.id)
            return
        outbox = Outbox(run.store)
        outbox.add(run.id, run.pipeline, run.head.number)
        if not outbox.is_paused():
            start_sync(run.store, self._project)


def start_sync(store: Store, project: Settings | None = None) -> None:
    """Start a process that sends what waits in the outbox of `store`."""
    try:
        uri = tracking_uri(store, project)
    except ConfigurationError as error:
        logger.warning("Runs are not sent to MLflow: %s", error)
        return
    command = helper_command("stepwell_tracking", "sync", "--background")
    environment = helper_environment(store=store.url, uri=uri)
    path = log_file(store)
    if path is None:
        start_detached(command, environment, None)
        return
    with path.open("ab") as log:
        start_detached(command, environment, log)
