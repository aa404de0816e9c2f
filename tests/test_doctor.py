"""`stepwell doctor`: each finding has a name, says what is wrong, and what to type."""

from __future__ import annotations

import ast
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from step_packages import MEASURE, SCALE, step_wheel

from stepwell._indexes._entries import IndexEntry, Role
from stepwell._updates._doctor import _indexes as indexes
from stepwell._updates._doctor._indexes import Configured
from stepwell._updates._doctor._locked import lock_problems
from stepwell._updates._doctor._packages import NAMES

if TYPE_CHECKING:
    from machines import Machine

ROOT = Path(__file__).resolve().parent.parent
TEAM = "https://packages.example.com/simple/"
OTHER = "https://other.example.com/simple/"
STEPS = ("stepwell", "stepwell-train")
LOCK = """lock-version = "1.0"
created-by = "a test"
[[packages]]
name = "stepwell-train"
version = "1.2"
wheels = [{ url = "https://x/y.whl", hashes = { sha256 = "00" } }]
"""


def doctor(machine: Machine, folder: Path, *arguments: str, **variables: str) -> Any:
    """The findings by name, as often as there are some; a number other than 3 fails."""
    done = machine.stepwell(folder, "doctor", "--json", *arguments, **variables)
    found = json.loads(done.stdout)
    assert done.returncode == (3 if found else 0), done.stderr
    assert machine.index.password not in done.stdout
    assert all(problem["message"] and problem["fix"] for problem in found)
    return found


@pytest.fixture
def project(machine: Machine, tmp_path: Path) -> Path:
    """A project that assigns its steps to the index of the team, as docs/team-setup.md shows."""
    folder = machine.project(tmp_path / "project", "")
    file = folder / "pyproject.toml"
    names = ("stepwell", "stepwell-scale", "stepwell-measure", "stepwell-units")
    sources = "".join(f'{name} = {{ index = "team" }}\n' for name in names)
    file.write_text(
        file.read_text().replace('["stepwell-scale", "stepwell-measure"]', json.dumps(names))
        + f'[[tool.uv.index]]\nname = "team"\nurl = "{machine.index.simple}"\nexplicit = true\n'
        + f"[tool.uv.sources]\n{sources}"
    )
    return folder


def test_project_that_is_in_order_has_no_findings(machine: Machine, project: Path) -> None:
    """Its lock is made first: there is nothing newer of what may move, so nothing is tried."""
    locked = machine.stepwell(project, "upgrade", "measure")
    assert locked.stdout.startswith("There is nothing newer that fits together. Wrote ")
    assert doctor(machine, project) == []


def test_installed_packages_that_do_harm_are_told(
    machine: Machine, project: Path, tmp_path: Path
) -> None:
    """(fault 37) (fault 38) (fault 39) (fault 40)"""
    site = tmp_path / "site"
    unknown = MEASURE.replace("class Measure(", "class Gauge(")
    broken = SCALE.replace("import polars as pl", "import nowhere").replace("Scale(", "Shrink(")
    wheels = [
        step_wheel(tmp_path, "stepwell-twin", "1.0", SCALE),
        step_wheel(tmp_path, "stepwell-future", "3.0", unknown, requires=["stepwell>=3,<4"]),
        step_wheel(tmp_path, "stepwell-broken", "1.0", broken, contract=False),
        step_wheel(tmp_path, "stepwell-picky", "1.0", "", requires=["polars<1"]),
    ]
    for wheel in wheels:
        zipfile.ZipFile(wheel).extractall(site)
    found = doctor(machine, project, "--offline", PYTHONPATH=str(site))
    names = {problem["name"]: problem for problem in found}
    assert set(names) == {
        "step-name-twice",
        "incompatible-package",
        "broken-package",
        "requirement-unmet",
        "lock-missing",
        "public-fallback",
    }
    assert [problem["name"] for problem in found].count("step-name-twice") == 1
    assert "stepwell-scale and stepwell-twin both claim" in names["step-name-twice"]["message"]
    assert names["incompatible-package"]["fix"].startswith("pip install --upgrade stepwell ")
    assert "ModuleNotFoundError" in names["broken-package"]["message"]


def test_what_only_the_index_can_tell_is_told(machine: Machine, project: Path) -> None:
    """(fault 41)"""
    [wheel] = machine.index.folder.glob("stepwell_measure-1.0-*")
    (project / "pylock.toml").write_text(
        LOCK.replace("stepwell-train", "stepwell-measure").replace('"1.2"', '"1.0"')
        + LOCK.partition('by = "a test"\n')[2].replace("stepwell-train", "stepwell-scale")
    )
    assert wheel.exists()
    found = {(one["name"], one["message"].split()[0]) for one in doctor(machine, project)}
    assert ("lock-differs-from-index", "stepwell-measure") in found
    assert ("lock-not-installed", str(project / "pylock.toml")) in found


def test_withdrawn_version_is_told_with_its_replacement(
    machine: Machine, project: Path, tmp_path: Path
) -> None:
    [wheel] = machine.index.folder.glob("stepwell_scale-1.2-*")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    found = doctor(machine, project, PYTHONPATH=str(tmp_path / "site"))
    [withdrawn] = [problem for problem in found if problem["name"] == "withdrawn"]
    assert withdrawn["message"] == "stepwell-scale 1.2 is withdrawn: It halves everything."
    assert withdrawn["fix"] == "stepwell upgrade stepwell-scale==2.0"


