"""The digest of a step's code: another after any change that counts, and only then."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepwell._code._code import Code, code_of

STEPS = """
import dataclasses, datetime, decimal, enum, functools, re, collections, pathlib, typing, os
from pathlib import Path
import numpy as np
import pandas as pd
import polars as pl
from pydantic import BaseModel, Field, field_validator
from stepwell import Dataset, Step, Target, step

{top}

{decorator}
def made(data: pl.DataFrame, *, cut: int = 3) -> pl.DataFrame:
    {body}
    return data
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules can be imported."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # it tells seconds apart, no less
    yield folder
    forget(folder)


def forget(folder: Path) -> None:
    for name, module in list(sys.modules.items()):
        if str(folder) in str(getattr(module, "__file__", "")):
            del sys.modules[name]
    importlib.invalidate_caches()


def code_in(folder: Path, **files: str) -> Code:
    """The code of the step `made` in `steps.py`, beside other files (`tools_helper` is
    tools/helper.py)."""
    forget(folder)
    for name, content in files.items():
        path = folder / (name.replace("tools_", "tools/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return code_of(type(importlib.import_module("steps").made()))


def steps(top: str = "", body: str = "", decorator: str = "@step") -> str:
    return STEPS.format(top=top, body=body or "pass", decorator=decorator)


# what changes it: what stands above the step, what the step does with it, what is then changed

VALUES: dict[str, tuple[str, str, str]] = {
    "number": ("LIMIT = {}", "1", "2"),
    "number of another type": ("LIMIT = {}", "1", "1.0"),
    "text": ("LIMIT = {}", "'a'", "'b'"),
    "path": ("LIMIT = Path({})", "'/data/a'", "'/data/b'"),
    "range": ("LIMIT = {}", "range(5)", "range(6)"),
    "list": ("LIMIT = {}", "[1, 2]", "[2, 1]"),
    "nesting": ("LIMIT = {}", "[[1, 2], [3]]", "[[1], [2, 3]]"),
    "list and tuple": ("LIMIT = {}", "[1, 2]", "(1, 2)"),
    "dict": ("LIMIT = {}", "{'a': 1}", "{'a': 2}"),
    "key": ("LIMIT = {}", "{'a': 1}", "{'b': 1}"),
    "set": ("LIMIT = {}", "{'a', 'b'}", "{'a', 'c'}"),
    "shared parts": ("X = [1]; Y = [2]; LIMIT = ([X, Y, {}])", "X", "Y"),
    "pattern": ("LIMIT = re.compile({})", "'a+'", "'b+'"),
    "flags of a pattern": ("LIMIT = re.compile('a', {})", "0", "re.I"),
    "day": ("LIMIT = datetime.date(2024, 1, {})", "1", "2"),
    "decimal": ("LIMIT = decimal.Decimal({})", "'1.0'", "'1.00'"),
    "partial function": ("LIMIT = functools.partial(round, ndigits={})", "1", "2"),
    "method of a value": ("LIMIT = {}.get", "{'a': 1}", "{'a': 2}"),
    "member of an enum": ("class E(enum.Enum): A = 1; B = 2\nLIMIT = E.{}", "A", "B"),
    "value of an enum": ("class E(enum.Enum): A = {}\nLIMIT = E.A", "1", "2"),
    "named tuple": ("N = collections.namedtuple('N', 'a')\nLIMIT = N({})", "1", "2"),
    "role": ("LIMIT = Target(favourable={})", "'good'", "'bad'"),
    "array": ("LIMIT = np.array({})", "[1, 2]", "[1, 3]"),
    "shape": ("LIMIT = np.zeros({})", "(2, 3)", "(3, 2)"),
    "Polars frame": ("LIMIT = pl.DataFrame({{'a': {}}})", "[1]", "[2]"),
    "Polars column": ("LIMIT = pl.Series('a', {})", "[1]", "[2]"),
    "pandas frame": ("LIMIT = pd.DataFrame({{'a': {}}})", "[1]", "[2]"),
    "expression": ("LIMIT = pl.col('a') > {}", "1", "2"),
    "type": ("LIMIT = pl.Enum({})", "['a']", "['b']"),
    "function": ("def LIMIT(x): return x {} 1", "+", "-"),
    "default": ("def LIMIT(x={}): return x", "1", "2"),
    "lambda": ("LIMIT = lambda x: x {} 1", "+", "-"),
    "closure": ("def outer(y):\n    return lambda x: x + y\nLIMIT = outer({})", "1", "2"),
    "cached function": ("@functools.lru_cache\ndef LIMIT(x): return x {} 1", "+", "-"),
    "inner function": ("def f(x): return x {} 1\ndef LIMIT(x): return f(x)", "+", "-"),
    "handled error": (
        "def LIMIT(x):\n    try: return x\n    except {}: return 0",
        "KeyError",
        "ValueError",
    ),
    "library function": ("from numpy import {} as LIMIT", "mean", "median"),
    "method": ("class LIMIT:\n    def f(self): return {}", "1", "2"),
    "static method": ("class LIMIT:\n    @staticmethod\n    def f(): return {}", "1", "2"),
    "class method": ("class LIMIT:\n    @classmethod\n    def f(cls): return {}", "1", "2"),
    "property": ("class LIMIT:\n    @property\n    def f(self): return {}", "1", "2"),
    "cached property": (
        "class LIMIT:\n    @functools.cached_property\n    def f(self): return {}",
        "1",
        "2",
    ),
    "class attribute": ("class LIMIT: f = {}", "{'a': 1}", "{'a': 2}"),
    "base class": ("class A: f = {}\nclass LIMIT(A): pass", "1", "2"),
    "instance": ("class A:\n    def __init__(self, x): self.x = x\nLIMIT = A({})", "1", "2"),
    "slots": (
        "class A:\n    __slots__ = ('x',)\n    def __init__(self, x): self.x = x\nLIMIT = A({})",
        "1",
        "2",
    ),
    "dataclass": ("@dataclasses.dataclass\nclass A:\n    x: int\nLIMIT = A({})", "1", "2"),
    "default of a dataclass": ("@dataclasses.dataclass\nclass LIMIT:\n    x: int = {}", "1", "2"),
    "factory of a dataclass": (
        "@dataclasses.dataclass\nclass LIMIT:\n"
        "    x: list = dataclasses.field(default_factory=lambda: [{}])",
        "1",
        "2",
    ),
    "model": ("class A(BaseModel):\n    x: int\nLIMIT = A(x={})", "1", "2"),
    "default of a model": ("class LIMIT(BaseModel):\n    x: int = {}", "1", "2"),
    "constraint of a model": ("class LIMIT(BaseModel):\n    x: int = Field(1, gt={})", "0", "-1"),
    "validator of a model": (
        "class LIMIT(BaseModel):\n    x: int\n    @field_validator('x')\n    @classmethod\n"
        "    def v(cls, x): return x + {}",
        "1",
        "2",
    ),
    "another step": (
        "@step\ndef LIMIT(data: Dataset) -> Dataset: return {}",
        "data",
        "data or data",
    ),
}


@pytest.mark.parametrize(("top", "before", "after"), VALUES.values(), ids=VALUES.keys())
def test_changed_global_is_another_code(top: str, before: str, after: str, project: Path) -> None:
    def made(value: str) -> Code:
        top_with_value = top.replace("{}", value).replace("{{", "{").replace("}}", "}")
        return code_in(project, steps=steps(top_with_value, "LIMIT"))

    first, second, third = made(before), made(before), made(after)
    assert first.uncacheable is None
    assert first.digest == second.digest
    assert first.digest != third.digest


TWICE = """
def twice(f):
    @functools.wraps(f)
    def g(*a, **k): return f(*a, **k)[:{}]
    return g
"""
CODE: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "its own body": ({"body": "data.head(1)"}, {"body": "data.head(2)"}),
    "a method it calls": ({"body": "data.head(1)"}, {"body": "data.tail(1)"}),
    "its roles": ({}, {"decorator": "@step(roles={'a': 'protected'})"}),
    "what it drops": ({}, {"decorator": "@step(drops=['a'])"}),
    "a decorator below": (
        {"top": TWICE.format(1), "decorator": "@step\n@twice"},
        {"top": TWICE.format(2), "decorator": "@step\n@twice"},
    ),
}


@pytest.mark.parametrize(("before", "after"), CODE.values(), ids=CODE.keys())
def test_changed_code_is_another_code(
    before: dict[str, str], after: dict[str, str], project: Path
) -> None:
    first = code_in(project, steps=steps(**before))
    assert first.digest == code_in(project, steps=steps(**before)).digest
    assert first.digest != code_in(project, steps=steps(**after)).digest


HELPERS: dict[str, tuple[dict[str, str], str]] = {
    "imported above": ({"top": "import helper", "body": "helper.f(1)"}, "helper"),
    "a name imported above": ({"top": "from helper import f", "body": "f(1)"}, "helper"),
    "under another name": ({"top": "import helper as h", "body": "h.f(1)"}, "helper"),
    "imported inside": ({"body": "import helper; helper.f(1)"}, "helper"),
    "a name imported inside": ({"body": "from helper import f; f(1)"}, "helper"),
    "in a package": ({"top": "from tools import helper", "body": "helper.f(1)"}, "tools_helper"),
    "of a package, inside": ({"body": "from tools import helper"}, "tools_helper"),
    "through another": ({"top": "import between", "body": "between.f(1)"}, "helper"),
    "through another, inside": ({"body": "import between"}, "helper"),
    "relatively, through a package": ({"body": "import tools.between"}, "tools_helper"),
}


@pytest.mark.parametrize(("source", "changed"), HELPERS.values(), ids=HELPERS.keys())
def test_changed_helper_is_another_code(
    source: dict[str, str], changed: str, project: Path
) -> None:
    files = {
        "steps": steps(**source),
        "helper": "def f(x): return x",
        "between": "from helper import f",
        "tools___init__": "",
        "tools_helper": "def f(x): return x",
        "tools_between": "def f(x):\n    from .helper import f\n    return f(x)",
        "unrelated": "x = 1",
    }
    first = code_in(project, **files)
    assert first.digest == code_in(project, **{**files, "unrelated": "x = 2"}).digest
    after = code_in(project, **{**files, changed: "def f(x): return x + 1"})
    assert first.digest != after.digest


SAME: dict[str, tuple[str, str]] = {
    "lines moved": (steps(), "# a comment\n\n" + steps()),
    "unused global": (steps("X = 1"), steps("X = 2")),
    "unused function": (steps("def f(): return 1"), steps("def f(): return 2")),
    "unused import": (steps(), steps("import json")),
    "its own file": (steps(body="Path(__file__)"), "\n" + steps(body="Path(__file__)")),
    "order of a set": (steps("S = {'a', 'b', 'c'}", "S"), steps("S = {'c', 'b', 'a'}", "S")),
}


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME.keys())
def test_what_does_not_count_is_the_same_code(before: str, after: str, project: Path) -> None:
    assert code_in(project, steps=before).digest == code_in(project, steps=after).digest


