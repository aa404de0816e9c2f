"""The decision log: who is champion, and that two cannot decide at once."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from stepwell import (
    CorruptedError,
    Decision,
    DecisionConflict,
    DecisionLog,
    Metric,
    Pipeline,
    StoreError,
    decisions,
    step,
)
from stepwell._storage._store import Store


@pytest.fixture
def log(store: Store) -> DecisionLog:
    return DecisionLog(store, "credit")


def decided(log: DecisionLog, outcome: str, model: str | None = None) -> Decision:
    decision = Decision(name="credit", outcome=outcome, model=model)
    return log.append(decision, after=log.last_number())


def test_empty_log_has_no_champion(log: DecisionLog) -> None:
    assert (log.champion(), log.entries(), log.last_number()) == (None, [], 0)


def test_champion_is_the_last_that_was_promoted(log: DecisionLog) -> None:
    decided(log, "promoted", "first")
    decided(log, "promoted", "second")
    champion = log.champion()
    assert champion is not None
    assert (champion.model, champion.number) == ("second", 2)


@pytest.mark.parametrize("outcome", ["refused", "not_better", "undecided", "already_champion"])
def test_decision_that_crowns_nobody_leaves_the_champion(log: DecisionLog, outcome: str) -> None:
    decided(log, "promoted", "first")
    decided(log, outcome, "second")
    champion = log.champion()
    assert champion is not None
    assert champion.model == "first"


def test_champion_after_a_rollback_is_the_model_that_was_rolled_back_to(log: DecisionLog) -> None:
    decided(log, "promoted", "first")
    decided(log, "promoted", "second")
    decided(log, "rolled_back", "first")
    champion = log.champion()
    assert champion is not None
    assert (champion.model, champion.crowns) == ("first", True)


def test_of_two_that_decide_at_once_the_second_gets_a_conflict(store: Store) -> None:
    """(fault 54)"""
    first, second = DecisionLog(store, "credit"), DecisionLog(Store(store.url), "credit")
    read = first.last_number()
    assert second.last_number() == read
    first.append(Decision(name="credit", outcome="promoted", model="first"), after=read)
    with pytest.raises(DecisionConflict):
        second.append(Decision(name="credit", outcome="promoted", model="second"), after=read)
    champion = second.champion()
    assert champion is not None
    assert champion.model == "first"


def test_decision_comes_back_as_it_was_written(log: DecisionLog) -> None:
    decision = Decision(
        name="ignored: the log has a name",
        outcome="refused",
        reasons=("fairness failed",),
        metrics=(Metric(name="roc_auc", value=0.8, group={"sex": "female"}),),
        policy={"better_on": "roc_auc", "limits": [0.1, None]},
        at=datetime(2024, 5, 6, tzinfo=UTC),
    )
    written = log.append(decision, after=0)
    assert log.entries() == [written]
    filled = {"name": "credit", "number": 1, "previous": "0" * 64}
    assert written == decision.model_copy(update=filled)


def test_logs_of_two_names_are_apart(store: Store) -> None:
    decided(DecisionLog(store, "credit"), "promoted", "first")
    assert DecisionLog(store, "churn").champion() is None


def test_further_fields_are_kept(log: DecisionLog) -> None:
    known = {"format": "stepwell.decision/1", "name": "credit", "outcome": "promoted"}
    log.store.decisions("credit").append({**known, "approved_by": ["two", "people"]})
    [decision] = log.entries()
    assert decision.model_dump()["approved_by"] == ["two", "people"]


@pytest.mark.parametrize("outcome", ["retired", "promoted"])
def test_decision_that_only_a_newer_version_understands_is_not_guessed_at(
    outcome: str, log: DecisionLog
) -> None:
    """What looks as today's may mean something else tomorrow (fault 82)."""
    decided(log, "promoted", "first")
    newer = {"format": "stepwell.decision/2", "name": "credit", "outcome": outcome}
    log.store.decisions("credit").append(newer)
    with pytest.raises(StoreError, match=r"Entry 2 .* format 'stepwell.decision/2'.*--upgrade"):
        log.champion()
    assert log.verify().number == 2


PROMOTE = """
import sys
from stepwell import Decision, DecisionConflict, DecisionLog
from stepwell._storage._store import Store
log = DecisionLog(Store(sys.argv[1]), "credit")
promoted = 0
while promoted < int(sys.argv[3]):
    last, before = log.last_number(), log.champion()
    model = f"{sys.argv[2]}-{promoted}"
    decision = Decision(name="credit", outcome="promoted", model=model, version=last + 1,
        champion_before=before and before.model)
    try:
        log.append(decision, after=before.number if before else 0)
        promoted += 1
    except DecisionConflict:
        continue
"""


@pytest.mark.parametrize(
    ("deployers", "each"), [(3, 5), pytest.param(8, 25, marks=pytest.mark.soak)]
)
def test_deployers_at_once_lose_no_decision_and_there_is_one_champion_at_all_times(
    deployers: int, each: int, log: DecisionLog
) -> None:
    """(faults 54, 79)"""
    processes = [
        subprocess.Popen([sys.executable, "-c", PROMOTE, log.store.url, str(deployer), str(each)])
        for deployer in range(deployers)
    ]
    assert [process.wait(600) for process in processes] == [0] * deployers
    entries = log.entries()
    models = [entry.model for entry in entries]
    assert set(models) == {f"{d}-{n}" for d in range(deployers) for n in range(each)}
    assert [entry.champion_before for entry in entries] == [None, *models[:-1]]
    assert log.verify().number == deployers * each


def test_entry_that_is_no_decision_is_named(log: DecisionLog) -> None:
    wrong = {"format": "stepwell.decision/1", "name": "credit", "outcome": "crowned"}
    log.store.decisions("credit").append(wrong)
    with pytest.raises(CorruptedError, match="Entry 1 of the decision log is no decision"):
        log.champion()


def test_in_a_step_the_log_of_the_run_is_meant(store: Store) -> None:
    @step(effects=True)
    def promote(*, model: str) -> None:
        log = decisions("credit")
        log.append(Decision(name="credit", outcome="promoted", model=model), after=0)

    run = Pipeline("promotion", [promote(model="first")]).run(store=store)
    [decision] = DecisionLog(store, "credit").entries()
    assert (run.status, decision.run_id, decision.at is None) == ("succeeded", run.id, False)
    assert decision.pipeline == "promotion"


def test_alone_the_log_of_the_project_is_meant() -> None:
    log = decisions("credit")
    decided(log, "promoted", "first")
    assert log.store.url.endswith("/.stepwell")
    assert len(decisions("credit").entries()) == 1
