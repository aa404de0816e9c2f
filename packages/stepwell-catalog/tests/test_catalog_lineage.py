"""Which models were trained on which version of a dataset, and the reverse."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from click.testing import CliRunner
from sklearn.linear_model import LinearRegression

from stepwell import ConfigurationError, Dataset, Decision, DecisionLog, Model, Pipeline, Step
from stepwell.authoring import Store
from stepwell_catalog import LoadFromCatalog
from stepwell_catalog._commands import catalog


@dataclass(frozen=True)
class Trained:
    """What `Fit` produces."""

    model: Model


class Fit(Step):
    """A regression of income on id."""

    def run(self, *, data: Dataset) -> Trained:
        """Fit it."""
        frame = data.to_polars().drop_nulls()
        fitted = LinearRegression().fit(frame.select("id").to_pandas(), frame["income"].to_pandas())
        metadata = {"trained_on": [origin.model_dump() for origin in data.origins]}
        return Trained(model=Model.of(fitted, data=frame.select("id"), metadata=metadata))


@dataclass(frozen=True)
class Counted:
    """What `Count` produces."""

    rows: int


class Count(Step):
    """Use data, without any model."""

    def run(self, *, data: Dataset) -> Counted:
        """Count it."""
        return Counted(rows=len(data))


@pytest.fixture
def store(write, project):
    """A store in which two versions were used, and a model of the second was deployed."""
    where = project / ".stepwell"
    for version in ("1.0.0", "1.1.0"):
        write(version=version)
        run = Pipeline("train", [LoadFromCatalog(name="people"), Fit()]).run(store=where)
        run.raise_for_status()
    Pipeline("count", [LoadFromCatalog(name="people"), Count()]).run(store=where)
    store = Store(where)
    model = run["model"]
    decision = Decision(name="incomes", outcome="promoted", model=model.fingerprint, version=1)
    DecisionLog(store, "incomes").append(decision, after=0)
    return store


def _lineage(*arguments):
    done = CliRunner().invoke(catalog, ["lineage", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def _json(*arguments):
    return json.loads(_lineage("--json", *arguments))


def test_every_version_knows_its_pipelines_and_models(store):
    first, second = _json()["datasets"]
    assert (first["version"], second["version"]) == ("1.0.0", "1.1.0")
    assert [use["pipeline"] for use in first["pipelines"]] == ["train"]
    counted, trained = second["pipelines"]
    assert (counted["pipeline"], counted["models"]) == ("count", [])
    assert trained["models"][0]["deployed_as"] == [{"name": "incomes", "version": 1}]


def test_every_model_knows_what_it_was_trained_on(store):
    models = _json("incomes")["models"]
    assert [one["trained_on"] for one in models] == [
        [{"name": "people", "version": "1.1.0", "pipeline": "train"}]
    ]
    assert _json(models[0]["model_version"])["models"] == models


def test_one_version_is_asked_for_alone(store):
    (only,) = _json("people@1.0.0")["datasets"]
    assert only["version"] == "1.0.0"


def test_unknown_name_says_what_there_is(store):
    with pytest.raises(ConfigurationError, match=r"There are: people@1\.0\.0, people@1\.1\.0"):
        _lineage("nothing")


def test_flowchart_leads_from_data_to_production(store):
    chart = _lineage("--mermaid")
    assert chart.startswith("flowchart LR\n")
    assert '[("people 1.1.0")]' in chart
    assert '-- "train" --> model' in chart
    assert '[["incomes v1"]]' in chart


def test_text_names_runs_and_models(store):
    lines = _lineage().splitlines()
    assert lines[0] == "people 1.0.0"
    assert lines[1].startswith("  train: 1 of its runs, last ")
    assert lines[-1].endswith("deployed as incomes v1")


def test_records_of_another_version_are_counted(store):
    store.records.append({"format": "stepwell.record/9", "run_id": "later"})
    assert _json()["records_not_read"] == 1
    assert "1 records are of another version" in _lineage()


def test_empty_store_has_no_lineage(project):
    assert "No run has used a dataset" in _lineage("--store", str(project / "empty"))


def test_names_cannot_leave_their_place_in_the_flowchart(write, project):
    """Mermaid takes them for text, and so does a page around it (fault 32)."""
    write(version='1"] --> x["<script>')
    step = Pipeline("people", [LoadFromCatalog(name="people")])
    step.run(store=project / ".stepwell").raise_for_status()
    lines = _lineage("--mermaid").splitlines()
    assert len(lines) == 4
    assert "<" not in "".join(lines)
    assert all(line.count('"') in (0, 2) for line in lines)
