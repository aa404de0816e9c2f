"""What a catalog names on real servers: tables of PostgreSQL and SQLite, objects on S3."""

from __future__ import annotations

import datetime
import json
import re
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import polars as pl
import psycopg2
import pytest
import yaml

from stepwell import ConfigurationError, DataError, Pipeline
from stepwell_catalog import LoadFromCatalog
from stepwell_pii_scan import PiiScan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from object_stores import ObjectStore

SECRET = "hunter2/@:!"
TABLE = """
CREATE TABLE loans (id int PRIMARY KEY, amount numeric(12, 2), rate real, risk text NOT NULL,
    paid boolean, since date, at timestamptz, details jsonb, token uuid,
    tags text[], kept interval);
INSERT INTO loans VALUES
    (2, 0.10, 0.5, 'good', true, '2024-02-29', '2024-02-29 12:00+01', '{"a": 1}',
     '6d8c6a2e-0000-4000-8000-000000000001', '{x,NULL}', '1 day'),
    (1, 1234567890.12, NULL, 'bad', NULL, NULL, NULL, NULL, NULL, NULL, NULL)
"""
COLUMNS = {
    "id": {"logicalType": "integer", "primaryKey": True},
    "amount": {"logicalType": "number"},
    "rate": {"logicalType": "number", "logicalTypeOptions": {"format": "f32"}},
    "risk": {"logicalType": "string", "required": True},
    "paid": {"logicalType": "boolean"},
    "since": {"logicalType": "date"},
    "at": {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": True}},
    "details": {"logicalType": "string"},
    "token": {"logicalType": "string"},
    "tags": {"logicalType": "array", "items": {"logicalType": "string"}},
    "kept": {"logicalType": "string"},
}


@pytest.fixture
def contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., LoadFromCatalog]:
    """Write a contract of `loans` on a server, and give the step that loads it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "catalog").mkdir()

    def write(
        server: dict[str, Any], columns: dict[str, Any] = COLUMNS, table: str = "loans"
    ) -> LoadFromCatalog:
        custom = [{"property": key, "value": server.pop(key)} for key in CUSTOM & set(server)]
        properties = [{"name": name, **described} for name, described in columns.items()]
        document = {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": "loans",
            "name": "loans",
            "version": "1.0.0",
            "status": "active",
            "servers": [{"server": "here", **server, "customProperties": custom}],
            "schema": [{"name": "loans", "physicalName": table, "properties": properties}],
        }
        (tmp_path / "catalog" / "loans.odcs.yaml").write_text(yaml.safe_dump(document))
        return LoadFromCatalog(name="loans")

    return write


CUSTOM = {"url", "user", "password", "storageOptions"}


@pytest.fixture
def database(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cursor of PostgreSQL with the table `loans`; its address is in `DATABASE_URL`."""
    monkeypatch.setenv("DATABASE_URL", postgres)
    connection = psycopg2.connect(postgres.replace("+psycopg2", ""))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        yield cursor
        cursor.execute("DROP TABLE loans")
    connection.close()


URL = {"type": "custom", "url": "${DATABASE_URL}", "schema": "public"}


def test_table_keeps_every_cell_in_the_order_of_its_key(contract, database):
    rows = contract({**URL}).run().data.to_polars()
    assert rows["id"].to_list() == [1, 2]
    assert rows["amount"].to_list() == [Decimal("1234567890.12"), Decimal("0.10")]
    first, second = rows.drop("id", "amount").rows(named=True)
    assert first == {name: "bad" if name == "risk" else None for name in first}
    utc = datetime.datetime(2024, 2, 29, 11, tzinfo=datetime.UTC)
    assert second["at"] == utc
    assert (second["rate"], second["paid"]) == (0.5, True)
    assert second["since"] == datetime.date(2024, 2, 29)
    assert json.loads(second["details"]) == {"a": 1}
    assert second["token"] == "6d8c6a2e-0000-4000-8000-000000000001"
    assert (second["tags"], second["kept"]) == (["x", None], "1 day")


def test_empty_table_has_the_types_of_the_full_one(contract, database):
    full = contract({**URL}).run().data.schema
    database.execute("DELETE FROM loans")
    empty = contract({**URL}).run()
    assert (empty.data.schema, len(empty.data)) == (full, 0)
    assert "The data has no rows." in empty.report.failed()[0].message


