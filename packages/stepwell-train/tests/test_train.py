"""What `Train` learns from, refuses and leaves behind."""

import subprocess
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from stepwell import (
    ConfigurationError,
    DataError,
    Dataset,
    Model,
    ModelError,
    StepwellError,
    Target,
)
from stepwell_sklearn import seen_rows
from stepwell_train import Train

FAST = "sklearn.linear_model.LogisticRegression"
RIDGE = "sklearn.linear_model.Ridge"
CLUSTERS = "sklearn.cluster.KMeans"


def loans(rows: int = 200) -> pl.DataFrame:
    random = np.random.default_rng(0)
    income = random.normal(3000, 800, rows)
    town = random.choice(["north", "south", "east"], rows)
    risk = income + np.where(town == "south", -900, 0) + random.normal(0, 400, rows)
    return pl.DataFrame(
        {
            "income": income,
            "town": town,
            "age": random.integers(18, 80, rows),
            "sex": random.choice(["female", "male"], rows),
            "repaid": np.where(risk > 2700, "yes", "no"),
        }
    )


def dataset(frame: pl.DataFrame | None = None) -> Dataset:
    roles: dict[str, Any] = {
        "repaid": Target(favourable="yes"),
        "sex": "protected",
        "age": "protected",
    }
    return Dataset.of(loans() if frame is None else frame, roles=roles)


@pytest.mark.parametrize(
    "estimator",
    [
        FAST,
        "sklearn.ensemble.HistGradientBoostingClassifier",
        "sklearn.ensemble.RandomForestClassifier",
        "sklearn.neighbors.KNeighborsClassifier",
        "sklearn.svm.SVC",
    ],
)
def test_text_and_missing_values_are_treated_for_the_estimator(estimator: str) -> None:
    frame = loans().with_columns(
        income=pl.when(pl.int_range(pl.len()) % 10 == 0).then(None).otherwise("income"),
        town=pl.when(pl.int_range(pl.len()) % 9 == 0).then(None).otherwise("town"),
    )
    model = Train(estimator=estimator).run(data=dataset(frame)).model
    strange = frame.with_columns(town=pl.lit("a town of which nobody heard"))
    assert model.predict(strange)["prediction"].null_count() == 0


def test_score_is_the_probability_of_the_favourable_class() -> None:
    frame = loans()
    model = Train(estimator=FAST).run(data=dataset(frame)).model
    assert roc_auc_score(frame["repaid"].to_numpy() == "yes", model.predict(frame)["score"]) > 0.9
    assert model.description.favourable == "yes"


def test_protected_columns_are_left_out_unless_kept() -> None:
    without = Train(estimator=FAST).run(data=dataset())
    kept = Train(estimator=FAST, keep=["age"]).run(data=dataset())
    assert [feature.name for feature in without.model.description.features] == ["income", "town"]
    assert "age" in [feature.name for feature in kept.model.description.features]
    assert kept.report.verdict == "warned"


def test_column_that_largely_tells_a_protected_one_is_warned_of() -> None:
    title = pl.when(pl.int_range(pl.len()) % 20 == 0).then(pl.lit("Dr")).otherwise("sex")
    report = Train(estimator=FAST).run(data=dataset(loans().with_columns(title=title))).report
    assert [f.columns for f in report.findings if f.check == "proxy"] == [("title", "sex")]


SAME = {
    "bands": (
        pl.col("age") // 10,
        "'age_band' was left out: it says the same as the protected age",
    ),
    "code": (pl.col("sex") == "male", "says the same as the protected sex"),
    "of two": (pl.col("age").cast(pl.String) + pl.col("sex"), "says the same as the protected age"),
}


@pytest.mark.parametrize(("expression", "message"), SAME.values(), ids=SAME.keys())
def test_column_derived_from_a_protected_one_is_left_out_with_a_warning(
    expression: pl.Expr, message: str
) -> None:
    frame = loans().with_columns(age_band=expression)
    trained = Train(estimator=FAST).run(data=dataset(frame))
    found = next(f for f in trained.report.findings if f.columns == ("age_band",))
    assert (found.verdict, found.check) == ("warned", "left out")
    assert message in found.message
    assert "name it in keep to learn from it, in drop if not" in found.message


