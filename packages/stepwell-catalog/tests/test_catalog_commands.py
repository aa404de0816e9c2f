"""Looking at the catalog from the terminal."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from stepwell import ConfigurationError
from stepwell_catalog._commands import catalog


def _run(*arguments):
    done = CliRunner().invoke(catalog, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def two(write):
    """A catalog with two datasets."""
    write(team={"name": "Data"}, description={"purpose": "To know our customers."})
    write(file="rates.odcs.yaml", name="rates", tags=["market"], slaProperties=[])


def test_list_shows_owner_and_whether_there_is_personal_data(two):
    people, rates = _run("list").splitlines()
    assert people.split()[:3] == ["people", "1.0.0", "Data"]
    assert "personal data" in people
    assert rates.startswith("rates")
    assert [one["name"] for one in json.loads(_run("list", "--json"))] == ["people", "rates"]


def test_show_has_types_classification_and_server(two):
    shown = _run("show", "people")
    assert "purpose      To know our customers." in shown
    assert "files: people.csv" in shown
    (zip_,) = [line for line in shown.splitlines() if line.strip().startswith("zip")]
    assert zip_.split() == ["zip", "string", "personal"]
    view = json.loads(_run("show", "people", "--json"))
    assert view["columns"][0]["constraints"] == ["required", "primary key"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("customers", "people 1.0.0: purpose"),
        ("PERSONAL zip", None),
        ("market", "rates 1.0.0: tags"),
        ("customers market", "No dataset has all of these words."),
    ],
)
def test_search_needs_every_word(two, words, found):
    output = _run("search", *words.split())
    assert found is None or output.strip() == found
    if found is None:
        assert "people 1.0.0: column zip" in output


def test_show_of_an_unknown_name_proposes_the_nearest(two):
    with pytest.raises(ConfigurationError, match="Did you mean 'rates'"):
        _run("show", "rate")


def test_password_references_stay_what_they_are(write):
    """Where data lies is shown, how to get in is not (fault 25)."""
    custom = [{"property": "user", "value": "me"}, {"property": "password", "value": "${PW}"}]
    server = {"server": "db", "type": "postgres", "host": "h", "port": 5, "database": "d"}
    write(servers=[{**server, "schema": "public", "customProperties": custom}])
    shown = _run("show", "people")
    assert "db: postgresql://h:5/d, table public.people" in shown
    assert "PW" not in shown


def test_empty_catalog_says_how_to_begin(project):
    assert "stepwell catalog draft FILE" in _run("list")
