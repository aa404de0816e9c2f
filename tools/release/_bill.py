"""The bill of materials of a release: what was installed with it, as CycloneDX."""

from __future__ import annotations

import sys
from pathlib import Path

from release._environment import Environment
from release._packages import Package
from release._process import run


def write_bill(package: Package, environment: Environment, pyproject: Path, into: Path) -> Path:
    """Write the SBOM of a package that was installed alone beside its files."""
    file = into / f"{package.import_name}-{package.version}.cdx.json"
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--mc-type", "library"]
    command += ["--pyproject", str(pyproject), "--output-reproducible", "--output-file", str(file)]
    run([*command, environment.python], what=f"{package}: writing its SBOM")
    return file
