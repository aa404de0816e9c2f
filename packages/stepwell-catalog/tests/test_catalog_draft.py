"""A first contract out of data."""

from __future__ import annotations

import datetime
from decimal import Decimal

import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from stepwell import DataError
from stepwell_catalog import LoadFromCatalog
from stepwell_catalog._commands import catalog
from stepwell_catalog._draft import draft, draft_text

CANARY = "Kassandra Canary"


def test_draft_of_every_type_is_a_contract_that_fits_its_data(project):
    frame = pl.DataFrame(
        {
            "text": [CANARY, "b"],
            "small": pl.Series([1, 2], dtype=pl.Int8),
            "price": [Decimal("1.50"), None],
            "rate": pl.Series([1.5, 2.5], dtype=pl.Float32),
            "yes": [True, False],
            "day": [datetime.date(2026, 1, 1)] * 2,
            "at": [datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)] * 2,
            "clock": [datetime.time(12)] * 2,
            "tags": [["x"], []],
            "place": [{"city": "Ulm"}, {"city": None}],
            "raw": [b"1", b"2"],
        }
    )
    frame.write_parquet(project / "every.parquet")
    CliRunner().invoke(catalog, ["draft", "every.parquet"], catch_exceptions=False)
    assert LoadFromCatalog(name="every").run().data.to_polars().equals(frame)


def test_draft_says_what_is_filled_and_unique_and_never_a_value(project):
    rows = pl.DataFrame(
        {"id": [1, 2, 3], "name": [CANARY, None, "x"], "sex": ["f", "f", "m"], "x": [0.1, 0.2, 0.3]}
    )
    rows.write_csv(project / "rows.csv")
    document = draft("rows.csv")
    properties = {one.pop("name"): one for one in document["schema"][0]["properties"]}
    assert [one["required"] for one in properties.values()] == [True, False, True, True]
    assert [name for name, one in properties.items() if one.get("unique")] == ["id"]
    text = draft_text(document)
    assert CANARY not in text
    assert "0.1" not in text.replace("version: 0.1.0", "")


def test_folder_is_drafted_as_one_dataset(project):
    (project / "parts").mkdir()
    for number in range(2):
        pl.DataFrame({"id": [number]}).write_csv(project / "parts" / f"{number}.csv")
    server = draft("parts")["servers"][0]
    assert (server["path"], server["format"]) == ("parts", "csv")


def test_names_of_columns_cannot_break_the_file(project):
    name = 'a: "b"\n- c # d \x1b[31m'
    pl.DataFrame({name: [1]}).write_parquet(project / "odd.parquet")
    document = yaml.safe_load(draft_text(draft("odd.parquet")))
    assert document["schema"][0]["properties"][0]["name"] == name


def test_draft_writes_over_nothing(project):
    first = CliRunner().invoke(catalog, ["draft", "people.csv"])
    assert "stepwell catalog lint catalog/people.odcs.yaml" in first.output
    again = CliRunner().invoke(catalog, ["draft", "people.csv"])
    assert (again.exit_code, "exists" in again.output) == (1, True)


def test_draft_is_printed_on_request(project):
    shown = CliRunner().invoke(catalog, ["draft", "people.csv", "--output", "-", "--name", "them"])
    assert yaml.safe_load(shown.output)["name"] == "them"
    assert not list((project / "catalog").iterdir())


def test_missing_file_is_told(project):
    with pytest.raises(DataError, match=r"people\.csv"):
        draft("peple.csv")
