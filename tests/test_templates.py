"""What `stepwell new` makes works: the commands of its workflows and of its Dockerfile are run as
they stand, with packages from an index that asks for a password.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest
import uv
import yaml
from click.testing import CliRunner
from package_index import PackageIndex, running_index

from stepwell._cli import stepwell as command_line
from stepwell._new._template import TEMPLATES

UV = "uv==0.13.9"
STEP = "stepwell-leave-out-every-duplicated-row"
"""A long name: what is made keeps to the style with it, too."""
OUTSIDE = re.compile("^(STEPWELL|UV|PIP|VIRTUAL_ENV|PYTHON)")


@dataclass(frozen=True)
class Made:
    """A new project and a new step, and the index that has all packages of Stepwell."""

    project: Path
    step: Path
    index: PackageIndex
    store: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a machine of GitHub knows, with uv on the path."""
        outside = {name: value for name, value in os.environ.items() if not OUTSIDE.match(name)}
        path = [Path(sys.base_prefix, "bin"), Path(uv.find_uv_bin()).parent, os.environ["PATH"]]
        inside = {"STEPWELL_STORE": str(self.store), "STEPWELL_OBSERVERS": "jsonl"}
        return {**outside, **inside, "PATH": os.pathsep.join(map(str, path))}

    def workflow(self, file: str, job: str, *, of: Path | None = None, **more: str) -> str:
        """Run all commands of a job of the project as GitHub does, and return what they print."""
        folder = of or self.project
        text = (folder / ".github" / "workflows" / f"{file}.yml").read_text(encoding="utf-8")
        steps = yaml.safe_load(text)["jobs"][job]["steps"]
        scripts = [step["run"] for step in steps if "run" in step]
        return "".join(self.shell(script, folder, more) for script in scripts)

    @property
    def only_index(self) -> dict[str, str]:
        """What a machine is told that takes everything from the index of the team."""
        address = self.index.simple_with_credentials
        told = {"PIP_INDEX_URL": address, "UV_DEFAULT_INDEX": address, "UV_INDEX": ""}
        return {**told, "PIP_CONFIG_FILE": os.devnull}

    def shell(self, script: str, folder: Path, more: Mapping[str, str]) -> str:
        """Run a script as GitHub does, and return what it prints.

        uv is there already, and so may be the environment: all that is made shares one.
        """
        script = re.sub(rf"python -m pip install (--no-cache-dir )?{UV}\n?", "", script)
        if (self.project / ".venv").exists() and folder != self.step:
            script = re.sub(r'uv venv( "\$VIRTUAL_ENV" &&)?', "", script)
        where = self.only_index if "stepwell doctor" in script else self.index.uv_environment
        environment = {**self.environment, **where, **more}
        command = ["bash", "-e", "-c", script]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("made")
    for arguments in (["project", "loan-screening"], ["step", STEP]):
        done = CliRunner().invoke(command_line, ["new", *arguments, "--into", str(folder)])
        assert done.exit_code == 0, done.output
    with running_index(folder / "index") as index:
        index.publish(*wheels.values())
        yield Made(folder / "loan-screening", folder / STEP, index, folder / "store")