def test_table_and_contract_that_disagree_are_named_both(contract, database):
    """Of a database as of a file (fault 87)."""
    database.execute("ALTER TABLE loans ALTER risk DROP NOT NULL, ADD extra int")
    database.execute("UPDATE loans SET risk = NULL WHERE id = 1")
    with pytest.raises(DataError) as raised:
        contract({**URL}).run()
    assert "table public.loans disagree" in str(raised.value)
    assert "Column 'extra': the contract says nothing, the data has it" in str(raised.value)
    assert "Column 'risk': the contract says that no cell is missing" in str(raised.value)


def test_cache_follows_the_rows_of_the_table(contract, database, tmp_path):
    pipeline = Pipeline("loans", [contract({**URL})])

    def state() -> str:
        run = pipeline.run(store=tmp_path / "store")
        run.raise_for_status()
        return run.steps[0].state

    assert [state(), state()] == ["succeeded", "cached"]
    database.execute("UPDATE loans SET amount = amount + 1 WHERE id = 1")
    assert state() == "succeeded"


def test_executed_step_reads_the_table_twice(contract, database, tmp_path):
    """To look it up, and to load it; what changes in between is not kept for later runs."""
    counted = "CREATE VIEW counted AS SELECT nextval('reads')::int AS id"
    database.execute(f"CREATE SEQUENCE reads; {counted}")
    pipeline = Pipeline("reads", [contract({**URL}, {"id": {"logicalType": "integer"}}, "counted")])
    states = [pipeline.run(store=tmp_path / "store").steps[0].state for _ in range(2)]
    database.execute("SELECT last_value FROM reads")
    assert (states, database.fetchone()) == (["succeeded", "succeeded"], (4,))
    database.execute("DROP VIEW counted; DROP SEQUENCE reads")


def test_number_without_digits_needs_them_in_the_contract(contract, database):
    database.execute("ALTER TABLE loans ALTER amount TYPE numeric")
    with pytest.raises(DataError, match=r"physicalType: numeric\(20, 4\)"):
        contract({**URL}).run()
    told = {**COLUMNS, "amount": {"logicalType": "number", "physicalType": "numeric(20, 2)"}}
    amounts = contract({**URL}, told).run().data.to_polars()["amount"]
    assert amounts.to_list() == [Decimal("1234567890.12"), Decimal("0.10")]
    database.execute("UPDATE loans SET amount = 0.001 WHERE id = 2")
    with pytest.raises(DataError, match="a value of column 'amount' does not fit"):
        contract({**URL}, told).run()


def test_missing_table_lists_what_there_is(contract, database):
    with pytest.raises(DataError, match=r"Did you mean 'public\.loans'\?"):
        contract({**URL}, table="loan").run()


def test_hostile_name_of_a_table_is_only_a_name(contract, database):
    with pytest.raises(DataError, match="does not exist"):
        contract({**URL}, table='loans"; DROP TABLE loans; --').run()
    database.execute("SELECT count(*) FROM loans")
    assert database.fetchone() == (2,)


