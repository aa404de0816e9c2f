"""The same fitted estimator has the same bytes in every process."""

import io
import json
import subprocess
import sys
import zipfile
from typing import Any

import numpy as np
import pytest
import scipy.sparse
import skops.io
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer

from stepwell import Model, ModelError

X = np.random.default_rng(0).normal(size=(60, 3))
Y = np.arange(60) % 2

FIT_IN_ANOTHER_PROCESS = """
import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import *
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder
from stepwell import Model

numbers = np.random.default_rng(0).normal(size=(60, 2)).round(3)
table = np.column_stack([numbers, np.array(["red", "green", "blue"])[np.arange(60) % 3]])
table = table.astype(object)
models = [
    HistGradientBoostingClassifier(random_state=0),
    make_pipeline(
        make_column_transformer((OneHotEncoder(), [2]), remainder="passthrough"),
        VotingClassifier([
            ("forest", RandomForestClassifier(n_estimators=3, random_state=0)),
            ("line", LogisticRegression()),
        ]),
    ),
]
for model, features in zip(models, [numbers, table]):
    print(Model.of(model.fit(features, np.arange(60) % 2)).version)
sets = {"plain": {"a", "b", "c", (1, "d")}, "frozen": frozenset({"a", "b", "c"})}
print(Model.of(FunctionTransformer(kw_args=sets).fit(numbers)).version)
words = CountVectorizer(stop_words=["a"], vocabulary={"red", "blue"})
print(Model.of(words.fit(["the red fox", "a blue fox"])).version)
"""


def test_bytes_are_equal_across_processes_hash_seeds_and_threads() -> None:
    versions = [
        subprocess.run(
            [sys.executable, "-c", FIT_IN_ANOTHER_PROCESS],
            env={"PYTHONHASHSEED": seed, "OMP_NUM_THREADS": threads},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed, threads in (("1", "1"), ("2", "2"))
    ]
    assert versions[0] == versions[1]
    assert len(set(versions[0].split())) == 4


def model_file(estimator: object) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(Model.of(estimator).read("model.skops")))


def stored_and_loaded(estimator: object) -> Any:
    kept = Model.of(estimator)
    return Model.from_files(kept.description, {"model.skops": kept.read("model.skops")}).load()


def test_file_is_uncompressed_without_dates_and_addresses() -> None:
    fitted = KNeighborsClassifier().fit(scipy.sparse.csr_matrix(X), Y)
    archive = model_file(fitted)
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    assert archive.namelist()[0] == "schema.json"
    assert str(id(fitted)) not in archive.read("schema.json").decode()
    matrix = next(name for name in archive.namelist() if name.endswith(".npz"))
    with zipfile.ZipFile(io.BytesIO(archive.read(matrix))) as inner:
        assert {entry.compress_type for entry in inner.infolist()} == {zipfile.ZIP_STORED}


def test_file_is_a_skops_file() -> None:
    fitted = HistGradientBoostingClassifier(random_state=0).fit(X, Y)
    content = Model.of(fitted).read("model.skops")
    loaded = skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    assert (loaded.predict(X) == fitted.predict(X)).all()


def test_shared_parts_stay_shared() -> None:
    shared = np.arange(3.0)
    estimator = FunctionTransformer(kw_args={"a": shared, "b": shared, "c": shared.copy()}).fit(X)
    parts = stored_and_loaded(estimator).kw_args
    assert parts["a"] is parts["b"]
    assert parts["a"] is not parts["c"]


def test_asking_a_model_does_not_change_its_bytes() -> None:
    fitted = KNeighborsClassifier(algorithm="kd_tree").fit(X, Y)
    before = Model.of(fitted).version
    fitted.predict(X)
    assert Model.of(fitted).version == before


@pytest.mark.parametrize("weights", [{False: 1.0, True: 2.0}, {0: 1.0, 1: 2.0}])
def test_class_weights_keep_the_type_of_their_keys(weights) -> None:
    fitted = HistGradientBoostingClassifier(class_weight=weights).fit(
        X, Y.astype(type(min(weights)))
    )
    loaded = stored_and_loaded(fitted)
    assert loaded.class_weight == weights
    assert {type(key) for key in loaded.class_weight} == {type(key) for key in weights}


@pytest.mark.parametrize("mapping", [{1: "a", "1": "b"}, {None: 1}, {True: 1, "": 2, False: 3}])
def test_mapping_that_skops_would_change_is_refused(mapping) -> None:
    with pytest.raises(ModelError, match="mapping whose keys cannot be stored"):
        Model.of(FunctionTransformer(kw_args={"mapping": mapping}).fit(X))


def made_inside():
    def inner(values):
        return values

    return inner


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda values: values, "it holds a lambda, which has no name"),
        (made_inside(), "inner, which cannot be imported by that name"),
    ],
)
def test_what_another_process_could_not_find_is_refused(function, message) -> None:
    with pytest.raises(ModelError, match=message):
        Model.of(FunctionTransformer(function).fit(X))


def test_class_of_a_script_is_refused_with_what_to_do() -> None:
    code = (
        "from sklearn.linear_model import Ridge; from stepwell import Model\n"
        "class Mine(Ridge): pass\n"
        "try: Model.of(Mine().fit([[1], [2]], [1, 2]))\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert (
        "ModelError Mine cannot be stored: it holds 'Mine' of a script or notebook" in done.stdout
    )
    assert "Move 'Mine' into a module" in done.stdout


def test_vocabulary_is_not_reordered() -> None:
    fitted = TfidfVectorizer().fit(["blue red", "green red"])
    schema = json.loads(model_file(fitted).read("schema.json"))
    words = list(schema["content"]["content"]["vocabulary_"]["content"])
    assert words == list(fitted.vocabulary_)
