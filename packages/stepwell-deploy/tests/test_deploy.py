from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stepwell import ConfigurationError, DecisionLog, Finding, Metric, Model, Report
from stepwell_deploy import Champion, Deploy, Deployed

MakeModel = Callable[[str], Model]
MakeReport = Callable[..., Report]

PASSED = Report(step="fairness", verdict="passed")


def deploy(
    model: Model | None, champion: Model | None, *reports: Report, **fields: object
) -> Deployed:
    step = Deploy(**{"name": "credit-risk", "registry": False, **fields})
    return step.run(model=model, champion=champion, reports=list(reports))


def against_champion(model: Model, champion: Model, **difference: object) -> Report:
    fields = {"name": "roc_auc", "model_version": model.version, "rows": 250}
    own = Metric(**fields, value=0.80)
    paired = Metric(**{**fields, "against": champion.version, **difference})
    return Report(step="evaluate", metrics=(own, paired))


def test_first_model_is_promoted_when_every_report_passed(
    model: MakeModel, log: DecisionLog
) -> None:
    first = model("first")

    done = deploy(first, None, PASSED)

    assert (done.decision.outcome, done.decision.version) == ("promoted", 1)
    assert (done.decision.model, done.decision.number) == (first.fingerprint, 1)
    assert done.report.verdict == "passed"
    assert log.champion() == done.decision


def test_better_challenger_takes_over(
    model: MakeModel, measured: MakeReport, log: DecisionLog
) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)

    done = deploy(second, first, measured({second.version: 0.80, first.version: 0.75}))

    assert (done.decision.outcome, done.decision.version) == ("promoted", 2)
    assert done.decision.champion_before == first.fingerprint
    assert done.decision.reasons == (
        "The challenger is better: roc_auc 0.8 against 0.75 gains +0.05 on 250 rows, "
        "and the value must gain more than nothing.",
    )
    assert Champion(name="credit-risk").run().champion.fingerprint == second.fingerprint


@pytest.mark.parametrize(
    ("challenger", "champion", "by", "outcome"),
    [
        (0.80, 0.75, 0.05, "promoted"),
        (0.30, 0.25, 0.05, "promoted"),
        (0.80, 0.75, 0.06, "not_better"),
        (0.75, 0.75, 0.0, "not_better"),
        (0.70, 0.75, 0.0, "not_better"),
        (None, 0.75, 0.0, "undecided"),
        (float("nan"), 0.75, 0.0, "undecided"),
        (0.80, None, 0.0, "undecided"),
    ],
)
def test_only_a_real_improvement_wins(
    model: MakeModel,
    measured: MakeReport,
    challenger: float | None,
    champion: float | None,
    by: float,
    outcome: str,
) -> None:
    """A tie keeps the champion, and a metric that is NaN or absent is never better (fault 60)."""
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)

    report = measured({second.version: challenger, first.version: champion})
    done = deploy(second, first, report, by=by)

    assert done.decision.outcome == outcome
    assert done.report.verdict == ("passed" if outcome == "promoted" else "warned")


@pytest.mark.parametrize(
    ("metrics", "reason"),
    [
        ({}, "No report holds roc_auc of the challenger."),
        ({"second": 0.8}, "No report holds roc_auc of the champion."),
        ({"second": 0.8, "first": 0.7, "rows": 29}, "was measured on 29 rows; 30 is the least"),
        ({"second": 0.8, "first": 0.7, "rows": None}, "does not say on how many rows"),
    ],
)
def test_comparison_that_cannot_be_made_is_undecided(
    model: MakeModel, measured: MakeReport, metrics: dict[str, float], reason: str
) -> None:
    """(fault 60)"""
    models = {word: model(word) for word in ("first", "second")}
    deploy(models["first"], None, PASSED)
    rows = metrics.pop("rows", 250)
    values = {models[word].version: value for word, value in metrics.items()}

    done = deploy(models["second"], models["first"], measured(values, rows=rows))

    assert done.decision.outcome == "undecided"
    assert reason in done.decision.reasons[0]


def test_models_measured_on_different_rows_are_not_compared(model: MakeModel) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    metrics = (
        Metric(name="roc_auc", value=0.9, rows=100, model_version=second.version),
        Metric(name="roc_auc", value=0.8, rows=250, model_version=first.version),
    )

    done = deploy(second, first, Report(step="evaluate", metrics=metrics))

    assert done.decision.outcome == "undecided"
    assert "100 rows of the challenger and 250 of the champion" in done.decision.reasons[0]


