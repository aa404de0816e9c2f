"""What `DataCheck` says of a dataset."""

import datetime as dt
import json

import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset
from stepwell_data_check import DataCheck, expect

PEOPLE = pl.DataFrame(
    {
        "id": [1, 2, 2, 4],
        "age": [31.0, None, 17.0, float("nan")],
        "joined": [dt.date(2024, 1, day) for day in (1, 2, 3, 4)],
        "name": ["Ada", "Bo", None, "Cleo"],
    }
)


def report_of(*expectations, data=PEOPLE, **fields):
    return DataCheck(suite=list(expectations), **fields).run(data=data).report


def finding_of(expectation, data=PEOPLE):
    return report_of(expectation, data=data).findings[0]


def test_data_passes_through_unchanged():
    data = Dataset.of(PEOPLE, roles={"id": "identifier"})
    passed_on = DataCheck(suite=[expect("column_to_exist", "id")]).run(data=data).data
    assert passed_on is data


def test_values_that_keep_the_bounds_pass():
    finding = finding_of(expect("column_values_to_be_between", "age", min_value=17, max_value=31))
    assert finding.verdict == "passed"
    assert finding.message.endswith("0 of 2 rows are not.")


def test_failure_gives_counts_and_row_numbers():
    finding = finding_of(expect("column_values_to_be_between", "age", min_value=18))
    assert finding.verdict == "failed"
    assert finding.columns == ("age",)
    assert finding.rows == 1
    assert finding.message == (
        "Column values to be between (column 'age', min_value 18): "
        "1 of 2 rows is not (rows counted from 0: 2)."
    )


def test_rows_beyond_the_first_five_are_counted():
    data = pl.DataFrame({"x": range(30)})
    finding = finding_of(expect("column_values_to_be_null", "x"), data)
    assert "0, 1, 2, 3, 4 and 25 more" in finding.message
    assert len(finding.details["rows"]) == 20


def test_result_is_as_great_expectations_writes_it():
    report = report_of(expect("column_values_to_be_between", "age", min_value=18))
    result = report.details["results"][0]
    assert report.details["success"] is False
    assert report.details["statistics"]["unsuccessful_expectations"] == 1
    assert result["expectation_config"]["kwargs"] == {"column": "age", "min_value": 18}
    assert result["result"]["missing_count"] == 2
    assert result["result"]["partial_unexpected_index_list"] == (2,)
    assert result["exception_info"]["raised_exception"] is False
    assert result["meta"] == {"engine": "polars"}


@pytest.mark.parametrize(
    ("level", "verdict"),
    [
        ({}, "failed"),
        ({"severity": "critical"}, "failed"),
        ({"severity": "warning"}, "warned"),
        ({"severity": "info"}, "warned"),
        ({"meta": {"level": "warn"}}, "warned"),
        ({"severity": "warning", "meta": {"level": "fail"}}, "failed"),
    ],
)
def test_severity_decides_between_warned_and_failed(level, verdict):
    report = report_of(expect("column_values_to_be_unique", "id", **level))
    assert report.verdict == report.findings[0].verdict == verdict
    assert report.details["success"] is False


# never a pass by accident


def test_missing_column_is_reported_by_name():
    finding = finding_of(expect("column_values_to_not_be_null", "agee"))
    assert finding.verdict == "failed"
    assert (
        "The column 'agee' does not exist. Did you mean 'age'? Columns: id, age" in finding.message
    )


def test_missing_column_is_an_exception_in_the_result():
    report = report_of(expect("column_values_to_not_be_null", "agee"))
    assert report.details["results"][0]["exception_info"]["raised_exception"] is True


@pytest.mark.parametrize(
    ("column", "arguments", "told"),
    [
        (
            "name",
            {"min_value": 1},
            "holds text (String), which cannot be compared with the number 1",
        ),
        ("age", {"max_value": "2024-01-01"}, "holds numbers (Float64), which cannot be compared"),
        (
            "joined",
            {"min_value": 3},
            "holds dates (Date), which cannot be compared with the number 3",
        ),
        ("joined", {"min_value": "2024-01-01T00:00:00Z"}, "without a time zone"),
    ],
)
def test_bounds_of_another_kind_fail_with_an_explanation(column, arguments, told):
    finding = finding_of(expect("column_values_to_be_between", column, **arguments))
    assert finding.verdict == "failed"
    assert told in finding.message


