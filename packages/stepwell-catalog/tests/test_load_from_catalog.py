"""Data by its name, and what the dataset knows afterwards."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stepwell import ConfigurationError, DataError, Pipeline
from stepwell_catalog import LoadFromCatalog

PEOPLE = pl.DataFrame(
    {"id": [1, 2, 3], "zip": ["01234", "20095", "80331"], "income": [1.5, 2.0, None]}
)


def _column(number, **fields):
    return lambda document: document["schema"][0]["properties"][number].update(fields)


def _local(path, format_="parquet"):
    return [{"server": "files", "type": "local", "path": path, "format": format_}]


def test_dataset_knows_name_version_and_classification(write):
    write()
    data = LoadFromCatalog(name="people").run().data
    assert data.to_polars().equals(PEOPLE)
    assert [(one.name, one.version) for one in data.origins] == [("people", "1.0.0")]
    assert data.roles.of("zip") == ("personal",)


def test_roles_units_and_special_categories_come_from_the_contract(write):
    def change(document):
        first, second, third = document["schema"][0]["properties"]
        first["customProperties"] = [{"property": "role", "value": "identifier"}]
        second["classification"] = "special-category"
        third["customProperties"] = [
            {"property": "roles", "value": ["target"]},
            {"property": "favourable", "value": 2.0},
            {"property": "unit", "value": "kEUR"},
        ]

    write(change)
    roles = LoadFromCatalog(name="people").run().data.roles
    assert [roles.of(name) for name in PEOPLE.columns] == [
        ("identifier",),
        ("special",),
        ("target", "unit"),
    ]
    assert (roles.target, roles.favourable) == ("income", 2.0)


@pytest.mark.parametrize("format_", ["csv", "parquet", "jsonl", "arrow"])
@pytest.mark.parametrize("folder", [False, True])
def test_every_format_gives_the_same_rows(write, project, format_, folder):
    target = project / "data" / f"part.{format_}"
    target.parent.mkdir()
    writers = {
        "csv": PEOPLE.write_csv,
        "parquet": PEOPLE.write_parquet,
        "jsonl": PEOPLE.write_ndjson,
        "arrow": PEOPLE.write_ipc,
    }
    writers[format_](target)
    write(servers=_local("data/*" if folder else f"data/part.{format_}", format_))
    assert LoadFromCatalog(name="people").run().data.to_polars().equals(PEOPLE)


def test_second_server_is_loaded_by_its_name(write, project):
    PEOPLE.head(1).write_parquet(project / "small.parquet")
    small = {"server": "small", "type": "local", "path": "small.parquet", "format": "parquet"}
    write(lambda document: document["servers"].append(small))
    assert len(LoadFromCatalog(name="people", server="small").run().data) == 1
    with pytest.raises(ConfigurationError, match=r"Did you mean 'small'\? Servers: files, small"):
        LoadFromCatalog(name="people", server="smal")


def test_other_version_than_expected_is_an_error(write):
    write(version="2.0.0")
    with pytest.raises(ConfigurationError, match=r"expects version 1\.0\.0"):
        LoadFromCatalog(name="people", version="1.0.0")


def test_server_that_cannot_be_loaded_from_is_told(write):
    kafka = {"server": "stream", "type": "kafka", "host": "h"}
    write(servers=[kafka])
    with pytest.raises(ConfigurationError, match="server 'stream', which is of the type kafka"):
        LoadFromCatalog(name="people")


def test_missing_file_is_named(write, project):
    write()
    (project / "people.csv").unlink()
    with pytest.raises(DataError, match=r"people\.csv does not exist"):
        LoadFromCatalog(name="people").run()


def test_what_to_do_about_a_file_is_said_in_words_of_the_contract(write, project):
    (project / "people.csv").write_text("id;zip;income\n1;01234;1.5\n")
    write()
    with pytest.raises(DataError, match=r"in catalog/people\.odcs\.yaml: format, delimiter"):
        LoadFromCatalog(name="people").run()
    server = [{"server": "f", "type": "custom", "path": "people.csv", "delimiter": ";"}]
    write(servers=server)
    assert LoadFromCatalog(name="people").run().data.columns == ("id", "zip", "income")


def test_path_is_looked_for_beside_the_contract_in_the_end(write, project):
    write()
    (project / "people.csv").rename(project / "catalog" / "people.csv")
    assert len(LoadFromCatalog(name="people").run().data) == 3


DISAGREEMENTS = {
    "type": (
        _column(1, logicalType="integer"),
        "Column 'zip': the contract says integer, the data has String",
    ),
    "width": (
        _column(0, logicalTypeOptions={"format": "i32"}),
        "Column 'id': the contract says integer (i32), the data has Int64",
    ),
    "null": (
        _column(2, required=True),
        "Column 'income': the contract says that no cell is missing, the data lacks 1 row",
    ),
    "new_column": (
        lambda document: document["schema"][0]["properties"].pop(1),
        "Column 'zip': the contract says nothing, the data has it, as String",
    ),
    "missing_column": (
        _column(1, name="zipp"),
        "Column 'zipp': the contract says string, the data has no such column. Did you mean 'zip'?",
    ),
    "repeated": (
        lambda document: document["schema"][0]["properties"][0].update(
            name="one", unique=True, primaryKey=False
        ),
        "Column 'one': the contract says that values are unique, the data repeats 3 rows",
    ),
    "key": (
        lambda document: (
            document["schema"][0]["properties"].append(
                {"name": "two", "logicalType": "integer", "primaryKey": True}
            )
            or _column(0, name="one")(document)
        ),
        "Column 'one, two': the contract says that they are the primary key, the data repeats 3",
    ),
    "unit": (
        _column(2, customProperties=[{"property": "unit", "value": "EUR"}]),
        "Column 'income': the contract says the unit 'EUR', the data has 'kEUR'",
    ),
}


@pytest.mark.parametrize("case", DISAGREEMENTS)
def test_contract_and_data_that_disagree_are_named_both(write, project, case):
    """Types, units, missing cells, new and missing columns (fault 87)."""
    change, message = DISAGREEMENTS[case]
    frame = PEOPLE
    if "'one" in message:
        frame = PEOPLE.drop("id").with_columns(one=pl.lit(7, pl.Int64))
    if "two'" in message:
        frame = frame.with_columns(two=pl.lit(8, pl.Int64))
    table = frame.to_arrow()
    unit = table.schema.field("income").with_metadata({"unit": "kEUR"})
    table = table.cast(table.schema.set(table.schema.get_field_index("income"), unit))
    pq.write_table(table, project / "people.parquet")
    write(change, servers=_local("people.parquet"))

    with pytest.raises(DataError) as raised:
        LoadFromCatalog(name="people").run()

    text = str(raised.value)
    assert message in text
    assert "The contract people 1.0.0 (catalog/people.odcs.yaml)" in text
    assert "people.parquet" in text
    assert not any(cell in text for cell in ("01234", "20095"))


def test_every_difference_is_told_at_once(write):
    def change(document):
        document["schema"][0]["properties"][1].update(name="zipp")
        document["schema"][0]["properties"][2].update(required=True)

    write(change)
    with pytest.raises(DataError) as raised:
        LoadFromCatalog(name="people").run()
    assert str(raised.value).count("the contract says") == 3


def test_text_files_get_the_types_of_the_contract(write, project):
    """Postcodes keep their zeros, whole numbers may be prices, and an empty column has its type."""
    (project / "people.csv").write_text("id,zip,income\n1,01234,1\n2,20095,2\n")
    write()
    assert LoadFromCatalog(name="people").run().data.schema["income"] == pl.Float64
    (project / "people.csv").write_text("id,zip,income\n1,01234,\n2,20095,\n")
    data = LoadFromCatalog(name="people").run().data.to_polars()
    assert data.schema["income"] == pl.Float64
    assert data["zip"].to_list() == ["01234", "20095"]


def test_numbers_that_no_float_can_hold_are_not_rounded(write, project):
    (project / "people.csv").write_text(f"id,zip,income\n1,01234,{2**53 + 1}\n")
    write(_column(2, logicalTypeOptions={"format": "f64"}))
    with pytest.raises(DataError, match="the contract says number"):
        LoadFromCatalog(name="people").run()


def test_nested_columns_are_compared_with_their_fields(write, project):
    nested = pl.DataFrame({"id": [1], "place": [{"city": "Ulm", "rooms": [1, 2]}]})
    nested.write_parquet(project / "nested.parquet")
    rooms = {"name": "rooms", "logicalType": "array", "items": {"logicalType": "integer"}}
    place = {"name": "place", "logicalType": "object"}
    city = {"name": "city", "logicalType": "string"}

    def change(properties):
        return lambda document: document["schema"][0].update(
            properties=[
                {"name": "id", "logicalType": "integer"},
                {**place, "properties": properties},
            ]
        )

    write(change([city, rooms]), servers=_local("nested.parquet"))
    assert len(LoadFromCatalog(name="people").run().data) == 1
    write(change([city]), servers=_local("nested.parquet"))
    with pytest.raises(DataError, match="Column 'place': the contract says object"):
        LoadFromCatalog(name="people").run()


def test_time_zones_are_compared(write, project):
    zoned = pl.DataFrame({"id": [1]}).with_columns(
        at=pl.datetime(2026, 1, 1, time_zone="Europe/Berlin")
    )
    zoned.write_parquet(project / "times.parquet")
    at = {"name": "at", "logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}}
    write(
        lambda d: d["schema"][0]["properties"].__setitem__(slice(1, 3), [at]),
        servers=_local("times.parquet"),
    )
    with pytest.raises(DataError, match="the contract says timestamp without time zone"):
        LoadFromCatalog(name="people").run()


def test_same_content_comes_from_the_cache_and_other_content_does_not(write, project):
    write()
    pipeline = Pipeline("people", [LoadFromCatalog(name="people")])

    def state():
        run = pipeline.run(store=project / "store")
        run.raise_for_status()
        return run.steps[0].state

    assert [state(), state()] == ["succeeded", "cached"]
    PEOPLE.head(2).write_csv(project / "people.csv")
    assert state() == "succeeded"
    write(version="1.0.1")
    assert state() == "succeeded"


def test_large_sources_stay_lazy(write, project, monkeypatch):
    monkeypatch.setattr("stepwell._loading._reading.LARGE", 1)
    write()
    data = LoadFromCatalog(name="people").run().data
    assert data.to_polars().equals(PEOPLE)
    assert data.to_arrow().schema.field("income").type == pa.float64()


def test_rules_that_do_not_hold_are_findings_that_block(write, project):
    def change(document):
        table = document["schema"][0]
        table["quality"] = [{"metric": "rowCount", "mustBeGreaterThan": 100}]
        table["properties"][1]["logicalTypeOptions"] = {"pattern": "^[0-9]{5}$"}
        table["properties"][2]["quality"] = [
            {"metric": "nullValues", "mustBe": 0, "severity": "warning"}
        ]

    write(change)
    step = LoadFromCatalog(name="people")
    verdicts = {one.check: one.verdict for one in step.run().report.findings}
    assert verdicts == {
        "contract": "passed",
        "contract_row_count": "failed",
        "expect_column_values_to_match_regex": "passed",
        "contract_null_values": "warned",
    }
    assert Pipeline("people", [step]).run(store=False).status == "blocked"


def test_set_of_values_is_a_rule(write):
    write(_column(1, enum=[{"value": "01234"}, {"value": "20095"}]), apiVersion="v3.2.0")
    (finding,) = LoadFromCatalog(name="people").run().report.failed()
    assert (finding.columns, finding.rows) == (("zip",), 1)


def test_rule_that_nobody_here_can_run_warns(write):
    query = {"type": "sql", "query": "SELECT 1", "mustBe": 1}
    write(lambda document: document["schema"][0].update(quality=[query]))
    report = LoadFromCatalog(name="people").run().report
    assert report.verdict == "warned"
    assert "1 quality rule, 0 do not hold." in report.summary


@pytest.mark.parametrize("rows", [None, 0, 1])
def test_no_rows_fail_unless_a_rule_allows_it(write, project, rows):
    PEOPLE.clear().write_parquet(project / "people.parquet")
    rules = [] if rows is None else [{"metric": "rowCount", "mustBeGreaterOrEqualTo": rows}]
    write(lambda d: d["schema"][0].update(quality=rules), servers=_local("people.parquet"))
    verdict = LoadFromCatalog(name="people").run().report.verdict
    assert verdict == ("passed" if rows == 0 else "failed")
