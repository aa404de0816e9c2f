"""What lint finds: where, what, and how to mend it."""

from __future__ import annotations

import json
import subprocess

import pytest
from click.testing import CliRunner

from stepwell import Pipeline
from stepwell_catalog import LoadFromCatalog
from stepwell_catalog._commands import catalog

COMPLETE = {
    "description": {"purpose": "To try things out."},
    "team": {"name": "Data"},
    "slaProperties": [{"property": "retention", "value": 2, "unit": "y"}],
    "customProperties": [
        {"property": "licence", "value": "CC-BY-4.0"},
        {"property": "legalBasis", "value": "GDPR Art. 6 (1) b"},
    ],
}


def _describe(document):
    for column in document["schema"][0]["properties"]:
        column["description"] = "Something."
        column.setdefault("classification", "internal")


def _lint(*arguments):
    done = CliRunner().invoke(catalog, ["lint", "--json", *arguments], catch_exceptions=False)
    return done.exit_code, json.loads(done.output)


def test_complete_contract_has_no_findings(write):
    write(_describe, **COMPLETE)
    assert _lint("--strict") == (0, [])


LACKING = {
    "owner": (lambda d: d.pop("team"), "Nobody owns it.", "warning"),
    "purpose": (lambda d: d.pop("description"), "what the data is for", "warning"),
    "licence": (lambda d: d["customProperties"].pop(0), "no licence", "warning"),
    "legal_basis": (lambda d: d["customProperties"].pop(1), "no legal basis", "error"),
    "retention": (lambda d: d.pop("slaProperties"), "how long the data may be kept", "error"),
    "servers": (lambda d: d.pop("servers"), "where the data lies", "warning"),
    "meaning": (
        lambda d: d["schema"][0]["properties"][0].update(description="FILL IN: write"),
        "There is 1 column without a description: id.",
        "warning",
    ),
    "classification": (
        lambda d: d["schema"][0]["properties"][2].pop("classification"),
        "1 column without a classification: income.",
        "warning",
    ),
    "quality": (
        lambda d: d["schema"][0]["properties"][0].update(primaryKey=False),
        "No rule says what good data is.",
        "warning",
    ),
    "format": (
        lambda d: d.update(servers=[{"server": "lake", "type": "s3", "location": "s3://b/people"}]),
        "Neither it nor an ending says the format.",
        "warning",
    ),
    "unchecked": (
        lambda d: d["schema"][0]["properties"][0].update(logicalTypeOptions={"multipleOf": 2}),
        "Column 'id': nothing checks multipleOf.",
        "warning",
    ),
    "type": (
        lambda d: d["schema"][0]["properties"][0].pop("logicalType"),
        "without a logicalType",
        "warning",
    ),
}


@pytest.mark.parametrize("case", LACKING)
def test_what_is_lacking_is_found_alone(write, case):
    change, message, level = LACKING[case]

    def changed(document):
        _describe(document)
        document["customProperties"] = list(document["customProperties"])
        change(document)

    write(changed, **COMPLETE)
    exit_code, (finding,) = _lint()
    assert message in finding["what"]
    assert (finding["level"], exit_code) == (level, 1 if level == "error" else 0)
    assert finding["fix"]
    assert _lint("--strict")[0] == 1


def test_draft_is_no_finished_contract(project):
    CliRunner().invoke(catalog, ["draft", "people.csv"], catch_exceptions=False)
    exit_code, found = _lint()
    assert (exit_code, len(found)) == (0, 6)


def test_file_of_another_kind_is_told_once(project):
    (project / "catalog" / "other.odcs.yaml").write_text("hello: 1\n", encoding="utf-8")
    whats = [one["what"] for one in _lint()[1]]
    assert len(whats) == len(set(whats)) == 2


def test_two_files_with_one_name_are_found_both(write):
    write(_describe, **COMPLETE)
    write(_describe, file="other.odcs.yaml", **COMPLETE)
    exit_code, found = _lint()
    assert exit_code == 1
    assert [one["file"] for one in found] == ["catalog/other.odcs.yaml", "catalog/people.odcs.yaml"]


def test_hostile_contract_is_inert_in_the_terminal(write):
    """Control characters of a file steer no terminal (fault 32)."""
    write(name="\x1b[31mred")
    done = CliRunner().invoke(catalog, ["lint"])
    assert "\x1b" not in done.output
    assert "cannot be the name of a dataset" in done.output


def _git(project, *arguments):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    command = ["git", *identity, *arguments]
    subprocess.run(command, cwd=project, check=True, capture_output=True)


@pytest.fixture
def committed(project, write):
    """A complete contract that was committed."""
    write(_describe, **COMPLETE)
    _git(project, "init", "--quiet")
    _git(project, "add", ".")
    _git(project, "commit", "--quiet", "--message", "A contract")


CHANGES = {
    "2.0.0": lambda d: d["schema"][0]["properties"][0].update(logicalType="string"),
    "1.1.0": lambda d: d["schema"][0]["properties"].append(
        {"name": "new", "description": "x", "classification": "public", "logicalType": "date"}
    ),
    "1.0.1": lambda d: d["description"].update(purpose="Something else."),
}


@pytest.mark.parametrize("following", CHANGES)
def test_changed_content_needs_a_new_version(committed, write, following):
    """A change that nobody numbered is an error, with the number to write (fault 87)."""

    def changed(document):
        _describe(document)
        document["description"] = dict(document["description"])
        CHANGES[following](document)

    write(changed, **COMPLETE)
    exit_code, (finding,) = _lint()
    assert (exit_code, finding["where"]) == (1, "version")
    assert "differs from the commit" in finding["what"]
    assert finding["fix"] == f"Write: version: {following}"

    write(changed, **COMPLETE, version=following)
    assert _lint() == (0, [])


def test_changed_columns_are_named(committed, write):
    write(lambda d: (_describe(d), CHANGES["2.0.0"](d)), **COMPLETE)
    assert "column 'id'" in _lint()[1][0]["what"]


def test_comments_need_no_new_version(committed, project):
    path = project / "catalog" / "people.odcs.yaml"
    path.write_text("# only a comment\n" + path.read_text())
    assert _lint() == (0, [])


def test_content_that_a_run_used_needs_a_new_version(write, project):
    """Without git, the records of runs say what a version was (fault 87)."""
    write(_describe, **COMPLETE)
    store = project / ".stepwell"
    Pipeline("people", [LoadFromCatalog(name="people")]).run(store=store).raise_for_status()
    assert _lint() == (0, [])

    write(_describe, **{**COMPLETE, "team": {"name": "Others"}})
    exit_code, (finding,) = _lint()
    assert exit_code == 1
    assert "used another content as version 1.0.0" in finding["what"]
    assert _lint("--store", str(project / "other")) == (0, [])
