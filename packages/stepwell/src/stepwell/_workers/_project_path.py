"""The folders that a worker process imports a step from."""

from __future__ import annotations

import site
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from stepwell._code._packages import is_of_project
from stepwell._protocol._step import Step


def project_path(step: Step) -> list[str]:
    """The folders to import from: that of the step's module, and those of this process."""
    file = getattr(sys.modules.get(type(step).__module__), "__file__", None)
    own = [str(Path(file).absolute().parent)] if file and "." not in type(step).__module__ else []
    return list(dict.fromkeys([*own, *_folders_of_this_process()]))


def project_path_elsewhere(step: Step) -> list[str]:
    """The same for a process in another environment: without what is installed here."""
    installed = set(_folders_of_installed())
    kept = [
        folder
        for folder in _folders_of_this_process()
        if folder not in installed and not _holds_packages(Path(folder))
    ]
    return list(dict.fromkeys([*_folder_of_project(step), *kept]))


def _folders_of_this_process() -> list[str]:
    return [str(Path(folder).absolute()) for folder in sys.path if folder]


def _folder_of_project(step: Step) -> list[str]:
    """The folder that the step's module, or the package around it, is imported from."""
    name = type(step).__module__
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None or not is_of_project(name, file):
        return []
    return [str(Path(file).absolute().parents[name.count(".") + (Path(file).stem == "__init__")])]


def _folders_of_installed() -> Iterator[str]:
    """Where Python and packages are, and the sources of what is installed by reference."""
    yield from (str(Path(path).absolute()) for path in sysconfig.get_paths().values())
    for folder in {*site.getsitepackages(), site.getusersitepackages()}:
        yield str(Path(folder).absolute())
        for file in Path(folder).glob("*.pth"):
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            named = (Path(folder) / line.strip() for line in lines if _is_folder(line))
            yield from (str(path.absolute()) for path in named)


def _is_folder(line: str) -> bool:
    """Whether a line of a .pth file names a folder: others are code, comments or empty."""
    return bool(line.strip()) and not line.startswith(("#", "import ", "import\t"))


def _holds_packages(folder: Path) -> bool:
    """Whether packages were installed into a folder, or Python itself."""
    is_python = folder.suffix == ".zip" or (folder / "os.py").exists()
    return is_python or folder.name == "lib-dynload" or any(folder.glob("*.dist-info"))
