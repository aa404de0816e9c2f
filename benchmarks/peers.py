"""What Stepwell is compared with, in an environment for each: their dependencies conflict."""

import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import uv

ENVIRONMENTS = Path(__file__).parent / ".environments"

REQUIREMENTS = {
    "faker": ["faker"],
    "hamilton": ["sf-hamilton"],
    "kedro": ["kedro", "kedro-datasets[json,pandas,pickle]"],
    "pandera": ["pandera[polars]", "polars"],
    "presidio": ["presidio-analyzer>=2.2.358"],
    "zenml": ["zenml[local]"],
}

SHARED = ("numpy", "pandas", "pyarrow", "scikit-learn")
"""What everybody works with, in the version that Stepwell has here."""

QUIET = {
    "DO_NOT_TRACK": "1",
    "HAMILTON_TELEMETRY_ENABLED": "false",
    "ZENML_ANALYTICS_OPT_IN": "false",
    "ZENML_LOGGING_VERBOSITY": "ERROR",
}
"""Without telemetry. Kedro and Hamilton print what they print by default."""


@cache
def python_of(peer: str) -> str:
    """The interpreter of an environment with this peer, made by uv where there is none yet."""
    folder = ENVIRONMENTS / peer
    shared = [f"{name}=={version(name)}" for name in SHARED]
    interpreter = str(folder / "bin" / "python")
    _uv("venv", "--allow-existing", "--python", sys.executable, str(folder))
    _uv(
        "pip",
        "install",
        "--compile-bytecode",
        "--python",
        interpreter,
        *REQUIREMENTS[peer],
        *shared,
    )
    return interpreter


def version_of(peer: str) -> str:
    """The installed version of a peer, after its name."""
    distribution = REQUIREMENTS[peer][0].partition("[")[0]
    code = f"from importlib.metadata import version; print(version({distribution!r}))"
    done = subprocess.run([python_of(peer), "-c", code], check=True, capture_output=True, text=True)
    return f"{peer.capitalize()} {done.stdout.strip()}".replace("Zenml", "ZenML")


def _uv(*arguments: str) -> None:
    subprocess.run([uv.find_uv_bin(), "--quiet", *arguments], check=True)
