"""What a plan tells before anything runs."""

from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from stepwell import Dataset, Load, Pipeline, Report, Step, place, step
from stepwell._pipelines._plan import PlannedStep

CALLED: list[int] = []


@step(roles={"age_band": "protected"})
def age_band(data: pd.DataFrame, *, cut: int = 25) -> pd.DataFrame:
    """An old and a young band."""
    CALLED.append(len(data))
    return data.assign(age_band=(data["age"] > cut).map({True: "old", False: "young"}))


@step
def with_sum(data: pl.DataFrame) -> pl.DataFrame:
    """The first row decides."""
    return data.with_columns(total=pl.lit(data["age"][0]))


@step
def without_age(data: pl.LazyFrame) -> pl.LazyFrame:
    """Forgets the age."""
    return data.drop("age")


@step(effects=True)
def publish(data: pl.DataFrame) -> pl.DataFrame:
    """Tells the world."""
    CALLED.append(-1)
    return data


@step(returns="both")
def joined(data: pa.Table, other: pa.Table) -> pa.Table:
    """Two tables side by side."""
    return data.append_column("score", other["score"])


@step
def count(data: pl.DataFrame) -> Report:
    """Counts."""
    return Report(summary=f"{len(data)} rows")


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)
    CALLED.clear()
    Path("people.csv").write_text("age,risk\n31,good\n24,bad\n")
    return Load(source="people.csv", roles={"age": "protected", "risk": "target"})


def planned(*steps: Step) -> dict[str, PlannedStep]:
    return {one.name: one for one in Pipeline("p", list(steps)).plan(store=False).steps}


def test_columns_and_roles_of_the_source_are_known(people: Load) -> None:
    load = planned(people)["load"]
    assert (load.new_columns, load.roles) == ((), {"age": ["protected"], "risk": ["target"]})


def test_columns_that_a_function_makes_are_known_from_a_table_without_rows(people: Load) -> None:
    band = planned(people, age_band())["age_band"]
    assert band.new_columns == ("age_band",)
    assert band.roles is not None
    assert band.roles["age_band"] == ["protected"]
    assert CALLED == [0]


def test_columns_of_a_step_that_needs_rows_are_known_when_it_has_run(people: Load) -> None:
    steps = planned(people, with_sum(), age_band())
    assert (steps["with_sum"].new_columns, steps["age_band"].new_columns) == (None, None)
    assert steps["with_sum"].problem is None


def test_protected_column_that_would_be_lost_is_told(people: Load) -> None:
    lost = planned(people, without_age())["without_age"]
    assert "lost the protected columns age" in str(lost.problem)


def test_step_with_effects_is_not_tried(people: Load) -> None:
    assert planned(people, publish())["publish"].new_columns is None
    assert CALLED == []


def test_step_without_datasets_has_nothing_to_tell(people: Load) -> None:
    assert planned(people, count())["count"].new_columns == ()


def test_function_of_two_tables_is_tried(people: Load) -> None:
    @step(returns="other", drops=["age"])
    def scored(data: pl.DataFrame) -> pl.DataFrame:
        return data.select(score=pl.col("age") * 2)

    steps = [people, place(scored()), joined()]
    plan = Pipeline("p", steps).plan(store=False)
    assert plan.steps[1].new_columns == ("score",)
    assert plan.steps[2].new_columns == ()


def test_cached_steps_and_new_ones_are_planned_together(people: Load) -> None:
    Pipeline("p", [people, with_sum()]).run(observers=[])
    plan = Pipeline("p", [people, with_sum(), age_band()]).plan()
    assert [one.cached_from is None for one in plan.steps] == [False, False, True]
    assert [one.new_columns for one in plan.steps] == [(), ("total",), ("age_band",)]


def test_inputs_of_a_pipeline_are_known_when_it_runs() -> None:
    pipeline = Pipeline("p", [age_band()], inputs={"data": Dataset})
    assert pipeline.plan(store=False).steps[0].new_columns is None


@pytest.mark.parametrize("cache", [True, False])
def test_plan_writes_nothing(people: Load, cache: bool) -> None:
    Pipeline("p", [people, age_band()]).plan(cache=cache)
    assert [path.name for path in Path.cwd().iterdir()] == ["people.csv"]


def test_preview_that_raises_is_no_error(people: Load) -> None:
    class Broken(Step):
        """Raises when asked."""

        def preview(self, **inputs: object) -> dict[str, object]:
            raise KeyError

        def run(self, *, data: Dataset) -> None:
            """Nothing."""

    assert planned(people, Broken())["broken"].problem is None
