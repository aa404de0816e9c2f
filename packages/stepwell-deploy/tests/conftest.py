import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell import DecisionLog, Metric, Model, ModelDescription, Report, decisions
from stepwell.authoring import Store

FORMAT = '''
class Words:
    """A model format whose models are words."""

    name = "words"

    def load(self, model, trusted):
        word = model.read("word.txt").decode()
        if word == "broken":
            raise ValueError("a cell of data that no message may quote")
        return word

    def state_digest(self, live):
        return live
'''


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installed distribution that brings the model format `words`."""
    site = tmp_path_factory.mktemp("site")
    (site / "stepwell_words.py").write_text(FORMAT)
    metadata = site / "stepwell_words-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: stepwell-words\nVersion: 1.0\n"
    )
    points = "[stepwell.model_formats]\nstepwell_words = stepwell_words:Words\n"
    (metadata / "entry_points.txt").write_text(points)
    return site


@pytest.fixture(autouse=True)
def project(tmp_path: Path, words: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project as the current folder, with the model format `words` installed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(words))
    for variable in ("STEPWELL_STORE", "STEPWELL_TRACKING_URI", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def log() -> DecisionLog:
    """The decision log that `Deploy(name="credit-risk")` writes to in this project."""
    return decisions("credit-risk")


@pytest.fixture
def model() -> Callable[[str], Model]:
    """Makes a model out of a word."""

    def make(word: str) -> Model:
        description = ModelDescription(format="words", task="binary", libraries={})
        return Model.from_files(description, {"word.txt": word.encode()})

    return make


@pytest.fixture
def measured() -> Callable[..., Report]:
    """Makes the report of an evaluation: `measured({"a1b2": 0.8, "c3d4": 0.7})`."""

    def make(
        values: dict[str, float | None], *, rows: int | None = 250, **fields: object
    ) -> Report:
        metrics = [
            Metric(name="roc_auc", value=value, rows=rows, model_version=version)
            for version, value in values.items()
        ]
        return Report(**{"step": "evaluate", "metrics": tuple(metrics), **fields})

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
def mlflow_store(log: DecisionLog, database: Path) -> Store:
    """The store of the project, with an empty MLflow database in it."""
    Path(log.store.url).mkdir()
    shutil.copy(database, Path(log.store.url, "mlflow.db"))
    return log.store
