"""Wrong pipelines and wrong data, as a newcomer meets them on the command line.

Each ends in one readable message that fits on a screen, with the right exit code, and without a
traceback or a cell of the data.
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import polars as pl
import pytest

from stepwell import StepwellError
from stepwell_train import Train

CELL = "Erika Mustermann"
HEAD = """
from datetime import date
import polars as pl
from stepwell import *
from stepwell_data_check import DataCheck, expect
from stepwell_deploy import Champion, Deploy
from stepwell_evaluate import Evaluate
from stepwell_fairness import Fairness
from stepwell_monitor import Drift, Performance, Plausibility, Profile
from stepwell_pii_scan import Allowance, PiiScan
from stepwell_predict import Predict
from stepwell_train import Split, Train

LOAD = Load(source="rows.csv", roles={"repaid": "target", "id": "identifier", "sex": "protected"})
TRAIN = Train(estimator="sklearn.linear_model.LogisticRegression")
"""


def rows(count: int = 60, **columns: Callable[[int], object]) -> str:
    """CSV of loans; `columns` replace or add some."""
    usual: dict[str, Callable[[int], object]] = {
        "id": lambda n: n,
        "income": lambda n: n * 37 % 100,
        "sex": lambda n: "fm"[n % 2],
        "name": lambda n: CELL,
        "repaid": lambda n: ["no", "yes"][(n * 37 + n) % 100 > 40],
    }
    made = {**usual, **columns}
    lines = [",".join(made)]
    lines += [",".join(str(value(n)) for value in made.values()) for n in range(count)]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Shown:
    """What a command line ended with."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@pytest.fixture
def stepwell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Shown]:
    """Runs the command line in a project, in this process, which spares the time of imports."""
    (command,) = entry_points(group="console_scripts", name="stepwell")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])

    def run(
        steps: str, files: Mapping[str, str | bytes] | None = None, arguments: str = "run loans.py"
    ) -> Shown:
        text = f"{HEAD}\nloans = Pipeline('loans', [{steps}])\n"
        for name, content in {"rows.csv": rows(), "loans.py": text, **(files or {})}.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
        monkeypatch.setattr(sys, "argv", ["stepwell", *arguments.split()])
        with pytest.raises(SystemExit) as ended:
            command.load()()
        captured = capsys.readouterr()
        return Shown(int(ended.value.code or 0), captured.out, captured.err)

    return run


def check(shown: Shown, code: int, message: str) -> None:
    """The message is there once, whoever reads it needs no scrolling, and no cell is in it."""
    assert shown.code == code, shown.text
    assert " ".join(message.split()) in " ".join(shown.text.split())
    assert "Traceback" not in shown.text
    assert CELL not in shown.text
    assert len(shown.text.splitlines()) <= 20
    assert max(map(len, shown.text.splitlines())) < 800


def test_steps_that_fit_together_succeed(stepwell: Callable[..., Shown]) -> None:
    shown = stepwell("LOAD, Split(), TRAIN, Predict(), Evaluate(), Fairness(minimum_group_size=2)")
    check(shown, 0, "succeeded.")