@pytest.mark.parametrize(
    "fields",
    [{"keep": ["age_band"]}, {"features": ["income", "age_band"]}, {"keep": ["age"]}],
    ids=str,
)
def test_derived_column_becomes_a_feature_only_if_somebody_wrote_it(fields: Any) -> None:
    frame = loans().with_columns(age_band=pl.col("age") // 10)
    model = Train(estimator=FAST, **fields).run(data=dataset(frame)).model
    assert "age_band" in [feature.name for feature in model.description.features]


def test_what_is_known_of_a_person_does_not_count_for_every_row_of_the_person() -> None:
    people = loans().head(30).with_columns(age=pl.int_range(30), customer=pl.int_range(30))
    visits = dataset(pl.concat([people] * 6)).with_roles({"customer": "identifier"})
    model = Train(estimator=FAST).run(data=visits).model
    assert [feature.name for feature in model.description.features] == ["income", "town"]


def test_favourable_value_belongs_to_the_target_of_the_role() -> None:
    model = Train(estimator=FAST, target="sex").run(data=dataset()).model
    assert (model.description.target, model.description.favourable) == ("sex", None)


@pytest.mark.parametrize("fields", [{"features": ["day", "income"]}, {"keep": ["day"]}], ids=str)
def test_column_that_is_asked_for_but_cannot_be_learned_from_is_refused(fields: Any) -> None:
    frame = loans().with_columns(day=pl.date(2026, 1, 1))
    with pytest.raises(
        DataError, match="column 'day' is asked for, but it is a date; make numbers"
    ):
        Train(estimator=FAST, **fields).run(data=dataset(frame))


def test_columns_that_look_like_identifiers_are_warned_of() -> None:
    report = Train(estimator=FAST).run(data=dataset(loans().with_row_index("number"))).report
    assert [f.columns for f in report.findings if f.check == "identifier"] == [("number",)]


def test_report_tells_of_everything_that_was_done() -> None:
    report = Train(estimator=FAST, drop=["income"], seed=5).run(data=dataset()).report
    assert report.details == {
        "features": {"town": "Categorical"},
        "left_out": {
            "income": "it is named in drop",
            "age": "its role is protected",
            "sex": "its role is protected",
            "repaid": "it is the target",
        },
        "rows": 200,
        "seed": 5,
    }
    assert report.verdict == "passed"


def test_training_that_did_not_converge_is_warned_of() -> None:
    report = Train(estimator=FAST, parameters={"max_iter": 1}).run(data=dataset()).report
    assert [f.message for f in report.findings if f.check == "warning"] == [
        "LogisticRegression did not converge; scale its features, or raise max_iter."
    ]


def test_features_have_the_categories_of_the_training() -> None:
    features = Train(estimator=FAST).run(data=dataset()).model.description.features
    assert features[1].categories == ("east", "north", "south")


@pytest.mark.parametrize(
    "estimator",
    ["sklearn.naive_bayes.MultinomialNB", "sklearn.ensemble.GradientBoostingClassifier"],
)
def test_estimators_with_special_wishes_get_what_they_need(estimator: str) -> None:
    frame = loans().with_columns(balance=-pl.col("income"))
    model = Train(estimator=estimator).run(data=dataset(frame)).model
    assert model.predict(frame.with_columns(balance=pl.lit(1e9)))["score"].is_finite().all()


def test_boosted_trees_take_categories_as_they_are() -> None:
    trained = Train().run(data=dataset())
    assert type(trained.model.load()).__name__ == "HistGradientBoostingClassifier"
    assert trained.model.load().is_categorical_.tolist() == [False, True]


def test_training_rows_are_recognised_by_identifier() -> None:
    """(fault 59)"""
    frame = loans().with_row_index("person")
    data = dataset(frame[:150]).with_roles({"person": "identifier"})
    model = Train(estimator=FAST).run(data=data).model
    assert seen_rows(model, frame.drop("repaid")).to_list() == [True] * 150 + [False] * 50


def test_training_rows_are_recognised_by_features_and_target() -> None:
    model = Train(estimator=FAST).run(data=dataset(loans()[:150])).model
    assert seen_rows(model, loans()).sum() == 150
    assert seen_rows(model, loans().drop("repaid")).null_count() == 200


def test_free_text_dates_and_lists_are_left_out_with_a_reason() -> None:
    frame = loans(400).with_columns(
        note=pl.int_range(pl.len()).cast(pl.String),
        day=pl.date(2026, 1, 1),
        many=pl.concat_list("age", "age"),
    )
    left_out: Any = Train(estimator=FAST).run(data=dataset(frame)).report.details["left_out"]
    assert "different values" in left_out["note"]
    assert "date" in left_out["day"]
    assert "List" in left_out["many"]


def test_weights_by_role_count() -> None:
    frame = loans().with_columns(weight=pl.when(pl.col("repaid") == "yes").then(9.0).otherwise(1.0))
    weighted = dataset(frame).with_roles({"weight": "weight"})
    plain = Train(estimator=FAST).run(data=dataset()).model.predict(frame)["score"]
    heavy = Train(estimator=FAST).run(data=weighted).model.predict(frame)["score"]
    assert heavy.mean() > plain.mean()  # type: ignore[operator]


@pytest.mark.parametrize(
    "labels", [["a", "b", "c"], [0, 1], [True, False], [1.0, 0.0], [3, 7, 9]], ids=str
)
def test_classes_come_back_in_their_type(labels: list[Any]) -> None:
    frame = pl.DataFrame(
        {"x": [float(i) for i in range(60)], "y": [labels[i % len(labels)] for i in range(60)]}
    )
    model = Train(estimator=FAST, target="y").run(data=Dataset.of(frame)).model
    assert set(model.predict(frame)["prediction"]) <= set(labels)
    assert model.description.task == ("binary" if len(labels) == 2 else "multiclass")


def test_regressor_predicts_numbers() -> None:
    frame = pl.DataFrame({"x": [float(i) for i in range(60)], "y": [2.0 * i for i in range(60)]})
    model = (
        Train(estimator="sklearn.linear_model.LinearRegression", target="y")
        .run(data=Dataset.of(frame))
        .model
    )
    assert model.predict(frame)["prediction"].to_list() == pytest.approx(frame["y"].to_list())


PIPELINE = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        (StandardScaler(), make_column_selector(dtype_include="number")),
    ),
    LogisticRegression(C=0.5),
)


