"""The documentation says what is true: its code runs, its commands, codes and settings exist."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
import uv

import stepwell
from stepwell import authoring
from stepwell._cli import stepwell as command_line
from stepwell._new._names import checked_step
from stepwell._new._template import TEMPLATES, make_folder

if TYPE_CHECKING:
    from own_packages import Package

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
PUBLIC = [getattr(stepwell, name) for name in stepwell.__all__]
ERRORS = [v for v in PUBLIC if isinstance(v, type) and issubclass(v, stepwell.StepwellError)]
BLOCK = re.compile(
    r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
MARK = "\x1e"


@dataclass(frozen=True)
class Block:
    """A fenced block: how many lines stand before it, and what is in it."""

    lines_before: int
    language: str
    title: str | None
    text: str


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(text.count("\n", 0, found.start()), *found.group("language", "title", "text"))
        for found in BLOCK.finditer(text)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_of_the_page_runs_and_prints_what_it_says(page: Path, tmp_path: Path) -> None:
    """The Python blocks of a page are one script; a text block below one is what it prints.

    A block with a title is a file that the script finds.
    """
    blocks = blocks_of(page)
    python = [block for block in blocks if block.language == "python" and block.title is None]
    _write_files(blocks, tmp_path)

    printed = _run(python, tmp_path / page.with_suffix(".py").name)

    for block, following in pairwise(blocks):
        if block in python and following.language == "text":
            assert printed[python.index(block)].strip() == following.text.strip()


def test_pipeline_of_the_readme_deploys_a_model(tmp_path: Path) -> None:
    for folder in ("data", "expectations"):
        shutil.copytree(ROOT / "examples" / "credit" / folder, tmp_path / folder)
    python = [block for block in blocks_of(ROOT / "README.md") if block.language == "python"]
    outcome = Block(0, "python", None, "print(run.status, run['decision']['outcome'])")
    assert _run([*python, outcome], tmp_path / "readme.py")[-1] == "succeeded promoted\n"


def _write_files(blocks: list[Block], folder: Path) -> None:
    for block in blocks:
        if block.title is not None:
            path = folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")


def _run(blocks: list[Block], script: Path) -> list[str]:
    """What each block prints; the lines of the script have the numbers of those of the page."""
    lines: list[str] = []
    for block in blocks:
        lines += [""] * (block.lines_before - len(lines))
        lines += [f"print({MARK!r}, end='')", *block.text.splitlines()]
    script.write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-W", "error", script.name]
    done = subprocess.run(command, cwd=script.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(MARK)[1:]


def test_the_package_of_the_guide_conforms(tmp_path: Path) -> None:
    """It is built, installed and tested by its own tests, the conformance kit among them."""
    package = tmp_path / "package"
    _write_files(blocks_of(DOCS / "maintain-packages.md"), package)
    (package / "src" / "stepwell_deduplicate" / "py.typed").touch()
    installed = tmp_path / "installed"
    install = ["pip", "install", "--quiet", "--no-deps", "--target", installed, package]
    subprocess.run([uv.find_uv_bin(), *install], check=True)

    command = [sys.executable, "-m", "pytest", "--quiet", "--import-mode=importlib", "tests"]
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(command, cwd=package, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_package_of_the_guide_is_what_a_new_one_looks_like(tmp_path: Path) -> None:
    names = checked_step("deduplicate")
    words = {"new-step": names.step, "new_step": names.module, "NewStep": names.class_name}
    make_folder(tmp_path / "package", "step", words)
    blocks = blocks_of(DOCS / "maintain-packages.md")
    shown = {block.title: block.text for block in blocks if block.title}
    made = [title for title in shown if title.endswith((".py", ".json"))]
    assert len(made) == 5
    for title in made:
        assert (tmp_path / "package" / title).read_text(encoding="utf-8") == shown[title]


def test_commands_in_the_documentation_exist() -> None:
    pages = [ROOT / "README.md", *DOCS.rglob("*.md"), *ROOT.glob("packages/*/README.md")]
    pages += TEMPLATES.glob("*/README.md")
    shown = [
        line for page in pages for block in blocks_of(page) for line in block.text.splitlines()
    ]
    commands = [line.removeprefix("$ ") for line in shown if re.match(r"(\$ )?stepwell ", line)]
    assert commands
    for command in commands:
        _check(shlex.split(command, comments=True)[1:])


def _check(words: list[str]) -> None:
    command: click.Command = command_line
    options: set[str] = {"--help"}
    for word in words:
        options |= {name for parameter in command.params for name in parameter.opts}
        if word.startswith("-"):
            assert word.partition("=")[0] in options, f"{command.name} has no option {word}"
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            assert found is not None, f"{command.name} has no command {word}"
            command = found


def test_every_command_and_option_is_documented() -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    for path, command in _commands(command_line, "stepwell"):
        if not isinstance(command, click.Group):
            assert f"`{path}" in page, f"cli.md does not name {path}"
        for parameter in command.params:
            for name in parameter.opts if isinstance(parameter, click.Option) else ():
                named = re.search(rf"(?<![\w-]){name}(?![\w-])", page)
                assert named, f"cli.md does not name {name} of {path}"


def _commands(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    found = [(path, command)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found += _commands(inner, f"{path} {name}")
    return found


def test_every_package_and_step_is_listed(package: Package) -> None:
    page = (DOCS / "use-steps.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{package.name}` |")]
    for target in package.entry_points.get("stepwell.steps", {}).values():
        assert f"`{target.partition(':')[2]}`" in row


def test_every_observer_is_listed(package: Package) -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name in package.entry_points.get("stepwell.observers", {}):
        assert f"| `{name}` | `{package.name}` |" in page


def test_every_public_name_is_listed() -> None:
    core = (ROOT / "packages" / "stepwell" / "README.md").read_text(encoding="utf-8")
    guide = (DOCS / "maintain-packages.md").read_text(encoding="utf-8")
    names = set(stepwell.__all__) - {error.__name__ for error in ERRORS} | {"StepwellError"}
    assert {name for name in names if f"`{name}`" not in core} == set()
    assert {name for name in authoring.__all__ if f"`{name}`" not in guide} == set()


def test_every_error_has_a_code_of_its_own_and_a_section() -> None:
    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    codes = [error.code for error in ERRORS]
    assert len(set(codes)) == len(codes)
    headings = re.findall(r"^## (SW-\d+) (\w+)$", page, re.MULTILINE)
    assert sorted(headings) == sorted((error.code, error.__name__) for error in ERRORS)


def test_every_setting_is_documented_with_its_default() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    for name, field in authoring.Settings.model_fields.items():
        if name != "root":
            assert f"| `{name}` | `STEPWELL_{name.upper()}` |" in page
            assert field.description


def test_decisions_are_numbered_and_in_the_index() -> None:
    index = (DOCS / "decisions" / "index.md").read_text(encoding="utf-8")
    pages = sorted(DOCS.glob("decisions/[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{n:04}" for n in range(1, len(pages) + 1)]
    for page in pages:
        heading = page.read_text(encoding="utf-8").splitlines()[0]
        number, _, title = heading.removeprefix("# ").partition(" ")
        assert f"[{number}]({page.name}) | {title} |" in index