WRONG_PIPELINES = {
    "missing input": ("LOAD, Evaluate()", "Predict of stepwell-predict produces it"),
    "missing profile": (
        "LOAD, Split(), TRAIN, Predict(), Drift()",
        "Profile of stepwell-monitor produces it",
    ),
    "input too late": ("Split(), LOAD", "Step 'load' produces it: put it earlier in the list."),
    "misspelled input": (
        "LOAD, place(Split(), inputs={'data': 'dta'})",
        "Did you mean 'data'? Available: data.",
    ),
    "unknown field": ("LOAD, Split(holdot=0.2)", "Split has no field 'holdot'. Did you mean"),
    "field without a name": ("LOAD, Split(0.2)", "Split takes its fields by name. Write Split(hol"),
    "wrong type": ("LOAD, Split(holdout='much')", "Split, field 'holdout'"),
    "one text for a list": (
        "LOAD, Train(features='income')",
        "Train, field 'features': it should be a list, such as [\"...\"].",
    ),
    "unknown choice": ("LOAD, Split(by='time_')", "'hash', 'stratified', 'group' or 'time'"),
    "cutoff that is no moment": (
        "LOAD, Split(by='time', cutoff='soon')",
        "cutoff 'soon' is neither a moment, such as 2026-01-31, nor a number",
    ),
    "two producers": (
        "LOAD, place(LOAD, name='again')",
        'place(Load(...), outputs={"data": "again_data"})',
    ),
    "two of one name": ("LOAD, LOAD", 'place(Load(...), name="load_2")'),
    "wrong kind": (
        "LOAD, Split(), TRAIN, place(Predict(), inputs={'model': 'data'})",
        "Step 'predict' takes 'model' as a model; 'data' of 'split' is a dataset.",
    ),
    "class": ("LOAD, Split", "is the class Split. Write Split(...)."),
    "function": ("LOAD, print", "is 'print', which is no step. Put @step above the function."),
    "list in the list": ("[LOAD]", "Put its steps into the list with a star"),
    "no steps": ("", "Pipeline 'loans' has no steps. Put steps into its list"),
    "unknown metric": ("LOAD, Evaluate(at_least={'roc_acu': 0.7})", "Did you mean 'roc_auc'?"),
    "loss that is to be great": (
        "LOAD, Evaluate(at_least={'log_loss': 0.7})",
        "'log_loss' is better when it is smaller: move it to at_most.",
    ),
    "unknown fairness metric": (
        "LOAD, Fairness(at_most={'equal_oportunity_difference': 0.1})",
        "Did you mean 'equal_opportunity_difference'?",
    ),
    "unknown distance": (
        "LOAD, Profile(), Drift(at_most={'PSI': 0.2})",
        "Did you mean 'population_stability_index'?",
    ),
    "metric of no direction": (
        "LOAD, Deploy(name='loans', better_on='auc')",
        "Did you mean 'roc_auc'? Otherwise add higher_is_better=True or False.",
    ),
    "name that is no folder": (
        "LOAD, Champion(name='my loans')",
        "'my loans' cannot be the name of a model. Use letters, digits",
    ),
    "unknown estimator": (
        "Train(estimator='sklearn.linear_model.LogisticRegresion')",
        "Did you mean 'sklearn.linear_model.LogisticRegression'?",
    ),
    "estimator without its path": (
        "Train(estimator='RandomForestClassifier')",
        "Did you mean 'sklearn.ensemble.RandomForestClassifier'?",
    ),
    "estimator of a package that is not there": (
        "Train(estimator='not_there.Classifier')",
        "no package 'not_there' is installed. Install it: python -m pip install not-there",
    ),
    "unknown expectation": (
        "DataCheck(suite=[expect('column_values_to_be_betwen', 'income')])",
        "Did you mean 'expect_column_values_to_be_between'?",
    ),
    "missing suite": ("DataCheck(suite='loans.json')", "loans.json does not exist."),
    "unknown entity": (
        "PiiScan(allow=[Allowance(column='a', entity='EMAIL', reason='b', owner='c', "
        "expires='2030-01-01')])",
        "there is no entity 'EMAIL'. Did you mean 'EMAIL_ADDRESS'?",
    ),
    "allowance without a date": (
        "PiiScan(allow=[Allowance(column='a', entity='EMAIL_ADDRESS', reason='b', owner='c', "
        "expires='?')])",
        "ValidationError in line 17: Allowance, field 'expires'",
    ),
    "amount of memory": (
        "place(LOAD, resources=Resources(memory='4 elephants'))",
        "field 'memory': memory is a number and a unit: KiB, MiB, GiB or TiB.",
    ),
    "timeout in words": (
        "place(LOAD, timeout='an hour')",
        "place(Load(...), timeout='an hour'): it is a number, at least 0.001.",
    ),
    "frame for a path": (
        f"Load(source=pl.DataFrame({{'name': ['{CELL}']}}))",
        'write Pipeline(..., inputs={"data": Dataset}) and run(data=frame).',
    ),
    "list of paths": ("Load(source=['a.csv', 'b.csv'])", "name their folder"),
    "unknown role": ("Load(source='rows.csv', roles={'sex': 'protcted'})", "Did you mean 'protec"),
    "two targets": (
        "Load(source='rows.csv', roles={'sex': 'target', 'repaid': 'target'})",
        "A dataset has one target; the roles name 2",
    ),
}


@pytest.mark.parametrize(("steps", "message"), WRONG_PIPELINES.values(), ids=WRONG_PIPELINES.keys())
def test_wrong_pipeline_exits_2_before_anything_runs(
    stepwell: Callable[..., Shown], steps: str, message: str
) -> None:
    shown = stepwell(steps)
    check(shown, 2, message)
    assert not Path(".stepwell").exists()


