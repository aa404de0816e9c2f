"""What is worse about a trial than about the last run."""

from __future__ import annotations

from typing import Any

import pytest
from packaging.version import Version

from stepwell import Metric, Report
from stepwell._updates._changelog import entries_between
from stepwell._updates._comparison import compared, is_worse


def reported(verdict: Any = "passed", **metrics: float | None) -> dict[str, Any]:
    made = [Metric(name=name, value=value) for name, value in metrics.items()]
    return Report(step="evaluate", verdict=verdict, metrics=made).model_dump(mode="json")


def judgements(
    before: dict[str, Any], after: dict[str, Any] | None, state: str = "succeeded"
) -> list[str]:
    record = {
        "steps": [{"name": "evaluate", "state": "succeeded"}],
        "reports": {"evaluate_report": before},
    }
    trial = {
        "steps": [{"name": "evaluate", "state": state, "reason": None}],
        "reports": {"evaluate_report": after} if after else {},
    }
    found = compared(record, trial, 0.01)
    assert is_worse(found) == any(one.judgement == "worse" for one in found)
    return [one.judgement for one in found]


@pytest.mark.parametrize(
    ("before", "after", "judgement"),
    [
        ({"roc_auc": 0.8}, {"roc_auc": 0.79}, "worse"),
        ({"roc_auc": 0.8}, {"roc_auc": 0.793}, "same"),
        ({"roc_auc": 0.8}, {"roc_auc": 0.9}, "better"),
        ({"log_loss": 0.5}, {"log_loss": 0.6}, "worse"),
        ({"log_loss": 0.5}, {"log_loss": 0.4}, "better"),
        ({"size": 10.0}, {"size": 12.0}, "worse"),
        ({"roc_auc": 0.8}, {"roc_auc": None}, "worse"),
        ({"roc_auc": 0.8}, {}, "worse"),
        ({"roc_auc": None}, {"roc_auc": 0.8}, "better"),
        ({"difference": 0.0}, {"difference": 0.001}, "worse"),
    ],
)
def test_metric_is_judged_by_direction_and_tolerance(
    before: dict[str, float | None], after: dict[str, float | None], judgement: str
) -> None:
    assert judgements(reported(**before), reported(**after)) == ["same", judgement]


@pytest.mark.parametrize(
    ("before", "after", "judgement"),
    [
        ("passed", "warned", "worse"),
        ("warned", "failed", "worse"),
        ("failed", "warned", "better"),
        ("passed", "passed", "same"),
    ],
)
def test_verdict_is_judged_by_its_order(before: str, after: str, judgement: str) -> None:
    assert judgements(reported(before), reported(after)) == [judgement]


def test_step_that_does_not_get_done_any_more_is_worse() -> None:
    assert judgements(reported(), None, "failed") == ["worse", "worse"]


def test_step_that_was_kept_is_not_compared() -> None:
    assert judgements(reported(accuracy=0.5), reported(accuracy=0.1), "kept") == []


def test_models_are_told_apart_by_their_turn() -> None:
    """Retraining gives the challenger another version; the champion stays the second."""

    def of(challenger: str, value: float) -> dict[str, Any]:
        metrics = [
            Metric(name="accuracy", value=value, model_version=challenger),
            Metric(name="accuracy", value=0.5, model_version="champion"),
        ]
        return Report(step="evaluate", metrics=metrics).model_dump(mode="json")

    assert judgements(of("a", 0.8), of("b", 0.6)) == ["same", "worse", "same"]


CHANGELOG = """# Changelog

Some words.

## [1.10.0] - 2026-03-01

- Ten.

### Fixed

- Eleven.

## 1.9.0 (2026-02-01)

- Nine.

## 1.0 (2026-01-01)

- One.
"""


def test_entries_are_those_after_one_version_until_another() -> None:
    found = entries_between(CHANGELOG, Version("1.0.0"), Version("1.10"))
    assert [entry.version for entry in found] == ["1.10.0", "1.9.0"]
    assert found[0].text == "- Ten.\n\n### Fixed\n\n- Eleven."
    assert entries_between("", Version("1"), Version("2")) == ()
