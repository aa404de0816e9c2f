"""Whether a pipeline fits other contracts of its steps, told without importing them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import Field

from stepwell import Dataset, Pipeline, Report, Step, place
from stepwell._contract import PackageContract, StepContract, step_contract
from stepwell._updates import _fit
from stepwell._updates._fit import Offered, misfits
from stepwell._updates._values import takes
from stepwell._updates._where_used import where_set


@dataclass(frozen=True)
class Cleaned:
    data: Dataset
    report: Report


class Clean(Step):
    """Clean a table."""

    limit: float = Field(default=1.0, description="The most.")
    mode: str = Field(default="drop", description="How.")

    def run(self, *, data: Dataset) -> Cleaned:
        return Cleaned(data=data, report=Report())


@dataclass(frozen=True)
class Counted:
    count: int


class Count(Step):
    """Count its rows."""

    def run(self, *, data: Dataset) -> Counted:
        return Counted(count=len(data))


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Clean` is of the package stepwell-clean, `Count` of the project."""
    of = {"Clean": "stepwell-clean"}
    monkeypatch.setattr(_fit, "package_of", lambda node: of.get(type(node.step).__name__))


PIPELINE = Pipeline("p", [Clean(limit=2.0), Count()], inputs={"data": Dataset})
NOW = step_contract(Clean)


def messages(contract: StepContract, pipeline: Pipeline = PIPELINE) -> list[str]:
    offer = Offered("stepwell-clean", "2.0", PackageContract("stepwell-clean", {"clean": contract}))
    return [one.message for one in misfits(pipeline, [offer])]


def field(name: str, schema: dict[str, object] | None, *, required: bool = False) -> StepContract:
    """The contract with another field, or without it."""
    properties = {**NOW.configuration["properties"], name: schema}
    known = {name: one for name, one in properties.items() if one is not None}
    needed = [name] if required else []
    return replace(
        NOW, configuration={**NOW.configuration, "properties": known, "required": needed}
    )


def test_same_contract_fits() -> None:
    assert messages(NOW) == []


def test_field_that_is_not_set_may_go() -> None:
    assert messages(field("mode", None)) == []


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        (field("limit", None), "removes the field 'limit'"),
        (
            field("limit", {"type": "string"}),
            "does not take what the field 'limit' is set to; it takes text",
        ),
        (
            field("limit", {"type": "number", "maximum": 1}),
            "does not take what the field 'limit' is set to; it takes number (at most 1)",
        ),
        (
            field("rows", {"type": "integer"}, required=True),
            "requires the field 'rows', which is not set",
        ),
        (replace(NOW, target="stepwell_clean:Tidy"), "has no step 'Clean'"),
        (
            replace(NOW, inputs={**NOW.inputs, "weights": NOW.inputs["data"]}),
            "needs the input 'weights', which no earlier step produces",
        ),
        (
            replace(NOW, inputs={"data": replace(NOW.inputs["data"], kind="model")}),
            "takes 'data' as a model, and the caller gives a dataset",
        ),
    ],
)
def test_change_that_the_pipeline_meets_is_told(contract: StepContract, message: str) -> None:
    assert messages(contract) == [f"stepwell-clean 2.0 {message}"]


def test_output_that_a_later_step_takes_is_missed_there() -> None:
    pipeline = Pipeline("p", [place(Clean(), outputs={"data": "clean"}), COUNT], inputs=GIVEN)
    without = replace(NOW, outputs={"report": NOW.outputs["report"]})
    assert messages(without, pipeline) == [
        "stepwell-clean 2.0 removes the output 'data'",
        "it needs the input 'clean', which stepwell-clean 2.0 does not produce",
    ]


def test_new_output_that_another_step_produces_is_told() -> None:
    outputs = {**NOW.outputs, "count": NOW.outputs["data"]}
    pipeline = Pipeline("p", [Count(), Clean()], inputs=GIVEN)
    assert messages(replace(NOW, outputs=outputs), pipeline) == [
        "stepwell-clean 2.0 produces 'count', which step 'count' has produced"
    ]


COUNT = place(Count(), inputs={"data": "clean"})
GIVEN = {"data": Dataset}


@pytest.mark.parametrize(
    ("schema", "value", "is_taken"),
    [
        ({"type": "integer"}, 3, True),
        ({"type": "integer"}, True, False),
        ({"type": "number"}, 3, True),
        ({"type": "number", "exclusiveMinimum": 0}, 0, False),
        ({"enum": ["a", "b"]}, "c", False),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, None, True),
        ({"const": 1}, True, False),
        ({"type": "string", "pattern": "^a"}, "ba", False),
        ({"type": "array", "items": {"type": "string"}, "minItems": 2}, ["a"], False),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], False),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": False}, ["a", 1], False),
        ({"type": "object", "additionalProperties": {"type": "number"}}, {"a": "x"}, False),
        ({"type": "object", "properties": {}, "additionalProperties": False}, {"a": 1}, False),
        ({"type": "object", "required": ["a"]}, {}, False),
        ({"$ref": "#/$defs/Of"}, "x", False),
        ({"whatever": 1}, [1, "a"], True),
    ],
    ids=str,
)
def test_value_is_held_against_a_schema(
    schema: dict[str, object], value: object, is_taken: bool
) -> None:
    assert takes(schema, value, {"Of": {"type": "integer"}}) is is_taken


def test_place_is_the_line_that_sets_the_field_in_any_file_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("from steps import clean\n")
    (tmp_path / "steps.py").write_text("clean = a.Clean(\n    limit=2.0,\n)\n")
    assert where_set("Clean", "limit", tmp_path / "train.py") == f"{tmp_path}/steps.py:2"
    assert where_set("Clean", "mode", tmp_path / "train.py") == f"{tmp_path}/train.py"
