"""Artifacts: what steps returned, how the store keeps it, and how the next step sees it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from stepwell._data._dataset import Dataset
from stepwell._data._manifest import parsed_manifest
from stepwell._digest import canonical_json, digest
from stepwell._errors import ContractError, CorruptedError, StepwellError
from stepwell._json import read_json
from stepwell._models._model import Model, read_description
from stepwell._protocol._kinds import Kind, frame_type, json_adapter
from stepwell._protocol._report import Report
from stepwell._storage._file_artifacts import get_file, manifest_of, put_file

if TYPE_CHECKING:
    from stepwell._protocol._signature import Input, Output
    from stepwell._storage._store import Store


@dataclass
class Artifact:
    """A value between two steps: in memory, in the store, or both.

    `absent` marks an optional output that the step left out. A value of kind `value` is held as
    JSON, so that no step can change what another one sees.
    """

    kind: Kind
    value: Any = None
    fingerprint: str | None = None
    store: Store | None = None
    absent: bool = False

    def in_memory(self) -> Any:
        """The value; read from the store (and kept) if it is not in memory."""
        if self.value is None and not self.absent:
            assert self.store is not None and self.fingerprint is not None  # one of both exists
            self.value = get_value(self.store, self.fingerprint, self.kind)
        return self.value

    def put(self, store: Store, kin: Iterable[Dataset] = ()) -> None:
        """Keep the value in `store`; fills in the fingerprint."""
        if self.absent or self.store is store:
            return
        self.fingerprint = put_value(store, self.in_memory(), kin, self.kind)
        self.store = store

    def release(self) -> None:
        """Forget the value in memory, if the store has it."""
        if self.store is not None:
            self.value = None

    def as_input(self, wanted: Input, where: str) -> Any:
        """The value in the form that a step annotates. Raises ContractError."""
        if self.absent:
            return None
        value = self.in_memory()
        if self.kind == "dataset":
            return dataset_as(value, wanted.annotation)
        if self.kind == "model":
            return _model_as(value, wanted, where)
        if self.kind == "value":
            return _from_json(value, wanted.annotation, f"Input {wanted.name!r} of {where}")
        return value


def artifact_of(output: Output, value: Any, where: str) -> Artifact:
    """What a step returned, as an artifact of the kind that it declares. Raises ContractError."""
    if value is None:
        if not output.optional and output.annotation is not type(None):
            raise _wrong(output, value, where)
        return Artifact(output.kind, absent=True)
    if output.kind == "dataset":
        return Artifact("dataset", _as_dataset(output, value, where))
    if output.kind == "value":
        return Artifact("value", _to_json(output, value, where))
    expected = output.annotation if isinstance(output.annotation, type) else object
    if not isinstance(value, expected):
        raise _wrong(output, value, where)
    if output.kind == "model":
        return Artifact("model", Model.of(value))
    if isinstance(value, Path) and not value.exists():
        raise ContractError(f"{where} returned a path for {output.name!r} where there is no file.")
    return Artifact(output.kind, value)


def input_of(kind: Kind, value: Any, name: str) -> Artifact:
    """What a caller hands to a pipeline as the input `name`."""
    if kind == "dataset":
        return Artifact(kind, Dataset.of(value))
    if kind == "model":
        return Artifact(kind, Model.of(value))
    if kind == "value":
        return Artifact(kind, to_jsonable_python(value))
    return Artifact(kind, value)


def dataset_as(dataset: Dataset, annotation: Any) -> Any:
    """A dataset as the type that a step annotates."""
    named = frame_type(annotation)
    if named == ("pandas", "DataFrame"):
        return dataset.lend_pandas()
    if named == ("polars", "DataFrame"):
        return dataset.to_polars()
    if named == ("polars", "LazyFrame"):
        return dataset.lazy()
    if named == ("pyarrow", "Table"):
        return dataset.to_arrow()
    return dataset


def _as_dataset(output: Output, value: Any, where: str) -> Dataset:
    expected = frame_type(output.annotation) or ("stepwell", "Dataset")
    found = type(value).__module__.partition(".")[0], type(value).__name__
    if found != expected and not isinstance(value, Dataset):
        raise _wrong(output, value, where)
    if found == ("polars", "LazyFrame"):
        from stepwell._data._polars import collected, without_cells

        with without_cells(f"Output {output.name!r} of {where}"):
            return Dataset.of(collected(value))
    return Dataset.of(value)


def _wrong(output: Output, value: Any, where: str) -> ContractError:
    wanted = getattr(output.annotation, "__name__", str(output.annotation))
    return ContractError(
        f"{where} declares {output.name!r} as {wanted} and returned a {type(value).__name__}."
    )


def _model_as(model: Model, wanted: Input, where: str) -> Any:
    if issubclass(wanted.annotation, Model):
        return model
    live = model.load()
    if not isinstance(live, wanted.annotation):
        raise ContractError(
            f"{where[:1].upper()}{where[1:]} takes {wanted.name!r} as "
            f"{wanted.annotation.__name__}; the model is a {type(live).__name__}."
        )
    return live


def _to_json(output: Output, value: Any, where: str) -> Any:
    adapter = json_adapter(output.annotation)
    try:
        document = adapter.dump_python(adapter.validate_python(value, strict=True), mode="json")
        canonical_json(document)  # refuses NaN and infinities
        return document
    except ValidationError:
        raise _wrong(output, value, where) from None
    except (TypeError, ValueError):
        raise ContractError(
            f"{where} returned {output.name!r} with content that is no JSON."
        ) from None


def _from_json(value: Any, annotation: Any, where: str) -> Any:
    try:
        return json_adapter(annotation).validate_json(json.dumps(value))
    except ValidationError:
        wanted = getattr(annotation, "__name__", str(annotation))
        raise ContractError(
            f"{where} is annotated {wanted}, which the artifact does not fit."
        ) from None


# in the store


def put_value(
    store: Store, value: Any, kin: Iterable[Dataset] = (), kind: Kind | None = None
) -> str:
    """Keep a value and return its fingerprint."""
    if isinstance(value, Dataset):
        from stepwell._data._stored import put_dataset

        return put_dataset(store, value, kin)
    if isinstance(value, Model):
        for name in value.description.files:
            store.put_blob(value.read(name))
        return store.put_blob(value._description_bytes)
    if isinstance(value, Report):
        return store.put_blob(canonical_json(value.model_dump(mode="json")))
    if kind == "file":
        return put_file(store, Path(value))
    return store.put_blob(canonical_json(value))


def fingerprint_of(artifact: Artifact) -> str | None:
    """The fingerprint of an artifact, computed without a store if need be; None if absent."""
    if artifact.fingerprint is not None or artifact.absent:
        return artifact.fingerprint
    value = artifact.in_memory()
    if isinstance(value, Dataset | Model):
        return value.fingerprint
    content = value.model_dump(mode="json") if isinstance(value, Report) else value
    return digest(canonical_json(str(content) if artifact.kind == "file" else content))


def get_value(store: Store, fingerprint: str, kind: str) -> Any:
    """The stored value of this fingerprint. Raises StoreError, CorruptedError."""
    if kind == "dataset":
        from stepwell._data._stored import get_dataset

        return get_dataset(store, fingerprint)
    content = bytes(store.blob(fingerprint))
    if kind == "model":
        return _get_model(store, fingerprint, content)
    try:
        if kind == "file":
            return get_file(store, content)
        document = read_json(content)
        return Report.model_validate(document) if kind == "report" else document
    except ValueError:
        raise CorruptedError(f"Blob {fingerprint[:12]} is no {kind}.") from None


def blobs_of(store: Store, fingerprint: str, kind: str) -> list[str]:
    """The digests of all blobs that a stored artifact consists of. Raises StoreError."""
    content = bytes(store.blob(fingerprint))
    try:
        return [fingerprint, *_parts(content, kind)]
    except (ValueError, StepwellError):
        raise CorruptedError(f"Blob {fingerprint[:12]} is no {kind}.") from None


def _parts(content: bytes, kind: str) -> Iterable[str]:
    if kind == "dataset":
        return [column.digest for column in parsed_manifest(content)[0]]
    if kind == "model":
        return read_description(content, where="The store")[0].files.values()
    if kind == "file":
        return [digest for _, digest in manifest_of(content).files]
    return []


def _get_model(store: Store, fingerprint: str, content: bytes) -> Model:
    described, written = read_description(content, where=f"The store {store.url}")
    if written != content:
        raise CorruptedError(f"Blob {fingerprint[:12]} is no model as Stepwell writes it.")
    return Model(described, lambda name: bytes(store.blob(described.files[name])), written=written)
