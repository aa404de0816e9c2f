"""Recognisers of the user's own, and Presidio's engine."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset
from stepwell_pii_scan import Allowance, OwnRecogniser, PiiScan

USUAL: dict[str, Any] = {
    "entity": "CUSTOMER_NUMBER",
    "pattern": r"\bK-[0-9]{6}\b",
    "examples": ["customer K-471108"],
    "counterexamples": ["K-4711"],
}


def own(**fields: Any) -> OwnRecogniser:
    return OwnRecogniser(**{**USUAL, **fields})


def test_own_recogniser_finds_and_masks() -> None:
    frame = pl.DataFrame({"note": ["see K-471108 and K-471109", "x"]})
    done = PiiScan(on_finding="mask", recognisers=[own()]).run(data=Dataset.of(frame))
    assert done.data.to_polars()["note"].to_list() == [
        "see <CUSTOMER_NUMBER> and <CUSTOMER_NUMBER>",
        "x",
    ]
    assert done.report.verdict == "passed"


def test_check_of_stdnum_makes_what_fails_it_suspect_beside_its_context() -> None:
    number = own(
        pattern=r"\b[0-9]{8}\b",
        check="luhn",
        context=["Loyalty"],
        examples=["12345674"],
        counterexamples=["12345675"],
    )
    frame = pl.DataFrame({"note": ["12345674", "12345675", "loyalty 12345675"]})
    [certain_] = PiiScan(recognisers=[number]).run(data=Dataset.of(frame)).report.findings
    assert (certain_.check, certain_.details["evidence"]) == (
        "CUSTOMER_NUMBER",
        ("contents", "suspect"),
    )
    assert certain_.details["first_rows"] == (0,)


def test_own_entity_can_be_allowed_and_is_told_in_the_report() -> None:
    allowed = {"reason": "asked", "owner": "x", "expires": "9999-01-01"}
    step = PiiScan(
        recognisers=[own()],
        allow=[Allowance(column="note", entity="CUSTOMER_NUMBER", **allowed)],
    )
    report = step.run(data=Dataset.of(pl.DataFrame({"note": ["K-471108"]}))).report
    assert report.verdict == "passed"
    assert "CUSTOMER_NUMBER" in report.details["entities"]


def test_own_recogniser_is_json() -> None:
    step = PiiScan(recognisers=[own(context=["x"])])
    assert PiiScan.model_validate_json(step.model_dump_json()) == step


def test_numbers_are_scanned_with_own_recognisers() -> None:
    number = own(pattern=r"\b77[0-9]{4}\b", examples=["771234"], counterexamples=["78"])
    frame = pl.DataFrame({"amount": [771234, 5]})
    report = PiiScan(recognisers=[number]).run(data=Dataset.of(frame)).report
    assert [finding.check for finding in report.findings] == ["CUSTOMER_NUMBER"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pattern": r"K(?=-)"}, r"linear time: it looks around, .* write `context`"),
        ({"pattern": r"(?<!x)K"}, "linear time: it looks around"),
        ({"pattern": r"(K)\1"}, "linear time: it refers back to a group; write the repetition out"),
        ({"pattern": "K["}, "linear time: it does not compile"),
        ({"pattern": "(K{1000}){1000}"}, "linear time: it does not compile"),
        ({"pattern": "K*"}, "matches an empty text"),
        ({"entity": "customer"}, "write entities in capital letters"),
        ({"check": "os"}, "python-stdnum has no check 'os'"),
        ({"check": "de.nothing"}, "python-stdnum has no check 'de.nothing'"),
        ({"check": "../x"}, "python-stdnum has no check"),
        ({"examples": ["K-1"]}, "CUSTOMER_NUMBER is not found in example 1"),
        ({"counterexamples": ["x", "K-471108"]}, "CUSTOMER_NUMBER is found in counterexample 2"),
        ({"examples": []}, "examples"),
        ({"context": [" "]}, "a word is empty"),
    ],
)
def test_wrong_recogniser_is_refused_clearly(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        PiiScan(recognisers=[{**USUAL, **fields}])
    assert "471108" not in str(caught.value)


def test_pattern_that_explodes_elsewhere_takes_linear_time() -> None:
    greedy = own(pattern="(?:a+)+b", examples=["aab"], counterexamples=["aac"])
    frame = pl.DataFrame({"note": ["a" * 100_000]})
    assert PiiScan(recognisers=[greedy]).run(data=Dataset.of(frame)).report.verdict == "passed"


# Presidio


def found_by_presidio(text: str) -> list[SimpleNamespace]:
    start = text.find("Wolfgang")
    if "fail" in text:
        raise RuntimeError(text)
    found = SimpleNamespace(start=start, end=start + 8, entity_type="NICKNAME", score=0.85)
    weak = SimpleNamespace(start=0, end=1, entity_type="WEAK", score=0.2)
    return [found, weak] if start >= 0 else []


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> str:
    module: Any = ModuleType("project_pii")
    module.engine = lambda: SimpleNamespace(
        supported_languages=["en"], analyze=lambda *, text, language: found_by_presidio(text)
    )
    module.number = lambda: 5
    monkeypatch.setitem(sys.modules, "project_pii", module)
    return "project_pii:engine"


def test_results_of_presidio_are_findings_and_weak_ones_suspects(engine: str) -> None:
    frame = pl.DataFrame({"note": ["so says Wolfgang", "x", "so says Wolfgang"]})
    findings = PiiScan(presidio=engine).run(data=Dataset.of(frame)).report.findings
    assert [(f.check, f.verdict, f.rows) for f in findings] == [
        ("NICKNAME", "failed", 2),
        ("WEAK", "warned", 2),
    ]


def test_results_of_presidio_are_masked(engine: str) -> None:
    frame = pl.DataFrame({"note": ["so says Wolfgang to max@example.com"]})
    done = PiiScan(presidio=engine, on_finding="mask").run(data=Dataset.of(frame))
    assert done.data.to_polars()["note"][0] == "so says <NICKNAME> to <EMAIL_ADDRESS>"


def test_step_with_an_engine_never_comes_from_the_cache(engine: str) -> None:
    step = PiiScan(presidio=engine)
    assert step.external_state() != step.external_state()


def test_error_of_presidio_holds_no_text(engine: str) -> None:
    frame = pl.DataFrame({"note": ["fail canary"]})
    with pytest.raises(DataError) as caught:
        PiiScan(presidio=engine).run(data=Dataset.of(frame))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("project_pii:nothing", "cannot be used"),
        ("nowhere:engine", "cannot be used"),
        ("project_pii:number", "makes a int"),
    ],
)
def test_engine_that_is_none_is_refused(engine: str, path: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        PiiScan(presidio=path).run(data=Dataset.of(pl.DataFrame({"note": ["x"]})))
