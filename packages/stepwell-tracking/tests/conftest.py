import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from stepwell import Metric, Model, ModelDescription, Pipeline, Report, Run, step
from stepwell.authoring import Store


@step
def rows(*, count: int = 3) -> pl.DataFrame:
    """Brings a dataset into the pipeline."""
    return pl.DataFrame({"amount": range(count), "secret": ["a cell"] * count})


@step
def train(
    data: pl.DataFrame, *, word: str = "good", options: dict[str, object] | None = None
) -> Model:
    return Model.from_files(ModelDescription(format="words"), {"word.txt": word.encode()})


@step
def evaluate(model: Model, *, auc: float = 0.8, verdict: str = "passed") -> Report:
    fields = {"model_version": model.version, "rows": 250}
    metrics = (
        Metric(name="roc_auc", value=auc, low=auc - 0.1, high=auc + 0.1, **fields),
        Metric(name="recall", value=0.5, group={"sex": "female"}, **fields),
        Metric(name="f1", value=None, **fields),
    )
    return Report(verdict=verdict, metrics=metrics)


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project as the current folder."""
    monkeypatch.chdir(tmp_path)
    for variable in ("STEPWELL_STORE", "STEPWELL_TRACKING_URI", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def store(project: Path) -> Store:
    """The store of the project, without an MLflow database."""
    return Store(project / ".stepwell")


@pytest.fixture
def run(store: Store) -> Callable[..., Run]:
    """Runs a small pipeline in the store: `run(auc=0.9)`."""

    def make(
        *, word: str = "good", options: dict[str, object] | None = None, **fields: object
    ) -> Run:
        steps = [rows(), train(word=word, options=options), evaluate(**fields)]
        return Pipeline("credit", steps).run(store=store, observers=[])

    return make


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database with tables and nothing else; making one takes seconds."""
    from stepwell_tracking._database import make_database

    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        make_database(path, artifacts=(path.parent / "unused").as_uri())
    return path


@pytest.fixture
def mlflow_store(store: Store, database: Path) -> Store:
    """The store of the project, with an empty MLflow database in it."""
    Path(store.url).mkdir(exist_ok=True)
    shutil.copy(database, Path(store.url, "mlflow.db"))
    return store
