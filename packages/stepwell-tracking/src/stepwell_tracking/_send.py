"""One run, sent: everything that is sent twice has the same effect as sent once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from stepwell import StoreError
from stepwell_tracking import _content
from stepwell_tracking._content import Record
from stepwell_tracking._datasets import dataset_inputs
from stepwell_tracking._log import logger
from stepwell_tracking._mlflow import Mlflow
from stepwell_tracking._outbox import Waiting

COMPLETE = "stepwell.complete"
_BATCH = 100

Item = TypeVar("Item")


def send_run(mlflow: Mlflow, waiting: Waiting) -> None:
    """Make a run of the store a run in MLflow, or complete the one that was begun."""
    assert waiting.record is not None  # a run without one does not wait yet
    entry = mlflow.store.records.read(waiting.record)
    record = entry.document
    run = mlflow.run(
        record["pipeline"], record["run_id"], started=_content.moment(record, "started_at")
    )
    if run.data.tags.get(COMPLETE):
        return
    run_id = run.info.run_id
    _log_batches(mlflow, run_id, record, f"{entry.number}:{entry.digest}")
    mlflow.client.log_inputs(run_id, datasets=list(dataset_inputs(record, mlflow.store)))
    for name, document in _documents(record):
        mlflow.client.log_dict(run_id, document, name)
    _log_model(mlflow, run, record)
    mlflow.client.set_terminated(
        run_id,
        _content.status(record),
        end_time=round(_content.moment(record, "finished_at").timestamp() * 1000),
    )
    mlflow.client.set_tag(run_id, COMPLETE, "true")


def _log_batches(mlflow: Mlflow, run_id: str, record: Record, head: str) -> None:
    """Parameters, metrics and tags; the time of the metrics is the run's, so none doubles."""
    from mlflow.entities import Metric, Param, RunTag

    at = round(_content.moment(record, "finished_at").timestamp() * 1000)
    params = [Param(key, value) for key, value in _content.parameters(record).items()]
    metrics = [Metric(key, value, at, 0) for key, value in _content.metrics(record).items()]
    tags = [RunTag(key, value) for key, value in _content.tags(record, head).items()]
    for some_params in _batches(params):
        mlflow.client.log_batch(run_id, params=some_params)
    for some_metrics in _batches(metrics):
        mlflow.client.log_batch(run_id, metrics=some_metrics)
    for some_tags in _batches(tags):
        mlflow.client.log_batch(run_id, tags=some_tags)


def _batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _documents(record: Record) -> Iterator[tuple[str, dict[str, Any]]]:
    """The JSON files among the artifacts: the record, and each report by itself."""
    yield "record.json", dict(record)
    for name, report in record["reports"].items():
        yield f"reports/{name}.json", report


def _log_model(mlflow: Mlflow, run: Any, record: Record) -> None:
    """The folder of the model that the run made; one that was pruned meanwhile is left out."""
    made = dict(_content.models(record)).get("model")
    if made is None:
        return
    try:
        mlflow.log_model(run, mlflow.store.get(made, "model"))
    except StoreError as error:
        logger.warning("Run %s is sent without its model: %s", record["run_id"], error)
