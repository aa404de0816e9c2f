"""Contracts of versions that a package index has: read from wheels, with nothing installed."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from package_index import PackageIndex

from stepwell import PackageError, PackageIndexError
from stepwell._cli import stepwell as command_line

NAME = "stepwell-compared"


def wheel_of(folder: Path, version: str, *fields: str) -> Path:
    """A wheel of one step with these fields, as a build leaves it."""
    wheel = folder / f"stepwell_compared-{version}-py3-none-any.whl"
    described = f"stepwell_compared-{version}.dist-info"
    properties = {field: {"default": 1, "type": "integer"} for field in fields}
    step = {
        "target": "stepwell_compared:Compare",
        "description": "Compare.",
        "configuration": {"type": "object", "properties": properties},
        "inputs": {},
        "outputs": {},
    }
    contract = {
        "format": "stepwell.package-contract/1",
        "package": NAME,
        "steps": {"compare": step},
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("stepwell_compared/contract.json", json.dumps(contract))
        archive.writestr(
            f"{described}/entry_points.txt",
            "[stepwell.steps]\ncompare = stepwell_compared:Compare\n",
        )
        archive.writestr(
            f"{described}/METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n"
        )
        archive.writestr(f"{described}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{described}/RECORD", "")
    return wheel


@pytest.fixture(scope="session")
def published(package_index: PackageIndex, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an index that has two versions."""
    folder = tmp_path_factory.mktemp("compared")
    package_index.publish(
        wheel_of(folder, "1.0.0", "threshold"), wheel_of(folder, "1.1.0", "limit")
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
