"""What changes between two contracts, and which version that demands."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import make_dataclass
from decimal import Decimal
from inspect import Parameter, Signature
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    create_model,
)

from stepwell import Dataset, Model, Report, Step
from stepwell._contract import (
    Change,
    PackageContract,
    Port,
    StepContract,
    contract_changes,
    contract_text,
    demanded_bump,
    fits_bump,
    least_version,
    step_contract,
)

T = TypeVar("T")


class Base(Step):
    """Make something."""

    def run(self) -> None: ...


class Rule(BaseModel):
    column: str
    most: int = 3


class WiderRule(BaseModel):
    column: str
    most: int = 3
    reason: str = ""


class StricterRule(BaseModel):
    column: str
    most: int = 3
    reason: str


class OtherDefault(BaseModel):
    column: str
    most: int = 4


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    column: str
    most: int = 3


class Tree(BaseModel):
    leaf: int = 1
    branches: list[Tree] = []


class TreeWithoutLeaf(BaseModel):
    branches: list[TreeWithoutLeaf] = []


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


class DeafCat(Cat):
    lives: str = "nine"  # type: ignore[assignment]  # it shall differ


AtLeast0 = Annotated[int, Field(ge=0)]
Above0 = Annotated[int, Field(gt=0)]
AtLeast1 = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Short = Annotated[str, Field(max_length=5)]
Even = Annotated[int, Field(multiple_of=2)]
Hex = Annotated[str, Field(pattern="[0-9a-f]+")]
Fields = Mapping[str, Any]

TYPES: list[tuple[Any, Any, str | None]] = [
    (int, int, None),
    (int, float, "minor"),
    (float, int, "major"),
    (int, str, "major"),
    (int, bool, "major"),
    (int, int | None, "minor"),
    (int | None, int, "major"),
    (int | None, None | int, None),
    (str, str | list[str], "minor"),
    (str | list[str], list[str], "major"),
    (AtLeast0, AtLeast1, "major"),
    (AtLeast1, AtLeast0, "minor"),
    (Above0, AtLeast1, None),
    (AtLeast1, Above0, None),
    (int, AtLeast0, "major"),
    (AtLeast0, int, "minor"),
    (AtLeast0, Share, "major"),
    (Share, Annotated[float, Field(ge=0, lt=1)], "major"),
    (Annotated[float, Field(ge=0, lt=1)], Share, "minor"),
    (str, Short, "major"),
    (Short, str, "minor"),
    (Hex, str, "minor"),
    (str, Hex, "major"),
    (Hex, Annotated[str, Field(pattern="[0-9]+")], "major"),
    (int, Even, "major"),
    (Even, int, "minor"),
    (Even, Annotated[int, Field(multiple_of=3)], "major"),
    (Literal["a", "b"], Literal["b", "a"], None),
    (Literal["a"], Literal["a", "b"], "minor"),
    (Literal["a", "b"], Literal["a"], "major"),
    (Literal["a", "b"], Literal["a", "c"], "major"),
    (Literal["a", "b"], str, "minor"),
    (str, Literal["a", "b"], "major"),
    (Literal["a"], Short, "minor"),
    (Literal["abcdef"], Short, "major"),
    (Literal[3], AtLeast0, "minor"),
    (Literal[-3], AtLeast0, "major"),
    (Literal["a", None], Literal["a"] | None, None),
    (Literal["auto"] | int, int, "major"),
    (int, Literal["auto"] | int, "minor"),
    (list[int], list[float], "minor"),
    (list[float], list[int], "major"),
    (list[int], Sequence[int], None),
    (list[int], set[int], "major"),
    (set[int], list[int], "minor"),
    (list[int], Annotated[list[int], Field(min_length=1)], "major"),
    (Annotated[list[int], Field(min_length=1)], list[int], "minor"),
    (tuple[int, str], tuple[int, str], None),
    (tuple[int, str], tuple[int, int], "major"),
    (tuple[int, int], tuple[int, float], "minor"),
    (tuple[int, int], tuple[int, int, int], "major"),
    (tuple[int, int], tuple[int, ...], "major"),
    (dict[str, int], dict[str, float], "minor"),
    (dict[str, float], dict[str, int], "major"),
    (dict[str, int], dict[str, Any], "minor"),
    (dict[str, Any], dict[str, int], "major"),
    (int, JsonValue, "minor"),
    (JsonValue, int, "major"),
    (JsonValue, Any, None),
    (list[int] | list[str], list[str] | list[int], None),
    (list[int] | list[str], list[str], "major"),
    (list[str], list[int] | list[str], "minor"),
    (Decimal, Decimal, None),
    (str, Decimal, "major"),
    (float, Decimal, "minor"),
    (Rule, WiderRule, "minor"),
    (WiderRule, Rule, "major"),
    (Rule, StricterRule, "major"),
    (Rule, OtherDefault, "major"),
    (Rule, Closed, "major"),
    (Closed, Rule, "minor"),
    (list[Rule], list[WiderRule], "minor"),
    (dict[str, list[Rule]], dict[str, list[StricterRule]], "major"),
    (Rule, Rule | None, "minor"),
    (Rule, Rule | str, "minor"),
    (Rule | str, str, "major"),
    (Tree, Tree, None),
    (Tree, TreeWithoutLeaf, "major"),
    (Cat, Cat | Dog, "minor"),
    (Cat | Dog, Dog, "major"),
    (Cat | Dog, Dog | Cat, None),
    (Cat | Dog, DeafCat | Dog, "major"),
    (
        Annotated[Cat | Dog, Field(discriminator="kind")],
        Annotated[Dog | Cat, Field(discriminator="kind")],
        None,
    ),
    (Cat | Dog, Annotated[Cat | Dog, Field(discriminator="kind")], "major"),
]


def made(**fields: Any) -> type[Step]:
    return create_model("Make", __base__=Base, __doc__=Base.__doc__, **fields)


def changes(old: type[Step], new: type[Step]) -> list[Change]:
    return contract_changes(package(old), package(new))


def package(step: type[Step]) -> PackageContract:
    contract = step_contract(step, target="stepwell_made:Make")
    return PackageContract("stepwell-made", {"make": contract})


def of_types(old: Any, new: Any) -> list[Change]:
    return changes(made(size=(old, ...)), made(size=(new, ...)))


@pytest.mark.parametrize(("old", "new", "bump"), TYPES, ids=str)
def test_type_of_a_field_demands(old: Any, new: Any, bump: str | None) -> None:
    found = of_types(old, new)
    assert demanded_bump(found) == bump, found


@pytest.mark.parametrize(("old", "new", "bump"), TYPES, ids=str)
def test_way_back_of_a_minor_change_is_major(old: Any, new: Any, bump: str | None) -> None:
    """Whatever takes more than before takes less on the way back, and what is equal stays equal."""
    back = demanded_bump(of_types(new, old))
    assert back == bump or "major" in (back, bump)
    assert (back is None) == (bump is None)


class Holds(BaseModel, Generic[T]):
    held: T


@pytest.mark.parametrize(
    "inside",
    [
        lambda one: list[one],
        lambda one: Mapping[str, one],
        lambda one: tuple[int, one],
        lambda one: Sequence[Mapping[str, one]] | int,
        lambda one: Holds[one],
    ],
    ids=["list", "mapping", "pair", "union", "model"],
)
def test_type_inside_of_another_demands_the_same(inside: Callable[[Any], Any]) -> None:
    for old, new, bump in TYPES:
        assert demanded_bump(of_types(inside(old), inside(new))) == bump, (old, new)


def test_true_is_not_one() -> None:
    assert demanded_bump(of_types(Literal[1], Literal[True])) == "major"


def test_limit_that_no_decimal_number_holds() -> None:
    below = Annotated[int, Field(lt=10**400)]
    assert demanded_bump(of_types(int, below)) == "major"
    assert demanded_bump(of_types(below, Annotated[int, Field(le=10**400 - 1)])) is None


VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 3, 2.5, 0.5, "", "a", "b", "abc", "abcdef", "auto", "cat"),
    *([], [1], [1, 1], [1, 2, 3], [2.5], ["a"], [1, "a"], [1, None]),
    *({}, {"a": 1}, {"a": 2.5}, {"column": "x"}, {"column": "x", "other": 1}),
    *({"column": "x", "reason": "y"}, {"kind": "dog"}, {"kind": "cat", "lives": 1}),
    *({"kind": "cat", "lives": "1"}, {"leaf": 2}, [{"column": "x"}]),
]


@pytest.mark.parametrize("part", ["field", "output"])
def test_what_is_not_major_loses_no_value_that_was_taken_and_gives_no_other(part: str) -> None:
    """Pydantic is the judge: every type of the table is compared with every other."""
    types = list({repr(one): one for pair in TYPES for one in pair[:2]}.values())
    if part == "output":  # what is given has no limits, all of its fields, and decimals as text
        left_out = (Decimal, StricterRule)
        types = [one for one in types if one not in left_out and "Annotated" not in repr(one)]
    values = [{n for n, value in enumerate(VALUES) if _takes(one, value)} for one in types]
    steps = [made(size=(one, ...)) if part == "field" else giving(one) for one in types]
    contracts = [package(step) for step in steps]
    for old, new in itertools.permutations(range(len(types)), 2):
        if demanded_bump(contract_changes(contracts[old], contracts[new])) != "major":
            narrower, wider = (old, new) if part == "field" else (new, old)
            assert values[narrower] <= values[wider], (types[old], types[new])


def _takes(annotation: Any, value: Any) -> bool:
    try:
        TypeAdapter(annotation).validate_json(json.dumps(value), strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("old", "new", "bump", "message"),
    [
        ({}, {"a": (int, 1)}, "minor", "Make: field 'a' is new."),
        ({}, {"a": (int, ...)}, "major", "Make: field 'a' is new and required."),
        ({"a": (int, 1)}, {}, "major", "Make: field 'a' is gone."),
        ({"a": (int, ...)}, {"a": (int, 1)}, "minor", "Make: field 'a' has a default: 1."),
        ({"a": (int, 1)}, {"a": (int, ...)}, "major", "field 'a' has no default any more."),
        ({"a": (int, 1)}, {"a": (int, 2)}, "major", "had the default 1, and has 2."),
        ({"a": (int, 1)}, {"a": (bool | int, True)}, "major", "had the default 1, and has true."),
        ({"a": (float, 1)}, {"a": (float, 1.0)}, None, ""),
        ({"a": (float, float("inf"))}, {"a": (float, float("inf"))}, None, ""),
        ({"a": (int, 1)}, {"a": (int, Field(1, description="A."))}, "patch", "otherwise"),
        ({"a": (int, 1)}, {"a": (int, Field(1, title="A"))}, None, ""),
        ({"a": (int, 1)}, {"a": (int, Field(1, deprecated="Until 2.0."))}, "minor", "deprecated"),
        ({"a": (int, 1), "b": (int, 2)}, {"b": (int, 2), "a": (int, 1)}, None, ""),
        (
            {"a": (AtLeast0, ...)},
            {"a": (str | None, ...)},
            "major",
            "field 'a' was integer (at least 0), and is text or None.",
        ),
        (
            {"a": (Literal["x", "y"], ...)},
            {"a": (Literal["y", "z"], ...)},
            "major",
            "Make: field 'a' has no 'x' any more and has 'z' as well.",
        ),
        (
            {"a": (Rule, ...)},
            {"a": (Closed, ...)},
            "major",
            "field 'a' refuses fields that it does not know.",
        ),
        (
            {"a": (tuple[int, int], ...)},
            {"a": (tuple[int], ...)},
            "major",
            "field 'a' was of 2 parts, and is of 1.",
        ),
        (
            {"a": (list[int], ...)},
            {"a": (Annotated[list[int], Field(min_length=1)], ...)},
            "major",
            "was list of integer, and is list of integer (at least 1 items).",
        ),
        (
            {"a": (dict[Literal["x"], int], ...)},
            {"a": (dict[Literal["y"], int], ...)},
            "major",
            "has other rules for its keys.",
        ),
        (
            {"a": (Mapping[str, list[Rule]], {})},
            {"a": (Mapping[str, list[StricterRule]], {})},
            "major",
            "Make: field 'a{}[].reason' is new and required.",
        ),
    ],
)
def test_field_demands_and_is_named(
    old: Fields, new: Fields, bump: str | None, message: str
) -> None:
    found = changes(made(**old), made(**new))
    assert demanded_bump(found) == bump
    assert message in " ".join(change.message for change in found)


class Words(BaseModel):
    words: frozenset[str] = frozenset()


def test_sets_in_defaults_have_an_order() -> None:
    """That of sets differs from one process to the next."""
    many = frozenset(["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog"])
    step = made(a=(frozenset[str], many), b=(Mapping[str, Words], {"x": Words(words=many)}))
    fields = step_contract(step).configuration["properties"]
    assert fields["a"]["default"] == sorted(many)
    assert fields["b"]["default"] == {"x": {"words": sorted(many)}}


def test_change_of_a_shared_type_is_told_for_each_field_that_has_it() -> None:
    old = made(a=(Rule, Rule(column="x")), b=(list[Rule], []))
    new = made(a=(WiderRule, WiderRule(column="x")), b=(list[WiderRule], []))
    added = {(change.name, change.path) for change in changes(old, new) if change.what == "added"}
    assert added == {("a", "a.reason"), ("b", "b[].reason")}


def giving(annotation: Any, name: str = "found") -> type[Step]:
    return stepping({}, {name: annotation})


def stepping(inputs: Fields, outputs: Fields, *, default: Any = Parameter.empty) -> type[Step]:
    """A step that takes and gives values of these types."""

    def run(self: Step, **given: Any) -> Any: ...

    taken = [Parameter(name, Parameter.KEYWORD_ONLY, default=default) for name in inputs]
    itself = Parameter("self", Parameter.POSITIONAL_ONLY)
    run.__signature__ = Signature([itself, *taken])  # type: ignore[attr-defined]  # it may be set
    returned = make_dataclass("Made", outputs.items(), frozen=True)
    run.__annotations__ = {**inputs, "return": returned}
    return type("Make", (Base,), {"run": run, "__doc__": Base.__doc__})


class Counted(Report):
    """A report of its own."""

    rows: int = 0


class Column(BaseModel):
    rules: list[Rule] = []


class CountedByColumn(Report):
    """A report of its own."""

    columns: dict[str, Column] = {}


class CountedMore(Report):
    """A report of its own."""

    rows: int = 0
    columns: int = 0


def test_types_of_a_union_are_told_apart_by_name() -> None:
    """Both are changed, so that neither is equal to what it was."""
    first, second = create_model("First", a=(int, 1)), create_model("Second", b=(int, 1))
    third, fourth = create_model("Second", c=(int, 1)), create_model("First", a=(str, "1"))
    found = changes(made(x=(first | second, ...)), made(x=(third | fourth, ...)))
    assert {(change.path, change.what) for change in found} == {
        ("x.a", "retyped"),
        ("x.a", "default"),
        ("x.b", "removed"),
        ("x.c", "added"),
    }


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ({"not": {}}, {"not": {}}, None),
        ({"not": {}}, {"allOf": [{"type": "string"}]}, "major"),
        ({"type": "string"}, {"not": {}}, "major"),
        ({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}, {"type": "null"}, "minor"),
    ],
    ids=["same", "other", "nothing", "endless"],
)
def test_schema_that_pydantic_does_not_make_is_the_same_or_another(
    old: Fields, new: Fields, bump: str | None
) -> None:
    contracts = [
        PackageContract("a", {"a": StepContract("a:A", "", {}, {"a": Port("value", schema=s)}, {})})
        for s in (old, new)
    ]
    assert demanded_bump(contract_changes(*contracts)) == bump


def test_order_of_fields_leaves_the_text_as_it_is() -> None:
    one, other = made(a=(int, ...), b=(str, ...)), made(b=(str, ...), a=(int, ...))
    assert contract_text(package(one)) == contract_text(package(other))


def test_choice_is_compared_as_json_is() -> None:
    def taking(*choices: Any) -> PackageContract:
        port = Port("value", schema={"enum": list(choices)})
        return PackageContract("a", {"a": StepContract("a:A", "", {}, {"a": port}, {})})

    assert contract_changes(taking(1, "a", [1], {"b": 2}), taking({"b": 2}, [1], "a", 1.0)) == []
    for old, new in ((1, True), (1, "1"), ([1], "[1]"), (None, False), (0, False), ("true", True)):
        assert demanded_bump(contract_changes(taking(old), taking(new))) == "major", (old, new)


def test_ten_thousand_choices_are_compared_in_a_moment() -> None:
    """Each with every other would take minutes."""
    many = [f"choice-{n}" for n in range(10_000)]
    port = Port("value", schema={"enum": many})
    contract = PackageContract("a", {"a": StepContract("a:A", "", {}, {"a": port}, {})})
    started = time.process_time()
    assert contract_changes(contract, contract) == []
    assert time.process_time() - started < 5


def test_long_list_of_choices_is_cut_in_messages() -> None:
    many = Literal[tuple(f"choice-{n}" for n in range(100))]  # type: ignore[valid-type]  # made here
    (change,) = of_types(int, many)
    assert len(change.message) < 300


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        (Dataset, Dataset, None),
        (Dataset, Model, "major"),
        (Dataset, Dataset | None, "major"),
        (Dataset | None, Dataset, "minor"),
        (Report, Counted, "minor"),
        (Counted, Report, "major"),
        (Counted, CountedMore, "minor"),
        (CountedMore, Counted, "major"),
        (int, float, "major"),
        (float, int, "minor"),
        (Literal["a"], Literal["a", "b"], "major"),
        (Rule, WiderRule, "minor"),
        (Rule, StricterRule, "minor"),
        (Rule, OtherDefault, None),
    ],
)
def test_output_may_only_become_narrower(old: Any, new: Any, bump: str | None) -> None:
    assert demanded_bump(changes(giving(old), giving(new))) == bump


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ({"a": Dataset}, {"a": Model}, "major"),
        ({"a": Dataset}, {"a": Dataset | None}, "minor"),
        ({"a": Dataset | None}, {"a": Dataset}, "major"),
        ({"a": int}, {"a": float}, "minor"),
        ({"a": float}, {"a": int}, "major"),
        ({"a": Dataset}, {}, "major"),
        ({}, {"a": Dataset}, "major"),
    ],
)
def test_input_may_only_become_wider(old: Fields, new: Fields, bump: str | None) -> None:
    assert demanded_bump(changes(stepping(old, {}), stepping(new, {}))) == bump


def test_input_with_a_default_may_be_left_out() -> None:
    without, needed = stepping({}, {}), stepping({"a": int | None}, {})
    optional = stepping({"a": int | None}, {}, default=None)
    assert demanded_bump(changes(without, optional)) == "minor"
    assert demanded_bump(changes(needed, optional)) == "minor"
    assert demanded_bump(changes(optional, needed)) == "major"


def test_output_that_is_gone_or_new_is_named() -> None:
    found = changes(giving(Dataset, "data"), giving(Dataset, "table"))
    assert [(c.bump, c.part, c.name, c.what) for c in found] == [
        ("major", "output", "data", "removed"),
        ("minor", "output", "table", "added"),
    ]
    assert found[0].message == "Make: output 'data' is gone."


@pytest.mark.parametrize(
    ("changed", "bump", "message"),
    [
        ({"target": "stepwell_made:Maker"}, "major", "is imported from stepwell_made:Maker"),
        ({"judge": True}, "major", "takes every report now"),
        ({"effects": True}, "major", "has effects now"),
        ({"effects": False}, "minor", "has no effects any more"),
        ({"description": "Make it."}, "patch", "is described otherwise"),
    ],
)
def test_step_as_a_whole(changed: dict[str, Any], bump: str, message: str) -> None:
    step = package(Base).steps["make"]
    before = {"effects": True} if changed == {"effects": False} else {}
    old, new = (
        PackageContract("stepwell-made", {"make": StepContract(**{**vars(step), **more})})
        for more in (before, changed)
    )
    (found,) = contract_changes(old, new)
    assert found.bump == bump
    assert message in found.message


def test_step_that_is_gone_is_major_and_a_new_one_minor() -> None:
    none = PackageContract("stepwell-made", {})
    assert [c.bump for c in contract_changes(package(Base), none)] == ["major"]
    assert [c.bump for c in contract_changes(none, package(Base))] == ["minor"]


def test_report_of_its_own_is_described_by_what_it_adds() -> None:
    """The rest is core's, and changes with it."""
    assert step_contract(giving(Counted)).outputs["found"].schema == {
        "additionalProperties": False,
        "description": "A report of its own.",
        "properties": {"rows": {"default": 0, "type": "integer"}},
        "type": "object",
    }


