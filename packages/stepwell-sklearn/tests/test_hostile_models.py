"""Model files that somebody else made: nothing in them decides what is run."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from stepwell import CorruptedError, Model, ModelError
from stepwell_sklearn import untrusted_types
from stepwell_sklearn._archive import packed

X = np.random.default_rng(0).normal(size=(60, 3))
Y = np.arange(60) % 2
FITTED = LogisticRegression().fit(X, Y)
HONEST = Model.of(FITTED)

ran: list[str] = []


def payload(_: object) -> None:
    ran.append("payload")


class Payload:
    """Runs `payload` when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return payload, ("",)


def model_of(content: bytes, **changes: Any) -> Model:
    return Model.from_files(HONEST.description.model_copy(update=changes), {"model.skops": content})


def members_of(model: Model) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(model.read("model.skops"))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_schema(model: Model, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The bytes of a model whose schema somebody changed."""
    members = members_of(model)
    schema = json.loads(members["schema.json"])
    change(schema)
    return packed({**members, "schema.json": json.dumps(schema).encode()})


def pickled() -> bytes:
    return pickle.dumps(Payload())


def joblib_dumped() -> bytes:
    buffer = io.BytesIO()
    joblib.dump(Payload(), buffer)
    return buffer.getvalue()


def zipped_pickle() -> bytes:
    return packed({"schema.json": pickled()})


@pytest.mark.parametrize("content", [pickled, joblib_dumped, zipped_pickle, bytes])
def test_pickle_named_skops_is_refused_before_a_byte_is_unpickled(
    content: Callable[[], bytes],
) -> None:
    """(fault 1, fault 3)"""
    with pytest.raises(ModelError, match="The model file is refused"):
        model_of(content()).load()
    assert not ran


def test_array_that_is_a_pickle_is_refused() -> None:
    """(fault 1)"""
    members = members_of(HONEST)
    name = next(name for name in members if name.endswith(".npy"))
    buffer = io.BytesIO()
    np.save(buffer, np.array([Payload()], dtype=object), allow_pickle=True)
    with pytest.raises(ModelError, match="array of objects, which may be a pickle"):
        model_of(packed({**members, name: buffer.getvalue()})).load()
    assert not ran


def test_trust_that_the_file_claims_for_itself_is_ignored() -> None:
    """(fault 2)"""

    def claim(schema: dict[str, Any]) -> None:
        schema["trusted"] = ["test_hostile_models.payload"]
        schema["content"]["content"]["C"] = {
            "__class__": "system",
            "__module__": "os",
            "__loader__": "FunctionNode",
        }

    content = with_schema(HONEST, claim)
    hostile = model_of(content, metadata={"trusted": {"os.system": True}})
    with pytest.raises(ModelError, match=r"a type that is not trusted: os\.system\."):
        hostile.load()


def shout(values: Any) -> Any:
    return values


def test_unknown_type_is_named_with_what_to_type_and_loads_when_trusted() -> None:
    estimator = FunctionTransformer(shout).fit(X)
    kept = Model.of(estimator)
    name = f"{shout.__module__}.shout"
    fresh = Model.from_files(kept.description, {"model.skops": kept.read("model.skops")})
    assert untrusted_types(fresh) == [name]
    with pytest.raises(ModelError) as caught:
        fresh.load()
    assert name in caught.value.message
    assert caught.value.hint is not None
    assert f"model.load(trusted=['{name}'])" in caught.value.hint
    assert fresh.load(trusted=[name]).func is shout


@pytest.mark.parametrize("trusted", ["sklearn.*", ["sklearn.*"], ["*"]])
def test_patterns_of_trust_are_refused(trusted: Any) -> None:
    with pytest.raises(ModelError, match="there are no patterns"):
        model_of(HONEST.read("model.skops")).load(trusted=trusted)


def loader(name: str, kind: str, **more: Any) -> dict[str, Any]:
    module, _, attribute = name.rpartition(".")
    return {"__class__": attribute, "__module__": module, "__loader__": kind, **more}


ARGUMENTS = loader("builtins.tuple", "TupleNode", content=[])
HOSTILE_PARTS = {
    "function of a module": loader("os.getcwd", "FunctionNode"),
    "type of a module": loader("subprocess.Popen", "TypeNode"),
    "object of a module": loader("subprocess.Popen", "ObjectNode", content=None),
    "call of a type": loader("subprocess.Popen", "ConstructorFromReduceNode", content=ARGUMENTS),
    "call of a trusted function": loader(
        "numpy.exp", "ConstructorFromReduceNode", content=ARGUMENTS
    ),
    "call of a trusted type": loader(
        "numpy.ndarray", "ConstructorFromReduceNode", content=ARGUMENTS
    ),
    "function as a type": loader("numpy.exp", "TypeNode"),
    "method": loader(
        "builtins.str",
        "MethodNode",
        content={
            "func": "format_map",
            "obj": loader("builtins.str", "JsonNode", content='"a"', is_json=True),
        },
    ),
    "operator": loader("operator.attrgetter", "OperatorFuncNode", attrs=ARGUMENTS),
}


@pytest.mark.parametrize("part", HOSTILE_PARTS.values(), ids=HOSTILE_PARTS)
def test_parts_that_could_run_code_are_not_trusted(part: dict[str, Any]) -> None:
    """(fault 1)"""
    content = with_schema(HONEST, lambda schema: schema["content"]["content"].update(C=part))
    with pytest.raises(ModelError, match="not trusted"):
        model_of(content).load()


def key_types(schema: dict[str, Any]) -> None:
    schema["content"]["key_types"]["content"][0] = loader("numpy.exp", "FunctionNode")


def two_with_one_number(schema: dict[str, Any]) -> None:
    attributes = schema["content"]["content"]
    attributes["C"]["__id__"] = attributes["tol"]["__id__"] = 7


def no_type(schema: dict[str, Any]) -> None:
    del schema["content"]["content"]["C"]["__class__"]


def old_protocol(schema: dict[str, Any]) -> None:
    schema["protocol"] = 0


def unknown_loader(schema: dict[str, Any]) -> None:
    schema["content"]["content"]["C"]["__loader__"] = "Nothing"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (key_types, "calls something that is no type"),
        (two_with_one_number, "different objects under one number"),
        (no_type, "an object without a type"),
        (old_protocol, "no protocol that Stepwell writes"),
        (unknown_loader, r"cannot be loaded here \(TypeError\)"),
        (dict.clear, "no protocol that Stepwell writes"),
    ],
)
def test_schema_that_could_be_read_in_two_ways_is_refused(change: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        model_of(with_schema(HONEST, change)).load()


def zipped(*entries: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def with_a_link() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("0.npy")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


HONEST_ENTRIES = tuple(members_of(HONEST).items())


NAME, MORE = "a name that Stepwell does not write", "holds more than its files|damaged archive"
ODD_ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "parent folder": (lambda: zipped(*HONEST_ENTRIES, ("../evil.npy", b"")), NAME),
    "absolute path": (lambda: zipped(*HONEST_ENTRIES, ("/etc/evil", b"")), NAME),
    "windows path": (lambda: zipped(*HONEST_ENTRIES, ("..\\evil.npy", b"")), NAME),
    "folder": (lambda: zipped(*HONEST_ENTRIES, ("0.npy/", b"")), NAME),
    "repeated": (lambda: zipped(*HONEST_ENTRIES, HONEST_ENTRIES[1]), "the same name"),
    "symbolic link": (with_a_link, MORE),
    "appended": (lambda: HONEST.read("model.skops") + b"more", MORE),
    "prepended": (lambda: b"PK\x03\x04" + HONEST.read("model.skops"), MORE),
    "truncated": (lambda: HONEST.read("model.skops")[:-30], "damaged archive"),
    "reordered": (lambda: zipped(*reversed(HONEST_ENTRIES)), "not in order"),
    "not by Stepwell": (lambda: skops.io.dumps(FITTED), NAME),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("content", "message"), ODD_ARCHIVES.values(), ids=ODD_ARCHIVES)
def test_odd_archive_is_refused_and_nothing_is_written(
    content: Callable[[], bytes], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 7)"""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=message):
        model_of(content()).load()
    assert not list(tmp_path.iterdir())