@pytest.fixture(scope="module")
def locked(made: Made) -> Made:
    """The project with the lock that its README makes."""
    readme = (made.project / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^\$ (uv pip compile .*)$", readme, re.MULTILINE)
    assert found
    made.shell(f"uv venv\n{found[1]}", made.project, {})
    return made


@pytest.fixture(scope="module")
def image(locked: Made, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """What the Dockerfile makes, in folders of this machine: the files, and the command."""
    root = tmp_path_factory.mktemp("image")
    stages: list[Path] = []
    command: list[str] = []
    for instruction, text in instructions(locked.project / "Dockerfile"):
        if instruction == "FROM":
            stages.append(root / str(len(stages)))
            (stages[-1] / "project").mkdir(parents=True)
        elif instruction == "COPY" and not text.startswith("--from"):
            *sources, target = text.split()
            for source in sources:
                into = stages[-1] / "project" / ("." if target == "./" else target)
                copy(locked.project / source, into)
        elif instruction == "RUN" and len(stages) == 1:
            secret = re.match(r"--mount=type=secret,id=index,env=(\w+),required=true ", text)
            assert secret, f"{text} needs the index, and does not mount its address"
            index = {"UV_DEFAULT_INDEX": locked.index.simple_with_credentials, "UV_INDEX": ""}
            index |= {"VIRTUAL_ENV": str(locked.project / ".venv")}
            locked.shell(text[secret.end() :], stages[-1] / "project", index)
        elif instruction in ("ENTRYPOINT", "CMD"):
            command += json.loads(text)
    command[0] = str(locked.project / ".venv" / "bin" / command[0])
    return stages[-1] / "project", command


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", "", dockerfile.read_text(encoding="utf-8"))
    lines = (line.partition(" ") for line in text.splitlines() if line and line[0] != "#")
    return [(name, rest) for name, _, rest in lines]


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def test_lock_names_every_file_by_its_hash_and_no_password(locked: Made) -> None:
    """(fault 36)"""
    text = (locked.project / "pylock.toml").read_text(encoding="utf-8")
    packages = {package["name"]: package for package in tomllib.loads(text)["packages"]}
    assert {"stepwell", "stepwell-train", "s3fs"} <= set(packages)
    files = [wheel for package in packages.values() for wheel in package["wheels"]]
    assert all(file["hashes"]["sha256"] for file in files)
    assert locked.index.password not in text


def test_every_change_passes_the_checks_of_the_project(locked: Made) -> None:
    said = locked.workflow("check", "check")
    assert "All checks passed!" in said
    assert "Success: no issues found" in said
    assert re.search(r"\d passed", said)
    assert "Nothing is wrong." in said


def test_image_trains_and_deployment_takes_that_from_the_cache(
    image: tuple[Path, list[str]], locked: Made
) -> None:
    folder, command = image
    trained = locked.shell(shlex.join(command), folder, {})
    assert "succeeded. Record 1" in trained
    deployed = locked.workflow("deploy", "deploy")
    assert "8 of 11 steps from the cache" in deployed  # files with other paths are read again
    published = locked.store.parent / "published.parquet"
    watched = locked.workflow("monitor", "monitor", PUBLISH_INTO=str(published))
    assert "succeeded" in watched
    assert pl.read_parquet(published).height == 200


def test_image_holds_no_password_and_no_root(image: tuple[Path, list[str]], locked: Made) -> None:
    folder, _ = image
    grep = ["grep", "-rlF", locked.index.password, folder.parents[1], locked.project]
    assert subprocess.run(grep, capture_output=True, text=True).stdout == ""
    users = [text for name, text in instructions(locked.project / "Dockerfile") if name == "USER"]
    assert users[-1].isdigit()
    assert users[-1] != "0"


def test_workflow_without_a_store_says_what_is_missing(locked: Made) -> None:
    with pytest.raises(AssertionError, match="STEPWELL_STORE: is no variable of this repository"):
        locked.workflow("deploy", "deploy", STEPWELL_STORE="")


@pytest.fixture(scope="module")
def released(made: Made) -> Made:
    """The step, built, tested and published by its workflow."""
    said = made.workflow("release", "build", of=made.step, GITHUB_REF_NAME="v0.1.0")
    assert "checks without a failure" in said
    made.workflow("release", "publish", of=made.step, **made.index.twine_environment)
    return made


def test_new_step_passes_its_own_checks_and_knows_what_its_changes_demand(released: Made) -> None:
    shutil.rmtree(released.step / ".venv")
    said = released.workflow("check", "check", of=released.step)
    assert "Success: no issues found" in said
    diff = f".venv/bin/stepwell contract diff {STEP}==0.1.0 ."
    simple = {"STEPWELL_INDEX": released.index.simple_with_credentials}
    assert "The contracts are the same." in released.shell(diff, released.step, simple)


def test_example_of_the_readme_of_a_step_runs(released: Made) -> None:
    readme = (released.step / "README.md").read_text(encoding="utf-8")
    example = re.search(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert example
    command = [".venv/bin/python", "-W", "error", "-c", example[1]]
    assert "passed" in released.shell(shlex.join(command), released.step, {})


def test_released_step_works_in_the_project(released: Made, locked: Made) -> None:
    assert f"{STEP.replace('-', '_')}-0.1.0-py3-none-any.whl" in released.index.files()
    pipeline = locked.project / "pipelines" / "train.py"
    text = pipeline.read_text(encoding="utf-8")
    text = f"from stepwell_leave_out_every_duplicated_row import LeaveOutEveryDuplicatedRow\n{text}"
    pipeline.write_text(text.replace("*checks(),", "*checks(), LeaveOutEveryDuplicatedRow(),"))
    said = locked.shell(
        f"uv pip install -r pylock.toml && uv pip install {STEP}\n"
        ".venv/bin/stepwell run pipelines/train.py",
        locked.project,
        {},
    )
    assert re.search(r"^leave_out_every_duplicated_row +succeeded .* passed$", said, re.MULTILINE)


def test_workflows_have_no_finding_of_zizmor(made: Made) -> None:
    command = ["zizmor", "--offline", "--no-progress", made.project, made.step]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "No findings to report" in done.stdout + done.stderr


def test_everything_pins_the_same_uv(made: Made) -> None:
    files = [made.project / "Dockerfile", *made.project.parent.glob("*/.github/workflows/*.yml")]
    found = {pin for file in files for pin in re.findall(r"\buv==[\d.]+", file.read_text("utf-8"))}
    assert found == {UV}


def test_new_project_is_the_example_with_another_name(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example, template = root / "examples" / "credit", TEMPLATES / "project"
    monkeypatch.syspath_prepend(str(example))
    monkeypatch.syspath_prepend(str(template / "pipelines"))
    credit, deploy = import_module("credit"), import_module("deploy")
    same = {"champion.name": "credit-risk", "deploy.name": "credit-risk"}
    suite = "expectations/german_credit.json"
    same |= {"data_check.suite": str(template / suite)}
    same |= {"load_from_catalog.catalog": str(template / "catalog")}
    same |= {"load_from_catalog.server": "training"}
    pipelines = credit.credit_risk(credit.FOREST), deploy.pipeline
    ours, theirs = (pipeline.with_fields(same).steps for pipeline in pipelines)
    assert [step.model_dump() for step in theirs] == [step.model_dump() for step in ours]
    assert (template / suite).read_bytes() == (example / suite).read_bytes()


def test_data_of_a_new_project_is_that_of_the_example(root: Path) -> None:
    data = TEMPLATES / "project" / "data"
    parts = [pl.read_csv(data / name) for name in ("applicants.csv", "new_applicants.csv")]
    example = pl.read_csv(root / "examples" / "credit" / "data" / "german_credit.csv")
    assert pl.concat(parts).equals(example)
    assert "CC BY 4.0" in (data / "README.md").read_text(encoding="utf-8")


def test_contract_of_a_new_project_is_that_of_the_example_in_two_files(root: Path) -> None:
    folders = TEMPLATES / "project", root / "examples" / "credit"
    ours, theirs = (
        yaml.safe_load((folder / "catalog" / "german-credit.odcs.yaml").read_text("utf-8"))
        for folder in folders
    )
    servers = [server.pop("path") for server in (*ours.pop("servers"), *theirs.pop("servers"))]
    assert servers == [
        "data/applicants.csv",
        "data/new_applicants.csv",
        "data/german_credit.csv",
    ]
    assert ours == theirs


@pytest.mark.soak
def test_another_model_fails_as_the_tutorial_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(TEMPLATES / "project" / "pipelines"))
    deploy = import_module("deploy").pipeline.with_fields({"deploy.registry": False})
    assert deploy.run(store=tmp_path, observers=[])["decision"]["outcome"] == "promoted"
    again = deploy.run(store=tmp_path, observers=[])
    assert again.step("train").state == "cached"
    assert again["decision"]["outcome"] == "already_champion"
    logistic = {
        "train.estimator": "sklearn.linear_model.LogisticRegression",
        "train.parameters": {},
    }
    other = deploy.with_fields(logistic).run(store=tmp_path, observers=[])
    assert (other.status, other.step("data_check").state) == ("blocked", "cached")
    assert other["decision"]["outcome"] == "refused"
    assert other["fairness_report"].verdict == "failed"
