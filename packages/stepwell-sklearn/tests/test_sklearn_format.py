"""What a model says about itself, and what it predicts."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from stepwell import DataError, Feature, Model, ModelError
from stepwell_sklearn import estimator_frame

RNG = np.random.default_rng(0)
DATA = pl.DataFrame(
    {
        "income": RNG.normal(size=60),
        "children": np.arange(60) % 4,
        "colour": [["red", "green", "blue"][n % 3] for n in range(60)],
    }
)
NUMBERS = DATA.select("income", "children")
LABELS = np.array(["good", "bad"])[(NUMBERS["income"].to_numpy() > 0).astype(int)]
KINDS = np.array(["a", "b", "c"])[np.arange(60) % 3]


def credit_model(**hints: Any) -> Model:
    fitted = LogisticRegression().fit(NUMBERS.to_pandas(), LABELS)
    return Model.of(fitted, data=DATA, target="credit", **hints)


def test_description_says_what_the_model_takes_and_gives() -> None:
    described = credit_model(favourable="good").description
    assert described.format == "skops"
    assert described.task == "binary"
    assert described.features == (
        Feature(name="income", type="Float64"),
        Feature(name="children", type="Int64"),
    )
    assert (described.target, described.favourable) == ("credit", "good")
    assert described.classes == ("bad", "good")
    assert set(described.libraries) == {"numpy", "scikit-learn", "scipy", "skops"}


@pytest.mark.parametrize(
    ("estimator", "target", "task"),
    [
        (LogisticRegression(), LABELS, "binary"),
        (LogisticRegression(), KINDS, "multiclass"),
        (LinearRegression(), np.arange(60), "regression"),
        (KMeans(n_clusters=2, n_init=1), None, None),
    ],
)
def test_task_is_told_from_the_estimator(estimator: Any, target: Any, task: str | None) -> None:
    assert Model.of(estimator.fit(NUMBERS.to_pandas(), target)).description.task == task


def test_hints_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ModelError, match=r"takes no .favorable.\. Did you mean .favourable."):
        credit_model(favorable="good")


def test_favourable_value_must_be_a_class() -> None:
    with pytest.raises(ModelError, match="'fine' is none of the classes of the model"):
        credit_model(favourable="fine")


def test_unfitted_estimator_is_refused() -> None:
    with pytest.raises(ModelError, match="LogisticRegression is not fitted"):
        Model.of(LogisticRegression())


def test_columns_of_the_fit_must_be_in_the_data() -> None:
    fitted = LogisticRegression().fit(NUMBERS.to_pandas(), LABELS)
    with pytest.raises(ModelError, match="columns that `data` does not have: income"):
        Model.of(fitted, data=DATA.drop("income"))


@pytest.mark.parametrize("favourable", ["good", "bad", None])
def test_score_is_the_probability_of_the_favourable_class(favourable: str | None) -> None:
    model = credit_model(favourable=favourable)
    predicted = model.predict(DATA)
    position = 0 if favourable == "bad" else 1
    expected = model.load().predict_proba(NUMBERS.to_pandas())[:, position]
    assert predicted.columns == ["prediction", "score"]
    assert predicted["score"].to_list() == expected.tolist()
    assert predicted["prediction"].to_list() == model.load().predict(NUMBERS.to_pandas()).tolist()


def test_several_classes_have_a_score_each() -> None:
    model = Model.of(LogisticRegression().fit(NUMBERS.to_pandas(), KINDS), data=NUMBERS)
    predicted = model.predict(NUMBERS)
    assert predicted.columns == ["prediction", "score_a", "score_b", "score_c"]
    assert (
        predicted.select(pl.sum_horizontal("^score_.*$")).to_series().round(9).unique().len() == 1
    )


@pytest.mark.parametrize("favourable", ["good", "bad"])
def test_score_without_probabilities_lies_between_0_and_1_in_the_order_of_decisions(
    favourable: str,
) -> None:
    fitted = RidgeClassifier().fit(NUMBERS.to_pandas(), LABELS)
    predicted = Model.of(fitted, data=NUMBERS, favourable=favourable).predict(NUMBERS)
    assert ((predicted["score"] > 0.5) == (predicted["prediction"] == favourable)).all()
    assert predicted["score"].is_between(0, 1).all()


def test_several_classes_without_probabilities_have_scores() -> None:
    fitted = SVC().fit(NUMBERS.to_pandas(), KINDS)
    predicted = Model.of(fitted, data=NUMBERS).predict(NUMBERS)
    best = predicted.select(pl.concat_list("^score_.*$").list.arg_max()).to_series()
    assert (predicted["prediction"] == pl.Series(["a", "b", "c"]).gather(best)).mean() > 0.9


@pytest.mark.parametrize(
    ("classes", "kind"),
    [
        (LABELS, pl.String),
        (LABELS == "good", pl.Boolean),
        ((LABELS == "good") * 3, pl.Int64),
        ((LABELS == "good") * 2.0, pl.Float64),
    ],
)
def test_prediction_has_the_type_of_the_labels(classes: Any, kind: Any) -> None:
    fitted = HistGradientBoostingClassifier(max_iter=2).fit(NUMBERS.to_pandas(), classes)
    predicted = Model.of(fitted, data=NUMBERS).predict(NUMBERS)
    assert predicted.schema["prediction"] == kind


def test_no_rows_give_the_same_columns() -> None:
    model = credit_model()
    assert model.predict(DATA.clear()).schema == model.predict(DATA).schema


def test_order_and_number_of_columns_in_the_data_do_not_matter() -> None:
    model = credit_model()
    assert_frame_equal(
        model.predict(DATA.select("children", "colour", "income")), model.predict(DATA)
    )


def test_model_fitted_without_names_takes_columns_by_position() -> None:
    model = Model.of(LogisticRegression().fit(NUMBERS.to_numpy(), LABELS))
    assert (
        model.predict(NUMBERS)["prediction"].to_list()
        == model.load().predict(NUMBERS.to_numpy()).tolist()
    )


WRONG_FRAMES = [
    (DATA.rename({"income": "Income"}), "needs a column .*: income. Did you mean 'Income'?"),
    (DATA.select("colour"), "needs 2 columns that the data does not have: income, children"),
    (
        DATA.with_columns(income=pl.lit("x")),
        r"'income' is text \(String\); .* a number \(Float64\)",
    ),
    (DATA.with_columns(children=pl.lit(date(2020, 1, 1))), r"'children' is a date \(Date\)"),
    (DATA.with_columns(income=pl.lit([1.0])), "'income' has the type List, which no estimator"),
    (
        DATA.with_columns(income=None),
        "LogisticRegression cannot predict 60 rows: Input X contains NaN",
    ),
]


@pytest.mark.parametrize(("frame", "message"), WRONG_FRAMES, ids=[m for _, m in WRONG_FRAMES])
def test_frame_that_does_not_fit_the_model_is_refused(frame: pl.DataFrame, message: str) -> None:
    with pytest.raises(DataError, match=message):
        credit_model().predict(frame)


def test_failure_in_the_estimator_names_no_cell() -> None:
    """(fault 27)"""
    encode = make_column_transformer((OneHotEncoder(), ["colour"]), remainder=StandardScaler())
    fitted = make_pipeline(encode, LogisticRegression()).fit(DATA.to_pandas(), LABELS)
    model = Model.of(fitted, data=DATA)
    unknown = DATA.with_columns(colour=pl.lit("secret-4711"))
    with pytest.raises(DataError) as caught:
        model.predict(unknown)
    assert "secret" not in str(caught.value)
    assert "Pipeline cannot predict 60 rows: ValueError in" in str(caught.value)
    assert caught.value.__cause__ is None


def test_unknown_category_is_handled_as_the_pipeline_was_told() -> None:
    ignore = OneHotEncoder(handle_unknown="ignore")
    encode = make_column_transformer((ignore, ["colour"]), remainder="passthrough")
    fitted = make_pipeline(encode, LogisticRegression()).fit(DATA.to_pandas(), LABELS)
    predicted = Model.of(fitted, data=DATA).predict(DATA.with_columns(colour=pl.lit("pink")))
    assert predicted.height == 60


def test_what_does_not_predict_says_so() -> None:
    model = Model.of(StandardScaler().fit(NUMBERS.to_pandas()))
    with pytest.raises(ModelError, match="A StandardScaler does not predict"):
        model.predict(NUMBERS)


COLUMNS = [
    (pl.Series([1, 2], dtype=pl.Int8), "int8", [1, 2]),
    (pl.Series([1, None], dtype=pl.Int64), "float64", [1.0, np.nan]),
    (pl.Series([0.5, None], dtype=pl.Float32), "float32", [0.5, np.nan]),
    (pl.Series([True, None]), "float64", [1.0, np.nan]),
    (pl.Series(["1.25", None]).str.to_decimal(scale=2), "float64", [1.25, np.nan]),
    (pl.Series(["a", None]), "str", ["a", np.nan]),
    (pl.Series([date(2020, 1, 1), None]), "datetime64[us]", [pd.Timestamp(2020, 1, 1), pd.NaT]),
    (pl.Series([None, None]), "float64", [np.nan, np.nan]),
]


@pytest.mark.parametrize(
    ("series", "kind", "values"), COLUMNS, ids=[str(s.dtype) for s, *_ in COLUMNS]
)
def test_columns_reach_the_estimator_as_documented(
    series: pl.Series, kind: str, values: list[Any]
) -> None:
    feature = Feature(name="a", type="Unknown")
    column = estimator_frame(pl.DataFrame({"a": series}), [feature])["a"]
    assert column.dtype == kind
    pd.testing.assert_series_equal(column, pd.Series(values, name="a", dtype=kind))


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["blue", "green", "red"]), pl.String])
def test_categories_keep_the_codes_of_the_training(kind: Any) -> None:
    feature = Feature(name="a", type="Enum", categories=("red", "green"))
    frame = pl.DataFrame({"a": pl.Series(["green", "red", "blue", None], dtype=kind)})
    assert estimator_frame(frame, [feature])["a"].cat.codes.tolist() == [1, 0, -1, -1]


def test_mutation_of_a_live_model_is_noticed() -> None:
    model = credit_model()
    before = model.state_digest()
    model.predict(DATA)
    assert model.state_digest() == before
    model.load().coef_[0, 0] += 1e-9
    assert model.state_digest() != before
