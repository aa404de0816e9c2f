"""Models: a description and files, verified by digest before anything is loaded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from stepwell._digest import canonical_json, digest
from stepwell._errors import CorruptedError, ModelError, listed
from stepwell._json import read_json
from stepwell._models._model_formats import format_for, format_named
from stepwell._paths import inside, is_plain, twins
from stepwell._protocol._frozen import freeze
from stepwell._protocol._report import Details, Frozen
from stepwell._storage._files import opened

if TYPE_CHECKING:
    import polars as pl

DESCRIPTION = "model.json"


class Feature(BaseModel):
    """A column that a model takes: its Polars type as text, and its categories if it has any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    type: str
    categories: tuple[str, ...] | None = None


class ModelDescription(BaseModel):
    """What `model.json` says: everything about a model that can be known without loading it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["stepwell.model/1"] = "stepwell.model/1"
    format: str = Field(description="The model format that reads the files, for example 'skops'.")
    task: Literal["binary", "multiclass", "regression"] | None = None
    features: tuple[Feature, ...] = ()
    target: str | None = None
    classes: tuple[JsonValue, ...] | None = None
    favourable: JsonValue = None
    libraries: Annotated[Mapping[str, str], Frozen] = Field(default={}, validate_default=True)
    metadata: Details = Field(default={}, validate_default=True)
    files: Annotated[Mapping[str, str], Frozen] = Field(default={}, validate_default=True)


class Model:
    """A trained model: `description` and files. Never changes; loads only when asked."""

    def __init__(
        self,
        description: ModelDescription,
        read: Callable[[str], bytes],
        *,
        live: Any = None,
        written: bytes | None = None,
    ) -> None:
        self.description = description
        self._read = read
        self._live = live
        self._written = written

    @classmethod
    def of(cls, live: Any, **hints: Any) -> Model:
        """A live estimator as a model, by the installed model format that claims its library.

        Raises ModelError if no format does, or if the model cannot be stored.
        """
        if isinstance(live, Model):
            return live
        model_format = format_for(type(live))
        description, files = model_format.save(live, hints)
        return cls.from_files(description, files, live=live)

    @classmethod
    def from_files(
        cls, description: ModelDescription, files: Mapping[str, bytes], *, live: Any = None
    ) -> Model:
        """A model of these files; their digests are written into the description."""
        _check_names(files)
        digests = {name: digest(content) for name, content in sorted(files.items())}
        kept = dict(files)
        described = description.model_copy(update={"files": freeze(digests)})
        return cls(described, kept.__getitem__, live=live)

    @cached_property
    def fingerprint(self) -> str:
        """The digest of the description, which holds the digests of all files."""
        return digest(self._description_bytes)

    @property
    def version(self) -> str:
        """The first 12 digits of the fingerprint: `model_version` wherever the model is named."""
        return self.fingerprint[:12]

    @property
    def _description_bytes(self) -> bytes:
        """`model.json` as it was written, maybe by another version, else as it will be."""
        return self._written or canonical_json(self.description.model_dump(mode="json"))

    def read(self, name: str) -> bytes:
        """The bytes of one file, verified. Raises ModelError, CorruptedError."""
        expected = self.description.files.get(name)
        if expected is None:
            raise ModelError(
                f"The model has no file {name!r}.", hint=f"Files: {listed(self.description.files)}."
            )
        content = self._read(name)
        found = digest(content)
        if found != expected:
            raise CorruptedError(
                f"File {name!r} of model {self.version} was changed: its digest is {found[:12]}, "
                f"the description says {expected[:12]}."
            )
        return content

    def verify(self) -> None:
        """Read every file and compare digests. Raises CorruptedError for the first that differs."""
        for name in self.description.files:
            self.read(name)

    def load(self, *, trusted: Sequence[str] = ()) -> Any:
        """The live model, after every file was verified.

        Types beyond those that the format trusts are named in `trusted`; the model's own files
        have no say in it. Raises ModelError for an unknown format or an untrusted type.
        """
        if self._live is None:
            self.verify()
            self._live = format_named(self.description.format).load(self, trusted)
        return self._live

    def predict(self, frame: pl.DataFrame, *, trusted: Sequence[str] = ()) -> pl.DataFrame:
        """A row for each row of `frame`: `prediction`, and `score` (binary) or a `score_<class>`
        for each class.
        """
        model_format = format_named(self.description.format)
        return model_format.predict(self.load(trusted=trusted), self.description, frame)

    def state_digest(self) -> str | None:
        """A digest of the live model's state; None while it is not loaded."""
        if self._live is None:
            return None
        return format_named(self.description.format).state_digest(self._live)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write `model.json` and the files into a new folder and return its path."""
        path = Path(folder)
        try:
            path.mkdir(parents=True, exist_ok=False, mode=0o700)
        except FileExistsError:
            raise ModelError(f"{path} exists; a model is saved into a new folder.") from None
        for name in self.description.files:
            Path(inside(str(path), name)).write_bytes(self.read(name))
        (path / DESCRIPTION).write_bytes(self._description_bytes)
        return path

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """The model in a folder that `save` wrote; nothing is loaded.

        Raises ModelError for a folder that holds no model, or files that it does not name.
        """
        path = Path(folder)
        description, written = read_description(_bytes_of(path, DESCRIPTION), where=str(path))
        strange = sorted(set(_names_in(path)) - set(description.files) - {DESCRIPTION})
        if strange:
            raise ModelError(
                f"The model folder {path} holds {len(strange)} files that its description does not "
                f"name: {listed(strange)}."
            )
        return cls(description, lambda name: _bytes_of(path, name), written=written)

    def __repr__(self) -> str:
        described = self.description
        return f"Model({described.format}, {described.task}, version {self.version})"


def read_description(content: bytes, *, where: str) -> tuple[ModelDescription, bytes]:
    """The description in these bytes, and its canonical bytes. Raises ModelError without one."""
    try:
        document = read_json(content)
        description = ModelDescription.model_validate(document)
    except ValueError as error:
        raise ModelError(f"{where} holds no model description ({type(error).__name__}).") from None
    _check_names(description.files)
    return description, canonical_json(document)


def _check_names(names: Iterable[str]) -> None:
    """Refuse names that are no file's everywhere: paths, and two that differ only in case."""
    given = list(names)
    refused = [name for name in given if not is_plain(name)] or twins([DESCRIPTION, *given])[1:]
    if refused or DESCRIPTION in given:
        raise ModelError(
            f"{(refused or [DESCRIPTION])[0]!r} is no name for a file of a model: it is no plain "
            "name, or another file has it.",
            hint="Use letters, digits, '.', '_' and '-', beginning with a letter or digit.",
        )


def _bytes_of(folder: Path, name: str) -> bytes:
    try:
        with opened(inside(str(folder), name)) as file:
            return file.read()
    except OSError:
        raise ModelError(f"{name!r} is missing from the model folder {folder}.") from None


def _names_in(path: Path) -> Iterator[str]:
    return (entry.name for entry in path.iterdir())
