"""Files that `Load` reads, and files of which it says what is wrong with them."""

import gzip
from pathlib import Path

import fsspec
import polars as pl
import pytest

from stepwell import DataError, Load, StepwellError, Target

FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", None]})


@pytest.mark.parametrize("ending", ["csv", "tsv", "csv.gz", "parquet", "jsonl", "ndjson", "arrow"])
def test_every_format_is_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"rows.{ending}"
    written = {
        "csv": lambda: FRAME.write_csv(path),
        "tsv": lambda: FRAME.write_csv(path, separator="\t"),
        "csv.gz": lambda: path.write_bytes(gzip.compress(FRAME.write_csv().encode())),
        "parquet": lambda: FRAME.write_parquet(path),
        "jsonl": lambda: FRAME.write_ndjson(path),
        "ndjson": lambda: FRAME.write_ndjson(path),
        "arrow": lambda: FRAME.write_ipc(path),
    }
    written[ending]()
    assert Load(source=str(path)).run().data.to_polars().equals(FRAME)


def test_files_of_a_folder_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    FRAME.head(1).write_csv(tmp_path / "1.csv")
    FRAME.tail(1).with_columns(b=pl.lit("y")).write_csv(tmp_path / "2.csv")
    assert Load(source=str(tmp_path)).run().data.to_polars()["a"].to_list() == [1, 2]


def test_file_behind_a_url_is_read() -> None:
    with fsspec.open("memory://load/rows.csv", "wb") as file:
        file.write(b"a,b\n1,x\n")
    assert len(Load(source="memory://load/rows.csv").run().data) == 1


def test_environment_variable_in_the_source_is_resolved_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """References stay unresolved in the configuration (fault 26)."""
    FRAME.write_csv(tmp_path / "rows.csv")
    monkeypatch.setenv("ROWS", str(tmp_path))
    step = Load(source="${ROWS}/rows.csv")
    assert len(step.run().data) == 2
    assert step.source == "${ROWS}/rows.csv"


def test_roles_and_types_are_taken_over(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("zip,y\n01067,good\n80331,bad\n")
    roles = {"y": Target(favourable="good"), "zip": ["identifier", "personal"]}
    data = Load(source=str(tmp_path / "rows.csv"), roles=roles, types={"zip": "String"}).run().data
    assert data.to_polars()["zip"].to_list() == ["01067", "80331"]
    assert (data.roles.target, data.roles.favourable) == ("y", "good")


def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(10_000)]
    (tmp_path / "wide.csv").write_text(f"{','.join(names)}\n{','.join('1' * 10_000)}\n")
    assert len(Load(source=str(tmp_path / "wide.csv")).run().data.columns) == 10_000


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "is empty"),
        (
            "long.csv",
            b"a,b\n1,2\n3,4,secret\n",
            "line 3: it has 3 fields where the first line has 2",
        ),
        (
            "short.csv",
            b"a,b,c\n1,2,3\n3,secret\n",
            "line 3: it has 2 fields where the first line has 3",
        ),
        ("nul.csv", b"a,b\n1,\x00secret\n", "line 2: it holds NUL bytes"),
        ("twice.csv", b"a,a\n1,2\n", "columns with the same name: a"),
        ("unnamed.csv", b"a,,\n1,2,3\n", "2 columns without a name"),
        ("utf16.csv", "a,b\n1,secret".encode("utf-16"), "is not UTF-8 text"),
        ("latin.csv", b"a,b\n1,secret \xfc\n", "line 2: it is not UTF-8 text"),
        ("quote.csv", b'a,b\n1,"secret\n', "line 2: a quoted field does not end"),
        ("text.parquet", b"a,b\n1,secret\n", "should hold parquet by its name; its bytes are text"),
        ("parquet.csv", b"PAR1secret", "should hold csv by its name; its bytes are parquet"),
        ("cut.parquet", b"PAR1secret", "cannot be read as parquet"),
        ("cut.arrow", b"ARROW1\0\0secret", "cannot be read as arrow"),
        ("broken.jsonl", b'{"a": 1}\n{"a": "secret\n', "line 2: it is no valid JSON"),
        ("rows.dat", b"a,b\n1,secret\n", "does not tell its format"),
    ],
)
def test_damaged_file_is_explained_without_a_cell(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        Load(source=str(tmp_path / name)).run()
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_missing_file_proposes_the_nearest(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "sales.csv")
    with pytest.raises(DataError, match=r"Did you mean 'sales\.csv'\?"):
        Load(source=str(tmp_path / "sale.csv")).run()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"roles": {"c": "target"}}, "a role is given to column 'c'"),
        ({"columns": ["aa"]}, "did you mean 'a'?"),
        ({"types": {"aa": "String"}}, "has no column 'aa'"),
        ({"types": {"a": "Text"}}, "which does not exist"),
        ({"roles": {"a": "tarjet"}}, "did you mean 'target'?"),
        ({"colums": ["a"]}, "did you mean 'columns'?"),
        ({"separator": ";;"}, "one character"),
    ],
)
def test_wrong_configuration_says_what_exists(
    tmp_path: Path, fields: dict[str, object], message: str
) -> None:
    FRAME.write_csv(tmp_path / "rows.csv")
    with pytest.raises(StepwellError) as caught:
        Load(source=str(tmp_path / "rows.csv"), **fields).run()  # type: ignore[arg-type]
    assert message in str(caught.value).lower()


def test_folder_of_different_columns_is_refused(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "1.csv")
    FRAME.rename({"b": "c"}).write_csv(tmp_path / "2.csv")
    with pytest.raises(DataError, match="has other columns than"):
        Load(source=str(tmp_path)).run()


def test_folder_of_several_formats_is_refused(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "1.csv")
    FRAME.write_parquet(tmp_path / "2.parquet")
    with pytest.raises(DataError, match="several formats"):
        Load(source=str(tmp_path)).run()
