"""What `Drift` concludes."""

import numpy as np
import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset, Model, ModelDescription
from stepwell_monitor import DataProfile, Drift, Profile


def customers(rows: int, seed: int, *, shift: float = 0.0) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "amount": random.normal(100, 20, rows) + shift,
            "items": random.poisson(3, rows),
            "channel": random.choice(["web", "shop", "phone"], rows, p=[0.6, 0.3, 0.1]),
            "member": random.random(rows) < 0.4,
        }
    )


THEN = customers(2_000, seed=1)


def profile(frame=THEN, **fields) -> DataProfile:
    return Profile(**fields).run(data=frame).profile


def drift(frame, *, of=THEN, model=None, **fields):
    return Drift(**fields).run(predictions=frame, profile=profile(of), model=model).report


def finding(report, column):
    return next(f for f in report.findings if f.columns == (column,))


def test_same_distribution_shows_no_drift():
    report = drift(customers(1_000, seed=2))
    assert report.verdict == "passed"
    assert {f.details["outcome"] for f in report.findings} == {"no_drift"}


def test_shifted_column_fails_and_others_pass():
    report = drift(customers(1_000, seed=2, shift=10))
    verdicts = {f.columns[0]: f.verdict for f in report.findings}
    assert verdicts == {
        "amount": "failed", "items": "passed", "channel": "passed", "member": "passed"
    }  # fmt: skip
    assert "kolmogorov_smirnov (corrected p-value" in finding(report, "amount").message


def test_other_shares_of_categories_are_drift():
    frame = customers(1_000, seed=2).with_columns(channel=pl.lit("web"))
    assert finding(drift(frame), "channel").details["outcome"] == "drift"


def test_category_that_was_never_seen_is_drift_even_if_rare():
    frame = customers(1_000, seed=2)
    number = pl.int_range(pl.len())
    frame = frame.with_columns(
        channel=pl.when(number < 12).then(pl.lit("fax")).otherwise("channel")
    )
    report = drift(frame)
    assert finding(report, "channel").details["outcome"] == "drift"
    unknown = [m.value for m in report.metrics if m.name == "unknown_categories"]
    assert unknown == [1, 0]


def test_more_missing_values_are_drift():
    frame = customers(1_000, seed=2)
    frame = frame.with_columns(
        amount=pl.when(pl.int_range(pl.len()) % 10 == 0).then(None).otherwise("amount")
    )
    assert "missing_values (corrected p-value" in finding(drift(frame), "amount").message


@pytest.mark.parametrize(
    ("frame", "verdict", "message"),
    [
        (THEN.head(0), "warned", "No data for column 'amount': 0 values, 50 are needed."),
        (THEN.head(1), "warned", "No data for column 'amount': 1 values, 50 are needed."),
        (
            THEN.head(60).with_columns(amount=pl.lit(None, dtype=pl.Float64)),
            "failed",
            "No data for column 'amount': 0 values, 50 are needed; it drifted by missing_values",
        ),
        (
            THEN.with_columns(amount=pl.lit(float("nan"))),
            "failed",
            "No data for column 'amount': 0 values",
        ),
        (THEN.drop("amount"), "failed", "No data for column 'amount': the column is missing."),
        (
            THEN.with_columns(pl.col("amount").cast(pl.String)),
            "failed",
            "its type is String, it was numeric",
        ),
    ],
    ids=["no row", "one row", "all null", "all NaN", "no column", "other type"],
)
def test_too_few_values_are_no_data_which_is_not_no_drift(frame, verdict, message):
    """Zero, one or all-null rows say "no data" (fault 69)."""
    found = finding(drift(frame), "amount")
    assert (found.verdict, found.details["outcome"]) == (verdict, "no_data")
    assert message in found.message


def test_profile_of_too_few_rows_is_no_data():
    report = drift(THEN, of=THEN.head(10))
    assert report.verdict == "warned"
    assert "the profile knows 10 values" in report.findings[0].message


@pytest.mark.parametrize("correction", ["benjamini_hochberg", "bonferroni"])
def test_false_alarms_on_500_columns_keep_the_declared_rate(correction):
    """Five hundred columns that did not change raise an alarm in one of twenty runs (fault 70)."""
    random = np.random.default_rng(5)

    def wide(rows: int) -> pl.DataFrame:
        numbers = {f"n{i}": random.normal(size=rows) for i in range(300)}
        texts = {f"c{i}": random.choice(list("abcdefgh"), rows, p=SKEWED) for i in range(200)}
        return pl.DataFrame({**numbers, **texts})

    alarmed = 0
    for _ in range(8):
        report = drift(wide(300), of=wide(1_000), correction=correction)
        alarmed += report.verdict == "failed"
    assert alarmed <= 2