WRONG_FILES = {
    "syntax error": (
        "loans = Pipeline('loans', [\n",
        "SyntaxError in line 1: '[' was never closed",
    ),
    "error of its own": (
        f"int('{CELL}')\n",
        "ValueError in line 1 (its message may quote data; --debug shows it)",
    ),
    "package of the platform that is not there": (
        "import stepwell_not_there\n",
        "No module named 'stepwell_not_there'. Install it: pip install stepwell-not-there",
    ),
    "misspelled package": ("import stepwell_trian\n", "Did you mean 'stepwell_train'?"),
    "misspelled name": ("from stepwell_train import Trian\n", "Did you mean 'Train'?"),
    "end of the process": ("raise SystemExit(0)\n", "SystemExit in line 1"),
    "no pipeline": ("x = 1\n", "loans.py has no pipelines. Write NAME = Pipeline(...) in it."),
    "two pipelines": (
        f"{HEAD}\na = Pipeline('a', [LOAD])\nb = Pipeline('b', [LOAD])\n",
        "loans.py has 2 pipelines: a, b. Say which: loans.py:NAME.",
    ),
    "text for a dataset": (
        f"{HEAD}\nTrain().run(data='rows.csv')\n",
        "A dataset is made from a Polars, pandas or Arrow table; this is a str. Read a file with "
        'the step Load(source="..."), or hand over a frame.',
    ),
}


