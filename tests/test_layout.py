"""Every package looks the same to whoever installs, reads or releases it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from importlib.metadata import EntryPoint, distribution
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from pathlib import Path

    from own_packages import Package

CORE = "stepwell"
STEPS = "stepwell.steps"


@pytest.mark.parametrize("file", ["README.md", "CHANGELOG.md", "changes/.gitkeep", "tests"])
def test_package_has(package: Package, file: str) -> None:
    assert (package.folder / file).exists()


def test_name_is_that_of_the_folder_and_begins_with_stepwell(package: Package) -> None:
    assert package.project["name"] == package.name
    assert package.name == CORE or package.name.startswith(f"{CORE}-")


def test_types_are_announced(package: Package) -> None:
    assert (package.source / "py.typed").read_text() == ""


def test_metadata_says_licence_and_python(package: Package) -> None:
    assert package.project["license"] == "Apache-2.0"
    assert package.project["requires-python"] == ">=3.11"
    assert package.project["readme"] == "README.md"


def test_licence_is_that_of_the_repository(package: Package, root: Path) -> None:
    """The build backend puts it into the wheel, as it lies beside the pyproject.toml."""
    assert (package.folder / "LICENSE").read_bytes() == (root / "LICENSE").read_bytes()


def test_newest_entry_of_the_changelog_is_the_version(package: Package) -> None:
    changelog = (package.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) \(\d{4}-\d{2}-\d{2}\)$", changelog, re.MULTILINE)
    assert newest, "the changelog has no heading like '## 1.0.0 (2026-11-24)'"
    assert newest[1] == package.project["version"]


def test_towncrier_finds_where_to_write_in_the_changelog(package: Package) -> None:
    changelog = (package.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    assert package.pyproject["tool"]["towncrier"]["start_string"] in changelog


def test_changelogs_are_made_the_same_way(package: Package, packages: list[Package]) -> None:
    core = next(other for other in packages if other.name == CORE)
    expected = {**core.pyproject["tool"]["towncrier"], "package": package.import_name}
    assert package.pyproject["tool"]["towncrier"] == expected


def test_entry_points_name_what_exists(package: Package) -> None:
    declared = [
        EntryPoint(name, value, group)
        for group, points in package.entry_points.items()
        for name, value in points.items()
    ]
    for point in declared:
        assert point.load() is not None
    assert set(declared) <= set(distribution(package.name).entry_points)


def test_steps_are_known_by_the_kebab_case_of_their_class(package: Package) -> None:
    for name, value in package.entry_points.get(STEPS, {}).items():
        module, _, class_name = value.partition(":")
        assert module == package.import_name
        assert name == re.sub(r"(?<!^)(?=[A-Z])", "-", class_name).lower()


def test_packages_that_bring_something_run_the_conformance_kit(package: Package) -> None:
    if package.entry_points:
        kit = (package.folder / "tests" / "test_protocol.py").read_text(encoding="utf-8")
        assert f'checks_for("{package.name}")' in kit


def test_core_is_required_with_a_floor_and_a_cap(package: Package) -> None:
    if package.name == CORE:
        return
    core = [r for r in _requirements(package) if r.name == CORE]
    assert len(core) == 1
    assert not core[0].specifier.contains("0.9")
    assert core[0].specifier.contains("1.99")
    assert not core[0].specifier.contains("2.0")


def test_other_requirements_have_a_floor_and_no_cap(package: Package) -> None:
    for requirement in _requirements(package):
        if not requirement.name.startswith(CORE):
            operators = {part.operator for part in requirement.specifier}
            assert operators == {">="}, f"{requirement}: floors only, without a proven break"


def test_no_package_imports_another_that_brings_steps(
    package: Package, packages: list[Package]
) -> None:
    barred = {
        other.import_name
        for other in packages
        if other != package
        and (package.name == CORE or (STEPS in other.entry_points and other.name != CORE))
    }
    for module in package.source.rglob("*.py"):
        if "_templates" in module.parts:  # it becomes code of a user's
            continue
        assert not _imported(module) & barred, f"{module.name}: what two share is a third package"


@pytest.mark.parametrize(
    ("room", "entered_from"),
    [
        ("_cli", {"_cli", "__main__.py"}),
        ("_updates", {"_cli", "_updates"}),
        ("_indexes", {"_cli", "_contract", "_environments", "_indexes", "_updates"}),
    ],
)
def test_room_of_core_is_entered_from_above_only(
    room: str, entered_from: set[str], packages: list[Package]
) -> None:
    """What executes pipelines needs no command line, no package index and no updates."""
    source = next(package.source for package in packages if package.name == CORE)
    below = [
        module.relative_to(source)
        for module in source.rglob("*.py")
        if f"from {CORE}.{room}" in module.read_text(encoding="utf-8")
    ]
    assert {module.parts[0] for module in below} == entered_from


def test_names_of_test_modules_tell_them_apart(packages: list[Package], root: Path) -> None:
    folders = [root / "tests", *(package.folder / "tests" for package in packages)]
    names = Counter(path.name for folder in folders for path in folder.rglob("test_*.py"))
    del names["test_protocol.py"]
    assert [name for name, count in names.items() if count > 1] == []


def _requirements(package: Package) -> list[Requirement]:
    extras = package.project.get("optional-dependencies", {}).values()
    texts = [*package.project["dependencies"], *(text for extra in extras for text in extra)]
    return [Requirement(text) for text in texts]


def _imported(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_changelog_goes_into_the_wheel(package: Package) -> None:
    wheel = package.pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["extra-metadata"] == {"CHANGELOG.md": "CHANGELOG.md"}