@pytest.mark.parametrize("dtype", [pl.Null, pl.String, pl.Float64, pl.List(pl.Int8)])
def test_column_without_values_is_warned_of_where_great_expectations_passes(dtype):
    data = pl.DataFrame({"x": pl.Series([None, None], dtype=dtype)})
    report = report_of(expect("column_values_to_be_between", "x", min_value=1), data=data)
    assert report.verdict == "warned"
    assert report.details["success"] is True
    assert "there is no value to check, 2 rows are without one" in report.findings[0].message


def test_dataset_without_rows_has_not_passed():
    report = report_of(expect("column_values_to_not_be_null", "id"), data=PEOPLE.head(0))
    assert report.verdict == "failed"
    assert report.findings[0].verdict == "warned"
    assert report.findings[1].message.startswith("The dataset has no rows")


def test_dataset_without_rows_may_be_allowed_by_the_suite():
    rows = expect("table_row_count_to_be_between", min_value=0)
    assert report_of(rows, data=PEOPLE.head(0)).verdict == "passed"


def test_aggregate_of_no_values_fails():
    mean = expect("column_mean_to_be_between", "age", min_value=0)
    data = PEOPLE.with_columns(age=pl.lit(None, dtype=pl.Float64))
    assert "there is no value to compute it from" in finding_of(mean, data).message
    assert finding_of(mean, data).verdict == "failed"


STRANGE = pl.DataFrame(
    {
        "nested": [[1, 2], [3]],
        "record": [{"a": 1}, {"a": 2}],
        "bytes": [b"a", b"b"],
        "span": [dt.timedelta(1), dt.timedelta(2)],
        "time": [dt.time(1), dt.time(2)],
    }
)


@pytest.mark.parametrize("column", STRANGE.columns)
@pytest.mark.parametrize(
    "expectation",
    [
        ("column_values_to_be_between", {"min_value": 0}),
        ("column_values_to_be_in_set", {"value_set": [1, "a"]}),
        ("column_values_to_not_be_in_set", {"value_set": [7]}),
        ("column_mean_to_be_between", {"min_value": 0}),
        ("column_max_to_be_between", {"max_value": 9}),
    ],
    ids=lambda given: given[0],
)
def test_columns_that_cannot_be_compared_fail(column, expectation):
    type_, arguments = expectation
    finding = finding_of(expect(type_, column, **arguments), STRANGE)
    assert finding.verdict == "failed"
    assert "could not be checked" in finding.message


@pytest.mark.parametrize("column", STRANGE.columns)
def test_any_column_can_be_checked_for_nulls_and_uniqueness(column):
    report = report_of(
        expect("column_values_to_not_be_null", column),
        expect("column_values_to_be_unique", column),
        data=STRANGE,
    )
    assert report.verdict == "passed"


def test_ten_thousand_columns():
    names = [f"column_{number}" for number in range(10_000)]
    data = pl.DataFrame({name: [1] for name in names})
    report = report_of(
        expect("table_columns_to_match_set", column_set=names),
        *(expect("column_values_to_be_between", name, max_value=1) for name in names[::100]),
        data=data,
    )
    assert report.verdict == "passed"


@pytest.mark.parametrize("name", ["^a.*$", "*", "row", "key_0", "", "rows"])
def test_column_names_that_mean_something_to_polars(name):
    data = pl.DataFrame({name: [1, 1], "abc": [5, 6]})
    report = report_of(
        expect("column_values_to_be_between", "abc", min_value=5),
        *(
            {"type": type_, "kwargs": {"column": name, **arguments}}
            for type_, arguments in [
                ("expect_column_values_to_be_between", {"max_value": 0}),
                ("expect_column_values_to_be_unique", {}),
            ]
            if name
        ),
        data=data,
    )
    unexpected = [finding.rows for finding in report.findings]
    assert unexpected == ([0, 2, 2] if name else [0])


def test_greatest_value_is_judged_without_fetching_it():
    finding = finding_of(expect("column_max_to_be_between", "id", max_value=3))
    assert finding.verdict == "failed"
    assert finding.message.endswith("1 of 4 values lies beyond (rows counted from 0: 3).")


