"""MLflow as Stepwell uses it: no telemetry, no endless waiting, artifacts beside the store."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from stepwell import StepwellError
from stepwell_tracking._address import (
    artifact_location,
    database_file,
    tracking_uri,
    without_credentials,
)
from stepwell_tracking._agreement import agreed
from stepwell_tracking._database import make_database
from stepwell_tracking._locks import lock_of, locked

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

    from stepwell import Model
    from stepwell.authoring import Store

RUN_ID = "stepwell.run_id"
MODEL = "model"
_LOCK_PATIENCE = 60.0

_NO_TELEMETRY = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
_UNLESS_CHOSEN = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


class MlflowError(StepwellError):
    """MLflow is away, refuses, or holds something unexpected."""

    code = "SW-801"


def prepare_process() -> None:
    """Make MLflow impatient and quiet in this process, which must be one of Stepwell's own.

    MLflow reads this from the environment, so it is not done in the process of a run.
    """
    for name, value in _UNLESS_CHOSEN.items():
        os.environ.setdefault(name, value)
    warnings.simplefilter("ignore")


@dataclass(frozen=True)
class Mlflow:
    """A connection to MLflow for the runs of one store."""

    client: MlflowClient
    uri: str
    store: Store

    @classmethod
    def connect(cls, store: Store) -> Mlflow:
        """Connect to the MLflow of the project and see that it answers. Raises MlflowError."""
        uri = tracking_uri(store)
        os.environ.update(_NO_TELEMETRY)  # read when MLflow is imported
        try:
            _see_to_database(uri, store)
            from mlflow import MlflowClient

            client = MlflowClient(tracking_uri=uri, registry_uri=uri)
            client.search_experiments(max_results=1)
        except Exception as error:
            raise MlflowError(
                f"MLflow at {without_credentials(uri)} does not answer: {told(error)}"
            ) from None
        return cls(client, uri, store)

    def answers(self) -> bool:
        """Whether MLflow is still there."""
        try:
            self.client.search_experiments(max_results=1)
        except Exception:  # away, in whichever way its client reports it
            return False
        return True

    def experiment(self, name: str) -> str:
        """The id of the experiment `name`, made if need be. Raises MlflowError if deleted."""
        from mlflow.exceptions import MlflowException

        found = self.client.get_experiment_by_name(name)
        if found is None:
            try:
                return self.client.create_experiment(
                    name, artifact_location=artifact_location(self.uri, self.store)
                )
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            found = self.client.get_experiment_by_name(name)
        if found is None or found.lifecycle_stage != "active":
            raise MlflowError(
                f"The MLflow experiment '{name}' was deleted.",
                hint="Restore it: mlflow experiments restore --experiment-id "
                f"{found.experiment_id if found else '...'}",
            )
        return str(found.experiment_id)

    def run(self, experiment: str, run_id: str, *, started: datetime | None = None) -> Run:
        """The MLflow run of the Stepwell run `run_id`: the one that is there, or a new one.

        Whoever asks first makes it, once, however many processes ask, on whichever machines.
        """
        with self.alone("runs"):
            experiment_id = self.experiment(experiment)
            tagged = f"tags.`{RUN_ID}` = '{run_id}'"
            known = self.client.search_runs([experiment_id], tagged)
            found = sorted(known, key=lambda run: run.info.status == "RUNNING")  # ended ones first
            run = found[0] if found else self._new_run(experiment_id, run_id, started)
            if self.store.folder is None:  # no lock keeps other machines out
                run = self._agreed(run, run_id, is_mine=not found)
            if len(found) != 1:
                self._delete_twins(run, experiment_id, tagged)
            return run

    def _new_run(self, experiment_id: str, run_id: str, started: datetime | None) -> Run:
        return self.client.create_run(
            experiment_id,
            run_name=run_id,
            start_time=_milliseconds(started) if started else None,
            tags={RUN_ID: run_id},
        )

    def _agreed(self, run: Run, run_id: str, *, is_mine: bool) -> Run:
        """`run`, or the one that another machine, which shares the store, noted there first."""
        from mlflow.exceptions import MlflowException

        first = agreed(self.store, self.uri, run_id, run.info.run_id)
        if first == run.info.run_id:
            return run
        try:
            other = self.client.get_run(first)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return run
        if other.info.lifecycle_stage != "active":
            return run  # somebody deleted what was agreed on
        if is_mine:
            self._delete(run)
        return other

    def _delete_twins(self, run: Run, experiment_id: str, tagged: str) -> None:
        """Delete what a request made whose answer was lost, so that it was asked again."""
        for other in self.client.search_runs([experiment_id], tagged):
            if other.info.run_id != run.info.run_id and other.info.status == "RUNNING":
                self._delete(other)

    def _delete(self, run: Run) -> None:
        """Delete a run, unless somebody else has."""
        from mlflow.exceptions import MlflowException

        try:
            self.client.delete_run(run.info.run_id)
        except MlflowException:
            if self.client.get_run(run.info.run_id).info.lifecycle_stage == "active":
                raise

    def log_model(self, run: Run, model: Model) -> str:
        """Put the model's folder among the artifacts of `run` and return its address there."""
        run_id = run.info.run_id
        there = {Path(info.path).name for info in self.client.list_artifacts(run_id, MODEL)}
        if not there.issuperset({*model.description.files, "model.json"}):
            with TemporaryDirectory() as folder:
                saved = model.save(Path(folder, MODEL))
                self.client.log_artifacts(run_id, str(saved), MODEL)
        return f"runs:/{run_id}/{MODEL}"

    def finish(self, run: Run, status: str = "FINISHED", ended: datetime | None = None) -> None:
        """End `run`, unless it has ended."""
        if run.info.status == "RUNNING":
            end_time = _milliseconds(ended) if ended else None
            self.client.set_terminated(run.info.run_id, status, end_time)

    @contextmanager
    def alone(self, purpose: str) -> Iterator[None]:
        """A block that one process at a time enters. Raises MlflowError after a minute's wait."""
        with locked(lock_of(self.store, f"mlflow-{purpose}"), patience=_LOCK_PATIENCE) as mine:
            if not mine:
                raise MlflowError(f"Another process has held the lock '{purpose}' for a minute.")
            yield


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def told(error: BaseException) -> str:
    """The first line of an error of MLflow, short and without passwords."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    line = without_credentials(lines[0])
    return line if len(line) <= 300 else f"{line[:297]}..."


def _see_to_database(uri: str, store: Store) -> None:
    path = database_file(uri)
    if path is None or path.exists():
        return
    with locked(path.with_name(f"{path.name}.lock"), patience=_LOCK_PATIENCE) as alone:
        if not alone:
            raise MlflowError("Another process has been creating the database for a minute.")
        make_database(path, artifacts=artifact_location(uri, store) or "")
