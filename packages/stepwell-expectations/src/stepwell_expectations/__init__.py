"""Great Expectations suites and data contract rules, answered in one Polars query."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stepwell_expectations._check import adds_up, check, counted, judged, without_rows_apart
    from stepwell_expectations._contracts import contract_suite
    from stepwell_expectations._draft import drafted
    from stepwell_expectations._expectation import Expectation, Suite, SuiteError
    from stepwell_expectations._objects import expect
    from stepwell_expectations._source import as_configuration, path_of, read_suite
    from stepwell_expectations._suite import suite_of
    from stepwell_expectations._yaml import YamlError, parse_yaml, read_yaml

_MODULES = {
    "_check": ("adds_up", "check", "counted", "judged", "without_rows_apart"),
    "_contracts": ("contract_suite",),
    "_draft": ("drafted",),
    "_expectation": ("Expectation", "Suite", "SuiteError"),
    "_objects": ("expect",),
    "_source": ("as_configuration", "path_of", "read_suite"),
    "_suite": ("suite_of",),
    "_yaml": ("YamlError", "parse_yaml", "read_yaml"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Expectation",
    "Suite",
    "SuiteError",
    "YamlError",
    "adds_up",
    "as_configuration",
    "check",
    "contract_suite",
    "counted",
    "drafted",
    "expect",
    "judged",
    "parse_yaml",
    "path_of",
    "read_suite",
    "read_yaml",
    "suite_of",
    "without_rows_apart",
]


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'stepwell_expectations' has no attribute {name!r}")
    value = getattr(import_module(f"stepwell_expectations.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
