"""What the project promises of its pipeline; the demo itself is played by its own command."""

from pathlib import Path

import polars as pl
import pytest
from credit import FOREST, credit_risk
from credit_steps import age_band

from stepwell import Pipeline, Run

CREDIT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return without_registry(credit_risk(FOREST)).run(
        store=tmp_path_factory.mktemp("store"), observers=[]
    )


def without_registry(pipeline: Pipeline) -> Pipeline:
    return pipeline.with_fields({"deploy.registry": False})


def test_model_passes_every_check_and_is_deployed(run: Run) -> None:
    assert run.status == "succeeded"
    assert run["decision"]["outcome"] == "promoted"
    assert "failed" not in {report.verdict for report in run.reports.values()}


def test_model_never_sees_protected_columns(run: Run) -> None:
    features = {feature.name for feature in run["model"].description.features}
    assert not features & {"sex", "age_in_years", "age_band", "foreign_worker"}


def test_holdout_is_as_large_as_asked(run: Run) -> None:
    assert 250 <= len(run["holdout"]) <= 350


def test_record_names_every_package(run: Run) -> None:
    packages = {step["package"] for step in run.record["steps"]}
    assert {"stepwell-train", "stepwell-fairness", "stepwell-deploy", None} <= packages


def test_age_band_splits_at_the_given_age() -> None:
    ages = pl.DataFrame({"age_in_years": [24, 25, 26]})
    banded = age_band(young_up_to=25).run(data=ages)
    assert banded["age_band"].to_list() == ["up to 25", "up to 25", "over 25"]


def test_broken_data_stops_before_training(tmp_path: Path) -> None:
    broken = pl.read_csv(CREDIT / "data" / "german_credit.csv").with_columns(
        credit_risk=pl.lit("?")
    )
    broken.write_csv(tmp_path / "broken.csv")
    contract = (CREDIT / "catalog" / "german-credit.odcs.yaml").read_text(encoding="utf-8")
    moved = contract.replace("data/german_credit.csv", "broken.csv")
    (tmp_path / "german-credit.odcs.yaml").write_text(moved, encoding="utf-8")
    pipeline = without_registry(credit_risk(FOREST)).with_fields(
        {"load_from_catalog.catalog": str(tmp_path)}
    )
    run = pipeline.run(store=tmp_path / "store", observers=[])
    assert run.status == "blocked"
    assert run.step("train").state == "blocked"
    assert run["decision"]["outcome"] == "refused"


def test_model_and_record_say_which_data_it_was_trained_on(run: Run) -> None:
    (trained_on,) = run["model"].description.metadata["trained_on"]
    assert (trained_on["name"], trained_on["version"]) == ("german-credit", "1.0.0")
    assert dict(trained_on) in run.record["origins"][run.fingerprint("data")]
