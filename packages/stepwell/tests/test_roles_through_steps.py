"""Roles through renames, drops, derived columns and joins, in every library."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from stepwell import ContractError, Dataset, Pipeline, Run, Step, Target, Unit, step

ROWS = 200
PEOPLE = pl.DataFrame(
    {
        "age": [18 + row * 7 % 60 for row in range(ROWS)],
        "sex": ["female" if row % 3 else "male" for row in range(ROWS)],
        "income": [row * 37 % 101 for row in range(ROWS)],
        "repaid": ["yes" if row % 5 else "no" for row in range(ROWS)],
    }
)
ROLES: Any = {
    "age": "protected",
    "sex": "protected",
    "income": Unit("EUR"),
    "repaid": Target(favourable="yes"),
}
FRAMES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.Table, "dataset": Dataset}


def as_frame(frame: pl.DataFrame, kind: Any) -> Any:
    """A new table without roles, as a step of that library makes it."""
    if kind is pd.DataFrame:
        return frame.to_pandas()
    if kind is pa.Table:
        return frame.to_arrow()
    return frame if kind is pl.DataFrame else Dataset.of(frame)


def run_of(change: Any, kind: Any, **declared: Any) -> Run:
    """A run of a function step that takes and returns tables of this kind."""

    def changed(data: Any) -> Any:
        return as_frame(change(Dataset.of(data).to_polars()), kind)

    changed.__annotations__ = {"data": kind, "return": kind}
    made = step(**declared)(changed) if declared else step(changed)
    pipeline = Pipeline("p", [made()], inputs={"data": Dataset})
    return pipeline.run(data=Dataset.of(PEOPLE, roles=ROLES), store=False)


everywhere = pytest.mark.parametrize("kind", FRAMES.values(), ids=FRAMES.keys())


@everywhere
def test_new_table_keeps_the_roles_of_the_columns_it_has(kind: Any) -> None:
    run = run_of(lambda frame: frame.with_columns(double=pl.col("income") * 2), kind)
    run.raise_for_status()
    assert run["data"].roles == Dataset.of(PEOPLE, roles=ROLES).roles


@everywhere
def test_renamed_protected_column_says_what_to_type(kind: Any) -> None:
    run = run_of(lambda frame: frame.rename({"sex": "gender"}), kind)
    assert isinstance(run.step("changed").exception, ContractError)
    assert str(run.step("changed").reason) == (
        "Step 'changed' lost the protected columns sex without saying so. If that is meant, write "
        "@step(drops=['sex']). If another column took the place, such as gender, say that as "
        'well: @step(drops=[\'sex\'], roles={"gender": "protected"}).'
    )


@everywhere
def test_what_the_error_says_to_type_keeps_the_role(kind: Any) -> None:
    declared = {"drops": ["sex"], "roles": {"gender": "protected"}}
    run = run_of(lambda frame: frame.rename({"sex": "gender"}), kind, **declared)
    run.raise_for_status()
    assert run["data"].roles.columns("protected") == ("age", "gender")


@everywhere
def test_column_that_took_the_place_of_a_dropped_one_is_protected(kind: Any) -> None:
    run = run_of(lambda frame: frame.rename({"sex": "gender"}), kind, drops=["sex"])
    assert run["data"].roles.of("gender") == ("protected",)


DERIVED = {
    "bands": pl.col("age") // 10,
    "bands as text": (pl.col("age") // 10).cast(pl.String),
    "flag": pl.col("age") >= 65,
    "other unit": pl.col("age") * 12.0 + 5,
    "turned around": -pl.col("age"),
    "code": pl.col("sex").replace_strict({"female": "f", "male": "m"}),
    "said with another": pl.concat_str("sex", pl.col("income") % 4),
    "of two": (pl.col("age") > 50) & (pl.col("sex") == "male"),
}


@pytest.mark.parametrize("expression", DERIVED.values(), ids=DERIVED.keys())
def test_column_derived_from_a_dropped_one_is_protected(expression: pl.Expr) -> None:
    def change(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(new=expression).drop("age", "sex")

    run = run_of(change, pl.DataFrame, drops=["age", "sex"])
    assert run["data"].roles.columns("protected") == ("new",)


def test_column_derived_earlier_is_protected_when_its_source_is_dropped() -> None:
    @step
    def band(data: pl.DataFrame) -> pl.DataFrame:
        return data.with_columns(band=pl.col("age") // 10)

    @step(drops=["age"])
    def without(data: pl.DataFrame) -> pl.DataFrame:
        return data.drop("age").sort("income").head(50)

    pipeline = Pipeline("p", [band(), without()], inputs={"data": Dataset})
    run = pipeline.run(data=Dataset.of(PEOPLE, roles=ROLES), store=False)
    assert run["data"].roles.of("band") == ("protected",)


def test_column_that_is_declared_to_have_no_role_has_none() -> None:
    def change(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(senior=pl.col("age") >= 65).drop("age")

    run = run_of(change, pl.DataFrame, drops=["age"], roles={"senior": []})
    assert "senior" not in run["data"].roles


def test_columns_that_have_nothing_to_do_with_a_dropped_one_get_no_role() -> None:
    run = run_of(lambda frame: frame.drop("age"), pl.DataFrame, drops=["age"])
    assert run["data"].roles.columns("protected") == ("sex",)
    assert run["data"].roles.of("income") == ("unit",)


def test_what_is_known_of_a_person_does_not_follow_from_a_rare_value() -> None:
    people = PEOPLE.head(40).with_columns(born=pl.int_range(40), customer=pl.int_range(40))
    visits = pl.concat([people] * 5)
    roles = {"born": "protected", "customer": "identifier"}
    dataset = Dataset.of(visits, roles=roles)
    without = step(drops=["born"])(drop_born)
    run = Pipeline("p", [without()], inputs={"data": Dataset}).run(data=dataset, store=False)
    assert run["data"].roles.columns("protected") == ()


def drop_born(data: pl.DataFrame) -> pl.DataFrame:
    return data.drop("born")


def test_declared_role_reaches_a_dataset_that_a_function_returns() -> None:
    def change(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(band=pl.col("age") // 10)

    run = run_of(change, Dataset, roles={"band": "protected"})
    assert run["data"].roles.of("band") == ("protected",)


# steps with several datasets


@step
def join(data: pl.DataFrame, extra: pl.DataFrame) -> pl.DataFrame:
    return data.join(extra, on="key", how="left")


def joined(left: Any, right: Any, made: Any = join) -> Run:
    data = pl.DataFrame({"key": [1, 2, 3], "score": [5, 6, 7]})
    extra = pl.DataFrame({"key": [1, 2, 3], "sex": ["f", "m", "f"], "limit": [1, 2, 2]})
    pipeline = Pipeline("p", [made()], inputs={"data": Dataset, "extra": Dataset})
    datasets = {"data": Dataset.of(data, roles=left), "extra": Dataset.of(extra, roles=right)}
    return pipeline.run(**datasets, store=False)


def test_joined_columns_bring_their_roles() -> None:
    run = joined({"key": "identifier"}, {"key": "personal", "sex": "protected"})
    run.raise_for_status()
    assert run["data"].roles.of("sex") == ("protected",)
    assert run["data"].roles.of("key") == ("identifier", "personal")


def test_protected_column_that_a_join_leaves_behind_is_an_error() -> None:
    @step
    def some(data: pl.DataFrame, extra: pl.DataFrame) -> pl.DataFrame:
        return data.join(extra.select("key", "limit"), on="key")

    run = joined({}, {"sex": "protected"}, some)
    assert "lost the protected columns sex without saying so" in str(run.step("some").reason)


CONTRADICTIONS: dict[str, tuple[Any, Any, str]] = {
    "units": (
        {"key": Unit("EUR")},
        {"key": Unit("USD")},
        "contradict each other about the unit of column 'key'. Say which holds, for example "
        "@step(roles={'key': ...}).",
    ),
    "targets": (
        {"score": "target"},
        {"limit": "target"},
        "joins datasets with different targets: score, limit. Say which holds",
    ),
}


@pytest.mark.parametrize(
    ("left", "right", "message"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys()
)
def test_contradictory_roles_are_an_error(left: Any, right: Any, message: str) -> None:
    run = joined(left, right)
    assert isinstance(run.step("join").exception, ContractError)
    assert message in str(run.step("join").reason)


def test_declared_role_settles_a_contradiction() -> None:
    settled = step(roles={"key": Unit("EUR"), "score": "target"})(join.function)
    run = joined({"key": Unit("EUR"), "score": "target"}, {"key": Unit("USD")}, settled)
    run.raise_for_status()
    assert (run["data"].roles.target, run["data"].roles.of("key")) == ("score", ("unit",))


def test_rows_of_two_datasets_one_below_the_other_keep_the_roles_of_both() -> None:
    @step
    def below(data: pl.DataFrame, extra: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([data, extra], how="diagonal")

    run = joined({"score": "target"}, {"sex": "protected"}, below)
    assert (run["data"].roles.target, run["data"].roles.columns("protected")) == ("score", ("sex",))


# Step classes


@dataclass(frozen=True)
class Made:
    data: Dataset


class Forgets(Step):
    """A step that makes a new dataset and says nothing of its roles."""

    rename: bool = False

    def run(self, *, data: Dataset) -> Made:
        frame = data.to_polars()
        return Made(data=Dataset.of(frame.rename({"sex": "gender"}) if self.rename else frame))


def test_dataset_of_a_step_that_says_nothing_keeps_its_roles() -> None:
    pipeline = Pipeline("p", [Forgets()], inputs={"data": Dataset})
    run = pipeline.run(data=Dataset.of(PEOPLE, roles=ROLES), store=False)
    assert run["data"].roles == Dataset.of(PEOPLE, roles=ROLES).roles


def test_step_class_is_told_what_to_write_in_it() -> None:
    pipeline = Pipeline("p", [Forgets(rename=True)], inputs={"data": Dataset})
    run = pipeline.run(data=Dataset.of(PEOPLE, roles=ROLES), store=False)
    assert (
        "write data.with_data(..., dropped=['sex']). If another column took the place, such as "
        "gender, say that as well: data.with_data(..., dropped=['sex'], "
        'roles={"gender": "protected"}).'
    ) in str(run.step("forgets").reason)


def test_role_that_a_step_gives_does_not_unprotect_a_column() -> None:
    data = Dataset.of(PEOPLE, roles=ROLES)

    @step
    def personal(data: Dataset) -> Dataset:
        return Dataset.of(data.to_polars(), roles={"sex": "personal"})

    run = Pipeline("p", [personal()], inputs={"data": Dataset}).run(data=data, store=False)
    assert run["data"].roles.of("sex") == ("personal", "protected")


def test_column_dropped_before_and_made_again_is_watched_again() -> None:
    data = Dataset.of(PEOPLE, roles=ROLES)
    without = data.with_data(PEOPLE.drop("sex"), dropped=["sex"])
    again = without.with_data(PEOPLE, roles={"sex": "protected"})
    assert again.missing_protected(again.with_data(PEOPLE.drop("sex"))) == ("sex",)