def bomb() -> bytes:
    zeros = io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.npy", bytes(10_000_000))
    return zeros.getvalue()


def promise(length: int) -> bytes:
    """An array that claims to be as long as this."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({length},), }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "compressed": (lambda: bomb().replace(b"data.npy", b"1000.npy"), "compressed files"),
    "compressed matrix": (lambda: packed({"0.npz": bomb()}), "compressed files"),
    "nested schema": (lambda: packed({"schema.json": b"[" * 1_000_000}), "RecursionError"),
    "array of a terabyte": (lambda: packed({"0.npy": promise(10**12)}), "not as long as it says"),
    "array of less than nothing": (lambda: packed({"0.npy": promise(-1)}), "not as long as it"),
    "array without a header": (lambda: packed({"0.npy": b"\x93NUMPY"}), "damaged array"),
}


@pytest.mark.parametrize(("content", "message"), BOMBS.values(), ids=BOMBS)
def test_bomb_is_stopped_before_it_grows(content: Callable[[], bytes], message: str) -> None:
    """(fault 8)"""
    with pytest.raises(ModelError, match=message):
        model_of(content()).load()


def test_changed_weight_is_found_by_its_digest(tmp_path: Path) -> None:
    """(fault 4)"""
    path = HONEST.save(tmp_path / "model") / "model.skops"
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)
    with pytest.raises(CorruptedError, match=r"'model\.skops' of model \w+ was changed"):
        Model.open(tmp_path / "model").load()


def test_boosted_trees_load_with_the_reviewed_list() -> None:
    model = Model.of(HistGradientBoostingClassifier(max_iter=2).fit(X, Y))
    assert untrusted_types(model) == []
