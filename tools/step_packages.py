"""Tiny step packages for tests: wheels of several versions, written in milliseconds.

They are what a maintainer would build: code, contract, changelog and metadata. Only the build
backend is left out.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Iterable, Mapping
from importlib import invalidate_caches
from importlib.metadata import EntryPoint
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from stepwell._contract import FILE, contract_of_steps, contract_text

CORE = "stepwell>=1.0,<2"
SCALE = """
from dataclasses import dataclass

import polars as pl
from pydantic import Field
from stepwell import Dataset, Step


@dataclass(frozen=True)
class Scaled:
    data: Dataset


class Scale(Step):
    \"\"\"Multiply a column.\"\"\"

    factor: float = Field(default=1.0, description="By how much.")
    threshold: float = Field(default=0.0, description="The least that is kept.")

    def run(self, *, data: Dataset) -> Scaled:
        scaled = data.to_polars().with_columns(pl.col("x") * self.factor)
        return Scaled(data=data.with_data(scaled))
"""
"""A step that later versions change in every way that an upgrade may meet."""

MEASURE = """
from dataclasses import dataclass

from pydantic import Field
from stepwell import Dataset, Finding, Metric, Report, Step


@dataclass(frozen=True)
class Measured:
    report: Report


class Measure(Step):
    \"\"\"Measure a column.\"\"\"

    at_least: float = Field(default=0.5, description="The least that passes.")

    def run(self, *, data: Dataset) -> Measured:
        mean = data.to_polars()["x"].mean()
        verdict = "passed" if mean >= self.at_least else "failed"
        finding = Finding(check="mean", verdict=verdict, message="The mean.")
        metrics = [Metric(name="accuracy", value=mean)]
        return Measured(report=Report(findings=[finding], metrics=metrics))
"""

_CHANGELOG = """# Changelog

## 2.0 (2026-03-01)

### Removed

- `threshold`: filter before.

## 1.2 (2026-02-01)

- Numbers are halved.

## 1.1 (2026-01-15)

- `offset` is new.

## 1.0 (2026-01-01)

- The first one.
"""
_WITHDRAWN = """[[withdrawn]]
version = "1.2"
reason = "It halves everything."
replacement = "2.0"
"""
_WHEEL = "Wheel-Version: 1.0\nGenerator: step-packages\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def publish_steps(folder: Path) -> None:
    """Versions of `stepwell-scale` and `stepwell-measure` in the folder of an index.

    After 1.0, 1.1 adds a field and does the same, 1.2 makes everything worse, and 2.0 has no
    `threshold` any more and withdraws 1.2. One library is required from the beginning, another by
    1.1.
    """
    offset = 'offset: float = Field(default=0.0, description="What is added.")'
    newer = SCALE.replace("    def run", f"    {offset}\n\n    def run")
    worse = newer.replace("* self.factor", "* self.factor * 0.5")
    without = re.sub(r"    threshold: .*\n", "", newer)
    for version, code in {"1.0": SCALE, "1.1": newer, "1.2": worse, "2.0": without}.items():
        step_wheel(
            folder,
            "stepwell-scale",
            version,
            code,
            requires=[CORE, "stepwell-rounding"] if version == "1.1" else [CORE],
            changelog=_CHANGELOG,
            withdrawn=_WITHDRAWN if version == "2.0" else "",
        )
    step_wheel(folder, "stepwell-measure", "1.0", MEASURE, requires=[CORE, "stepwell-units"])
    for library in ("stepwell-units", "stepwell-rounding"):
        step_wheel(folder, library, "1.0", "", requires=())


def step_wheel(
    folder: Path,
    name: str,
    version: str,
    code: str,
    *,
    requires: Iterable[str] = (CORE,),
    changelog: str = "",
    withdrawn: str = "",
    contract: bool = True,
) -> Path:
    """The wheel of a package whose module is `code`; every class in it that is a step is a step."""
    module = name.replace("-", "_")
    steps = {_kebab(step): f"{module}:{step}" for step in re.findall(r"class (\w+)\(Step\)", code)}
    files = {f"{module}/__init__.py": code}
    if steps and contract:
        files[f"{module}/{FILE}"] = _contract(name, code, steps, folder)
    if withdrawn:
        files[f"{module}/withdrawn.toml"] = withdrawn
    described = f"{module}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    files[f"{described}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
    )
    files[f"{described}/WHEEL"] = _WHEEL
    if steps:
        points = "".join(f"{point} = {target}\n" for point, target in steps.items())
        files[f"{described}/entry_points.txt"] = f"[stepwell.steps]\n{points}"
    if changelog:
        files[f"{described}/extra_metadata/CHANGELOG.md"] = changelog
    return _written(folder / f"{module}-{version}-py3-none-any.whl", files, f"{described}/RECORD")


def _written(wheel: Path, files: Mapping[str, str], record: str) -> Path:
    lines = [f"{name},{_digest(text)},{len(text.encode())}\n" for name, text in files.items()]
    with ZipFile(wheel, "w") as archive:
        for name, text in {**files, record: "".join([*lines, f"{record},,\n"])}.items():
            archive.writestr(ZipInfo(name), text)
    return wheel


def _digest(text: str) -> str:
    found = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(found).rstrip(b'=').decode()}"


def _contract(name: str, code: str, steps: Mapping[str, str], folder: Path) -> str:
    """The contract of the code, which is imported for that and forgotten."""
    module = folder / name.replace("-", "_")
    module.mkdir()
    file = module / "__init__.py"
    file.write_text(code)
    sys.path.insert(0, str(folder))
    invalidate_caches()
    try:
        points = [EntryPoint(point, target, "stepwell.steps") for point, target in steps.items()]
        return contract_text(contract_of_steps(name, points))
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(module.name, None)
        file.unlink()
        for left in module.rglob("*.pyc"):
            left.unlink()
        if (module / "__pycache__").exists():
            (module / "__pycache__").rmdir()
        module.rmdir()


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
