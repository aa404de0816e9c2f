"""The libraries that only those need who work with package indexes."""

from __future__ import annotations

from importlib.util import find_spec

from stepwell._errors import ConfigurationError

_MODULES = {"pypi_simple": "pypi-simple", "uv": "uv"}


def require_extra() -> None:
    """Raise ConfigurationError, which says what to type, if `stepwell[packages]` is missing."""
    missing = [name for module, name in _MODULES.items() if find_spec(module) is None]
    if missing:
        raise ConfigurationError(
            f"Work with package indexes needs {' and '.join(missing)}, not installed here.",
            hint="Install what is missing: pip install 'stepwell[packages]'",
        )