def test_report_of_its_own_brings_the_types_that_it_needs() -> None:
    schema = step_contract(giving(CountedByColumn)).outputs["found"].schema
    assert schema is not None
    assert set(schema["$defs"]) == {"Column", "Rule"}


def test_classes_of_core_are_named_and_not_described() -> None:
    """How they look changes with core: a step does not promise it."""
    from stepwell.authoring import JudgedReport

    schema = step_contract(giving(dict[str, JudgedReport])).outputs["found"].schema
    assert schema is not None
    assert schema["$defs"] == {
        "JudgedReport": {"format": "stepwell:JudgedReport", "type": "object"}
    }


@pytest.mark.parametrize(
    ("old", "bump", "least"),
    [
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
        ("0.2.3", "patch", "0.2.4"),
        ("0.2.3", "minor", "0.2.4"),
        ("0.2.3", "major", "0.3.0"),
        ("2.0.0rc1", "major", "2.0.0"),
    ],
)
def test_least_version(old: str, bump: Any, least: str) -> None:
    """Below 1.0 what breaks is a minor version, everything else a patch."""
    assert least_version(old, bump) == least
    assert fits_bump(old, least, bump)
    assert fits_bump(old, f"{least}rc2", bump)
    assert not fits_bump(old, old, bump)


def test_version_may_be_larger_than_demanded() -> None:
    assert fits_bump("0.9.1", "1.0.0", "major")
    assert fits_bump("1.2.3", "1.2.3", None)
    assert not fits_bump("1.2.3", "1.2.2", None)
