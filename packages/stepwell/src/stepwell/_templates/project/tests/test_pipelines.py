"""What the project promises of its pipelines, on its own data and a store that is thrown away."""

from pathlib import Path

import polars as pl
import pytest
from stepwell import Pipeline, Run

import deploy
import monitor
import train


def names(pipeline: Pipeline) -> list[str]:
    return [node.name for node in pipeline.nodes]


def test_data_is_checked_before_anything_is_learned_from_it() -> None:
    order = names(train.pipeline)
    assert max(order.index("data_check"), order.index("pii_scan")) < order.index("train")


def test_deployment_is_the_training_and_a_decision() -> None:
    assert names(deploy.pipeline) == [*names(train.pipeline), "deploy"]


def test_predictions_are_published_after_they_have_been_checked() -> None:
    order = names(monitor.pipeline)
    assert order.index("plausibility") < order.index("publish")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def deployed(store: Path) -> Run:
    without_mlflow = deploy.pipeline.with_fields({"deploy.registry": False})
    return without_mlflow.run(store=store, observers=[])


def test_model_passes_every_check_and_is_deployed(deployed: Run) -> None:
    assert deployed.status == "succeeded"
    assert deployed["decision"]["outcome"] == "promoted"


def test_model_never_sees_protected_columns(deployed: Run) -> None:
    features = {feature.name for feature in deployed["model"].description.features}
    assert not features & {"sex", "age_in_years", "age_band", "foreign_worker"}


def test_new_applicants_are_scored_and_watched(deployed: Run, store: Path, tmp_path: Path) -> None:
    into = tmp_path / "predictions.parquet"
    watching = monitor.pipeline.with_fields({"publish.into": str(into)})
    run = watching.run(store=store, observers=[])
    assert run.status == "succeeded"
    assert pl.read_parquet(into).height == 200
    assert set(pl.read_parquet(into)["model_version"]) == {deployed["model"].version}


def test_broken_data_stops_before_training(tmp_path: Path) -> None:
    project = Path(__file__).parents[1]
    broken = pl.read_csv(project / "data" / "applicants.csv").with_columns(credit_risk=pl.lit("?"))
    broken.write_csv(tmp_path / "broken.csv")
    contract = (project / "catalog" / "german-credit.odcs.yaml").read_text(encoding="utf-8")
    moved = contract.replace("data/applicants.csv", "broken.csv")
    (tmp_path / "german-credit.odcs.yaml").write_text(moved, encoding="utf-8")
    pipeline = train.pipeline.with_fields({"load_from_catalog.catalog": str(tmp_path)})
    run = pipeline.run(store=tmp_path / "store", observers=[])
    assert run.status == "blocked"
    assert run.step("train").state == "blocked"
