"""Artifacts of the kind `file`: a file or a folder of files in the store, and written out again.

The names come from whoever wrote the files, so they may be any that every system can keep.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from stepwell._digest import canonical_json
from stepwell._errors import ContractError, StoreError
from stepwell._json import read_json
from stepwell._paths import inside, is_portable, twins
from stepwell._storage._files import opened
from stepwell._storage._temporary import new_folder

if TYPE_CHECKING:
    from stepwell._storage._store import Store


class Manifest(BaseModel):
    """The name of a file or folder, and the digest of each file by its path from there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["stepwell.file/1"] = "stepwell.file/1"
    name: str
    files: tuple[tuple[str, str], ...]


def put_file(store: Store, path: Path) -> str:
    """Keep a file, or a folder and all that is in it. Raises ContractError for links and pipes,
    and for names that not every system can keep.
    """
    found = [path, *sorted(path.rglob("*"))]
    for one in found:
        if one.is_symlink() or not (one.is_file() or one.is_dir()):
            raise ContractError(
                f"The file artifact {path.name!r} holds {one.name!r}, which is a link or no file."
            )
    files = {one.relative_to(path.parent).as_posix(): one for one in found if one.is_file()}
    problem = _problem(path.name, list(files))
    if problem is not None:
        raise ContractError(f"The file artifact {path.name!r} cannot be kept: {problem}.")
    kept = tuple((name, _put_content(store, file)) for name, file in files.items())
    return store.put_blob(canonical_json(Manifest(name=path.name, files=kept).model_dump()))


def manifest_of(content: bytes) -> Manifest:
    """The manifest in these bytes. Raises ValueError for one that `put_file` would not write."""
    manifest = Manifest.model_validate(read_json(content))
    problem = _problem(manifest.name, [name for name, _ in manifest.files])
    if problem is not None:
        raise ValueError(problem)
    return manifest


def get_file(store: Store, content: bytes) -> Path:
    """The file or folder that a manifest names, written out into a folder of its own.

    Raises ValueError for a manifest that is none, StoreError for content that is missing.
    """
    manifest = manifest_of(content)
    folder = str(new_folder())
    try:
        for name, digest in manifest.files:
            target = Path(inside(folder, name, rule=is_portable))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(store.blob(digest))
        place = Path(inside(folder, manifest.name, rule=is_portable))
        if not manifest.files:
            place.mkdir()
    except OSError as error:
        raise StoreError(
            f"The file artifact {manifest.name!r} cannot be written out: {error.strerror}."
        ) from None
    return place


def _problem(name: str, files: list[str]) -> str | None:
    """Why these paths cannot be files of one folder `name` on every system."""
    for path in [name, *files]:
        if not all(map(is_portable, path.split("/"))):
            return f"{path!r} is no name that every system can keep"
    if "/" in name or not all(path == name or path.startswith(f"{name}/") for path in files):
        return f"not all of its files are in {name!r}"
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents}
    if len(set(files)) != len(files) or folders & set(files):
        return "it holds two files of one name"
    same = twins([*files, *sorted(folders)])
    return f"{same[0]!r} and {same[1]!r} are one name for some systems" if same else None


def _put_content(store: Store, file: Path) -> str:
    with store.blob_writer() as writer, opened(str(file)) as source:
        while chunk := source.read(1 << 24):
            writer.sink.write(chunk)
    return writer.digest
