import sys
from collections.abc import Callable

import pytest

from stepwell import DecisionLog, Metric, Model, ModelDescription, Pipeline, Report, step
from stepwell_deploy import Champion, Deploy

QUALITY = {"weak": 0.7, "strong": 0.8}


@step
def train(*, word: str = "weak") -> Model:
    return Model.from_files(ModelDescription(format="words"), {"word.txt": word.encode()})


@step
def evaluate(model: Model, champion: Model | None, *, fair: bool = True) -> Report:
    metrics = [
        Metric(name="roc_auc", value=QUALITY[one.load()], rows=250, model_version=one.version)
        for one in (model, champion)
        if one is not None
    ]
    return Report(verdict="passed" if fair else "failed", metrics=tuple(metrics))


@step
def unreadable() -> Model:
    raise RuntimeError("a cell")


def credit(word: str, *, fair: bool = True) -> Pipeline:
    steps = [
        train(word=word),
        Champion(name="credit-risk"),
        evaluate(fair=fair),
        Deploy(name="credit-risk", registry=False),
    ]
    return Pipeline("credit", steps)


def test_models_take_over_from_run_to_run(log: DecisionLog) -> None:
    runs = [credit(word).run() for word in ("weak", "strong", "weak")]

    assert [run["decision"]["outcome"] for run in runs] == ["promoted", "promoted", "not_better"]
    assert [entry.run_id for entry in log.entries()] == [run.id for run in runs]
    assert [run.status for run in runs] == ["succeeded"] * 3


def test_refusal_blocks_the_run_and_leaves_production_as_it_was(log: DecisionLog) -> None:
    first = credit("weak").run()

    run = credit("strong", fair=False).run()

    assert run.status == "blocked"
    assert run["decision"]["reasons"] == ["Report 'evaluate' failed."]
    assert log.champion().model == first["decision"]["model"]


def test_blocked_model_reaches_deploy_as_none(log: DecisionLog) -> None:
    steps = [unreadable(), Champion(name="credit-risk"), Deploy(name="credit-risk", registry=False)]

    run = Pipeline("credit", steps).run()

    assert run["decision"]["outcome"] == "refused"
    assert [entry.model for entry in log.entries()] == [None]


def test_rerun_takes_the_champion_from_the_cache_and_keeps_it(
    log: DecisionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    credit("weak").run()
    credit("weak").run()
    monkeypatch.setitem(sys.modules, "mlflow", None)  # importing it is an error from here on

    run = credit("weak").run()

    states = {one.name: one.state for one in run.steps}
    assert states == {
        "train": "cached",
        "champion": "cached",
        "evaluate": "cached",
        "deploy": "succeeded",
    }
    assert run["decision"]["outcome"] == "already_champion"
    assert len(log.entries()) == 1


def test_champion_is_read_again_once_it_has_changed(log: DecisionLog) -> None:
    credit("weak").run()
    before = Champion(name="credit-risk").external_state()
    credit("strong").run()

    assert before != Champion(name="credit-risk").external_state() == log.champion().model


def test_asking_again_in_the_same_run_gives_the_same_answer(
    model: Callable[[str], Model], log: DecisionLog
) -> None:
    """(fault 56)"""
    run = Pipeline("credit", [train(), Champion(name="credit-risk"), evaluate(), *twice()]).run()

    first, second = run["decision"], run["again"]
    assert first == second
    assert first["outcome"] == "promoted"
    assert len(log.entries()) == 1


def twice() -> list[object]:
    from stepwell import place

    deploy = Deploy(name="credit-risk", registry=False)
    return [deploy, place(deploy, name="deploy_again", outputs={"decision": "again"})]


@pytest.mark.parametrize("damage", ["folder", "not json"])
def test_damaged_log_is_an_error_and_not_an_empty_one(damage: str, log: DecisionLog) -> None:
    credit("weak").run()
    log.store.files.write(
        "decisions/credit-risk/00000001.json", b"[]" if damage == "folder" else b"{"
    )

    run = credit("strong").run()

    assert run.status == "failed"
    assert "was changed or damaged" in run.step("champion").reason