def test_moved_project_is_the_same_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = steps(
        "import helper\nHERE = Path(__file__).parent\nDATA = os.path.join(str(HERE), 'data')",
        "helper.f(HERE, DATA, __file__)",
    )
    digests = []
    for name in ("first", "second/deeper"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").touch()
        monkeypatch.syspath_prepend(folder)
        digests.append(code_in(folder, steps=source, helper="def f(*x): ...").digest)
        forget(folder)
    assert digests[0] == digests[1]


UNCACHEABLE = {
    "open file": (
        "import sys; X = sys.__stderr__",
        "'X', a _io.TextIOWrapper, which has no digest",
    ),
    "generator": ("X = (n for n in [1])", "'X', a builtins.generator, which has no digest"),
    "object": ("X = object()", "'X', a builtins.object, which has no digest"),
    "random numbers": ("X = np.random.default_rng(1)", "'X', a numpy.random"),
    "array of objects": ("X = np.array([object()])", "'X', a numpy.ndarray, which has no digest"),
    "lazy frame": ("X = pl.scan_csv('a.csv')", "'X', a polars.lazyframe.frame.LazyFrame, which"),
    "object of a library": (
        "import sqlite3; X = sqlite3.connect(':memory:')",
        "'X', a sqlite3.Connection, which has no digest",
    ),
}


@pytest.mark.parametrize(("top", "reason"), UNCACHEABLE.values(), ids=UNCACHEABLE.keys())
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_has_no_digest_is_not_cached_and_says_why(
    top: str, reason: str, project: Path
) -> None:
    code = code_in(project, steps=steps(top, "X"))
    assert code.digest is None
    assert str(code.uncacheable).startswith(f"it uses {reason}")


LIBRARIES = ["pl.concat([data])", "import polars; polars.concat([data])", "LIMIT(data)"]


@pytest.mark.parametrize("body", LIBRARIES)
def test_another_version_of_a_library_is_another_code(
    body: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.metadata

    source = steps("from polars import concat as LIMIT", body)
    before = code_in(project, steps=source)
    polars = importlib.metadata.distribution("polars")
    monkeypatch.setattr(type(polars), "version", property(lambda self: "99.0"))
    assert code_in(project, steps=source).digest != before.digest


def test_library_that_only_an_annotation_names_counts(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.metadata

    before = code_in(project, steps=steps())
    polars = importlib.metadata.distribution("polars")
    monkeypatch.setattr(type(polars), "version", property(lambda self: "99.0"))
    assert code_in(project, steps=steps()).digest != before.digest


CLASS_STEP = """
import dataclasses
from stepwell import Dataset, Step

LIMIT = {limit}

@dataclasses.dataclass(frozen=True)
class Made:
    data: Dataset

class Base(Step):
    def help(self): return {base}

class Scaled(Base):
    factor: int = 1

    def run(self, *, data: Dataset) -> Made:
        return Made(data.with_data(data.lazy().head(LIMIT)))

made = Scaled
"""


@pytest.mark.parametrize("change", [{"limit": 2}, {"base": 2}])
def test_changed_class_is_another_code(change: dict[str, int], project: Path) -> None:
    plain = {"limit": 1, "base": 1}
    first = code_in(project, steps=CLASS_STEP.format(**plain))
    assert first.uncacheable is None
    assert first.digest == code_in(project, steps="\n" + CLASS_STEP.format(**plain)).digest
    assert first.digest != code_in(project, steps=CLASS_STEP.format(**{**plain, **change})).digest


def test_helpers_are_not_imported_to_be_digested(project: Path) -> None:
    code_in(project, steps=steps(body="import helper, sqlite3.dbapi2"), helper="raise RuntimeError")
    assert "helper" not in sys.modules
