from collections.abc import Callable

import pytest

from stepwell import ConfigurationError, CorruptedError, DecisionLog, Model, Report, StoreError
from stepwell_deploy import Champion, Deploy, rollback

MakeModel = Callable[[str], Model]


@pytest.fixture
def champions(model: MakeModel, measured: Callable[..., Report]) -> list[Model]:
    """Three models that were champion one after the other."""
    models = [model(word) for word in ("first", "second", "third")]
    step = Deploy(name="credit-risk", registry=False)
    champion = None
    for quality, challenger in enumerate(models):
        values = {challenger.version: 0.7 + quality / 100}
        if champion is not None:
            values[champion.version] = 0.6 + quality / 100
        step.run(model=challenger, champion=champion, reports=[measured(values)])
        champion = challenger
    return models


@pytest.fixture(autouse=True)
def without_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow is not there: the registry lags, and nothing is waited for."""
    monkeypatch.setenv("STEPWELL_TRACKING_URI", "http://127.0.0.1:9")


def test_rollback_restores_the_champion_before(champions: list[Model], log: DecisionLog) -> None:
    done = rollback("credit-risk", reason="complaints", patience=0.01)

    assert (done.decision.outcome, done.decision.version) == ("rolled_back", 2)
    assert done.decision.reasons == ("complaints",)
    assert done.decision.champion_before == champions[2].fingerprint
    assert Champion(name="credit-risk").run().champion.fingerprint == champions[1].fingerprint


def test_second_rollback_goes_one_further_back(champions: list[Model], log: DecisionLog) -> None:
    rollback("credit-risk", reason="complaints", patience=0.01)
    rollback("credit-risk", reason="more complaints", patience=0.01)

    assert log.champion().model == champions[0].fingerprint
    with pytest.raises(ConfigurationError, match="no earlier champion to go back to"):
        rollback("credit-risk", reason="even more", patience=0.01)


def test_rollback_to_a_version(champions: list[Model], log: DecisionLog) -> None:
    rollback("credit-risk", reason="complaints", to=1, patience=0.01)

    assert log.champion().version == 1


def test_versions_go_on_after_a_rollback(
    champions: list[Model], model: MakeModel, measured: Callable[..., Report]
) -> None:
    rollback("credit-risk", reason="complaints", patience=0.01)
    fourth, second = model("fourth"), champions[1]

    report = measured({fourth.version: 0.9, second.version: 0.7})
    step = Deploy(name="credit-risk", registry=False)
    done = step.run(model=fourth, champion=second, reports=[report])

    assert (done.decision.outcome, done.decision.version) == ("promoted", 4)


def test_rollback_to_a_lost_model_changes_nothing(champions: list[Model], log: DecisionLog) -> None:
    """(fault 58)"""
    digest = champions[1].description.files["word.txt"]
    log.store.files.delete(f"blobs/{digest[:2]}/{digest[2:]}")

    with pytest.raises(StoreError, match="has no blob"):
        rollback("credit-risk", reason="complaints", patience=0.01)

    assert log.champion().version == 3


def test_rollback_to_a_damaged_model_changes_nothing(
    champions: list[Model], log: DecisionLog
) -> None:
    """(fault 58)"""
    digest = champions[1].description.files["word.txt"]
    log.store.files.write(f"blobs/{digest[:2]}/{digest[2:]}", b"other")

    with pytest.raises(CorruptedError, match="was changed"):
        rollback("credit-risk", reason="complaints", patience=0.01)

    assert log.champion().version == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"reason": " "}, "A rollback needs a reason"),
        ({"reason": "x", "to": 3}, "no earlier champion with version 3. Earlier: 1, 2."),
        ({"reason": "x", "to": 9}, "no earlier champion with version 9. Earlier: 1, 2."),
    ],
)
def test_wrong_rollback_is_explained(
    champions: list[Model], arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        rollback("credit-risk", **arguments)

    assert message in str(raised.value)


def test_rollback_of_a_model_that_nobody_deployed_is_explained() -> None:
    with pytest.raises(ConfigurationError, match="'churn' has no earlier champion"):
        rollback("churn", reason="complaints")