SKEWED = np.array([40, 30, 20, 10, 5, 3, 1, 1]) / 110


def test_uncorrected_tests_would_raise_alarms_everywhere():
    random = np.random.default_rng(5)
    then, now = (pl.DataFrame(random.normal(size=(500, 100))) for _ in range(2))
    report = drift(now, of=then)
    raw = [m.details["p_value"] for m in report.metrics if m.name == "kolmogorov_smirnov"]
    assert sum(p <= 0.05 for p in raw) >= 2
    assert report.verdict == "passed"


def test_limit_of_a_distance_decides_without_p_values():
    shifted = customers(1_000, seed=2, shift=4)
    limits = {"population_stability_index": 0.2}
    assert drift(shifted).verdict == "failed"
    assert drift(shifted, alpha=None, at_most=limits).verdict == "passed"
    far = drift(customers(1_000, seed=2, shift=20), alpha=None, at_most=limits)
    assert "at most 0.2 is allowed" in finding(far, "amount").message


def test_constant_column_that_moves_is_infinitely_far():
    then, now = THEN.with_columns(amount=1.0), THEN.with_columns(amount=2.0)
    report = drift(now, of=then, alpha=None, at_most={"wasserstein": 5})
    assert finding(report, "amount").verdict == "failed"


def test_profile_goes_through_json_unchanged():
    made = profile()
    assert DataProfile.model_validate_json(made.model_dump_json()) == made


def test_target_is_left_out_since_predictions_do_not_know_it():
    data = Dataset.of(THEN, roles={"channel": "target"})
    profile = Profile().run(data=data).profile
    report = Drift().run(predictions=THEN.drop("channel"), profile=profile).report
    assert profile.left_out["channel"] == "it has the role 'target'"
    assert report.verdict == "passed"


def test_findings_stand_in_the_order_of_the_predictions_whatever_that_of_the_profile():
    profile = Profile().run(data=THEN).profile
    columns = {name: profile.columns[name] for name in sorted(profile.columns, reverse=True)}
    turned = profile.model_copy(update={"columns": columns})
    orders = [
        [finding.columns for finding in Drift().run(predictions=THEN, profile=p).report.findings]
        for p in (profile, turned)
    ]
    assert orders[0] == orders[1] == [(name,) for name in THEN.columns]


def test_profile_leaves_out_what_tells_rows_apart():
    data = Dataset.of(
        THEN.with_columns(
            id=pl.int_range(pl.len()),
            name=pl.lit("x"),
            religion=pl.lit("z"),
            prediction_id=pl.lit("y"),
        ),
        roles={"id": "identifier", "name": "personal", "religion": "special"},
    )
    made = profile(data)
    assert set(made.columns) == set(THEN.columns)
    assert made.left_out == {
        "id": "it has the role 'identifier'",
        "name": "it has the role 'personal'",
        "religion": "it has the role 'special'",
        "prediction_id": "it is about the prediction",
    }


def test_profile_does_not_show_its_values():
    assert repr(profile()) == "DataProfile(2000 rows, 4 columns)"


def test_text_with_many_values_has_no_profile():
    frame = pl.DataFrame({"comment": [f"comment {n}" for n in range(300)]})
    assert profile(frame).left_out == {"comment": "it has 300 values, more than 200"}
    with pytest.raises(DataError, match="column 'comment' cannot have a profile: it has 300"):
        profile(frame, columns=["comment"])


def test_rows_of_other_models_do_not_count():
    model = Model.from_files(ModelDescription(format="none"), {"model.txt": b"model"})
    both = pl.concat(
        [
            customers(500, seed=2).with_columns(model_version=pl.lit(model.version)),
            customers(500, seed=2, shift=500).with_columns(model_version=pl.lit("other")),
        ]
    )
    report = drift(both, model=model)
    assert report.verdict == "passed"
    assert finding(report, "amount").rows == 500


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"at_most": {"wassertein": 0.1}}, "Did you mean 'wasserstein'?"),
        ({"at_most": {"wasserstein": -1}}, "distances start at 0"),
        ({"alpha": None}, "at_most has to say what drift is"),
        ({"alpha": 5}, "alpha"),
        ({"correction": "holm"}, "correction"),
        ({"minimum_rows": 0}, "minimum_rows"),
    ],
)
def test_wrong_configuration_is_refused_at_once(fields, message):
    with pytest.raises(ConfigurationError) as caught:
        Drift(**fields)
    assert message in str(caught.value)


def test_column_that_the_profile_does_not_know_is_proposed():
    with pytest.raises(DataError, match=r"no column 'amuont'\. Did you mean 'amount'"):
        drift(THEN, columns=["amuont"])
    with pytest.raises(DataError, match="Profile: the data has no column 'amuont'"):
        profile(columns=["amuont"])