def test_object_and_path_of_the_same_estimator_are_the_same_model() -> None:
    by_path = Train(estimator=FAST, parameters={"C": 0.1}).run(data=dataset()).model
    by_object = Train(estimator=LogisticRegression(C=0.1)).run(data=dataset()).model
    assert by_path.read("model.skops") == by_object.read("model.skops")


def test_pipeline_of_the_user_gets_all_columns_as_they_are() -> None:
    """Dates, free text and gaps included: preparing them is its business."""
    frame = loans(300).with_columns(
        day=pl.date(2026, 1, 1) + pl.duration(days=pl.int_range(pl.len())),
        note=pl.format("note {} of a person", pl.int_range(pl.len())),
    )
    prepare = ColumnTransformer(
        [
            ("words", TfidfVectorizer(), "note"),
            ("days", FunctionTransformer(days_since_1970), ["day"]),
            ("numbers", "passthrough", ["income"]),
        ]
    )
    trained = Train(estimator=make_pipeline(prepare, RandomForestClassifier(5))).run(
        data=dataset(frame)
    )
    types = {feature.name: feature.type for feature in trained.model.description.features}
    assert types == {"income": "Float64", "town": "String", "day": "Date", "note": "String"}
    assert [f.check for f in trained.report.findings if f.verdict == "warned"] == ["trust"]
    loaded = Model.from_files(
        trained.model.description,
        {name: trained.model.read(name) for name in trained.model.description.files},
    )
    trusted = [f"{days_since_1970.__module__}.days_since_1970"]
    assert_frame_equal(loaded.predict(frame, trusted=trusted), trained.model.predict(frame))


def days_since_1970(days: Any) -> Any:
    return days.astype("int64")


def test_search_gives_the_same_bytes_although_it_takes_another_time() -> None:
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)
    first, second = (Train(estimator=search).run(data=dataset()).model for _ in range(2))
    assert first.version == second.version


TRAIN_IN_ANOTHER_PROCESS = """
from stepwell_train import Train
step, inputs = Train.example()
for estimator, parameters in [
    ("sklearn.linear_model.LogisticRegression", {}),
    ("sklearn.ensemble.HistGradientBoostingClassifier", {"min_samples_leaf": 2}),
    ("sklearn.ensemble.RandomForestClassifier", {"n_estimators": 5, "n_jobs": 2}),
]:
    train = Train(estimator=estimator, parameters=parameters, target="repaid")
    print(train.run(**inputs).model.fingerprint)
"""


def test_same_training_in_two_processes_gives_the_same_bytes() -> None:
    found = {
        subprocess.run(
            [sys.executable, "-c", TRAIN_IN_ANOTHER_PROCESS],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads},
        ).stdout
        for seed, threads in (("1", "1"), ("2", "2"))
    }
    assert len(found) == 1
    assert len(set(found.pop().split())) == 3


# what is refused


def spoilt(column: str, value: Any) -> Dataset:
    frame = loans()
    spoilt_column = pl.when(pl.int_range(pl.len()) < 3).then(value).otherwise(pl.col(column))
    return dataset(frame.with_columns(spoilt_column.alias(column)))


def weighted(weight: Any) -> Dataset:
    return dataset(loans().with_columns(w=pl.lit(weight))).with_roles({"w": "weight"})


