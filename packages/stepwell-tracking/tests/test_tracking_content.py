from collections.abc import Callable

import pytest

from stepwell import Run
from stepwell_tracking import _content

MakeRun = Callable[..., Run]


def test_parameters_are_named_by_step_and_field(run: MakeRun) -> None:
    record = run(options={"depth": 3, "nested": {"rate": 0.1}, "unset": None}).record

    assert _content.parameters(record) == {
        "rows.count": "3",
        "train.word": "good",
        "train.options.depth": "3",
        "train.options.nested.rate": "0.1",
        "evaluate.auc": "0.8",
        "evaluate.verdict": "passed",
    }


def test_long_parameters_are_cut_and_still_told_apart(run: MakeRun) -> None:
    first, second = (
        _content.parameters(run(word="x" * 10_000 + end).record)["train.word"] for end in "ab"
    )

    assert len(first) == len(second) == 500
    assert first[:480] == second[:480] == "x" * 480
    assert first != second


def test_large_mapping_is_one_parameter(run: MakeRun) -> None:
    weights = {f"column_{number}": number for number in range(5_000)}

    parameters = _content.parameters(run(options=weights).record)

    assert len(parameters["train.options"]) == 500
    assert len(parameters) == 5


def test_metric_keys_do_not_depend_on_the_model_version(run: MakeRun) -> None:
    records = [run(word=word).record for word in ("good", "better")]

    keys = [set(_content.metrics(record)) for record in records]

    assert (
        keys[0]
        == keys[1]
        == {
            "evaluate/roc_auc",
            "evaluate/roc_auc/low",
            "evaluate/roc_auc/high",
            "evaluate/recall/sex female",
            "seconds/rows",
            "seconds/train",
            "seconds/evaluate",
            "seconds/run",
        }
    )


def test_metrics_of_the_champion_are_told_from_those_of_the_model() -> None:
    model, champion, stranger = (digit * 64 for digit in "123")
    outputs = {
        name: {"artifact": name, "kind": "model", "fingerprint": fingerprint}
        for name, fingerprint in (("champion", champion), ("model", model))
    }
    metrics = [
        {"name": "roc_auc", "value": value, "model_version": of[:12], "against": against}
        for value, of, against in (
            (0.8, model, None),
            (0.7, champion, None),
            (0.6, stranger, None),
            (0.1, model, champion[:12]),
        )
    ]
    record = {
        "steps": [{"name": "train", "outputs": outputs, "seconds": 0}],
        "reports": {"evaluate_report": {"step": "evaluate", "metrics": metrics}},
        "seconds": 0,
    }

    found = _content.metrics(record)

    assert {key: value for key, value in found.items() if key.startswith("evaluate")} == {
        "evaluate/roc_auc": 0.8,
        "evaluate/roc_auc/champion": 0.7,
        "evaluate/roc_auc/333333333333": 0.6,
        "evaluate/roc_auc/minus champion": 0.1,
    }


def test_tags_say_where_the_run_came_from(run: MakeRun) -> None:
    done = run(verdict="warned")

    tags = _content.tags(done.record, str(done.head))

    assert tags["stepwell.record"] == str(done.head)
    assert tags["stepwell.status"] == "succeeded"
    assert tags["verdict.evaluate_report"] == "warned"
    assert tags["package.stepwell"] == done.record["packages"]["stepwell"]


def test_tags_name_the_commit_when_there_is_one(run: MakeRun) -> None:
    record = {**run().record, "git": {"commit": "c0ffee", "dirty": True}}

    tags = _content.tags(record, "1:x")

    assert (tags["mlflow.source.git.commit"], tags["stepwell.git_dirty"]) == ("c0ffee", "true")


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        (("train", "a=b"), "train.a_b"),
        (("train", "größe"), "train.gr__e"),
        (("train", "../../x"), "train..._.._x"),
        (("train", ".."), "train"),
        (("train", "a\nb"), "train.a_b"),
    ],
)
def test_keys_are_made_safe(parts: tuple[str, ...], key: str) -> None:
    assert _content.key(*parts) == key


def test_long_keys_are_cut_and_still_told_apart() -> None:
    first, second = (_content.key("train", "x" * 400 + end) for end in "ab")

    assert len(first) == len(second) == 250
    assert first != second


@pytest.mark.parametrize(
    ("fields", "status"), [({}, "FINISHED"), ({"verdict": "failed"}, "FAILED")]
)
def test_blocked_run_counts_as_failed(run: MakeRun, fields: dict[str, str], status: str) -> None:
    assert _content.status(run(**fields).record) == status