@pytest.fixture
def guarded(database: Any, postgres: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A server that asks the user `reader` for the password `SECRET`."""
    (folder,) = parse_qs(urlsplit(postgres).query)["host"]
    rules = Path(folder) / "pg_hba.conf"
    if "reader" not in (before := rules.read_text()):
        rules.write_text(f"local all reader scram-sha-256\n{before}")
        database.execute("SELECT pg_reload_conf()")
        database.execute(f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}'")
    database.execute("GRANT SELECT ON loans TO reader")
    address = f"postgresql://reader:${{READER_PASSWORD}}@/postgres?host={folder}"
    monkeypatch.setenv("READER_PASSWORD", SECRET)
    return {"type": "custom", "url": address, "schema": "public"}


def test_password_comes_from_the_environment_and_stays_there(contract, guarded, tmp_path):
    """The record holds the reference as it was written (faults 25 and 26)."""
    run = Pipeline("loans", [contract({**guarded})]).run(store=tmp_path / "store")
    run.raise_for_status()
    assert len(run["data"]) == 2
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if b"hunter2" in path.read_bytes()]


@pytest.mark.parametrize("password", ["hunter2-wrong", ""])
def test_wrong_password_is_told_and_never_shown(contract, guarded, monkeypatch, password):
    """Credentials stand in no message (fault 25)."""
    monkeypatch.setenv("READER_PASSWORD", password)
    with pytest.raises(DataError, match="refuses user and password") as raised:
        contract({**guarded}).run()
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_unset_variable_is_named(contract, guarded, monkeypatch):
    monkeypatch.delenv("READER_PASSWORD")
    with pytest.raises(ConfigurationError, match="READER_PASSWORD is not set"):
        contract({**guarded}).run()


def test_table_that_may_not_be_read_is_told(contract, guarded, database):
    database.execute("REVOKE SELECT ON loans FROM reader")
    database.execute("GRANT SELECT (id) ON loans TO reader")  # so that its name may be seen
    with pytest.raises(DataError, match="may not be read by this user"):
        contract({**guarded}).run()


UNREACHABLE = {
    "refused": ({"type": "postgres", "host": "127.0.0.1", "port": 1}, "cannot be reached"),
    "unknown_host": ({"type": "postgres", "host": "no.invalid", "port": 5432}, "cannot be reached"),
    "no_driver": ({"type": "mysql", "host": "h", "port": 3306}, "needs an ADBC driver 'mysql'"),
}


@pytest.mark.parametrize("case", UNREACHABLE)
def test_unreachable_database_is_named_without_its_password(contract, monkeypatch, case):
    """Host, port and name of it, no credentials (fault 25)."""
    server, message = UNREACHABLE[case]
    monkeypatch.setenv("DATABASE_PASSWORD", SECRET)
    schema = {"schema": "public"} if server["type"] == "postgres" else {}
    login = {"user": "me", "password": "${DATABASE_PASSWORD}", "database": "d", **schema}
    with pytest.raises((DataError, ConfigurationError), match=message) as raised:
        contract({**server, **login}).run()
    text = str(raised.value)
    assert server["host"] in text
    assert "hunter2" not in text
    assert "DATABASE_PASSWORD" not in text


def test_missing_database_is_told(contract, database, monkeypatch, postgres):
    monkeypatch.setenv("DATABASE_URL", postgres.replace("/postgres?", "/nothing?"))
    with pytest.raises(DataError, match="no such database"):
        contract({**URL}).run()


LITE = {"id": {"logicalType": "integer", "primaryKey": True}, "since": {"logicalType": "date"}}


def test_sqlite_gets_the_types_of_the_contract(contract, tmp_path):
    with sqlite3.connect(tmp_path / "loans.db") as database:
        database.execute("CREATE TABLE loans (id integer, since date)")
        database.execute("INSERT INTO loans VALUES (2, '2024-02-29'), (1, NULL)")
    database.close()
    server = {"type": "custom", "url": "sqlite:///loans.db"}
    rows = contract(server, LITE).run().data.to_polars()
    assert rows.rows() == [(1, None), (2, datetime.date(2024, 2, 29))]
    with pytest.raises(DataError, match=r"Tables: loans\."):
        contract({"type": "custom", "url": "sqlite:///loans.db"}, LITE, table="x").run()


def test_missing_sqlite_file_is_not_made(contract, tmp_path):
    with pytest.raises(DataError, match=r"nothing\.db does not exist"):
        contract({"type": "custom", "url": "sqlite:///nothing.db"}, LITE).run()
    assert not (tmp_path / "nothing.db").exists()


def test_folder_on_s3_is_loaded_by_its_name(contract, s3: ObjectStore, tmp_path):
    rows = pl.DataFrame({"id": [1, 2], "since": [None, datetime.date(2024, 2, 29)]})
    for number in (0, 1):
        rows[number : number + 1].write_parquet(tmp_path / "part.parquet")
        s3.put(f"team/loans/{number}.parquet", (tmp_path / "part.parquet").read_bytes())
    server = {"type": "s3", "location": "s3://team/loans/*.parquet", "endpointUrl": s3.url}
    step = contract(server, LITE)
    assert step.run().data.to_polars().equals(rows)
    assert step.external_state() == step.external_state()
    assert re.search(r"s3://team/loans", step.run().report.details["source"])


def test_declared_personal_data_is_known_to_the_scan(contract, tmp_path):
    """What the contract classifies needs no recogniser."""
    pl.DataFrame({"code": ["k1", "k2"], "x": [1, 2]}).write_csv(tmp_path / "loans.csv")
    columns = {
        "code": {"logicalType": "string", "classification": "personal"},
        "x": {"logicalType": "integer", "classification": "public"},
    }
    server = {"type": "local", "path": "loans.csv", "format": "csv"}
    data = contract(server, columns).run().data
    findings = PiiScan(on_finding="warn").run(data=data).report.findings
    assert {column for one in findings if one.verdict != "passed" for column in one.columns} == {
        "code"
    }


def test_error_in_the_middle_of_a_table_quotes_no_row(contract, database):
    """What the database says of it may hold a cell (fault 27)."""
    database.execute("CREATE VIEW broken AS SELECT id, risk::int AS x FROM loans")
    try:
        with pytest.raises(DataError, match=r"table public\.broken cannot be read") as raised:
            contract({**URL}, table="broken").run()
    finally:
        database.execute("DROP VIEW broken")
    assert "good" not in str(raised.value)