def test_paired_difference_counts_before_the_separate_values(model: MakeModel) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)

    done = deploy(second, first, against_champion(second, first, value=-0.01))

    assert done.decision.outcome == "not_better"
    assert [metric.against for metric in done.decision.metrics] == [None, first.version]


def test_decision_holds_both_numbers_when_the_report_tells_only_the_difference(
    model: MakeModel,
) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    numbers = {"challenger": 0.79, "champion": 0.75}

    report = against_champion(second, first, value=0.04, details=numbers)
    done = deploy(second, first, report)

    told = {
        metric.model_version: metric.value for metric in done.decision.metrics if not metric.against
    }
    assert told == {second.version: 0.80, first.version: 0.75}
    assert "roc_auc 0.79 against 0.75 gains +0.04" in done.decision.reasons[0]


def test_reason_of_a_missing_number_is_passed_on(model: MakeModel) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    reason = {"reason": "they share 12 labelled rows"}

    done = deploy(second, first, against_champion(second, first, value=None, details=reason))

    assert done.decision.outcome == "undecided"
    assert done.decision.reasons[0].endswith("in roc_auc: they share 12 labelled rows.")


@pytest.mark.parametrize(
    ("low", "high", "by", "outcome"),
    [
        (0.01, 0.05, 0.0, "promoted"),
        (0.01, 0.05, 0.02, "undecided"),
        (-0.01, 0.05, 0.0, "undecided"),
        (-0.05, -0.01, 0.0, "not_better"),
        (None, None, 0.0, "undecided"),
    ],
)
def test_interval_gate_wants_the_whole_interval(
    model: MakeModel, low: float | None, high: float | None, by: float, outcome: str
) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)

    report = against_champion(second, first, value=0.02, low=low, high=high)
    done = deploy(second, first, report, gate="interval", by=by)

    assert done.decision.outcome == outcome


def test_lower_is_better_for_a_loss(model: MakeModel) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    fields = {"name": "log_loss", "rows": 250, "model_version": second.version}
    metrics = (
        Metric(**fields, value=0.4),
        Metric(**fields, value=-0.1, low=-0.15, high=-0.05, against=first.version),
    )

    report = Report(step="evaluate", metrics=metrics)
    done = deploy(second, first, report, better_on="log_loss", gate="interval", by=0.05)

    assert done.decision.outcome == "promoted"
    assert "gains +0.1 (+0.05 to +0.15) on 250 rows" in done.decision.reasons[0]


def test_metric_of_several_reports_has_to_be_named_with_its_step(
    model: MakeModel, measured: MakeReport
) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    reports = [
        measured({second.version: 0.8, first.version: 0.7}, step=step)
        for step in ("evaluate", "evaluate_again")
    ]

    unnamed = deploy(second, first, *reports)
    named = deploy(
        second,
        first,
        *reports,
        better_on="evaluate.roc_auc",
        policy_change="the metric was not named",
    )

    assert unnamed.decision.reasons == (
        "Several reports measured roc_auc (evaluate, evaluate_again): "
        "write better_on='evaluate.roc_auc'.",
    )
    assert named.decision.outcome == "promoted"


def test_report_that_compares_both_models_decides_over_one_that_measures_them(
    model: MakeModel,
) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    alone = Metric(name="roc_auc", value=0.1, rows=250, model_version=second.version)
    monitored = Report(step="performance", metrics=(alone,))

    done = deploy(second, first, monitored, against_champion(second, first, value=0.1))

    assert done.decision.outcome == "promoted"


def test_failed_report_refuses_the_model_and_says_why(
    model: MakeModel, log: DecisionLog, measured: MakeReport
) -> None:
    """Production stays as it was, and the decision says why (fault 57)."""
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    finding = Finding(check="equal_opportunity", verdict="failed", message="Too large: 0.14.")
    unfair = Report(step="fairness", findings=(finding,))

    done = deploy(second, first, measured({second.version: 0.9, first.version: 0.7}), unfair)

    assert done.decision.outcome == "refused"
    assert done.decision.reasons == ("Report 'fairness' failed: Too large: 0.14.",)
    assert done.decision.reports["fairness"].verdict == "failed"
    assert [metric.value for metric in done.decision.metrics] == [0.9, 0.7]
    assert done.report.verdict == "failed"
    assert log.champion().model == first.fingerprint


