import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell import Decision, DecisionLog, Finding, Model, Report
from stepwell.authoring import Store
from stepwell_deploy import Champion, Deploy, rollback
from stepwell_deploy._registry import follow_log
from stepwell_deploy._versions import LeftAlone, register
from stepwell_tracking import Mlflow

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own, which a helper ignores too

MakeModel = Callable[[str], Model]
MakeReport = Callable[..., Report]
NAME = "credit-risk"


@pytest.fixture
def mlflow(mlflow_store: Store) -> Mlflow:
    return Mlflow.connect(mlflow_store)


@pytest.fixture
def follow(log: DecisionLog, mlflow: Mlflow) -> Callable[[], list[Finding]]:
    """Lets the registry follow, in this process."""
    return lambda: follow_log(log, mlflow)


@pytest.fixture
def deploy(measured: MakeReport) -> Callable[..., None]:
    """Deploys a model of this quality against today's champion; the registry does not follow."""

    def run(challenger: Model, quality: float = 0.8, **fields: object) -> None:
        champion = Champion(name=NAME).run().champion
        values = {challenger.version: quality}
        if champion is not None:
            values[champion.version] = 0.7
        step = Deploy(name=NAME, registry=False, **fields)
        step.run(model=challenger, champion=champion, reports=[measured(values)])

    return run


def aliases(mlflow: Mlflow) -> dict[str, str]:
    """The word of the model that each alias points to."""
    pointed = mlflow.client.get_registered_model(NAME).aliases
    return {alias: word_of(mlflow, version) for alias, version in pointed.items()}


def word_of(mlflow: Mlflow, version: str) -> str:
    run_id = mlflow.client.get_model_version(NAME, version).run_id
    folder = Path(mlflow.store.url, "mlartifacts", run_id, "artifacts", "model")
    return Model.open(folder).read("word.txt").decode()


def test_aliases_follow_the_log(
    model: MakeModel,
    deploy: Callable[..., None],
    follow: Callable[[], list[Finding]],
    mlflow: Mlflow,
) -> None:
    steps = []
    for word, quality in (("first", 0.7), ("second", 0.8), ("weak", 0.6), ("third", 0.8)):
        deploy(model(word), quality)
        assert follow() == []
        steps.append(aliases(mlflow))

    assert steps == [
        {"champion": "first"},
        {"champion": "second", "previous": "first"},
        {"champion": "second", "previous": "first", "challenger": "weak"},
        {"champion": "third", "previous": "second"},
    ]