@pytest.mark.parametrize(("text", "message"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_pipeline_file_that_cannot_be_used_is_explained(
    stepwell: Callable[..., Shown], text: str, message: str
) -> None:
    shown = stepwell("LOAD", {"loans.py": text})
    check(shown, 1 if "str" in message and "dataset" in message else 2, message)


def test_pipeline_under_two_names_is_one(stepwell: Callable[..., Shown]) -> None:
    text = f"{HEAD}\nloans = Pipeline('a', [LOAD])\nagain = loans\n"
    assert stepwell("LOAD", {"loans.py": text}).code == 0


def test_folder_for_a_file_is_told_with_its_files(stepwell: Callable[..., Shown]) -> None:
    shown = stepwell("LOAD", {"loans/train.py": ""}, "run loans")
    check(shown, 2, "loans is a folder. Python files in it: train.py.")


@pytest.mark.parametrize(
    ("arguments", "files", "message"),
    [
        ("run loans.py --store rows.csv", {}, "The store rows.csv is a file. A store is a folder"),
        ("run loans.py --store=", {}, "--store is empty. Name a folder, or leave it out."),
        ("run loans.py --set load.sorce=a", {}, "Load has no field 'sorce'. Did you mean"),
        ("run loans.py --set lod.source=a", {}, "no step 'lod'. Did you mean 'load'?"),
        ("run loans.py --set load.columns=3", {}, "Load, field 'columns': it should be a list"),
        ("run loans.py --from lod", {}, "no step 'lod'. Did you mean 'load'?"),
        ("run loans.csv", {"loans.csv": "a\n1\n"}, "Name the .py file that makes the pipeline."),
        ("run loan.py", {}, "There is no file loan.py. Did you mean 'loans.py'?"),
        (
            "run loans.py",
            {"pyproject.toml": "[tool.stepwell]\nobservers = ['mlfow']\n"},
            "the observer 'mlfow', which no installed package brings. Did you mean 'mlflow'?",
        ),
    ],
)
def test_wrong_option_or_setting_exits_2(
    stepwell: Callable[..., Shown], arguments: str, files: dict[str, str], message: str
) -> None:
    check(stepwell("LOAD", files, arguments), 2, message)


def test_error_that_holds_escape_sequences_is_inert(stepwell: Callable[..., Shown]) -> None:
    """(fault 32)"""
    shown = stepwell("LOAD", {"loans.py": r"import stepwell; raise stepwell.DataError('\x1b[31m')"})
    check(shown, 1, r"Error: \x1b[31m")


def test_interrupted_import_exits_130(stepwell: Callable[..., Shown]) -> None:
    check(stepwell("LOAD", {"loans.py": "raise KeyboardInterrupt\n"}), 130, "Cancelled.")


BAD_SOURCES: dict[str, tuple[str, dict[str, str | bytes], str]] = {
    "no file": ("row.csv", {}, "row.csv does not exist in"),
    "empty": ("rows.csv", {"rows.csv": b""}, "rows.csv is empty. Check the export"),
    "header only": ("rows.csv", {"rows.csv": "id,name\n"}, "a line of column names, and no rows"),
    "other bytes": (
        "rows.csv",
        {"rows.csv": b"PAR1" + bytes(99)},
        'its first bytes are those of parquet. Rename it, or write Load(..., format="parquet").',
    ),
    "Excel": ("rows.xlsx", {"rows.xlsx": b"PK\3\4"}, "Save it as CSV or Parquet."),
    "JSON": ("rows.json", {"rows.json": "[]"}, 'write Load(..., format="jsonl")'),
    "NUL bytes": ("rows.csv", {"rows.csv": rows().replace("m,E", "m\0,E", 1)}, "it holds NUL"),
    "ragged": ("rows.csv", {"rows.csv": f"{rows()}{CELL}\n"}, "line 62: it has 1 fields where"),
    "same names": ("rows.csv", {"rows.csv": f"a,a\n{CELL},1\n"}, "columns with the same name: a."),
    "other separator": (
        "rows.csv",
        {"rows.csv": rows().replace(",", ";")},
        "write Load(..., separator=';')",
    ),
    "unset variable": ("${NOT_SET}/rows.csv", {}, "The environment variable NOT_SET is not set."),
}


@pytest.mark.parametrize(
    ("source", "files", "message"), BAD_SOURCES.values(), ids=BAD_SOURCES.keys()
)
def test_file_that_cannot_be_read_exits_1(
    stepwell: Callable[..., Shown], source: str, files: dict[str, str | bytes], message: str
) -> None:
    check(stepwell(f"Load(source={source!r}), Split()", files), 1, message)


CHAIN = "LOAD, Split(), TRAIN, Predict(), Evaluate(), Fairness(groups=['sex'])"
BAD_DATA = {
    "target that is not there": (
        "LOAD",
        rows().replace("repaid", "paid", 1),
        "A role is given to column 'repaid', which the dataset does not have.",
    ),
    "target of one class": (CHAIN, rows(repaid=lambda n: CELL), "has one class only"),
    "target with gaps": (
        CHAIN,
        rows(repaid=lambda n: "" if n % 5 == 0 else f"{CELL} {n % 2}"),
        "the target 'repaid' is missing in",
    ),
    "fractions for classes": (CHAIN, rows(repaid=lambda n: n / 7), "Use a regressor, for example"),
    "text for numbers": (
        "LOAD, Split(), Train(estimator='sklearn.linear_model.Ridge')",
        rows(repaid=lambda n: f"{CELL} {n % 2}"),
        "Ridge predicts numbers; 'repaid' is String. Use a classifier",
    ),
    "dates for classes": (CHAIN, rows(repaid=lambda n: f"2026-01-{n % 28 + 1:02}"), "is Date"),
    "favourable value that is none": (
        "Load(source='rows.csv', roles={'repaid': Target(favourable='Yes')}), Split(), TRAIN",
        rows(),
        "is none of its classes: 2 of type str; one differs from it in type, capitals or spaces "
        "only. Correct the role: {'repaid': Target(favourable=...)}.",
    ),
    "unknown target": (
        "LOAD, Split(), Train(target='repayed', estimator='sklearn.linear_model.Ridge')",
        rows(),
        "the target 'repayed' is no column of the data. Did you mean 'repaid'?",
    ),
    "unknown group": (
        "LOAD, Split(), TRAIN, Predict(), Fairness(groups=['sx'])",
        rows(),
        "no column 'sx' (whose groups are compared). Did you mean 'sex'?",
    ),
    "one row": (CHAIN, rows(1), "leaves the holdout empty. Use more rows"),
    "identifiers with gaps": (
        CHAIN,
        rows(id=lambda n: "" if n == 3 else n),
        "column 'id' is missing in 1 of 60 rows",
    ),
    "infinite feature": (
        CHAIN,
        rows(income=lambda n: "inf" if n % 9 == 0 else n),
        "Columns with infinite values: income.",
    ),
    "text where a type is given": (
        "Load(source='rows.csv', types={'name': 'Int64'})",
        rows(),
        "a value of column 'name' does not fit the type Int64 that it is to have.",
    ),
    "cutoff of another type": (
        "LOAD, Split(by='time', columns=['income'], cutoff='2026-01-31')",
        rows(),
        "does not fit column 'income' (Int64). Write a number, as the column holds numbers.",
    ),
    "class that training has not seen": (
        "Load(source='rows.csv', roles={'repaid': 'target'}), Split(by='time', columns=['id']), "
        "TRAIN, Predict(), Evaluate()",
        rows(repaid=lambda n: f"{CELL} {2 if n > 50 else n % 2}"),
        "binary metrics need two classes; there are 3. If that is right, write Evaluate(task=",
    ),
}


@pytest.mark.parametrize(("steps", "data", "message"), BAD_DATA.values(), ids=BAD_DATA.keys())
def test_data_that_no_step_can_use_exits_1(
    stepwell: Callable[..., Shown], steps: str, data: str, message: str
) -> None:
    check(stepwell(steps, {"rows.csv": data}), 1, message)


def test_one_of_ten_thousand_columns_is_proposed_and_not_all_are_listed() -> None:
    data = pl.DataFrame({f"c{n}": [n, n] for n in range(10_000)})
    with pytest.raises(StepwellError, match="Did you mean 'c777'") as caught:
        Train(target="c777_").run(data=data)
    assert str(caught.value).endswith("c11 and 9988 more.")
    assert len(str(caught.value)) < 300


BLOCKING = {
    "expired allowance": (
        "LOAD, PiiScan(allow=[Allowance(column='name', entity='EMAIL_ADDRESS', reason='asked', "
        "owner='Sales', "
        "expires=date(2020, 1, 1))]), Split()",
        rows(name=lambda n: "erika@example.com"),
        "Its allowance expired on 2020-01-01: decide again, and set a new date.",
    ),
    "failed expectation": (
        "LOAD, DataCheck(suite=[expect('column_values_to_be_in_set', 'name', value_set=['x'])])",
        rows(),
        "60 of 60 rows are not (rows counted from 0: 0, 1, 2, 3, 4 and 55 more)",
    ),
    "model measured on its own rows": (
        "LOAD, TRAIN, Champion(name='loans'), Predict(), Evaluate(), "
        "Deploy(name='loans', registry=False)",
        rows(),
        "60 of them seen in training and left out; without any, nothing could be measured. Put "
        "Split before Train, or score other rows.",
    ),
}


@pytest.mark.parametrize(("steps", "data", "message"), BLOCKING.values(), ids=BLOCKING.keys())
def test_failed_check_exits_3_and_says_what_to_do(
    stepwell: Callable[..., Shown], steps: str, data: str, message: str
) -> None:
    """(fault 59)"""
    shown = stepwell(steps, {"rows.csv": data})
    check(shown, 3, message)
    assert shown.text.splitlines()[-1].startswith("blocked by ")


def test_json_of_a_failed_run_is_json_and_nothing_else(stepwell: Callable[..., Shown]) -> None:
    shown = stepwell("LOAD, Split(columns=['idd'])", arguments="run loans.py --json")
    record = json.loads(shown.out)
    assert (shown.code, record["status"], shown.err) == (1, "failed", "")
    assert CELL not in shown.out


HOSTILE = ("<script>alert(1)</script>", '=HYPERLINK("http://a")', "\x1b[31mred\x1b[0m\x07")


def test_hostile_names_and_cells_are_inert_wherever_they_are_shown(
    stepwell: Callable[..., Shown],
) -> None:
    """Terminal, JSON lines and JUnit show neither escapes nor long texts (fault 32)."""
    columns = {name: [*HOSTILE, "x" * 10_000_000] for name in (*HOSTILE, "y" * 5_000)}
    pl.DataFrame(columns).write_parquet("rows.parquet")
    suite = [f"expect('column_values_to_be_in_set', {name!r}, value_set=['a'])" for name in columns]
    files = {"pyproject.toml": "[tool.stepwell]\nobservers = ['console', 'jsonl', 'junit']\n"}

    shown = stepwell(f"Load(source='rows.parquet'), DataCheck(suite=[{', '.join(suite)}])", files)

    assert shown.code == 3, shown.text
    assert not set(shown.text) & {"\x1b", "\x07"}
    assert len(shown.text) < 4_000
    (junit,) = Path("reports").glob("*.xml")
    (events,) = Path("logs").glob("*.jsonl")
    assert ElementTree.parse(junit).getroot().tag == "testsuites"
    assert b"<script" not in junit.read_bytes()
    for written in (junit, events, *Path(".stepwell/records").glob("*.json")):
        assert written.stat().st_size < 100_000
        assert b"\x1b" not in written.read_bytes()


def test_no_cell_is_in_what_a_run_writes_beside_its_artifacts(
    stepwell: Callable[..., Shown],
) -> None:
    """Record, JUnit, JSON lines and terminal of a run in which everything fails (faults 27, 28)."""
    steps = (
        "LOAD, DataCheck(suite=[expect('column_values_to_be_in_set', 'name', value_set=['F'])]), "
        "PiiScan(on_finding='warn'), Train(target='name'), "
        "place(Split(columns=['nme']), name='aside', outputs={'data': 'rest'})"
    )
    files = {"pyproject.toml": "[tool.stepwell]\nobservers = ['console', 'jsonl', 'junit']\n"}
    shown = stepwell(steps, files)
    kept = Path(".stepwell/records").glob("*.json")
    written = [*Path("reports").iterdir(), *Path("logs").iterdir(), *kept]
    assert len(written) == 3, shown.text
    assert CELL not in shown.text
    assert not [path for path in written if CELL.encode() in path.read_bytes()]