@pytest.mark.parametrize(
    ("reports", "reason"),
    [
        ([], "No report arrived"),
        ([Report(step="evaluate", verdict="missing")], "Report 'evaluate' is missing"),
    ],
)
def test_model_that_was_not_checked_is_refused(
    model: MakeModel, reports: list[Report], reason: str
) -> None:
    done = deploy(model("first"), None, *reports)

    assert done.decision.outcome == "refused"
    assert reason in done.decision.reasons[0]


def test_warning_passes_unless_strict(model: MakeModel) -> None:
    warned = Report(step="train", verdict="warned")

    strict = deploy(model("first"), None, warned, strict=True)
    lenient = deploy(model("other"), None, warned)

    assert strict.decision.outcome == "refused"
    assert lenient.decision.outcome == "promoted"


def test_missing_model_is_refused_and_recorded(log: DecisionLog) -> None:
    done = deploy(None, None, PASSED)

    assert done.decision.outcome == "refused"
    assert "There is no model" in done.decision.reasons[0]
    assert [entry.outcome for entry in log.entries()] == ["refused"]


def test_champion_deployed_again_changes_nothing(model: MakeModel, log: DecisionLog) -> None:
    """(fault 56)"""
    first = model("first")
    deploy(first, None, PASSED)

    again = deploy(first, first, PASSED)

    assert again.decision.outcome == "already_champion"
    assert again.decision.number is None
    assert again.report.verdict == "passed"
    assert len(log.entries()) == 1


def test_champion_that_changed_since_the_comparison_is_a_conflict(
    model: MakeModel, measured: MakeReport, log: DecisionLog
) -> None:
    """(fault 54)"""
    first, second, third = model("first"), model("second"), model("third")
    deploy(first, None, PASSED)
    deploy(second, first, measured({second.version: 0.8, first.version: 0.7}))

    done = deploy(third, first, measured({third.version: 0.9, first.version: 0.7}))

    assert done.decision.outcome == "refused"
    assert done.decision.reasons[0].startswith("Conflict, compare again: the champion of")
    assert log.champion().model == second.fingerprint


def test_missing_comparison_with_an_existing_champion_is_a_conflict(
    model: MakeModel, log: DecisionLog
) -> None:
    """A champion that could not be fetched is not "no champion" (fault 54)."""
    deploy(model("first"), None, PASSED)

    done = deploy(model("second"), None, PASSED)

    assert done.decision.outcome == "refused"
    assert "this model was compared with no champion" in done.decision.reasons[0]


def test_policy_edited_after_the_result_is_refused(model: MakeModel, measured: MakeReport) -> None:
    """(fault 61)"""
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    report = measured({second.version: 0.76, first.version: 0.75})
    deploy(second, first, report, by=0.02)

    edited = [deploy(second, first, report, by=0.01).decision for _ in range(2)]
    explained = deploy(second, first, report, by=0.01, policy_change="the holdout doubled")

    assert [decision.outcome for decision in edited] == ["refused", "refused"]
    assert "The policy was edited (by) after decision 2" in edited[0].reasons[0]
    assert explained.decision.outcome == "promoted"
    assert explained.decision.reasons[-1].endswith("the holdout doubled")


@pytest.mark.parametrize(
    ("second_look", "outcome", "reason"),
    [
        ([("fairness", "passed", 0.12)], "refused", "limits of 'fairness' were edited on the same"),
        ([("evaluate", "passed", 0.9)], "refused", "'fairness', which had failed, was left out"),
        ([("fairness", "passed", 0.04)], "promoted", "no champion yet"),
    ],
    ids=["limit edited", "check left out", "measured again"],
)
def test_limits_of_checks_edited_after_the_result_are_refused(
    model: MakeModel, second_look: list[tuple[Any, Any, float]], outcome: str, reason: str
) -> None:
    """(fault 61)"""

    def report(step: str, verdict: Any, value: float) -> Report:
        metric = Metric(name="equal_opportunity_difference", value=value)
        return Report(step=step, verdict=verdict, metrics=(metric,))

    deploy(model("first"), None, report("fairness", "failed", 0.12))
    again = [report(*look) for look in second_look]

    done = deploy(model("first"), None, *again)
    explained = deploy(model("first"), None, *again, policy_change="the board allows 0.15")

    assert (done.decision.outcome, explained.decision.outcome != "refused") == (outcome, True)
    assert reason in done.decision.reasons[0]


