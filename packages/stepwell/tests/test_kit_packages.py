"""The checks of packages: for each a deliberately wrong distribution, which it has to catch."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import SkipTest

import pytest

import stepwell.testing as kit
from stepwell.testing._fresh import fresh

Install = Callable[..., str]

STEP = '''
import os
from dataclasses import dataclass
from stepwell import Step

@dataclass(frozen=True)
class Made:
    """What `Make` produces."""
    number: int

class Make(Step):
    """Make a number."""

    def run(self) -> Made:
        return Made(7)

    @classmethod
    def example(cls):
        return cls(), {}
'''
POINTS = {"make": "stepwell_made:Make"}
CONTRACT = """{
  "format": "stepwell.package-contract/1",
  "package": "stepwell-made",
  "steps": {
    "make": {
      "configuration": {"additionalProperties": false, "properties": {}, "type": "object"},
      "description": "Make a number.",
      "inputs": {},
      "outputs": {"number": {"kind": "value", "schema": {"type": "integer"}}},
      "target": "stepwell_made:Make"
    }
  }
}
"""

WRONG: list[tuple[Callable[[str], None], str, dict[str, Any]]] = [
    (kit.check_steps_load, "cannot be imported", {"steps": {"make": "stepwell_made:Mak"}}),
    (kit.check_steps_load, "no_such_library", {"source": "import no_such_library"}),
    (kit.check_steps_load, "is incompatible", {"requires": ("stepwell>=3.0,<4",)}),
    (kit.check_steps_load, "both claim the", {"steps": {"other": "stepwell_made:Make"}}),
    (kit.check_import_is_silent_and_light, "what it prints", {"source": f"{STEP}\nprint('hi')"}),
    (
        kit.check_import_is_silent_and_light,
        "what compiled code prints",
        {"source": f"{STEP}\nos.write(2, b'hi')"},
    ),
    (
        kit.check_import_is_silent_and_light,
        "a warning",
        {"source": f"{STEP}\nimport warnings; warnings.warn('hi', DeprecationWarning)"},
    ),
    (
        kit.check_import_is_silent_and_light,
        "its log",
        {"source": f"{STEP}\nimport logging; logging.info('hi')"},
    ),
    (kit.check_import_is_silent_and_light, "polars", {"source": f"{STEP}\nimport polars"}),
    (kit.check_import_is_silent_and_light, "cannot be imported", {"source": "exit()"}),
    (kit.check_no_other_step_is_imported, "other", {"source": f"{STEP}\nimport stepwell_other"}),
    (
        kit.check_no_other_step_is_imported,
        "imports stepwell_other",
        {"source": STEP.replace("return Made", "import stepwell_other; return Made")},
    ),
    (kit.check_name, "is called makes", {"name": "makes", "steps": {"make": "makes:Make"}}),
    (kit.check_entry_points, "has no entry point", {"steps": {}}),
    (kit.check_entry_points, 'Write make = "', {"steps": {"Maker": "stepwell_made:Make"}}),
    (kit.check_entry_points, "looked for", {"steps": {"make": "stepwell_made._make:Make"}}),
    (kit.check_core_is_required, "requires none", {"requires": ()}),
    (kit.check_core_is_required, "requires stepwell>=1.0:", {"requires": ("stepwell>=1.0",)}),
    (kit.check_core_is_required, "stepwell<3,>=1.0:", {"requires": ("stepwell>=1.0,<3",)}),
    (kit.check_core_is_required, "stepwell==1.*:", {"requires": ("stepwell==1.*",)}),
    (kit.check_core_is_required, "stepwell==1.0.0:", {"requires": ("stepwell==1.0.0",)}),
    (kit.check_is_typed, "no py.typed", {"typed": False}),
    (kit.check_changelog, "has no entry for 0.1.0", {"changelog": "## 0.1.0rc1\n\n## 0.0.9\n"}),
    (kit.check_contract_is_current, "has steps and no contract.json", {}),
    (kit.check_contract_is_current, "is no JSON", {"contract": "{"}),
    (
        kit.check_contract_is_current,
        "is that of stepwell-other",
        {"contract": CONTRACT.replace("stepwell-made", "stepwell-other")},
    ),
    (
        kit.check_contract_is_current,
        "Make: output 'number' was text, and is integer.",
        {"contract": CONTRACT.replace("integer", "string")},
    ),
]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """These packages have the same names and differ."""
    fresh.cache_clear()


def install_wrong(
    install: Install,
    folder: Path,
    *,
    name: str = "stepwell-made",
    source: str = STEP,
    changelog: str | None = None,
    contract: str | None = None,
    **metadata: Any,
) -> str:
    install("stepwell-other", STEP, steps={"other": "stepwell_other:Make"})
    install(name, source, **{"steps": POINTS, **metadata})
    if contract is not None:
        (folder / "site" / "stepwell_made" / "contract.json").write_text(contract)
    if changelog is not None:
        (folder / "CHANGELOG.md").write_text(changelog)
        origin = {"url": folder.as_uri(), "dir_info": {"editable": True}}
        described = folder / "site" / "stepwell_made-0.1.0.dist-info"
        (described / "direct_url.json").write_text(json.dumps(origin))
    return name


def test_every_check_of_packages_has_a_wrong_package() -> None:
    assert {check for check, _, _ in WRONG} == set(kit.PACKAGE_CHECKS)


@pytest.mark.parametrize(
    ("check", "problem", "wrong"),
    WRONG,
    ids=[f"{check.__name__}-{problem}" for check, problem, _ in WRONG],
)
def test_wrong_package_is_caught(
    install: Install,
    tmp_path: Path,
    check: Callable[[str], None],
    problem: str,
    wrong: dict[str, Any],
) -> None:
    package = install_wrong(install, tmp_path, **wrong)
    with pytest.raises(kit.CheckFailed) as caught:
        check(package)
    assert problem in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("check", kit.PACKAGE_CHECKS, ids=lambda check: check.__name__)
def test_right_package_is_not(
    install: Install, tmp_path: Path, check: Callable[[str], None]
) -> None:
    changelog = "## 0.1.0 (2026-11-24)\n"
    check(install_wrong(install, tmp_path, changelog=changelog, contract=CONTRACT))


def test_changelog_is_not_looked_for_where_there_are_no_sources(
    install: Install, tmp_path: Path
) -> None:
    package = install_wrong(install, tmp_path)
    with pytest.raises(SkipTest, match="are not here"):
        kit.check_changelog(package)


def test_step_that_gives_something_else_in_a_worker_is_caught(install: Install) -> None:
    install("stepwell-made", STEP.replace("7", "os.getpid()"), steps=POINTS)
    with pytest.raises(kit.CheckFailed, match="gives another 'number' in a worker process"):
        kit.check_runs_in_a_worker(import_module("stepwell_made").Make)


def test_step_that_ends_the_worker_is_caught(install: Install) -> None:
    source = STEP.replace("return Made", "os._exit(3); return Made")
    install("stepwell-made", source, steps=POINTS)
    with pytest.raises(kit.CheckFailed, match="The interpreter ended"):
        kit.check_runs_in_a_worker(import_module("stepwell_made").Make)
