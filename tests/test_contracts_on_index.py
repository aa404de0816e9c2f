"""Contracts of versions that a package index has: read from wheels, with nothing installed."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result
from package_index import PackageIndex
from step_packages import MEASURE, step_wheel

from stepwell import PackageError, PackageIndexError
from stepwell._cli import stepwell as command_line

NAME = "stepwell-compared"


CODE = MEASURE.replace("class Measure(", "class Compare(")


@pytest.fixture(scope="session")
def published(package_index: PackageIndex, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an index that has two versions, of which the second renames a field."""
    folder = tmp_path_factory.mktemp("compared")
    versions = {"1.0.0": "threshold", "1.1.0": "limit"}
    package_index.publish(
        *(
            step_wheel(folder, NAME, version, CODE.replace("at_least", field))
            for version, field in versions.items()
        )
    )
    return package_index.simple_with_credentials


def diff(old: str, new: str, index: str) -> Result:
    arguments = ["contract", "diff", f"{NAME}=={old}", f"{NAME}=={new}", "--index", index]
    return CliRunner().invoke(command_line, arguments)


def test_two_versions_on_the_index_are_compared(published: str) -> None:
    done = diff("1.0.0", "1.1.0", published)
    assert done.output.splitlines() == [
        "  major  Compare: field 'threshold' is gone.",
        "  minor  Compare: field 'limit' is new.",
        "This demands a major version: at least 2.0.0.",
        "1.1.0 is too small.",
    ]
    assert done.exit_code == 1


def test_version_that_the_index_does_not_have_is_told_with_those_that_it_has(
    published: str,
) -> None:
    error = diff("1.0.0", "3.0.0", published).exception
    assert isinstance(error, PackageError)
    assert f"has no wheel of {NAME} 3.0.0. Versions: 1.1.0, 1.0.0." in str(error)


def test_index_that_refuses_is_an_error_and_no_missing_version(
    published: str, package_index: PackageIndex
) -> None:
    error = diff("1.0.0", "1.1.0", package_index.simple).exception
    assert isinstance(error, PackageIndexError)
    assert package_index.password not in str(error)
