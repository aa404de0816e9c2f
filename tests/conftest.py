"""What the tests that cross packages share stands in `fixtures`, a module for each thing."""

from __future__ import annotations

import pytest
from browsers import browser
from machines import machine
from mlflow_servers import mlflow_server, postgres
from object_stores import guarded_object_store, object_store, s3
from own_packages import PACKAGES, core_wheel, packages, root, wheels
from package_indexes import empty_index, package_index

__all__ = [
    "browser",
    "core_wheel",
    "empty_index",
    "guarded_object_store",
    "machine",
    "mlflow_server",
    "object_store",
    "package_index",
    "packages",
    "postgres",
    "root",
    "s3",
    "wheels",
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `package` runs for each of them."""
    if "package" in metafunc.fixturenames:
        metafunc.parametrize("package", PACKAGES, ids=[package.name for package in PACKAGES])