def test_extra_index_in_the_environment_fails_with_the_reason(
    machine: Machine, project: Path
) -> None:
    """(fault 35)"""
    done = machine.stepwell(project, "doctor", "--offline", PIP_EXTRA_INDEX_URL=OTHER)
    assert done.returncode == 3
    assert "error: pip-extra-index\n" in done.stdout
    assert "Unset it: unset PIP_EXTRA_INDEX_URL" in done.stdout


def test_index_that_refuses_is_a_finding(machine: Machine, project: Path) -> None:
    """(fault 34)"""
    found = doctor(machine, project, INDEX_PASSWORD="wrong")
    [unusable] = [problem for problem in found if problem["name"] == "index-unusable"]
    assert "403, with the credentials given" in unusable["message"]


def uv_entry(role: Role, url: str, *, explicit: bool = False) -> IndexEntry:
    return IndexEntry("uv", role, "uv.toml", url, "team", explicit)


def told(*entries: IndexEntry, sources: dict[str, str] | None = None) -> Configured:
    return Configured(entries, sources or {}, STEPS, STEPS, TEAM)


def names_of(configured: Configured) -> set[str]:
    checks = (
        indexes.extra_index_of_pip,
        indexes.links_of_pip,
        indexes.unsafe_strategy,
        indexes.no_index,
        indexes.public_fallback,
        indexes.indexes_disagree,
        indexes.without_tls,
        indexes.credentials_in_project,
    )
    return {problem.name for check in checks for problem in check(configured)}


PASSWORD = "https://team:hidden@packages.example.com/simple/"
DEFAULT = uv_entry("index", TEAM)
PIP = IndexEntry("pip", "index", "pip.conf", TEAM)
ALL = dict.fromkeys(STEPS, "team")


@pytest.mark.parametrize(
    ("configured", "names"),
    [
        (told(DEFAULT), set()),
        (told(PIP), set()),
        (told(uv_entry("extra index", TEAM, explicit=True), sources=ALL), set()),
        (told(), {"no-index"}),
        (told(uv_entry("extra index", TEAM)), {"public-fallback"}),
        (told(uv_entry("extra index", TEAM, explicit=True)), {"public-fallback"}),
        (
            told(uv_entry("extra index", TEAM, explicit=True), sources={"stepwell": "team"}),
            {"public-fallback"},
        ),
        (told(uv_entry("extra index", TEAM), DEFAULT), set()),
        (told(uv_entry("extra index", OTHER), DEFAULT), {"public-fallback"}),
        (told(uv_entry("index", OTHER), DEFAULT), {"indexes-disagree"}),
        (told(DEFAULT, uv_entry("strategy", "unsafe-best-match")), {"unsafe-index-strategy"}),
        (told(PIP, IndexEntry("pip", "extra index", "X", OTHER)), {"pip-extra-index"}),
        (told(PIP, IndexEntry("pip", "links", "X", "/wheels")), {"pip-find-links"}),
        (told(PIP, IndexEntry("pip", "insecure", "X", "host")), {"certificate-not-checked"}),
        (
            told(IndexEntry("pip", "index", "X", "http://other.example.com/simple/")),
            {"index-without-tls", "indexes-disagree"},
        ),
        (
            told(IndexEntry("uv", "index", "pyproject.toml [tool.uv] index", PASSWORD)),
            {"credentials-in-project"},
        ),
    ],
)
def test_configuration_has_these_findings(configured: Configured, names: set[str]) -> None:
    assert names_of(configured) == names


@pytest.mark.parametrize(
    ("lock", "needed", "names"),
    [
        (LOCK, ["stepwell-train>=1.2"], []),
        (None, [], ["lock-missing"]),
        ("no lock", [], ["lock-unreadable"]),
        (LOCK, ["stepwell-train>=1.3"], ["lock-out-of-date"]),
        (LOCK, ["stepwell-train", "stepwell-evaluate"], ["lock-out-of-date"]),
        (LOCK.replace(', hashes = { sha256 = "00" }', ""), [], ["lock-without-hashes"]),
    ],
)
def test_lock_has_these_findings(
    lock: str | None, needed: list[str], names: list[str], tmp_path: Path
) -> None:
    if lock is not None:
        (tmp_path / "pylock.toml").write_text(lock)
    assert [problem.name for problem in lock_problems(tmp_path, needed, [])] == names


def test_every_finding_is_documented() -> None:
    page = (ROOT / "docs" / "use-steps.md").read_text(encoding="utf-8")
    names = set(findings())
    assert len(names) >= 20
    assert {name for name in names if f"`{name}`" not in page} == set()


def findings() -> Iterator[str]:
    """The names of all findings: the first argument of every `Problem`, and the table of health."""
    for path in (ROOT / "packages/stepwell/src/stepwell/_updates").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_made = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
            if is_made and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)
    yield from (name for name, _ in NAMES.values())
