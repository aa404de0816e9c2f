"""The datasets that entered a run, as MLflow names them: name, digest, schema; never a cell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stepwell import Dataset, StoreError
from stepwell.authoring import Store
from stepwell_tracking._address import without_credentials
from stepwell_tracking._content import Record, outputs

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput

_LONGEST_DIGEST = 36
_LONGEST_SCHEMA = 1_000_000

_TYPES = {
    "Boolean": "boolean",
    "Date": "datetime",
    "Datetime": "datetime",
    "Float32": "float",
    "Float64": "double",
    "Int8": "integer",
    "Int16": "integer",
    "Int32": "integer",
    "Int64": "long",
    "Binary": "binary",
}


def dataset_inputs(record: Record, store: Store) -> Iterator[DatasetInput]:
    """Every dataset that was handed in or that a step without inputs brought."""
    from mlflow.entities import Dataset as MlflowDataset
    from mlflow.entities import DatasetInput, InputTag

    for name, fingerprint in _entering(record):
        described = _described(store, fingerprint)
        if described is None:
            continue
        schema, profile = described
        source = {"store": without_credentials(store.url), "fingerprint": fingerprint}
        entity = MlflowDataset(
            name=name,
            digest=fingerprint[:_LONGEST_DIGEST],
            source_type="stepwell",
            source=json.dumps(source),
            schema=schema if len(schema) <= _LONGEST_SCHEMA else None,
            profile=profile,
        )
        yield DatasetInput(entity, [InputTag("mlflow.data.context", "input")])


def _entering(record: Record) -> list[tuple[str, str]]:
    brought = outputs([step for step in record["steps"] if not step["inputs"]], "dataset")
    handed = [(name, found) for name, found in record["inputs"].items() if found is not None]
    return list(dict.fromkeys([*handed, *brought]))


def _described(store: Store, fingerprint: str) -> tuple[str, str] | None:
    """Schema and size; None for what is no dataset or has been pruned from the store."""
    try:
        dataset: Dataset = store.get(fingerprint, "dataset")
    except (StoreError, ValueError, KeyError):
        return None
    columns = [{"name": name, "type": _type(dtype)} for name, dtype in dataset.schema.items()]
    profile = {"num_rows": len(dataset), "num_elements": len(dataset) * len(columns)}
    return json.dumps({"mlflow_colspec": columns}), json.dumps(profile)


def _type(dtype: Any) -> str:
    return _TYPES.get(type(dtype).__name__, "string")
