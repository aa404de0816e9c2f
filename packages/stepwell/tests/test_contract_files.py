"""Contracts where they are found: in files, folders, installed packages and wheels."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, strategies

from stepwell import ConfigurationError, PackageError, StepwellError
from stepwell._cli import stepwell as command_line
from stepwell._contract import (
    contract_changes,
    contract_in_folder,
    contract_in_wheel,
    contract_of_file,
    contract_text,
    installed_contract,
    parsed_contract,
)

Install = Callable[..., str]

SOURCE = '''
from dataclasses import dataclass
from pydantic import Field
from stepwell import Dataset, Step

@dataclass(frozen=True)
class Made:
    """What `Make` produces."""
    data: Dataset

class Make(Step):
    """Make something."""
    size: int = Field(default=1, ge=0, description="How much.")

    def run(self, *, data: Dataset) -> Made: ...
'''
POINTS = {"make": "stepwell_made:Make"}
CONTRACT: dict[str, Any] = {
    "format": "stepwell.package-contract/1",
    "package": "stepwell-made",
    "steps": {
        "make": {
            "configuration": {
                "additionalProperties": False,
                "properties": {
                    "size": {
                        "default": 1,
                        "description": "How much.",
                        "minimum": 0,
                        "type": "integer",
                    }
                },
                "type": "object",
            },
            "description": "Make something.",
            "inputs": {"data": {"kind": "dataset"}},
            "outputs": {"data": {"kind": "dataset"}},
            "target": "stepwell_made:Make",
        }
    },
}
CONTENT = json.dumps(CONTRACT).encode()


@pytest.fixture(autouse=True)
def nothing_imported() -> Iterator[None]:
    """These packages have the same name and differ."""
    yield
    sys.modules.pop("stepwell_made", None)


def folder_of(folder: Path, source: str = SOURCE, *, name: str = "stepwell-made") -> Path:
    """The sources of a package that is not installed."""
    module = name.replace("-", "_")
    (folder / "src" / module).mkdir(parents=True)
    (folder / "src" / module / "__init__.py").write_text(source)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\n[project.entry-points."stepwell.steps"]\n'
        f'make = "{module}:Make"\n'
    )
    return folder


def wheel_of(
    folder: Path,
    contract: bytes | None = CONTENT,
    *,
    version: str = "1.0.0",
    points: str = "[stepwell.steps]\nmake = stepwell_made:Make\n",
    more: Mapping[str, bytes] | None = None,
) -> Path:
    """A wheel with metadata and a contract."""
    wheel = folder / f"stepwell_made-{version}-py3-none-any.whl"
    described = f"stepwell_made-{version}.dist-info"
    files = {f"{described}/entry_points.txt": points.encode(), **(more or {})}
    if contract is not None:
        files["stepwell_made/contract.json"] = contract
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return wheel


def changed(path: str, value: Any) -> bytes:
    """The contract with another value at a path such as `steps.make.inputs`."""
    document = json.loads(CONTENT)
    *parents, last = path.split("/")
    inner = document
    for key in parents:
        inner = inner[key]
    inner[last] = value
    return json.dumps(document).encode()


def stepwell(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command_line, ["contract", *map(str, arguments)])


def failed(done: Result) -> str:
    assert isinstance(done.exception, StepwellError), done.output
    return str(done.exception)


# reading


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is no JSON that can be read"),
        (b"\xff", "is no JSON that can be read"),
        (b"[]", "is no JSON that can be read: It is no JSON object"),
        (b'{"format": 1, "format": 2}', "A key stands twice"),
        (b"[" * 100_000, "is no JSON that can be read: It is"),
        (b'{"a": "' + b"x" * 2**20 + b'"}', "has more than 1,048,576 bytes"),
        (b"{}", "is no contract of a package: its format is not 'stepwell.package-contract/1'"),
        (changed("format", "stepwell.package-contract/2"), "has the format 2 of contracts"),
        (changed("steps", []), "is not as a contract is: steps"),
        (changed("steps/make/inputs", {"data": "dataset"}), "steps.make.inputs.data"),
        (changed("steps/make/configuration", {"properties": []}), "the keyword 'properties'"),
        (
            changed("steps/make/configuration/properties/size/minimum", "0"),
            "the keyword 'minimum' of a schema has a value of another type",
        ),
        (changed("steps/make/configuration/required", [1]), "the keyword 'required'"),
        (
            changed("steps/make/outputs/data", {"kind": "value", "schema": {"anyOf": [1]}}),
            "a schema is a mapping",
        ),
    ],
)
def test_what_is_no_contract_is_refused_with_the_reason(content: bytes, message: str) -> None:
    with pytest.raises(PackageError, match=r"stepwell|made") as caught:
        parsed_contract(content, "stepwell-made")
    assert message in str(caught.value)


def test_contract_of_a_newer_format_says_what_to_upgrade() -> None:
    with pytest.raises(PackageError, match="pip install --upgrade stepwell"):
        parsed_contract(changed("format", "stepwell.package-contract/2"), "stepwell-made 2.0.0")


def test_key_that_a_later_version_added_is_left_out() -> None:
    assert parsed_contract(changed("since", "1.7"), "it") == parsed_contract(CONTENT, "it")


def test_text_of_a_contract_is_read_as_it_was_written() -> None:
    contract = parsed_contract(CONTENT, "it")
    text = contract_text(contract)
    assert parsed_contract(text.encode(), "it") == contract
    assert contract_text(parsed_contract(text.encode(), "it")) == text
    assert json.loads(text) == CONTRACT
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("found", ["installed", "folder", "wheel"])
def test_contract_is_found(install: Install, tmp_path: Path, found: str) -> None:
    if found == "installed":
        install("stepwell-made", SOURCE, steps=POINTS, contract=True)
        contract = installed_contract("stepwell-made")
    elif found == "folder":
        folder = folder_of(tmp_path / "sources")
        stepwell("write", folder)
        contract = contract_in_folder(folder)
    else:
        contract = contract_in_wheel(wheel_of(tmp_path))
    assert contract == parsed_contract(CONTENT, "it")


def test_package_without_steps_has_a_contract_of_none(install: Install, tmp_path: Path) -> None:
    install("stepwell-made", "")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "stepwell-made"\n')
    wheel = wheel_of(tmp_path, None, points="")
    for contract in (
        installed_contract("stepwell-made"),
        contract_in_folder(tmp_path),
        contract_in_wheel(wheel),
    ):
        assert (contract.package, contract.steps) == ("stepwell-made", {})


def test_missing_contract_says_who_makes_it(install: Install, tmp_path: Path) -> None:
    install("stepwell-made", SOURCE, steps=POINTS)
    with pytest.raises(PackageError, match=r"stepwell-made 0\.1\.0, which is installed, has"):
        installed_contract("stepwell-made")
    with pytest.raises(PackageError, match=r"any\.whl has steps and no contract\.json\. Its"):
        contract_in_wheel(wheel_of(tmp_path, None))
    with pytest.raises(ConfigurationError, match=r"cannot be read: .*contract write"):
        contract_in_folder(folder_of(tmp_path / "sources"))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        contract_of_file(tmp_path / "nothing.json")


def test_contract_of_another_package_is_refused(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, changed("package", "stepwell-other"))
    with pytest.raises(PackageError, match="is that of stepwell-other"):
        contract_in_wheel(wheel)


@pytest.mark.parametrize(
    ("points", "step"),
    [
        ("make = stepwell_made:Make\nmore = stepwell_made:More", "more"),
        ("make = stepwell_made:Maker", "make"),
        ("made = stepwell_made:Make", "made"),
    ],
)
def test_contract_of_other_steps_than_the_package_names_is_refused(
    tmp_path: Path, points: str, step: str
) -> None:
    wheel = wheel_of(tmp_path, points=f"[stepwell.steps]\n{points}\n")
    with pytest.raises(PackageError, match=f"its entry points differ in the step '{step}'"):
        contract_in_wheel(wheel)


# hostile and broken wheels


def _not_a_zip(wheel: Path) -> None:
    wheel.write_bytes(b"not a wheel")


def _cut(wheel: Path) -> None:
    wheel.write_bytes(wheel.read_bytes()[:-30])


def _damaged(wheel: Path) -> None:
    content = bytearray(wheel.read_bytes())
    at = content.index(b"stepwell_made/contract.json") + 40
    content[at : at + 20] = bytes(20)
    wheel.write_bytes(content)


def _bomb(wheel: Path) -> None:
    wheel_of(wheel.parent, b" " * 50_000_000)


def _lies_about_its_size(wheel: Path) -> None:
    _bomb(wheel)
    size = (50_000_000).to_bytes(4, "little")
    wheel.write_bytes(wheel.read_bytes().replace(size, (500).to_bytes(4, "little")))


def _two_contracts(wheel: Path) -> None:
    with zipfile.ZipFile(wheel, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("stepwell_made/contract.json", CONTENT)


def _two_descriptions(wheel: Path) -> None:
    wheel_of(wheel.parent, more={"other-1.0.0.dist-info/METADATA": b""})


def _not_text(wheel: Path) -> None:
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("stepwell_made-1.0.0.dist-info/entry_points.txt", b"\xff")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (_not_a_zip, "File is not a zip file"),
        (_cut, "File is not a zip file"),
        (_damaged, "cannot be read"),
        (_bomb, "has more than 1,048,576 bytes"),
        (_lies_about_its_size, "cannot be read"),
        (_two_contracts, "it holds stepwell_made/contract.json twice"),
        (_two_descriptions, "it has 2 folders of metadata"),
        (_not_text, "can't decode byte"),
    ],
)
def test_broken_wheel_is_refused_by_name(
    tmp_path: Path, harm: Callable[[Path], None], message: str
) -> None:
    wheel = wheel_of(tmp_path)
    harm(wheel)
    with pytest.raises(PackageError, match=r"stepwell_made-1\.0\.0-py3-none-any\.whl") as caught:
        contract_in_wheel(wheel)
    assert message in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("points", ["[stepwell.steps]\nmake\n", "[stepwell.steps]\nmake = :\n"])
def test_wheel_with_entry_points_that_are_none_is_refused(tmp_path: Path, points: str) -> None:
    with pytest.raises(
        PackageError, match=r"stepwell-made 1\.0\.0 has an entry point that is none"
    ):
        contract_in_wheel(wheel_of(tmp_path, points=points))


def test_file_that_is_not_named_like_a_wheel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "made.whl").write_bytes(b"")
    with pytest.raises(ConfigurationError, match=r"made\.whl is not named like a wheel"):
        contract_in_wheel(tmp_path / "made.whl")


# hostile contracts

PIECES: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**400, "", "x", "integer", "object", "array", [], {}, [1], [{}]),
    *({"a": 1}, {"a": {}}, {"type": "integer"}, {"$ref": "#/$defs/A"}, {"not": {}}),
    *({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"allOf": [{"type": "string"}]}),
    *({"enum": [1, "a", None, [1], {"b": 2}]}, {"const": [1]}, {"propertyName": "kind"}),
    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
]
KEYWORDS = [
    *("$ref", "$defs", "anyOf", "oneOf", "allOf", "enum", "const", "type", "properties", "items"),
    *("required", "prefixItems", "additionalProperties", "discriminator", "minimum", "format"),
    *("exclusiveMaximum", "maxLength", "uniqueItems", "default", "deprecated", "propertyNames"),
    *("$name", "$tag", "kind", "optional", "schema", "description", "target", "judge"),
]


def _mappings(value: Any) -> list[dict[str, Any]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) else []
    return own + [found for one in inner for found in _mappings(one)]


@given(data=strategies.data())
def test_contract_is_refused_or_compared_whatever_is_in_it(data: strategies.DataObject) -> None:
    document = json.loads(CONTENT)
    for _ in range(data.draw(strategies.integers(1, 5))):
        within = data.draw(strategies.sampled_from(_mappings(document)[1:] or [document]))
        key = data.draw(strategies.sampled_from([*within, *KEYWORDS]))
        within[key] = json.loads(json.dumps(data.draw(strategies.sampled_from(PIECES))))
    try:
        hostile = parsed_contract(json.dumps(document).encode(), "it")
    except PackageError:
        return
    known = parsed_contract(CONTENT, "it")
    for old, new in ((known, hostile), (hostile, known), (hostile, hostile)):
        assert isinstance(contract_changes(old, new), list)
    assert contract_changes(hostile, hostile) == []


def test_types_that_lead_on_without_end_are_refused() -> None:
    definitions = {
        f"T{n}": {"type": "object", "properties": {"a": {"$ref": f"#/$defs/T{n + 1}"}}}
        for n in range(5000)
    }
    schema = {"properties": {"a": {"$ref": "#/$defs/T0"}}, "$defs": definitions}
    deep = parsed_contract(changed("steps/make/configuration", schema), "it")
    with pytest.raises(PackageError, match="nested too deeply to be compared"):
        contract_changes(deep, deep)


# the commands


def test_write_makes_the_file_beside_the_code_of_a_folder(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    assert stepwell("write", folder).output.startswith("Wrote ")
    text = (folder / "src" / "stepwell_made" / "contract.json").read_text()
    assert json.loads(text) == CONTRACT
    assert stepwell("write", folder).output.startswith("There is nothing new in ")


def test_check_writes_nothing_and_tells_what_changed(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    file = folder / "src" / "stepwell_made" / "contract.json"
    file.write_bytes(changed("steps/make/configuration/properties", {}))
    done = stepwell("write", folder, "--check")
    assert done.exit_code == 1
    assert "  minor  Make: field 'size' is new." in done.output
    assert f"Write it anew: stepwell contract write {folder}" in done.output
    file.write_bytes(CONTENT)
    assert stepwell("write", folder, "--check").exit_code == 0
    assert file.read_bytes() == CONTENT


def test_check_fails_without_a_file(tmp_path: Path) -> None:
    done = stepwell("write", folder_of(tmp_path), "--check")
    assert (done.exit_code, "is out of date" in done.output) == (1, True)


def test_installed_copy_is_not_written(install: Install, tmp_path: Path) -> None:
    install("stepwell-made", SOURCE, steps=POINTS)
    assert "is installed as a copy" in failed(stepwell("write", "stepwell-made"))
    assert not list(tmp_path.rglob("contract.json"))


@pytest.mark.parametrize(
    ("project", "message"),
    [
        (None, "there is no pyproject.toml that can be read"),
        ("[project", "does not say name and entry points"),
        ("[project]\nversion = '1'", "does not say name and entry points"),
        (
            '[project]\nname = "a"\n[project.entry-points."stepwell.steps"]\nmake = ":"',
            "does not say name and entry points",
        ),
        ("project = 3", "does not say name and entry points"),
        ('[project]\nname = "stepwell-made"', "has no steps, and so no contract"),
    ],
)
def test_folder_that_is_no_package_with_steps_is_refused(
    tmp_path: Path, project: str | None, message: str
) -> None:
    if project is not None:
        (tmp_path / "pyproject.toml").write_text(project)
    assert message in failed(stepwell("write", tmp_path))


def test_code_of_another_folder_is_not_taken_for_that_of_this(
    install: Install, tmp_path: Path
) -> None:
    install("stepwell-made", SOURCE, steps=POINTS)
    __import__("stepwell_made")
    folder = folder_of(tmp_path / "sources")
    assert "is imported from" in failed(stepwell("write", folder))


def test_step_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "import no_such_library", name="stepwell-broken")
    assert "Step 'make' of stepwell-broken cannot be imported" in failed(stepwell("write", folder))


def test_diff_tells_changes_and_the_version_that_they_demand(tmp_path: Path) -> None:
    old = wheel_of(tmp_path)
    new = wheel_of(tmp_path, changed("steps/make/configuration/properties", {}), version="1.1.0")
    done = stepwell("diff", old, new)
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "  major  Make: field 'size' is gone.",
        "This demands a major version: at least 2.0.0.",
        "1.1.0 is too small.",
    ]


def test_version_that_goes_back_is_too_small_for_the_same_contract(tmp_path: Path) -> None:
    done = stepwell("diff", wheel_of(tmp_path, version="1.1.0"), wheel_of(tmp_path))
    assert done.output == "The contracts are the same.\n1.0.0 is too small after 1.1.0.\n"
    assert done.exit_code == 1


def test_diff_as_json(tmp_path: Path) -> None:
    old, new = wheel_of(tmp_path), wheel_of(tmp_path, None, version="2.0.0", points="")
    done = stepwell("diff", old, new, "--json")
    assert done.exit_code == 0
    document = json.loads(done.output)
    (change,) = document.pop("changes")
    assert (change["bump"], change["step"], change["what"]) == ("major", "make", "removed")
    assert document == {
        "package": "stepwell-made",
        "old_version": "1.0.0",
        "new_version": "2.0.0",
        "bump": "major",
        "least_version": "2.0.0",
        "is_enough": True,
    }


def test_diff_without_versions_fails_only_if_more_than_allowed(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_bytes(CONTENT)
    new.write_bytes(changed("steps/make/configuration/properties/more", {"default": None}))
    assert stepwell("diff", old, new).exit_code == 0
    assert stepwell("diff", old, new, "--at-most", "minor").exit_code == 0
    assert stepwell("diff", old, new, "--at-most", "patch").exit_code == 1
    assert (
        stepwell("diff", old, old, "--at-most", "patch").output == "The contracts are the same.\n"
    )


def test_diff_of_an_installed_package_and_its_folder(install: Install, tmp_path: Path) -> None:
    install("stepwell-made", SOURCE, steps=POINTS, contract=True)
    (folder := folder_of(tmp_path / "sources"))
    (folder / "src" / "stepwell_made" / "contract.json").write_bytes(
        changed("steps/make/description", "Make it.")
    )
    done = stepwell("diff", "stepwell-made", folder)
    assert "  patch  Make is described otherwise." in done.output
    assert "This demands a patch version: at least 0.1.1." in done.output


@pytest.mark.parametrize(
    ("side", "message"),
    [
        ("stepwell-mad", "No package 'stepwell-mad' is installed."),
        ("nothing.whl", "is not named like a wheel"),
        ("stepwell_made-1.0.0-py3-none-any.whl", "There is no wheel"),
        ("nothing.json", "cannot be read"),
        ("stepwell-made==1.*", "does not name a version of a package. Write NAME==1.2.3."),
        ("stepwell-made==1.0", "Nothing says which package index has your steps"),
    ],
)
def test_side_that_is_none_says_what_may_stand_there(side: str, message: str) -> None:
    assert message in failed(stepwell("diff", side, side))


def test_two_packages_are_not_compared(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(changed("package", "stepwell-other"))
    assert "are two packages" in failed(stepwell("diff", wheel_of(tmp_path), other))