def test_model_that_does_not_load_is_refused_without_quoting_its_error(
    model: MakeModel, log: DecisionLog
) -> None:
    """(fault 57)"""
    done = deploy(model("broken"), None, PASSED)

    assert done.decision.outcome == "refused"
    assert done.decision.reasons == ("The model does not load: Loading it raised ValueError.",)
    assert "cell of data" not in done.report.model_dump_json()
    assert log.champion() is None


def test_model_with_damaged_files_is_refused(model: MakeModel, log: DecisionLog) -> None:
    """(fault 57)"""
    first = model("first")
    stored = log.store.get(log.store.put(first), "model")
    log.store.files.write(blob_of(first), b"other")

    done = deploy(stored, None, PASSED)

    assert done.decision.outcome == "refused"
    assert "was changed" in done.decision.reasons[0]


def test_lost_way_back_is_told_at_promotion(
    model: MakeModel, measured: MakeReport, log: DecisionLog
) -> None:
    """(fault 58)"""
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    log.store.files.delete(blob_of(first))

    better = measured({second.version: 0.8, first.version: 0.7})
    done = deploy(second, first, better)

    [way_back] = [one for one in done.report.findings if one.check == "way back"]
    assert done.decision.outcome == "promoted"
    assert way_back.verdict == "warned"
    assert "A rollback would not work" in way_back.message


def test_lost_way_back_is_an_objection_when_strict(
    model: MakeModel, measured: MakeReport, log: DecisionLog
) -> None:
    """(fault 58)"""
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    log.store.files.delete(blob_of(first))

    better = measured({second.version: 0.8, first.version: 0.7})
    done = deploy(second, first, better, strict=True)

    assert done.decision.outcome == "refused"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"better_on": "roc_acu"}, "Did you mean 'roc_auc'? Otherwise add higher_is_better=True"),
        ({"better_on": "profit"}, "it is not known whether more of 'profit' is better"),
        ({"by": -0.1}, "Deploy, field 'by'"),
        ({"by": float("nan")}, "Deploy, field 'by'"),
        ({"gate": "feeling"}, "Deploy, field 'gate'"),
        ({"least_rows": 0}, "Deploy, field 'least_rows'"),
        ({"policy_change": ""}, "Deploy, field 'policy_change'"),
        ({"nmae": "x"}, "Did you mean 'name'?"),
    ],
)
def test_wrong_configuration_is_named(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Deploy(**{"name": "credit-risk", **fields})

    assert message in str(raised.value)


@pytest.mark.parametrize("name", ["..", "a/b", "a\\b", "con", "a\0b", "%2e%2e"])
def test_name_that_is_no_plain_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name of a model"):
        Deploy(name=name, registry=False).run(model=None, champion=None, reports=[])


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"better_on": "f1_macro"}, "promoted"),
        ({"better_on": "neg_log_loss"}, "promoted"),
        ({"better_on": "profit", "higher_is_better": True}, "promoted"),
        ({"better_on": "brier_score"}, "not_better"),
        ({"better_on": "root_mean_squared_error"}, "not_better"),
        ({"better_on": "effort", "higher_is_better": False}, "not_better"),
    ],
)
def test_more_is_better_or_worse_by_metric(
    model: MakeModel, fields: dict[str, object], outcome: str
) -> None:
    first, second = model("first"), model("second")
    deploy(first, None, PASSED)
    metrics = tuple(
        Metric(name=fields["better_on"], value=value, rows=250, model_version=version)
        for version, value in ((second.version, 0.3), (first.version, 0.2))
    )

    done = deploy(second, first, Report(step="evaluate", metrics=metrics), **fields)

    assert done.decision.outcome == outcome


def test_one_of_many_deployers_at_once_wins(
    model: MakeModel, measured: MakeReport, log: DecisionLog
) -> None:
    """(fault 54)"""
    first = model("first")
    challengers = [model(f"challenger {number}") for number in range(8)]
    deploy(first, None, PASSED)

    def challenge(challenger: Model) -> str:
        report = measured({challenger.version: 0.8, first.version: 0.7})
        return deploy(challenger, first, report).decision.outcome

    with ThreadPoolExecutor(len(challengers)) as pool:
        outcomes = list(pool.map(challenge, challengers))

    assert sorted(outcomes) == ["promoted"] + ["refused"] * 7
    assert [entry.number for entry in log.entries()] == list(range(1, 10))
    log.verify()


def blob_of(model: Model) -> str:
    digest = model.description.files["word.txt"]
    return f"blobs/{digest[:2]}/{digest[2:]}"
