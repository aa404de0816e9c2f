"""`Load`: files into a dataset with roles."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, JsonValue, field_validator

from stepwell._data._dataset import Dataset
from stepwell._data._roles import Role, Roles
from stepwell._protocol._step import Step

if TYPE_CHECKING:
    from stepwell._loading._sources import SourceFile

FileFormat = Literal["csv", "parquet", "jsonl", "arrow"]


@dataclass(frozen=True)
class Loaded:
    """What `Load` produces."""

    data: Dataset


class Load(Step):
    """Read a file, or a folder of files of one format, into a dataset.

    The format is told by the ending (`.csv`, `.tsv`, `.parquet`, `.jsonl`, `.ndjson`, `.arrow`,
    `.feather`, `.ipc`, and for text also `.gz`) and checked against the first bytes. A folder's
    files are read in the order of their names. Small sources are read at once, large ones in
    batches.
    """

    source: str = Field(
        description="Path or fsspec URL of a file, or of a folder of files of one format. ${NAME} "
        "is taken from the environment."
    )
    format: FileFormat | None = Field(
        default=None, description="The format, if the ending does not tell it."
    )
    roles: Mapping[str, str | Role | Sequence[str | Role]] = Field(
        default={}, description="What is known about columns: target, protected, identifier, …"
    )
    columns: Sequence[str] | None = Field(
        default=None, description="The columns to keep; default: all."
    )
    types: Mapping[str, str] = Field(
        default={},
        description='Types of columns of text files by Polars name, for example {"zip": "String"}.',
    )
    null_values: Sequence[str] = Field(
        default=("",), description="What stands for a missing value in CSV."
    )
    separator: str | None = Field(
        default=None, description="Separator of CSV; default: a comma, a tab in .tsv."
    )
    storage_options: Mapping[str, JsonValue] = Field(
        default={}, description="Options for fsspec; secrets as ${NAME}."
    )

    @field_validator("source", mode="before")
    @classmethod
    def _path_as_text(cls, source: object) -> object:
        if isinstance(source, list | tuple):
            raise ValueError("it is one path; for several files of one format, name their folder")
        if not isinstance(source, str | os.PathLike):
            raise ValueError(
                f"it is a path or URL, not a {type(source).__name__}. A frame needs no Load: write "
                'Pipeline(..., inputs={"data": Dataset}) and run(data=frame)'
            )
        return os.fspath(source)

    @field_validator("roles")
    @classmethod
    def _roles_fit_together(cls, roles: Any) -> Any:
        Roles(roles)
        return roles

    @field_validator("separator")
    @classmethod
    def _one_byte(cls, separator: str | None) -> str | None:
        if separator is not None and len(separator.encode()) != 1:
            raise ValueError("the separator is one character, for example ';'")
        return separator

    def external_state(self) -> JsonValue:
        """The digests of the files."""
        return [[file.name, file.digest] for file in self._files()]

    def run(self) -> Loaded:
        """Read the files. Raises DataError for files that are missing, empty or damaged."""
        from stepwell._loading._reading import read

        files = self._files()

        def unchanged() -> None:
            for file in files:
                file.check_unchanged()

        dataset = Dataset.of(read(self, files)).checked_by(unchanged)
        return Loaded(data=dataset.with_roles(self.roles))

    def preview(self, **inputs: Any) -> Mapping[str, Any]:
        """The data itself: reading it is how its columns are known."""
        return {"data": self.run().data}

    def _files(self) -> list[SourceFile]:
        from stepwell._loading._sources import source_files

        return source_files(self.source, self.storage_options, self.format)

    @classmethod
    def example(cls) -> tuple[Load, dict[str, Any]]:
        """Two rows of CSV in a temporary file."""
        from stepwell._storage._temporary import new_folder

        path = new_folder() / "rows.csv"
        path.write_text("age,risk\n31,good\n24,bad\n", encoding="utf-8")
        return cls(source=str(path), roles={"risk": "target"}), {}
