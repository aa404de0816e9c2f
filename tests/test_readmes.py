"""The first Python block of every README runs as it stands."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from own_packages import Package


def test_first_example_of_the_readme_runs(package: Package, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", package.example]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