INCOME = {"estimator": RIDGE, "target": "income"}
DATED = dataset(loans().with_columns(day=pl.date(2026, 1, 1)))
REFUSED_DATA: list[tuple[dict[str, Any], Dataset, str]] = [
    ({"target": "repayed"}, dataset(), "Did you mean 'repaid'?"),
    ({}, spoilt("repaid", None), "'repaid' is missing in 3 of 200 rows"),
    ({}, dataset(loans().filter(pl.col("repaid") == "yes")), "one class only"),
    ({}, dataset(loans().head(0)), "has no rows"),
    ({}, Dataset.of(loans()), 'Train does not know the target. Write Train(target="...")'),
    ({"estimator": RIDGE}, dataset(), "Ridge predicts numbers"),
    ({"target": "income"}, dataset(), "holds fractions"),
    ({"target": "id"}, dataset(loans().with_row_index("id")), "has 200 different values in 200"),
    (
        {"target": "day"},
        DATED,
        "is Date; no model",
    ),
    (INCOME, spoilt("income", float("nan")), "'income' is NaN or infinite in 3 of 200 rows"),
    (INCOME, spoilt("income", float("inf")), "'income' is NaN or infinite in 3 of 200 rows"),
    ({"drop": ["income", "town"]}, dataset(), "no column is left"),
    ({"keep": ["agee"]}, dataset(), "Did you mean 'age'?"),
    ({"features": ["incom"]}, dataset(), "Did you mean 'income'?"),
    ({"parameters": {"C": -1.0}}, dataset(), "The 'C' parameter of LogisticRegression must be"),
    ({}, spoilt("income", float("inf")), "infinity. Columns with infinite values: income."),
    (
        {"estimator": "sklearn.neighbors.KNeighborsClassifier"},
        weighted(1.0),
        "KNeighborsClassifier takes no weights, and column 'w' has the role weight",
    ),
    ({}, weighted(-1), "in 200 of 200"),
    (
        {},
        weighted(0),
        "is zero in every",
    ),
    (
        {},
        weighted("a"),
        "is String, not",
    ),
    ({"estimator": CLUSTERS}, dataset(), "neither a classifier nor a regressor"),
]


@pytest.mark.parametrize(("fields", "data", "message"), REFUSED_DATA)
def test_training_that_cannot_be_done_says_why(
    fields: dict[str, Any], data: Dataset, message: str
) -> None:
    step = Train(**{"estimator": FAST, **fields})
    with pytest.raises(StepwellError) as caught:
        step.run(data=data)
    assert message in str(caught.value)


REFUSED_ESTIMATORS: list[tuple[dict[str, Any], str]] = [
    ({"estimator": LogisticRegression}, "write LogisticRegression()"),
    ({"estimator": "LogisticRegression"}, "no import path"),
    ({"estimator": "rm -rf.x"}, "no import path"),
    ({"estimator": 3}, "an object of type int is no scikit-learn estimator"),
    ({"estimator": {"klass": "a.b"}}, "a recipe is"),
    (
        {"estimator": "sklearn.linear_model.LogisticRegresion"},
        "Did you mean 'sklearn.linear_model.LogisticRegression'?",
    ),
    ({"estimator": "skleam.ensemble.RandomForestClassifier"}, "no package 'skleam' is installed"),
    ({"estimator": "json.dumps"}, "no estimator class: it has no method fit"),
    ({"estimator": "sklearn.preprocessing.StandardScaler"}, "does not predict"),
    ({"estimator": "sklearn.ensemble.VotingClassifier"}, "needs the parameters estimators"),
    ({"estimator": FAST, "parameters": {"c": 1}}, "has no parameter 'c'. "),
    ({"estimator": PIPELINE, "parameters": {"logisticregression__c": 1}}, "logisticregression__C"),
    ({"estimator": LogisticRegression(C=np.ones(3))}, "LogisticRegression.C holds a ndarray"),
    (
        {"estimator": make_pipeline(FunctionTransformer(lambda x: x), LogisticRegression())},
        "has no import path",
    ),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED_ESTIMATORS)
def test_estimator_that_cannot_be_configuration_is_refused_at_once(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Train(**fields)
    assert message in str(caught.value)


def test_message_of_a_failed_fit_quotes_no_cell() -> None:
    """(fault 27)"""
    frame = loans().with_columns(town=pl.lit("confidential"), repaid=pl.col("repaid"))
    with pytest.raises((ModelError, DataError)) as caught:
        Train(estimator=make_pipeline(StandardScaler(), LogisticRegression())).run(
            data=dataset(frame)
        )
    assert "confidential" not in str(caught.value)
    assert "could not convert string to float" in str(caught.value)
    assert caught.value.__cause__ is None


def test_ten_thousand_columns_are_trained_on() -> None:
    wide = pl.DataFrame(np.random.default_rng(0).normal(size=(30, 10_000)))
    data = Dataset.of(wide.with_columns(y=pl.int_range(pl.len()) % 2), roles={"y": "target"})
    trained = Train(estimator="sklearn.naive_bayes.GaussianNB").run(data=data)
    assert len(trained.model.description.features) == 10_000
