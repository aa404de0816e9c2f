"""What makes a model look better in training than it will be."""

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset, Pipeline
from stepwell_data_check import TrainingDataCheck

ROWS = 400
RANDOM = np.random.default_rng(7)
SOUND = pl.DataFrame(
    {
        "id": range(ROWS),
        "income": RANDOM.normal(3000, 500, ROWS),
        "town": RANDOM.choice(["Bonn", "Köln", "Trier"], ROWS),
        "sex": RANDOM.choice(["f", "m"], ROWS),
        "repaid": RANDOM.choice(["yes", "no"], ROWS, p=[0.7, 0.3]),
    }
)
ROLES = {"id": "identifier", "sex": "protected", "repaid": "target"}


def findings(data, holdout=None, *, roles=ROLES, **fields):
    """What was found, by check."""
    step = TrainingDataCheck(**fields)
    aside = None if holdout is None else Dataset.of(holdout, roles=roles)
    report = step.run(data=Dataset.of(data, roles=roles), holdout=aside).report
    return {one.check: one for one in report.findings if one.verdict != "passed"}


def test_sound_data_passes():
    step = TrainingDataCheck()
    report = step.run(data=Dataset.of(SOUND, roles=ROLES)).report
    assert report.verdict == "passed"
    assert {one.check for one in report.findings} == {
        *("target", "leakage", "duplicates", "constant", "near_constant", "classes", "groups")
    }


@pytest.mark.parametrize(
    "leak",
    [
        pl.col("repaid"),
        pl.col("repaid").replace_strict({"yes": 1, "no": 2}),
        (pl.col("repaid") == "yes").cast(pl.Float64) + pl.col("income") / 1e6,
        pl.when(pl.col("repaid") == "yes").then(pl.lit("2024-01-01")),
    ],
    ids=["copy", "code", "threshold", "missing"],
)
def test_feature_that_gives_the_target_away_fails(leak):
    found = findings(SOUND.with_columns(settled=leak))
    assert set(found) == {"leakage"}
    assert found["leakage"].verdict == "failed"
    assert found["leakage"].columns == ("settled",)


def test_feature_that_gives_a_measured_target_away_fails():
    data = SOUND.with_columns(next_income=pl.col("income") * 1.1 + 3)
    found = findings(data, roles={"id": "identifier", "income": "target"})
    assert found["leakage"].columns == ("next_income",)


def test_identifier_gives_nothing_away_but_a_hidden_one_is_not_grouped():
    data = SOUND.with_columns(key=pl.format("key {}", "id"))
    assert findings(data) == {}


def test_missing_target_fails():
    data = SOUND.with_columns(repaid=pl.when(pl.col("id") > 2).then("repaid"))
    assert findings(data)["target"].rows == 3


def test_repeated_rows_are_counted_without_identifiers():
    data = pl.concat([SOUND, SOUND.head(5).with_columns(pl.col("id") + 1000)])
    assert findings(data)["duplicates"].rows == 5


def test_rows_of_the_holdout_that_training_has():
    holdout = SOUND.head(7).with_columns(pl.col("id") + 1000)
    found = findings(SOUND, holdout, drift_at_most=99)
    assert found["rows_in_both"].rows == 7
    assert "identifiers_in_both" not in found


def test_identifiers_in_both_fail():
    holdout = SOUND.tail(50).with_columns(pl.col("income") + 1)
    found = findings(SOUND.head(370), holdout)
    assert found["identifiers_in_both"].rows == 20
    assert found["identifiers_in_both"].verdict == "failed"


def test_constant_and_nearly_constant_features():
    data = SOUND.with_columns(one=pl.lit(1), almost=(pl.col("id") == 3))
    found = findings(data)
    assert found["constant"].columns == ("one",)
    assert found["near_constant"].columns == ("almost",)


