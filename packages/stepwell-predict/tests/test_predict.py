"""What `Predict` puts into the table of predictions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from stepwell import Dataset, Model, Target, Unit
from stepwell_predict import Predict
from stepwell_sklearn import training_rows

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def people(rows: int = 60, seed: int = 0) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    income, age = generator.gamma(3, 10, rows).round(3), generator.integers(18, 80, rows)
    repaid = income + age / 4 + generator.normal(0, 8, rows) > 40
    sex = generator.choice(["f", "m"], rows)
    return pl.DataFrame(
        {"income": income, "age": age, "sex": sex, "repaid": np.where(repaid, "yes", "no")}
    )


def trained(
    *features: str, on: pl.DataFrame | None = None, estimator: Any = None, **hints: Any
) -> Model:
    data = people(200, seed=9) if on is None else on
    live = estimator or LogisticRegression()
    live.fit(data.select(features).to_pandas(), data["repaid"].to_list())
    return Model.of(live, **{"target": "repaid", "data": data} | hints)


def predicted(data: Any, model: Model, **inputs: Any) -> Dataset:
    return Predict(at=NOON).run(model=model, data=data, **inputs).predictions


def test_rows_keep_their_columns_and_gain_those_of_the_schema() -> None:
    table = predicted(people(), trained("income", "age")).to_polars()
    assert table.schema == pl.Schema(
        {
            "income": pl.Float64,
            "age": pl.Int64,
            "sex": pl.String,
            "actual": pl.String,
            "prediction": pl.String,
            "score": pl.Float64,
            "model_version": pl.String,
            "prediction_id": pl.String,
            "predicted_at": pl.Datetime("us", "UTC"),
            "seen_in_training": pl.Boolean,
        }
    )
    assert table.drop(table.columns[4:]).rename({"actual": "repaid"}).equals(people())


def test_predictions_are_those_of_the_estimator() -> None:
    model = trained("income", "age")
    table = predicted(people(), model).to_polars()
    given = people().select("income", "age").to_pandas()
    assert table["prediction"].to_list() == model.load().predict(given).tolist()
    assert table["score"].to_list() == model.load().predict_proba(given)[:, 1].tolist()


def test_target_becomes_actual_and_all_roles_stay() -> None:
    roles = {
        "repaid": [Target(favourable="yes"), "personal"],
        "sex": "protected",
        "income": Unit("EUR"),
    }
    data = Dataset.of(people(), roles=roles)
    scored = predicted(data, trained("income", "age"))
    assert scored.roles.target == "actual"
    assert scored.roles.favourable == "yes"
    assert scored.roles.of("actual") == ("personal", "target")
    assert scored.roles.of("sex") == ("protected",)
    assert scored.roles.of("income") == ("unit",)
    assert data.missing_protected(scored) == ()


def test_protected_target_is_not_lost_when_it_becomes_actual() -> None:
    data = Dataset.of(people(), roles={"repaid": ["target", "protected"]})
    scored = predicted(data, trained("income"))
    assert scored.roles.of("actual") == ("protected", "target")
    assert data.missing_protected(scored) == ()


def test_target_is_known_from_the_model_where_the_data_has_no_role() -> None:
    scored = predicted(people(), trained("income", favourable="no"))
    assert scored.roles.target == "actual"
    assert scored.roles.favourable == "no"


def test_data_without_labels_has_no_actual() -> None:
    scored = predicted(people().drop("repaid"), trained("income"))
    assert "actual" not in scored.columns
    assert scored.roles.target is None


def test_target_that_is_called_actual_keeps_its_name() -> None:
    data = Dataset.of(people().rename({"repaid": "actual"}), roles={"actual": "target"})
    assert predicted(data, trained("income")).columns[3] == "actual"


def test_holdout_is_scored_instead_of_the_data_and_has_no_time() -> None:
    model = trained("income")
    table = predicted(people(), model, holdout=people(7, seed=3)).to_polars()
    assert len(table) == 7
    assert table["predicted_at"].null_count() == 7


def test_time_is_now_unless_it_is_given() -> None:
    before = datetime.now(UTC)
    table = Predict().run(model=trained("income"), data=people()).predictions.to_polars()
    assert before <= table["predicted_at"][0] <= datetime.now(UTC)
    assert table["predicted_at"].n_unique() == 1


def test_time_of_another_zone_is_turned_into_utc() -> None:
    at = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    table = Predict(at=at).run(model=trained("income"), data=people()).predictions.to_polars()
    assert table["predicted_at"][0] == datetime(2026, 1, 1, 10, tzinfo=UTC)


def test_batch_that_is_repeated_gives_the_same_bytes() -> None:
    """Who asks again gets the same predictions under the same ids (fault 64)."""
    first, second = (predicted(people(), trained("income", "age")) for _ in range(2))
    assert first.fingerprint == second.fingerprint


def test_size_of_batches_changes_nothing() -> None:
    model = trained("income", "age")
    small = Predict(at=NOON, batch_rows=7).run(model=model, data=people()).predictions
    # a linear-algebra library may round the last bit by the size of a batch
    assert_frame_equal(
        small.to_polars(), predicted(people(), model).to_polars(), abs_tol=1e-12, rel_tol=0
    )


def test_data_without_rows_gives_no_predictions_in_the_same_columns() -> None:
    model, champion = trained("income", "age"), trained("income")
    empty = predicted(people().clear(), model, champion=champion).to_polars()
    assert empty.is_empty()
    assert empty.schema == predicted(people(), model, champion=champion).schema


@pytest.mark.parametrize("make", [pl.DataFrame.lazy, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow])
def test_any_kind_of_table_is_scored(make: Any) -> None:
    model = trained("income", "age")
    assert (
        predicted(make(people()), model).to_polars().equals(predicted(people(), model).to_polars())
    )


# the champion


def test_champion_scores_the_same_rows_in_the_same_order() -> None:
    model, champion = trained("income", "age"), trained("income")
    table = predicted(people(), model, champion=champion).to_polars()
    mine, theirs = table.head(60), table.tail(60)
    assert set(mine["model_version"]) == {model.version}
    assert set(theirs["model_version"]) == {champion.version}
    assert mine.drop("^(pred|score|model).*$").equals(theirs.drop("^(pred|score|model).*$"))
    assert theirs["score"].to_list() == predicted(people(), champion).to_polars()["score"].to_list()


def test_same_model_twice_is_scored_once() -> None:
    model, same = trained("income"), trained("income")
    assert model.version == same.version
    assert len(predicted(people(), model, champion=same)) == 60


def test_score_is_of_the_favourable_class_for_both_models() -> None:
    """Models that were stored with another favourable class, or none, stand in one table."""
    data = Dataset.of(people(), roles={"repaid": Target(favourable="no")})
    model, champion = trained("income", "age", favourable="no"), trained("income", "age")
    table = predicted(data, model, champion=champion).to_polars()
    mine, theirs = table.head(60)["score"], table.tail(60)["score"]
    assert mine.to_list() == pytest.approx(theirs.to_list(), abs=1e-15)
    probabilities = model.load().predict_proba(people().select("income", "age").to_pandas())
    assert mine.to_list() == pytest.approx(probabilities[:, 0].tolist(), abs=1e-15)


def test_class_that_only_one_model_knows_has_no_chance_with_the_other() -> None:
    data = people(90).with_columns(
        repaid=pl.Series(["late", "no", "yes"] * 30), half=pl.int_range(pl.len()) % 3
    )
    model = trained("income", "half", on=data)
    another = trained(
        "income", "half", on=data.with_columns(repaid=pl.Series(["no", "yes", "x"] * 30))
    )
    table = predicted(data, model, champion=another).to_polars()
    mine, theirs = table.head(90), table.tail(90)
    assert mine["score_late"].min() > 0
    assert (theirs["score_late"] == 0).all()
    assert (mine["score_x"] == 0).all()
    assert theirs["score_x"].min() > 0


def test_champion_without_scores_has_none() -> None:
    majority = VotingClassifier([("only", LogisticRegression())], voting="hard")
    champion = trained("income", estimator=majority)
    table = predicted(people(), trained("income", "age"), champion=champion).to_polars()
    assert table.head(60)["score"].null_count() == 0
    assert table.tail(60)["score"].null_count() == 60
    assert table.tail(60)["prediction"].null_count() == 0


# other tasks


def test_regression_has_numbers_and_no_score() -> None:
    data = people().with_columns(repaid=pl.col("income") * 2)
    model = trained("income", "age", on=data, estimator=LinearRegression())
    table = predicted(data, model).to_polars()
    assert table["prediction"].to_list() == pytest.approx(data["repaid"].to_list())
    assert not [column for column in table.columns if column.startswith("score")]


def test_more_classes_have_a_score_each() -> None:
    data = people(90).with_columns(repaid=pl.int_range(pl.len()) % 3)
    table = predicted(data, trained("income", "age", on=data)).to_polars()
    sums = table.select(pl.sum_horizontal("score_0", "score_1", "score_2")).to_series()
    assert sums.to_list() == pytest.approx([1.0] * 90)
    assert table["prediction"].dtype == pl.Int64


def test_model_without_probabilities_has_scores_that_rank() -> None:
    model = trained("income", "age", estimator=LinearSVC(random_state=0))
    table = predicted(people(), model).to_polars()
    decision = model.load().decision_function(people().select("income", "age").to_pandas())
    assert np.argsort(table["score"].to_numpy()).tolist() == np.argsort(decision).tolist()


# rows


def rows_of(table: Dataset) -> list[str]:
    frame = table.to_polars()
    named = zip(frame["model_version"], frame["prediction_id"], strict=True)
    return [identity.removeprefix(f"{version}-") for version, identity in named]


def test_rows_have_the_same_name_with_both_models() -> None:
    names = rows_of(predicted(people(), trained("income", "age"), champion=trained("income")))
    assert names[:60] == names[60:]
    assert len(set(names)) == 60


def test_names_of_rows_stay_when_order_and_labels_change() -> None:
    model = trained("income", "age")
    shuffled = people().reverse().with_columns(repaid=pl.lit("no"))
    assert rows_of(predicted(shuffled, model)) == rows_of(predicted(people(), model))[::-1]
    assert rows_of(predicted(people().drop("repaid"), model)) == rows_of(predicted(people(), model))


def test_equal_rows_are_numbered_from_the_second_on() -> None:
    twice = pl.concat([people(3), people(3).head(2), people(3).head(1)])
    names = rows_of(predicted(twice, trained("income", "age")))
    assert names[3:] == [f"{names[0]}-2", f"{names[1]}-2", f"{names[0]}-3"]
    assert len(set(names)) == 6


def test_identifier_alone_names_a_row() -> None:
    data = people().with_row_index("customer")
    roles = {"customer": "identifier"}
    changed = data.with_columns(pl.col("income") + 1)
    model = trained("income", "age")
    names = rows_of(predicted(Dataset.of(data, roles=roles), model))
    assert names == rows_of(predicted(Dataset.of(changed, roles=roles), model))
    assert names != rows_of(predicted(data, model))


def test_identifier_and_time_name_a_row_together() -> None:
    days = [NOON + timedelta(days=day) for day in range(3)]
    data = people(6).with_columns(customer=pl.Series([1, 1, 1, 2, 2, 2]), day=pl.Series(days * 2))
    dataset = Dataset.of(data, roles={"customer": "identifier", "day": "time"})
    names = rows_of(predicted(dataset, trained("income")))
    assert len(set(names)) == 6
    assert all(name.count("-") == 0 for name in names)


def test_ids_hold_no_cell() -> None:
    data = people(3).with_columns(name=pl.Series(["Erika Mustermann", "B", "C"]))
    dataset = Dataset.of(data, roles={"name": "identifier"})
    assert not any("Erika" in name for name in rows_of(predicted(dataset, trained("income"))))


def test_rows_of_the_training_are_marked() -> None:
    """Nobody wins on rows that he was trained on (fault 59)."""
    training = people(40, seed=5)
    described, content = training_rows(training, training.columns)
    model = trained(
        "income",
        on=training,
        metadata={"training_rows": described},
        files={"training_rows": content},
    )
    both = pl.concat([people(20, seed=6), training.head(10)])
    table = predicted(both, model, champion=trained("age")).to_polars()
    assert table["seen_in_training"].to_list() == [False] * 20 + [True] * 10 + [None] * 30
