"""Preparing versions: what the notes and the contract ask for."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from small_repositories import SmallRepository

WORD = "packages/stepwell-word"
FIELD = {"type": "integer", "default": 3, "description": "How many.", "title": "Most"}


@pytest.mark.parametrize(
    ("now", "notes", "then"),
    [
        ("1.4.2", ["fixed"], "1.4.3"),
        ("1.4.2", ["fixed", "added"], "1.5.0"),
        ("1.4.2", ["deprecated"], "1.5.0"),
        ("1.4.2", ["removed", "added"], "2.0.0"),
        ("0.4.2", ["added"], "0.4.3"),
        ("0.4.2", ["removed"], "0.5.0"),
    ],
)
def test_notes_decide_the_version(
    small: SmallRepository, now: str, notes: list[str], then: str
) -> None:
    """Below 1.0 everything moves one place to the right."""
    small.add("stepwell-alone", version=now)
    for number, kind in enumerate(notes):
        small.write(f"packages/stepwell-alone/changes/{number}.{kind}.md", f"This is {kind}.\n")
    _tagged(small)
    done = small.release("prepare", "stepwell-alone")
    assert done.stdout.startswith(f"stepwell-alone {now} → {then}\n"), done.stderr
    assert _project(small, "stepwell-alone")["version"] == then


def test_notes_move_into_the_changelog(small: SmallRepository) -> None:
    small.write(f"{WORD}/changes/7.fixed.md", "It says what it means.\n")
    _tagged(small)
    assert small.release("prepare").returncode == 0
    changelog = small.read(f"{WORD}/CHANGELOG.md")
    assert changelog.index("## 0.1.1 (") < changelog.index("- It says what it means.")
    assert changelog.index("- It says what it means.") < changelog.index("## 0.1.0 (")
    folder = small.folder / WORD / "changes"
    assert [path.name for path in folder.iterdir()] == [".gitkeep"]


def test_packages_without_notes_stay_as_they_are(small: SmallRepository) -> None:
    _tagged(small)
    assert small.release("prepare").stdout == "No package has notes in changes/.\n"
    assert small.git("status", "--porcelain") == ""


def test_requirement_is_raised_only_if_it_does_not_admit_the_new_version(
    small: SmallRepository,
) -> None:
    small.add("stepwell-word", version="1.0.0")
    small.add("stepwell-tongue", needs=["stepwell-word>=1.0,<2"], version="1.0.0")
    small.write(f"{WORD}/changes/7.added.md", "It may sing.\n")
    _tagged(small)
    done = small.release("prepare")
    assert done.stdout.splitlines()[:-1] == ["stepwell-word 1.0.0 → 1.1.0"]

    small.write(f"{WORD}/changes/8.removed.md", "It does not shout any more.\n")
    _tagged(small)
    done = small.release("prepare")
    lines = ["stepwell-word 1.1.0 → 2.0.0", "stepwell-tongue 1.0.0 → 1.1.0"]
    assert done.stdout.splitlines()[:-1] == lines
    assert _project(small, "stepwell-tongue")["dependencies"] == ["stepwell-word>=2.0.0,<3"]
    told = small.read("packages/stepwell-tongue/CHANGELOG.md")
    assert "- Works with stepwell-word 2.0.0, and needs it." in told


def test_version_that_was_never_published_gets_no_successor(small: SmallRepository) -> None:
    small.write(f"{WORD}/changes/7.fixed.md", "It says what it means.\n")
    small.commit()
    done = small.release("prepare")
    assert done.returncode == 1
    assert "stepwell-word 0.1.0 has no tag stepwell-word-v0.1.0" in done.stderr
    assert _project(small, "stepwell-word")["version"] == "0.1.0"


def test_notes_that_tell_less_than_the_contract_are_refused(small: SmallRepository) -> None:
    _with_contract(small, {"most": FIELD})
    _tagged(small)
    _with_contract(small, {})
    small.write(f"{WORD}/changes/7.fixed.md", "It counts better.\n")
    small.commit()
    done = small.release("prepare")
    assert done.returncode == 1
    assert "its notes ask for a patch version, its contract for a major one" in done.stderr
    assert "'most'" in done.stderr
    assert "write changes/<number>.removed.md" in done.stderr


def test_version_that_is_too_small_for_the_contract_is_not_built(small: SmallRepository) -> None:
    """Whoever writes the version by hand is told which change asks for more."""
    _with_contract(small, {"most": FIELD})
    _tagged(small)
    _with_contract(small, {})
    small.replace(f"{WORD}/pyproject.toml", 'version = "0.1.0"', 'version = "0.1.1"')
    small.replace(f"{WORD}/CHANGELOG.md", "## 0.1.0 (", "## 0.1.1 (")
    small.commit()
    done = small.release("build", "stepwell-word")
    assert done.returncode == 1
    told = "stepwell-word 0.1.1 is too small a step after 0.1.0: it has to be 0.2.0 at least"
    assert told in done.stdout
    assert "'most'" in done.stdout


def test_withdrawn_release_is_told_by_the_next_one(small: SmallRepository) -> None:
    _tagged(small)
    words = ["withdraw", "stepwell-word", "0.1.0", "--replacement", "0.1.1"]
    done = small.release(*words, "--reason", 'It lost "words".')
    assert done.returncode == 0, done.stderr
    listed = tomllib.loads(small.read(f"{WORD}/src/stepwell_word/withdrawn.toml"))
    assert listed["withdrawn"] == [
        {"version": "0.1.0", "reason": 'It lost "words".', "replacement": "0.1.1"}
    ]
    assert "already" in small.release(*words, "--reason", "Again.").stderr
    assert small.release("prepare").stdout.startswith("stepwell-word 0.1.0 → 0.1.1")
    assert '- 0.1.0 is withdrawn: It lost "words". Use 0.1.1.' in small.read(f"{WORD}/CHANGELOG.md")


def test_only_what_was_published_can_be_withdrawn(small: SmallRepository) -> None:
    words = ["--replacement", "0.1.1", "--reason", "It lost words."]
    done = small.release("withdraw", "stepwell-word", "0.3.0", *words)
    assert "stepwell-word 0.3.0 was not published from here. Published: nothing." in done.stderr


def test_status_says_what_comes_next(small: SmallRepository) -> None:
    small.write(f"{WORD}/changes/7.fixed.md", "It says what it means.\n")
    _tagged(small)
    small.git("tag", "--delete", "stepwell-tongue-v0.1.0")
    small.write("packages/stepwell-alone/src/stepwell_alone/more.py", "")
    small.commit()
    lines = [" ".join(line.split()) for line in small.release("status").stdout.splitlines()]
    assert sorted(lines) == [
        "stepwell-alone 0.1.0 tagged needs a note: 1 files have changed",
        "stepwell-tongue 0.1.0 no tag publish",
        "stepwell-word 0.1.0 tagged prepare 0.1.1",
    ]


def _project(small: SmallRepository, name: str) -> dict[str, object]:
    text = small.read(f"packages/{name}/pyproject.toml")
    return dict(tomllib.loads(text)["project"])


def _tagged(small: SmallRepository) -> None:
    """Commit, and tag every version as if it was published."""
    small.commit()
    for path in (small.folder / "packages").iterdir():
        tag = f"{path.name}-v{_project(small, path.name)['version']}"
        if tag not in small.tags():
            small.git("tag", tag)


def _with_contract(small: SmallRepository, fields: dict[str, object]) -> None:
    """Give stepwell-word a step with these fields, as far as its contract and metadata say."""
    configuration = {"type": "object", "properties": fields, "additionalProperties": False}
    step = {
        "target": "stepwell_word:Speak",
        "description": "Say a word.",
        "configuration": configuration,
        "inputs": {},
        "outputs": {"word": {"kind": "value"}},
    }
    contract = {
        "format": "stepwell.package-contract/1",
        "package": "stepwell-word",
        "steps": {"speak": step},
    }
    small.write(f"{WORD}/src/stepwell_word/contract.json", json.dumps(contract))
    points = '[project.entry-points."stepwell.steps"]\nspeak = "stepwell_word:Speak"\n'
    text = small.read(f"{WORD}/pyproject.toml")
    if points not in text:
        small.write(f"{WORD}/pyproject.toml", f"{text}\n{points}")
