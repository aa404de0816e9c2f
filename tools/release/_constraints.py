"""constraints.txt: the newest of everything, installed and tried together."""

from __future__ import annotations

import sys
from pathlib import Path

from packaging.version import Version

from release._environment import Environment, Supply
from release._errors import ReleaseError
from release._packages import Package
from release._process import run, uv_command
from release._repository import Repository, newest, require_needs
from release._withdraw import withdrawn
from stepwell._indexes._index import PackageIndex
from stepwell._installation._withdrawn import withdrawal_of

FILE = "constraints.txt"
DEMO = Path("examples/credit/demo.py")
_TITLE = """\
# The newest releases of all packages, which were installed together, and tried, with Python {}.
#     pip install stepwell-train --constraint constraints.txt
"""


def write_constraints(
    packages: dict[str, Package],
    repository: Repository,
    index: PackageIndex,
    *,
    tree: Path,
    work: Path,
    into: Path,
    demo: bool = True,
) -> Path:
    """The file in the folder `into`, once pip check and the demo in `tree` have passed with it."""
    pins = newest_of_all(packages, index)
    work.mkdir(parents=True)
    wanted, resolved = work / "wanted.txt", work / FILE
    wanted.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()))
    command = uv_command(
        "pip", "compile", "--no-header", "--no-annotate", "--output-file", resolved
    )
    command += ["--python", sys.executable]
    command += [word for name in packages for word in ("--refresh-package", name)]
    what = "resolving the newest of everything together"
    run([*command, wanted], what=what, environment=repository.uv_environment)
    _try(resolved, repository, tree=tree, work=work / "environment", demo=demo)
    version = ".".join(map(str, sys.version_info[:2]))
    file = into / FILE
    file.write_text(_TITLE.format(version) + resolved.read_text(encoding="utf-8"), encoding="utf-8")
    return file


def newest_of_all(packages: dict[str, Package], index: PackageIndex) -> dict[str, Version]:
    """The newest version on the index of each package that it has, and that is not withdrawn."""
    found = {name: newest(index, name) for name in packages}
    pins = {name: version for name, version in found.items() if version is not None}
    for name, version in pins.items():
        require_needs(packages[name], packages, index)
        if withdrawal_of(str(version), withdrawn(packages[name])):
            raise ReleaseError(
                f"{name} {version} is the newest on {index.url}, and withdrawn. Publish the "
                "release that replaces it."
            )
    if not pins:
        raise ReleaseError(f"{index.url} has none of the packages here. Publish one first.")
    return pins


def _try(constraints: Path, repository: Repository, *, tree: Path, work: Path, demo: bool) -> None:
    environment = Environment(work)
    what = "installing the newest of everything together"
    supply = Supply(environment=repository.uv_environment)
    environment.install("--requirements", constraints, what=what, supply=supply)
    environment.check(what="the newest of everything together")
    if demo and (tree / DEMO).exists():
        what = f"the newest of everything together: {DEMO}"
        environment.python_runs(tree / DEMO, what=what, folder=(tree / DEMO).parent)
