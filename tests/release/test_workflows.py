"""What GitHub Actions does with releases, as far as it can be told from here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from github_releases import tag_of
from release._cli import main


def test_only_the_job_that_publishes_has_credentials(root: Path) -> None:
    """Neither tests nor build backends can see them."""
    jobs = _jobs(root, "release")
    with_secrets = [name for name, job in jobs.items() if "secrets." in str(job)]
    writing = [name for name, job in jobs.items() if "write" in job["permissions"].values()]
    assert with_secrets == writing == ["publish"]
    published = " ".join(step.get("run", "") for step in jobs["publish"]["steps"])
    assert "publish --built built" in published
    assert "release -- build" not in published


def test_packages_are_listed_by_the_folder_alone(root: Path) -> None:
    matrix = _jobs(root, "release")["build"]["strategy"]["matrix"]
    assert matrix == {"package": "${{ fromJSON(needs.plan.outputs.packages) }}"}


@pytest.mark.parametrize("workflow", ["release", "compatibility"])
def test_commands_of_workflows_exist(root: Path, workflow: str) -> None:
    runs = [
        step["run"]
        for job in _jobs(root, workflow).values()
        for step in job["steps"]
        if "run" in step
    ]
    commands = set(re.findall(r"-s release -- (\w+)", " ".join(runs)))
    assert commands <= set(main.commands)
    assert commands or "compatibility($QUESTION)" in " ".join(runs)


@pytest.mark.parametrize(
    ("bill", "tag"),
    [
        ("stepwell-1.0.0.cdx.json", "stepwell-v1.0.0"),
        ("stepwell_pii_scan-0.3.0rc1.cdx.json", "stepwell-pii-scan-v0.3.0rc1"),
    ],
)
def test_bill_of_materials_belongs_to_the_tag_of_its_release(bill: str, tag: str) -> None:
    assert tag_of(Path(bill)) == tag


def _jobs(root: Path, workflow: str) -> dict[str, dict]:
    return yaml.safe_load((root / f".github/workflows/{workflow}.yml").read_text())["jobs"]
