"""`stepwell outdated`: what the index has, what changed, and whether a pipeline still fits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from machines import Machine

PIPELINE = """
from stepwell import Load, Pipeline
from stepwell_measure import Measure
from stepwell_scale import Scale

pipeline = Pipeline("trained", [Load(source="rows.csv"), Scale({}), Measure()])
"""


def outdated(machine: Machine, folder: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    done = machine.stepwell(folder, "outdated", "--json", *arguments)
    assert done.returncode == 3, done.stderr
    return {one["package"]: one for one in json.loads(done.stdout)["packages"]}


def test_newer_version_is_told_with_changelog_and_changes_of_the_contract(
    machine: Machine, tmp_path: Path
) -> None:
    found = outdated(machine, machine.project(tmp_path, ""))
    scale = found["stepwell-scale"]
    assert (scale["installed"], scale["newest"]) == ("1.0", "2.0")
    assert [entry["version"] for entry in scale["entries"]] == ["2.0", "1.2", "1.1"]
    assert [change["message"] for change in scale["changes"]] == [
        "Scale: field 'threshold' is gone.",
        "Scale: field 'offset' is new.",
    ]
    assert found["stepwell-measure"]["is_current"]
    assert found["stepwell"]["is_current"]


def test_field_that_is_gone_is_told_with_the_line_that_sets_it(
    machine: Machine, tmp_path: Path
) -> None:
    """The newest version is no choice then, the one before is withdrawn: 1.1 still fits."""
    project = machine.project(tmp_path, PIPELINE.format("threshold=0.1"))
    scale = outdated(machine, project, "train.py")["stepwell-scale"]
    assert [one["message"] for one in scale["misfits"]] == [
        "stepwell-scale 2.0 removes the field 'threshold', used in train.py:6."
    ]
    assert scale["fitting"] == "1.1"


def test_pipeline_that_does_not_use_what_is_gone_fits(machine: Machine, tmp_path: Path) -> None:
    project = machine.project(tmp_path, PIPELINE.format("factor=2.0"))
    done = machine.stepwell(project, "outdated", "train.py")
    assert "stepwell-scale               1.0          2.0          fits\n" in done.stdout
    assert "  - `threshold`: filter before.\n" in done.stdout


def test_password_of_the_index_is_nowhere_in_what_is_printed(
    machine: Machine, tmp_path: Path
) -> None:
    project = machine.project(tmp_path, "")
    told = [machine.stepwell(project, "outdated", *more) for more in ([], ["--json"])]
    told += [machine.stepwell(project, "outdated", INDEX_PASSWORD="wrong-password")]
    assert [one.returncode for one in told] == [3, 3, 1]
    assert "403, with the credentials given" in told[-1].stderr
    for one in told:
        assert machine.index.password not in one.stdout + one.stderr
        assert "wrong-password" not in one.stdout + one.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"no wheel", "cannot be read"), (None, "has steps and no contract.json")],
    ids=["corrupt", "without a contract"],
)
def test_release_that_cannot_be_read_is_told_and_the_others_are_listed(
    machine: Machine, tmp_path: Path, content: bytes | None, told: str
) -> None:
    newest = machine.index.folder / "stepwell_measure-1.5-py3-none-any.whl"
    if content is None:
        shutil.copy(machine.without_contract, newest)
    else:
        newest.write_bytes(content)
    try:
        found = outdated(machine, machine.project(tmp_path, ""))
    finally:
        newest.unlink()
    assert told in found["stepwell-measure"]["trouble"]
    assert found["stepwell-scale"]["newest"] == "2.0"


def test_without_an_index_it_says_how_to_name_one(machine: Machine, tmp_path: Path) -> None:
    done = machine.stepwell(tmp_path, "outdated", XDG_CONFIG_HOME=str(tmp_path), HOME=str(tmp_path))
    assert done.returncode == 2
    assert "Name it: --index URL" in done.stderr
