"""Pipelines are checked when they are built: every mistake with the message that mends it."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
import pytest

from stepwell import (
    ConfigurationError,
    Dataset,
    Load,
    Model,
    Pipeline,
    PipelineError,
    Report,
    Step,
    StepwellError,
    place,
    step,
)
from stepwell._pipelines._wiring import Source


@dataclass(frozen=True)
class Checked:
    data: Dataset
    report: Report


class Check(Step):
    """Passes data on, with a report."""

    limit: int = 3

    def run(self, *, data: Dataset) -> Checked:
        return Checked(data, Report())


@dataclass(frozen=True)
class Parted:
    data: Dataset
    holdout: Dataset


class Part(Step):
    """Parts data in two."""

    def run(self, *, data: Dataset) -> Parted:
        return Parted(data, data)


@dataclass(frozen=True)
class Judged:
    decision: str


class Judge(Step):
    """Takes every report."""

    def run(self, *, reports: list[Report], champion: Model | None = None) -> Judged:
        return Judged(",".join(report.step for report in reports))


@step(returns="model")
def fit(data: pl.DataFrame) -> int:
    return len(data)


@step(returns="predictions")
def score(holdout: pl.DataFrame, model: int) -> pl.DataFrame:
    return holdout


@step(returns="features")
def features(data: pl.DataFrame) -> pl.DataFrame:
    return data


@step
def demand(champion: Model) -> int:
    return 1


def plain(data: pl.DataFrame) -> pl.DataFrame:
    return data


LOAD = Load(source="a.csv")

WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "missing input, nearly named": (
        lambda: [LOAD, Part(), fit(), place(score(), inputs={"model": "modle"})],
        "Step 'score' needs input 'modle', which no earlier step produces. Did you mean 'model'? "
        "Available: data, holdout, model.",
    ),
    "missing input of a package that is not there": (
        lambda: [LOAD, demand()],
        "Step 'demand' needs input 'champion', which no earlier step produces. Available: data. "
        "Champion of stepwell-deploy produces it: ",
    ),
    "missing input of core": (
        lambda: [Check()],
        "Step 'check' needs input 'data', which no earlier step produces. Available: none. "
        "Load of stepwell produces it: put it earlier in the list.",
    ),
    "producer comes later": (
        lambda: [LOAD, Part(), score(), fit()],
        "Step 'score' needs input 'model', which no earlier step produces. Available: data, "
        "holdout. Step 'fit' produces it: put it earlier in the list.",
    ),
    "one artifact of the kind": (
        lambda: [LOAD, place(features(), inputs={"data": "rows"})],
        "Step 'features' needs input 'rows', which no earlier step produces. Available: data. "
        'Write place(features(...), inputs={"data": "data"}).',
    ),
    "wrong kind": (
        lambda: [LOAD, Check(), place(features(), inputs={"data": "check_report"})],
        "Step 'features' takes 'data' as a dataset; 'check_report' of 'check' is a report. "
        'Write place(features(...), inputs={"data": "data"}).',
    ),
    "wrong kind and none of the right one": (
        lambda: [LOAD, place(demand(), inputs={"champion": "data"})],
        "Step 'demand' takes 'champion' as a model; 'data' of 'load' is a dataset. "
        "No earlier step produces a model.",
    ),
    "two producers of one name": (
        lambda: [LOAD, place(Load(source="b.csv"), name="more")],
        "Step 'more' produces 'data', which 'load' has produced, and does not take it. "
        'Call it otherwise: place(Load(...), outputs={"data": "more_data"}).',
    ),
    "two outputs of one name": (
        lambda: [LOAD, place(Part(), outputs={"holdout": "data"})],
        "Step 'part' calls two outputs 'data': 'data' and 'holdout'.",
    ),
    "two steps of one name": (
        lambda: [LOAD, Check(), Check(limit=4)],
        "Pipeline 'p' has two steps named 'check'. "
        'Name one of them: place(Check(...), name="check_2").',
    ),
    "class instead of instance": (
        lambda: [LOAD, Check],
        "Step 2 of pipeline 'p' is the class Check. Write Check(...).",
    ),
    "function not called": (
        lambda: [LOAD, features],
        "Step 2 of pipeline 'p' is the function features, not configured. Write features().",
    ),
    "plain function": (
        lambda: [LOAD, plain],
        "Step 2 of pipeline 'p' is 'plain', which is no step. Put @step above the function.",
    ),
    "list in the list": (
        lambda: [LOAD, [Check()]],
        "Step 2 of pipeline 'p' is a list, which is no step. "
        "Put its steps into the list with a star: *steps.",
    ),
    "text": (lambda: [LOAD, "Check"], "Step 2 of pipeline 'p' is a str, which is no step."),
    "no list": (lambda: LOAD, "Pipeline 'p' needs a list of steps, not a Load."),
    "place names no input": (
        lambda: [LOAD, place(Check(), inputs={"dta": "data"})],
        "place(Check(...)) names the input 'dta', which step 'check' does not have. "
        "Did you mean 'data'? Its inputs: data.",
    ),
    "place names no output": (
        lambda: [LOAD, place(Check(), outputs={"rport": "r"})],
        "place(Check(...)) names the output 'rport', which step 'check' does not have. "
        "Did you mean 'report'? Its outputs: data, report.",
    ),
    "place names no input of a judge": (
        lambda: [LOAD, place(Judge(), inputs={"reports": "data"})],
        "place(Judge(...)) names the input 'reports', which step 'judge' does not have. "
        "Its inputs: champion.",
    ),
    "unknown field": (lambda: [LOAD, Check(limt=3)], "Check has no field 'limt'. Did you mean"),
    "place takes no class": (
        lambda: [place(Check)],  # type: ignore[arg-type]  # that is the test
        "place() takes a step, not a ModelMetaclass.",
    ),
    "negative retries": (
        lambda: [place(LOAD, retries=-1)],
        "place(Load(...), retries=-1): it is a number, at least 0.",
    ),
    "no name for an artifact": (
        lambda: [place(LOAD, outputs={"data": "../data"})],
        "'../data' cannot be the name of an artifact.",
    ),
}


@pytest.mark.parametrize(("steps", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_pipeline_is_explained(steps: Callable[[], object], message: str) -> None:
    with pytest.raises(StepwellError) as caught:
        Pipeline("p", steps())  # type: ignore[arg-type]  # some are no lists of steps
    assert str(caught.value).startswith(message)


SET: dict[str, tuple[dict[str, object], type[StepwellError], str]] = {
    "unknown step": (
        {"chek.limit": 1},
        PipelineError,
        "Pipeline 'p' has no step 'chek'. Did you mean 'check'? Steps: load, check.",
    ),
    "unknown field": (
        {"check.limt": 1},
        ConfigurationError,
        "Check has no field 'limt'. Did you mean 'limit'?",
    ),
    "wrong value": ({"check.limit": "x"}, ConfigurationError, "Check, field 'limit': Input should"),
    "no field": (
        {"check": 1},
        ConfigurationError,
        "'check' names no field. Write step.field=value.",
    ),
}


@pytest.mark.parametrize(("values", "error", "message"), SET.values(), ids=SET.keys())
def test_field_that_cannot_be_set_is_explained(
    values: dict[str, object], error: type[StepwellError], message: str
) -> None:
    with pytest.raises(error) as caught:
        Pipeline("p", [LOAD, Check()]).with_fields(values)
    assert str(caught.value).startswith(message)


def test_set_field_makes_another_pipeline() -> None:
    before = Pipeline("p", [LOAD, place(Check(), name="first", retries=2)])
    after = before.with_fields({"first.limit": 9})
    assert (after.steps[1], before.steps[1]) == (Check(limit=9), Check())
    assert after.nodes[1].placed.retries == 2


INPUTS: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "missing": ({"data": Dataset}, {}, "Pipeline 'p' needs the input 'data'. Write run(data=...)."),
    "unknown": (
        {"data": Dataset},
        {"data": pl.DataFrame({"a": [1]}), "dta": 1},
        "Pipeline 'p' has no input 'dta'. Did you mean 'data'? Inputs: data.",
    ),
    "no table": ({"data": Dataset}, {"data": "a.csv"}, "A dataset is made from a Polars, pandas"),
}


@pytest.mark.parametrize(("inputs", "given", "message"), INPUTS.values(), ids=INPUTS.keys())
def test_wrong_input_is_explained_before_anything_runs(
    inputs: dict[str, object], given: dict[str, object], message: str
) -> None:
    with pytest.raises(StepwellError) as caught:
        Pipeline("p", [Check()], inputs=inputs).run(store=False, **given)
    assert str(caught.value).startswith(message)


def test_input_of_a_pipeline_cannot_be_called_like_an_option() -> None:
    with pytest.raises(PipelineError, match="cannot have an input 'store'"):
        Pipeline("p", [], inputs={"store": Dataset})


# what is right


def test_step_may_replace_what_it_takes() -> None:
    pipeline = Pipeline("p", [LOAD, Check(), features(), Part()])
    assert pipeline.node("features").sources == {"data": Source("check", "data")}
    assert pipeline.node("part").sources == {"data": Source("check", "data")}


def test_reports_are_named_after_their_steps() -> None:
    pipeline = Pipeline("p", [LOAD, Check(), place(Check(), name="again")])
    named = [node.artifacts.get("report") for node in pipeline.nodes]
    assert named == [None, "check_report", "again_report"]


def test_report_can_be_named_by_place() -> None:
    pipeline = Pipeline("p", [LOAD, place(Check(), outputs={"report": "quality"})])
    assert pipeline.node("check").artifacts == {"data": "data", "report": "quality"}


def test_optional_input_is_wired_where_it_exists() -> None:
    alone = Pipeline("p", [LOAD, Judge()])
    given = Pipeline("p", [LOAD, Judge()], inputs={"champion": Model})
    assert alone.node("judge").sources == {}
    assert given.node("judge").sources == {"champion": Source(None, "champion")}


def test_optional_input_that_place_names_must_exist() -> None:
    with pytest.raises(PipelineError, match="needs input 'best', which no earlier step produces"):
        Pipeline("p", [LOAD, place(Judge(), inputs={"champion": "best"})])


def test_same_step_twice_under_other_names() -> None:
    pipeline = Pipeline(
        "p",
        [
            LOAD,
            Part(),
            fit(),
            place(fit(), name="second", outputs={"model": "second_model"}),
            place(score(), inputs={"model": "second_model"}),
        ],
    )
    assert pipeline.node("score").sources["model"] == Source("second", "model")


def test_default_names_are_in_snake_case() -> None:
    class HTTPLoad(Load):
        """Two words, one of capitals."""

    assert [place(made).name for made in (LOAD, HTTPLoad(source="x.csv"), fit())] == [
        "load",
        "http_load",
        "fit",
    ]
