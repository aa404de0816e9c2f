"""Steps of other packages: some are broken, slow, of another time, or claim the same name."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell import ConfigurationError, Pipeline, PipelineError
from stepwell._installation._examination import examined
from stepwell._installation._installed import InstalledStep, installed_steps

Install = Callable[..., str]

STEP = """
from dataclasses import dataclass
from stepwell import Step

@dataclass(frozen=True)
class Greeted:
    "What `Greet` produces."
    greeting: str

class Greet(Step):
    "Greet."
    def run(self) -> Greeted:
        return Greeted("hello")
"""


def found(package: str) -> InstalledStep:
    (step,) = [step for step in installed_steps() if step.package == package]
    return step


def health_of(package: str, *, patience: float = 20.0) -> InstalledStep:
    (step,) = examined([found(package)], patience=patience)
    return step


def stepwell(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stepwell", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_two_packages_with_one_step_name_are_both_named_and_none_wins(install: Install) -> None:
    """(fault 37)"""
    for name in ("stepwell-here", "stepwell-there"):
        install(name, STEP, steps={"greet": f"{name.replace('-', '_')}:Greet"})
    for name in ("stepwell-here", "stepwell-there"):
        with pytest.raises(ConfigurationError, match="stepwell-here and stepwell-there both claim"):
            found(name).load()
    shown = stepwell("show", "greet")
    assert shown.returncode == 2
    assert "stepwell-here and stepwell-there both claim the step name 'greet'" in shown.stderr


def test_pipeline_with_a_step_for_a_later_core_is_refused_with_what_to_upgrade(
    install: Install,
) -> None:
    """(fault 38)"""
    requires = ("stepwell>=3.0,<4",)
    module = install(
        "stepwell-later", STEP, steps={"greet": "stepwell_later:Greet"}, requires=requires
    )
    greet = __import__(module).Greet
    with pytest.raises(PipelineError, match="pip install --upgrade stepwell stepwell-later"):
        Pipeline("greeting", [greet()])
    assert found("stepwell-later").health == "incompatible"


def test_import_error_of_a_package_for_a_later_core_names_what_to_upgrade(
    install: Install, tmp_path: Path
) -> None:
    """(fault 38)"""
    install(
        "stepwell-later",
        "from stepwell import Something",
        steps={"greet": "stepwell_later:Greet"},
        requires=("stepwell>=3.0,<4",),
    )
    (tmp_path / "pipeline.py").write_text("import stepwell_later\n")
    done = stepwell("run", "pipeline.py")
    assert done.returncode == 2
    assert "pip install --upgrade stepwell stepwell-later" in done.stderr


def test_requirement_of_an_extra_says_nothing_about_core(install: Install) -> None:
    requires = ("stepwell>=1.0,<2", 'stepwell>=3.0; extra == "later"')
    install("stepwell-extra", STEP, steps={"greet": "stepwell_extra:Greet"}, requires=requires)
    assert found("stepwell-extra").health == "not examined"


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("import os; os._exit(0)", "Importing it ends the process"),
        ("Greet = 1", "is no Step"),
        ("print('noise')", "AttributeError"),
    ],
)
def test_broken_step_says_why_and_what_to_type(install: Install, source: str, problem: str) -> None:
    """(fault 39)"""
    install("stepwell-broken", source, steps={"greet": "stepwell_broken:Greet"})
    step = health_of("stepwell-broken")
    assert step.health == "broken"
    assert problem in (step.problem or "")
    assert "pip install" in (step.problem or "") or "python -c" in (step.problem or "")


def test_slow_import_is_ended_and_the_others_are_examined(install: Install) -> None:
    """(fault 39)"""
    install("stepwell-slow", "import time; time.sleep(60)", steps={"a-slow": "stepwell_slow:Greet"})
    install("stepwell-well", STEP, steps={"b-well": "stepwell_well:Greet"})
    started = time.monotonic()
    slow, well = examined([found("stepwell-slow"), found("stepwell-well")], patience=6)
    assert time.monotonic() - started < 30
    assert (slow.health, well.health) == ("slow", "healthy")
    assert "python -X importtime" in (slow.problem or "")


def test_steps_and_other_pipelines_work_beside_a_broken_step(
    install: Install, tmp_path: Path
) -> None:
    """(fault 39)"""
    source = "print('noise'); import no_such_library"
    install("stepwell-broken", source, steps={"broken": "stepwell_broken:Greet"})
    (tmp_path / "rows.csv").write_text("x\n1\n")
    (tmp_path / "pipeline.py").write_text(
        "from stepwell import Load, Pipeline\np = Pipeline('p', [Load(source='rows.csv')])\n"
    )
    listed = {
        step["name"]: step["health"] for step in json.loads(stepwell("steps", "--json").stdout)
    }
    assert (listed["broken"], listed["load"]) == ("broken", "healthy")
    assert stepwell("run", "pipeline.py").returncode == 0


def test_package_without_metadata_is_listed_as_unknown(install: Install, tmp_path: Path) -> None:
    """(fault 39)"""
    install("stepwell-bare", STEP, steps={"greet": "stepwell_bare:Greet"})
    (tmp_path / "site" / "stepwell_bare-0.1.0.dist-info" / "METADATA").unlink()
    assert [step.package for step in installed_steps() if step.name == "greet"] == ["unknown"]


def test_fields_are_shown_with_choices_defaults_and_descriptions() -> None:
    shown = stepwell("show", "load").stdout
    assert "'csv' or 'parquet' or 'jsonl' or 'arrow' or None  default None" in shown
    assert "list of text" in shown
    assert "Path or fsspec URL of a file" in shown


def test_step_is_shown_by_the_name_that_its_package_gave_it(install: Install) -> None:
    install("stepwell-snake", STEP, steps={"my_greet": "stepwell_snake:Greet"})
    assert "Greet (stepwell-snake 0.1.0)" in stepwell("show", "my_greet").stdout