def test_class_and_group_with_few_rows():
    data = SOUND.with_columns(
        repaid=pl.when(pl.col("id") < 4).then(pl.lit("late")).otherwise("repaid"),
        sex=pl.when(pl.col("id").is_between(4, 6)).then(pl.lit("x")).otherwise("sex"),
    )
    step = TrainingDataCheck()
    report = step.run(data=Dataset.of(data, roles=ROLES)).report
    told = [one.message for one in report.findings if one.verdict == "warned"]
    assert "1 of 3 classes of 'repaid' have fewer than 10 rows (4 rows)." in told
    assert "1 of 3 groups of 'sex' have fewer than 30 rows (3 rows)." in told
    assert any("groups of 'sex' lack a class of 'repaid'" in one for one in told)


def test_single_class_is_told():
    assert "a single class" in findings(SOUND.with_columns(repaid=pl.lit("yes")))["classes"].message


def test_column_that_is_distributed_otherwise_in_the_holdout():
    holdout = SOUND.with_columns(pl.col("id") + 1000, income=pl.col("income") * 2)
    assert findings(SOUND, holdout)["drift"].columns == ("income",)


def test_small_holdout_of_the_same_rows_has_no_drift():
    """Chance alone moves the shares of forty rows."""
    rows = SOUND.sample(fraction=1, shuffle=True, seed=3)
    assert "drift" not in findings(rows.head(360), rows.tail(40))


def test_moments_that_have_not_come_yet_fail():
    days = pl.Series([dt.datetime(2024, 1, 1)] * (ROWS - 2) + [dt.datetime(2999, 1, 1)] * 2)
    found = findings(SOUND.with_columns(seen=days), roles={**ROLES, "seen": "time"})
    assert found["future"].rows == 2


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_last_moment_that_can_have_come(zone):
    days = pl.Series([dt.datetime(2024, 1, 1)] * ROWS).dt.replace_time_zone(zone)
    roles = {**ROLES, "seen": "time"}
    data = SOUND.with_columns(seen=days)
    assert findings(data, roles=roles, not_after="2023-12-31")["future"].rows == ROWS
    assert findings(data, roles=roles, not_after="2024-01-02") == {}


def test_levels_change_what_fails():
    data = SOUND.with_columns(settled="repaid", one=pl.lit(1))
    found = findings(data, levels={"leakage": "warn", "constant": "fail", "near_constant": "off"})
    assert found["leakage"].verdict == "warned"
    assert found["constant"].verdict == "failed"


def test_types_of_all_kinds_are_looked_at():
    kinds = SOUND.with_columns(
        decimal=pl.lit(Decimal("1.5")),
        duration=pl.duration(days="id"),
        clock=pl.lit(dt.time(12)),
        category=pl.col("town").cast(pl.Categorical),
        binary=pl.col("town").cast(pl.Binary),
        empty=pl.lit(None),
        nested=pl.concat_list("income"),
        struct=pl.struct("income"),
        truth=pl.col("sex") == "f",
        nan=pl.lit(float("nan")),
    )
    found = findings(kinds, kinds.with_columns(pl.col("id") + 1000), repeated_at_most=1)
    assert set(found) == {"constant"}


def test_no_rows_are_no_pass():
    assert "There are no rows" in findings(SOUND.head(0))["target"].message


def test_no_features_are_no_error():
    assert findings(SOUND.select("id"), roles={"id": "identifier"}) == {}


def test_absent_target_is_told():
    with pytest.raises(DataError, match=r"'repayed' is no column\. Did you mean 'repaid'\?"):
        TrainingDataCheck(target="repayed").run(data=SOUND)


def test_moment_that_is_none_is_refused_at_once():
    with pytest.raises(ConfigurationError, match="'tomorrow' is no moment in ISO 8601"):
        TrainingDataCheck(not_after="tomorrow")


def test_no_value_is_told():
    """Counts and names of columns only (fault 27)."""
    data = SOUND.with_columns(sex=pl.lit("canary"), settled="repaid", one=pl.lit("canary"))
    step = TrainingDataCheck()
    told = step.run(data=Dataset.of(data, roles=ROLES)).report.model_dump_json()
    assert "canary" not in told
    assert "Bonn" not in told


def test_training_waits_for_it():
    data = Dataset.of(SOUND.with_columns(settled="repaid"), roles=ROLES)
    pipeline = Pipeline("p", [TrainingDataCheck()], inputs={"data": Dataset})
    assert pipeline.run(data=data, store=False).status == "blocked"
