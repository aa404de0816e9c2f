"""The configuration of a step: frozen all the way down, comparable, and JSON."""

import copy
import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from stepwell import ConfigurationError, Dataset, Load, Step, Target
from stepwell._protocol._step import configuration


class Allowance(BaseModel):
    model_config = ConfigDict(frozen=True)

    reason: str
    until: date


@dataclass(frozen=True)
class Scanned:
    data: Dataset


class Scan(Step):
    """A step with every kind of field."""

    target: str
    keep: Sequence[str] = ()
    listed: list[str] = Field(default=[])
    limits: Mapping[str, float] = {}
    options: Mapping[str, JsonValue] = {}
    kinds: set[str] = Field(default=set())
    allow: Sequence[Allowance] = ()
    mode: Literal["block", "mask"] = "block"
    seed: int = Field(default=0, ge=0)

    @field_validator("target")
    @classmethod
    def _is_named(cls, target: str) -> str:
        if not target.strip():
            raise ValueError("the target needs a name, for example 'y'")
        return target

    def run(self, *, data: Dataset) -> Scanned:
        return Scanned(data)


FULL: dict[str, Any] = {
    "target": "y",
    "keep": ["sex", "age"],
    "listed": ["a"],
    "limits": {"gap": 0.1},
    "options": {"deep": [1, {"er": [None, "x"]}]},
    "kinds": {"iban", "email", "phone"},
    "allow": [{"reason": "consent", "until": "2030-01-01"}],
    "mode": "mask",
    "seed": 7,
}


def test_changing_what_was_given_does_not_change_the_step() -> None:
    given = copy.deepcopy(FULL)
    step = Scan(**given)
    given["keep"].append("race")
    given["options"]["deep"][1]["er"].append("y")
    given["limits"]["gap"] = 9.0
    assert step == Scan(**FULL)


CHANGES = {
    "assign a field": lambda step: setattr(step, "seed", 1),
    "delete a field": lambda step: delattr(step, "seed"),
    "assign a new field": lambda step: setattr(step, "new", 1),
    "append to a sequence": lambda step: step.keep.append("x"),
    "append to a list": lambda step: step.listed.append("x"),
    "set an item": lambda step: step.limits.__setitem__("gap", 1.0),
    "update a mapping": lambda step: step.limits.update(gap=1.0),
    "pop from a mapping": lambda step: step.limits.pop("gap"),
    "clear a mapping": lambda step: step.limits.clear(),
    "merge into a mapping": lambda step: step.limits.__ior__({"gap": 1.0}),
    "set a nested item": lambda step: step.options["deep"][1].__setitem__("er", 1),
    "append to a nested list": lambda step: step.options["deep"].append(1),
    "add to a set": lambda step: step.kinds.add("x"),
    "assign a field of a nested model": lambda step: setattr(step.allow[0], "reason", "x"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_step_cannot_be_changed(change: Any) -> None:
    step = Scan(**FULL)
    with pytest.raises((TypeError, ValueError, AttributeError)):
        change(step)
    assert step == Scan(**FULL)


def test_configuration_is_json_and_makes_an_equal_step() -> None:
    step = Scan(**FULL)
    again = Scan(**json.loads(json.dumps(configuration(step))))
    assert again == step
    assert hash(again) == hash(step)
    assert configuration(again) == configuration(step)


def test_members_of_a_set_are_sorted_in_the_configuration() -> None:
    assert configuration(Scan(**FULL))["kinds"] == ["email", "iban", "phone"]


def test_infinite_limits_are_json_too() -> None:
    step = Scan(target="y", limits={"gap": float("inf"), "low": float("-inf")})
    as_json = json.loads(json.dumps(configuration(step), allow_nan=False))
    assert Scan(**as_json) == step


def test_defaults_are_frozen_and_equal_to_given_ones() -> None:
    step = Scan(target="y")
    assert step == Scan(target="y", keep=[], listed=[], limits={}, seed=0)
    assert isinstance(step.listed, tuple)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))]
)
def test_copies_are_equal(copied: Any) -> None:
    step = Scan(**FULL)
    assert copied(step) == step
    assert hash(copied(step)) == hash(step)


@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"keep": ["age", "sex"]}, {"limits": {"gap": 0.2}}, {"kinds": ["iban"]}]
)
def test_another_configuration_is_another_step(change: dict[str, Any]) -> None:
    assert Scan(**{**FULL, **change}) != Scan(**FULL)


def test_steps_of_two_classes_differ() -> None:
    class Other(Scan):
        """Another step with the same fields."""

    assert Other(target="y") != Scan(target="y")


def test_step_shows_its_configuration() -> None:
    assert repr(Load(source="a.csv")).startswith("Load(source='a.csv', format=None, roles={}")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": (
        {"target": "y", "kepe": ["sex"]},
        "Scan has no field 'kepe'. Did you mean 'keep'? Fields: target, keep, listed, limits, "
        "options, kinds, allow, mode, seed.",
    ),
    "missing field": ({}, "Scan needs the field 'target'."),
    "wrong type": (
        {"target": "y", "seed": "many"},
        "Scan, field 'seed': Input should be a valid integer, unable to parse string as an "
        "integer.",
    ),
    "out of range": (
        {"target": "y", "seed": -1},
        "Scan, field 'seed': Input should be greater than or equal to 0.",
    ),
    "no such choice": (
        {"target": "y", "mode": "drop"},
        "Scan, field 'mode': Input should be 'block' or 'mask'.",
    ),
    "own validator": (
        {"target": " "},
        "Scan, field 'target': the target needs a name, for example 'y'.",
    ),
    "nested": (
        {"target": "y", "allow": [{"reason": "x", "until": "soon"}]},
        "Scan, field 'allow.0.until': Input should be a valid date or datetime",
    ),
    "several at once": (
        {"mode": "drop", "seed": -1},
        "Scan needs the field 'target'. Scan, field 'mode': Input should be 'block' or 'mask'. "
        "Scan, field 'seed'",
    ),
    "text for a list": (
        {"target": "y", "listed": "sex"},
        "Scan, field 'listed': Input should be a valid list.",
    ),
}


@pytest.mark.parametrize(("fields", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_configuration_is_explained(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Scan(**fields)
    assert str(caught.value).startswith(message)


def test_wrong_value_is_not_repeated_in_the_message() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Scan(target="y", limits={"gap": "hunter2"})  # type: ignore[dict-item]  # that is the test
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_roles_of_load_are_checked_at_once() -> None:
    with pytest.raises(ConfigurationError, match=r"role 'targt'.*Did you mean 'target'\?"):
        Load(source="a.csv", roles={"y": "targt"})
    with pytest.raises(ConfigurationError, match="A dataset has one target; the roles name 2"):
        Load(source="a.csv", roles={"y": "target", "z": Target(favourable=1)})