def test_least_value_that_is_too_great_is_told():
    finding = finding_of(expect("column_min_to_be_between", "id", max_value=0))
    assert "no value reaches the other bound" in finding.message


def test_aggregate_of_few_values_is_judged_but_not_shown():
    report = report_of(expect("column_mean_to_be_between", "id", min_value=5))
    assert "it is not (of 4 values, too few to show it)" in report.findings[0].message
    assert "observed_value" not in report.details["results"][0]["result"]


def test_mean_of_many_values_is_shown():
    data = pl.DataFrame({"x": range(11)})
    finding = finding_of(expect("column_mean_to_be_between", "x", min_value=5), data)
    assert finding.message.endswith("it is 5.")


def test_sum_of_large_integers_is_exact():
    data = pl.DataFrame({"x": [2**62, 2**62, 1]})
    total = 2**63 + 1
    assert (
        finding_of(
            expect("column_sum_to_be_between", "x", min_value=total - 1024, max_value=total + 1024),
            data,
        ).verdict
        == "passed"
    )


def test_bounds_of_large_integers_are_exact():
    data = pl.DataFrame({"x": [2**53 + 1]})
    assert finding_of(expect("column_values_to_be_between", "x", max_value=2**53), data).rows == 1


def test_sets_of_dates_and_times():
    at = [dt.datetime(2024, 7, 1, 1), dt.datetime(2024, 7, 2), dt.datetime(2024, 7, 3, 0, 0, 1)]
    data = pl.DataFrame({"at": at}).with_columns(
        precise=pl.col("at").cast(pl.Datetime("ns")),
        berlin=pl.col("at").dt.replace_time_zone("Europe/Berlin"),
        day=pl.col("at").cast(pl.Date),
    )
    values = ["2024-07-01T01:00:00", "2024-07-02", "2024-07-03", "no date", 5]
    in_set = [expect("column_values_to_be_in_set", one, value_set=values) for one in data.columns]
    findings = report_of(*in_set, data=data).findings
    assert [finding.details.get("rows", ()) for finding in findings] == [(2,), (2,), (2,), (0,)]


@pytest.mark.parametrize("dtype", [pl.UInt8, pl.Int64, pl.Float64, pl.Decimal(10, 2), pl.Boolean])
def test_bounds_beyond_every_number_of_the_column(dtype):
    data = pl.DataFrame({"x": pl.Series([0, 1]).cast(dtype)})
    report = report_of(
        expect("column_values_to_be_between", "x", min_value=-(10**300), max_value=10**300),
        expect("column_values_to_be_in_set", "x", value_set=[0, 1, 10**300, -5, 300]),
        data=data,
    )
    assert report.verdict == "passed"


def test_dates_are_compared_in_the_time_zone_of_the_column():
    berlin = pl.Series([dt.datetime(2024, 7, 1, 1)]).dt.replace_time_zone("Europe/Berlin")
    data = pl.DataFrame({"at": berlin})
    utc = expect("column_values_to_be_between", "at", min_value="2024-07-01T00:30:00+00:00")
    local = expect("column_values_to_be_between", "at", min_value="2024-07-01T00:30:00")
    assert [finding.verdict for finding in report_of(utc, local, data=data).findings] == [
        "failed",
        "passed",
    ]


def test_type_answers_to_names_of_polars_and_of_pandas():
    types = ["Int64", "int64", "String"]
    report = report_of(*(expect("column_values_to_be_of_type", "id", type_=name) for name in types))
    assert [finding.verdict for finding in report.findings] == ["passed", "passed", "failed"]
    assert "it is Int64, which is also named int, int64" in report.findings[2].message


def test_existence_of_a_column_is_checked_at_its_index():
    found = [
        finding_of(expect("column_to_exist", "age", column_index=index)).verdict
        for index in (0, 1, -3)
    ]
    assert found == ["failed", "passed", "passed"]


# partitions


def counts_of(step, data, size=2):
    return pl.concat(step.tally(part.lazy()) for part in data.iter_slices(size))