def test_registered_version_tells_its_decision(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    first = model("first")
    deploy(first)
    follow()

    version = mlflow.client.get_model_version_by_alias(NAME, "champion")
    assert version.tags["stepwell.fingerprint"] == first.fingerprint
    assert version.tags["stepwell.decision"] == "1"
    assert version.description == "Decision 1: promoted. There is no champion yet."
    assert version.source == f"runs:/{version.run_id}/model"


def test_rollback_is_followed_too(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    deploy(model("first"))
    deploy(model("second"))
    follow()

    done = rollback(NAME, reason="complaints")

    assert done.report.verdict == "passed"
    assert aliases(mlflow) == {"champion": "first"}


def words_of_versions(mlflow: Mlflow) -> list[str]:
    found = mlflow.client.search_model_versions(f"name = '{NAME}'")
    return [word_of(mlflow, number) for number in sorted(version.version for version in found)]


def test_registry_that_missed_decisions_catches_up_with_every_promotion(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    for word, quality in (("first", 0.8), ("weak", 0.6), ("second", 0.8), ("third", 0.8)):
        deploy(model(word), quality)

    assert follow() == []

    assert words_of_versions(mlflow) == ["first", "second", "third"]
    assert aliases(mlflow) == {"champion": "third", "previous": "second"}


def test_early_model_without_files_keeps_no_later_one_out(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    lost = model("first")
    for challenger in (lost, model("second"), model("third")):
        deploy(challenger)
    mlflow.store.files.delete(f"blobs/{lost.fingerprint[:2]}/{lost.fingerprint[2:]}")

    follow()

    assert words_of_versions(mlflow) == ["second", "third"]
    assert aliases(mlflow) == {"champion": "third", "previous": "second"}


def test_decision_registered_by_two_machines_keeps_its_first_version(
    model: MakeModel,
    deploy: Callable[..., None],
    follow: Callable[[], list[Finding]],
    log: DecisionLog,
    mlflow: Mlflow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """(fault 53)"""
    deploy(model("first"))

    def as_others_do(*arguments: object) -> None:
        register(*arguments)
        register(*arguments)

    monkeypatch.setattr("stepwell_deploy._registry.register", as_others_do)

    assert follow() == []
    assert words_of_versions(mlflow) == ["first"]
    assert mlflow.client.get_registered_model(NAME).aliases == {"champion": 1}


def test_alias_set_by_a_follower_that_died_is_not_taken_for_one_moved_by_hand(
    model: MakeModel,
    deploy: Callable[..., None],
    follow: Callable[[], list[Finding]],
    mlflow: Mlflow,
) -> None:
    """(fault 55)"""
    deploy(model("first"))
    follow()
    before = mlflow.store.files.read("registry/credit-risk.json")
    deploy(model("second"))
    follow()
    mlflow.store.files.write("registry/credit-risk.json", before)
    deploy(model("third"))

    assert follow() == []
    assert aliases(mlflow) == {"champion": "third", "previous": "second"}


def test_registered_model_of_another_log_is_left_alone(
    model: MakeModel,
    deploy: Callable[..., None],
    follow: Callable[[], object],
    mlflow: Mlflow,
    tmp_path: Path,
) -> None:
    deploy(model("first"))
    follow()
    other = DecisionLog(Store(tmp_path / "other"), NAME)
    other.append(Decision(name=NAME, outcome="promoted", model="0" * 64, version=1), after=0)

    with pytest.raises(LeftAlone, match=r"follows the decision log of another store, so nothing"):
        follow_log(other, mlflow)

    assert aliases(mlflow) == {"champion": "first"}


def test_registry_that_is_ahead_of_the_log_is_left_alone(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    for word in ("first", "second"):
        deploy(model(word))
    follow()
    mlflow.store.files.delete(f"decisions/{NAME}/00000002.json")  # as an older backup would

    with pytest.raises(LeftAlone, match=r"knows decision 2 of 'credit-risk', and the log ends w"):
        follow()

    assert aliases(mlflow) == {"champion": "second", "previous": "first"}


def test_following_twice_registers_nothing_twice(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    """(fault 55)"""
    deploy(model("first"))
    follow()
    mlflow.store.files.delete("registry/credit-risk.json")  # a crash before the end

    follow()

    assert len(mlflow.client.search_model_versions(f"name = '{NAME}'")) == 1


def test_crash_between_registering_and_pointing_is_mended(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    """(fault 55)"""
    deploy(model("first"))
    follow()
    deploy(model("second"))
    before = mlflow.store.files.read("registry/credit-risk.json")
    follow()
    mlflow.client.set_registered_model_alias(NAME, "champion", "1")
    mlflow.client.delete_registered_model_alias(NAME, "previous")
    mlflow.store.files.write("registry/credit-risk.json", before)

    assert follow() == []
    assert aliases(mlflow) == {"champion": "second", "previous": "first"}


@pytest.mark.parametrize(
    ("move", "told"),
    [
        (
            lambda client: client.set_registered_model_alias(NAME, "champion", "1"),
            "MLflow's alias 'champion' of 'credit-risk' stood at version 1, as no decision says; "
            "it was put back to version 2.",
        ),
        (
            lambda client: client.delete_registered_model_alias(NAME, "previous"),
            "MLflow's alias 'previous' of 'credit-risk' was gone, as no decision says; "
            "it was put back to version 1.",
        ),
        (
            lambda client: client.set_registered_model_alias(NAME, "challenger", "1"),
            "MLflow's alias 'challenger' of 'credit-risk' stood at version 1, as no decision says; "
            "it was taken away.",
        ),
    ],
)
def test_alias_moved_by_hand_is_reported_and_put_back(
    model: MakeModel,
    deploy: Callable[..., None],
    follow: Callable[[], list[Finding]],
    mlflow: Mlflow,
    move: Callable[[object], None],
    told: str,
) -> None:
    deploy(model("first"))
    deploy(model("second"))
    follow()
    move(mlflow.client)

    findings = follow()

    assert [(finding.verdict, finding.message) for finding in findings] == [("warned", told)]
    assert aliases(mlflow) == {"champion": "second", "previous": "first"}


def test_version_deleted_by_hand_is_registered_again(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    deploy(model("first"))
    follow()
    mlflow.client.delete_model_version(NAME, "1")

    follow()

    assert aliases(mlflow) == {"champion": "first"}


def test_versions_of_other_tools_are_left_alone(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    mlflow.client.create_registered_model(NAME)
    run = mlflow.client.create_run(mlflow.experiment("notebook"))
    source = f"runs:/{run.info.run_id}/model"
    mlflow.client.create_model_version(NAME, source, run.info.run_id)
    mlflow.client.set_registered_model_alias(NAME, "mine", "1")

    deploy(model("first"))
    follow()

    assert mlflow.client.get_registered_model(NAME).aliases == {"mine": 1, "champion": 2}


def test_decision_made_while_another_is_followed_is_followed_too(
    model: MakeModel,
    deploy: Callable[..., None],
    log: DecisionLog,
    mlflow: Mlflow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from stepwell_deploy import _registry

    point = _registry._point

    def meanwhile(*arguments: object) -> object:
        monkeypatch.setattr(_registry, "_point", point)
        pointed = point(*arguments)
        deploy(model("second"))
        return pointed

    deploy(model("first"))
    monkeypatch.setattr(_registry, "_point", meanwhile)

    assert follow_log(log, mlflow) == []
    assert aliases(mlflow) == {"champion": "second", "previous": "first"}


def test_what_the_registry_followed_is_noted_without_its_address(
    model: MakeModel, deploy: Callable[..., None], follow: Callable[[], object], mlflow: Mlflow
) -> None:
    """(fault 25)"""
    deploy(model("first"))
    follow()

    noted = json.loads(mlflow.store.files.read("registry/credit-risk.json"))
    assert noted["number"] == 1
    assert "sqlite" not in json.dumps(noted)
