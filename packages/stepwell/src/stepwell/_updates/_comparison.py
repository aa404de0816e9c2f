"""What a trial made of a pipeline, beside its last run: better, the same, or worse.

Worse is: a step that got done and does not any more, a verdict that is worse, a metric that is
gone, or one that moved further than the tolerance and not towards the better. Which way is better
is told by words in the name of a metric; of one without such a word, every move is worse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

TOLERANCE = 0.01
"""How far a metric may move, as a part of what it was."""

Judgement = Literal["same", "better", "worse"]

_DONE = ("succeeded", "cached", "kept")
_VERDICTS = ("passed", "warned", "failed", "missing")
_LOWER = frozenset(
    ("difference", "deviation", "distance", "drift", "error", "loss", "brier", "mae", "mse", "rmse")
) | {"psi", "nulls", "missing", "outside"}
_HIGHER = frozenset(
    ("accuracy", "auc", "coverage", "f1", "kappa", "mcc", "precision", "r2", "ratio", "recall")
) | {"score", "sensitivity", "specificity"}


@dataclass(frozen=True)
class Compared:
    """One thing of a pipeline, before and in the trial."""

    what: str
    before: str | float | None
    after: str | float | None
    judgement: Judgement


def compared(
    record: Mapping[str, Any], trial: Mapping[str, Any], tolerance: float
) -> list[Compared]:
    """Steps that come to something else, then every verdict and metric that was made anew."""
    found = list(_steps(record, trial))
    for step in trial["steps"]:
        for name, before in record["reports"].items():
            if before["step"] == step["name"] and step["state"] != "kept":
                found += _report(name, before, trial["reports"].get(name), tolerance)
    return found


def _steps(record: Mapping[str, Any], trial: Mapping[str, Any]) -> Iterator[Compared]:
    before = {step["name"]: step["state"] for step in record["steps"]}
    for step in trial["steps"]:
        was, now = before.get(step["name"]), step["state"]
        if now in _DONE or was not in _DONE or _is_left_out(step):
            continue
        yield Compared(f"step {step['name']}", was, _state(step), "worse")


def _is_left_out(step: Mapping[str, Any]) -> bool:
    return step["state"] == "skipped" and "has effects" in str(step["reason"])


def _state(step: Mapping[str, Any]) -> str:
    return f"{step['state']}: {step['reason']}" if step["reason"] else str(step["state"])


def _report(
    name: str, before: Mapping[str, Any], after: Mapping[str, Any] | None, tolerance: float
) -> Iterator[Compared]:
    was, now = before["verdict"], after["verdict"] if after else "missing"
    yield Compared(f"{name}, verdict", was, now, _by_order(was, now))
    if after is None:
        return
    left, right = _metrics(before), _metrics(after)
    for key, value in left.items():
        yield Compared(
            f"{name}, {key}", value, right.get(key), _moved(key, value, right.get(key), tolerance)
        )


def _by_order(was: str, now: str) -> Judgement:
    change = _VERDICTS.index(now) - _VERDICTS.index(was)
    return "same" if change == 0 else "worse" if change > 0 else "better"


def _moved(name: str, was: float | None, now: float | None, tolerance: float) -> Judgement:
    if was is None:
        return "same" if now is None else "better"
    if now is None:
        return "worse"
    if abs(now - was) <= tolerance * abs(was) + 1e-12:
        return "same"
    towards = _direction(name.partition(",")[0])
    return "better" if towards is not None and (now > was) == towards else "worse"


def _direction(metric: str) -> bool | None:
    """Whether more of a metric is better; None if its name does not say so."""
    words = set(metric.lower().replace("-", "_").split("_"))
    if words & _LOWER:
        return False
    return True if words & _HIGHER else None


def _metrics(report: Mapping[str, Any]) -> dict[str, float | None]:
    """The metrics of a report; models are told apart by their turn, as retraining renames them."""
    turns: list[str] = []
    found = {}
    for metric in report["metrics"]:
        of = "".join(f", {key}={value}" for key, value in metric["group"].items())
        of += _turn(turns, "model", metric["model_version"])
        of += _turn(turns, "against", metric["against"])
        found[f"{metric['name']}{of}"] = metric["value"]
    return found


def _turn(turns: list[str], word: str, version: str | None) -> str:
    if version is None:
        return ""
    if version not in turns:
        turns.append(version)
    turn = turns.index(version)
    return f", {word} {turn + 1}" if turn or word == "against" else ""


def is_worse(found: Sequence[Compared]) -> bool:
    """Whether anything got worse."""
    return any(one.judgement == "worse" for one in found)