def test_counts_of_partitions_add_up_to_those_of_the_whole():
    step = DataCheck(
        suite=[
            expect("column_values_to_be_between", "age", min_value=18),
            expect("column_values_to_match_regex", "name", regex="^[A-C]"),
            expect("column_mean_to_be_between", "id", min_value=2),
            expect("column_max_to_be_between", "id", max_value=3),
            expect("table_row_count_to_equal", value=4),
            expect("column_to_exist", "id"),
        ]
    )
    assert step.adds_up
    assert step.conclude(counts_of(step, PEOPLE)) == step.run(data=PEOPLE).report


@pytest.mark.parametrize(
    "expectation",
    [
        expect("column_values_to_be_unique", "joined"),
        expect("column_median_to_be_between", "id", min_value=0),
    ],
    ids=lambda given: given["type"],
)
def test_what_needs_the_whole_dataset_is_not_judged_from_partitions(expectation):
    step = DataCheck(suite=[expectation])
    finding = step.conclude(counts_of(step, PEOPLE)).findings[0]
    assert not step.adds_up
    assert finding.verdict == "failed"
    assert "it needs the whole dataset" in finding.message
    assert step.run(data=PEOPLE).report.verdict == "passed"


def test_partitions_with_different_columns_fail():
    step = DataCheck(suite=[expect("table_column_count_to_be_between", max_value=9)])
    counts = pl.concat([step.tally(PEOPLE.lazy()), step.tally(PEOPLE.select("id").lazy())])
    assert "different columns" in step.conclude(counts).findings[0].message


def test_counts_of_another_suite_are_refused():
    one = DataCheck(suite=[expect("column_to_exist", "id")])
    other = DataCheck(suite=[expect("column_to_exist", "age")])
    with pytest.raises(DataError, match="different suites"):
        one.conclude(pl.concat([one.tally(PEOPLE.lazy()), other.tally(PEOPLE.lazy())]))


def test_counts_that_are_missing_fail():
    step = DataCheck(suite=[expect("column_values_to_not_be_null", "id")])
    counts = step.tally(PEOPLE.lazy()).filter(pl.col("expectation").is_null())
    assert "It was not counted" in step.conclude(counts).findings[0].message


def test_lazy_frame_is_never_read_as_a_whole(tmp_path):
    PEOPLE.write_parquet(tmp_path / "people.parquet")
    scan = pl.scan_parquet(tmp_path / "people.parquet")
    done = DataCheck(suite=[expect("column_values_to_be_unique", "joined")]).run(data=scan)
    assert done.report.verdict == "passed"
    assert isinstance(done.data.lazy(), pl.LazyFrame)
    assert "PARQUET" in done.data.lazy().explain().upper()


# the suite as a file


@pytest.fixture
def suite_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "suite.json"
    path.write_text(json.dumps({"name": "s", "expectations": [expect("column_to_exist", "id")]}))
    return path


def test_configuration_of_a_file_is_its_path(suite_file):
    step = DataCheck(suite="suite.json")
    assert step.suite == "suite.json"
    assert step.run(data=PEOPLE).report.verdict == "passed"


def test_changed_file_is_another_external_state(suite_file):
    step = DataCheck(suite="suite.json")
    before = step.external_state()
    suite_file.write_text(suite_file.read_text().replace('"id"', '"age"'))
    assert step.external_state() != before
    assert step.run(data=PEOPLE).report.findings[0].columns == ("age",)


def test_file_that_has_vanished_is_a_configuration_error(suite_file):
    step = DataCheck(suite="suite.json")
    suite_file.unlink()
    for use in (step.external_state, lambda: step.run(data=PEOPLE), lambda: step.adds_up):
        with pytest.raises(ConfigurationError, match=r"the file suite\.json does not exist"):
            use()


def test_suite_of_python_objects_reads_nothing_from_outside():
    assert DataCheck(suite=[expect("column_to_exist", "id")]).external_state() is None


def test_parameters_are_filled_in():
    suite = {
        "name": "s",
        "suite_parameters": {"least": 40},
        "expectations": [
            {
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "age", "min_value": {"$PARAMETER": "least"}},
            }
        ],
    }
    assert DataCheck(suite=suite).run(data=PEOPLE).report.findings[0].rows == 2
    assert (
        DataCheck(suite=suite, parameters={"least": 0}).run(data=PEOPLE).report.verdict == "passed"
    )
