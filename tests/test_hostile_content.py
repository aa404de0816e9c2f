"""Opening what somebody else put there runs none of its code: watched by an audit hook.

A process of its own opens honest content first, so that everything is imported. From then on, the
hook writes down each import, execution, process and connection, and each file that is opened.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WATCHED = r'''
import io, json, os, pathlib, pickle, sys, zipfile
import joblib, numpy as np, polars as pl, pyarrow as pa
from sklearn.linear_model import LogisticRegression
from stepwell import Dataset, Decision, DecisionLog, Model, Pipeline, step
from stepwell.authoring import Store
from stepwell._digest import canonical_json, digest, digest_json
from stepwell._records._history import find_record, history, known_record
from stepwell._records._prune import prune
from stepwell._storage._temporary import new_folder
from stepwell_sklearn._archive import packed

class Payload:
    def __reduce__(self):
        return os.system, ("touch pwned",)

def arrow(array, metadata=None):
    schema = pa.schema([pa.field("column", array.type, metadata=metadata)])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(pa.record_batch([array], schema=schema))
    return sink.getvalue().to_pybytes()

def dumped():
    buffer = io.BytesIO()
    joblib.dump(Payload(), buffer)
    return buffer.getvalue()

def pickled_array():
    buffer = io.BytesIO()
    np.save(buffer, np.array([Payload()], dtype=object), allow_pickle=True)
    return buffer.getvalue()

X = np.arange(20.0).reshape(10, 2)
honest = Model.of(LogisticRegression().fit(X, X[:, 0] > 9))
content = honest.read("model.skops")
with zipfile.ZipFile(io.BytesIO(content)) as archive:
    members = {name: archive.read(name) for name in archive.namelist()}
schema = json.loads(members["schema.json"])
schema["content"]["content"]["C"] = {
    "__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}
nothing = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": []}
called = {"__class__": "Popen", "__module__": "subprocess",
    "__loader__": "ConstructorFromReduceNode", "content": nothing}
array = next(name for name in members if name.endswith(".npy"))
pickled = pickle.dumps(Payload())
MODELS = {
    "pickle": pickled,
    "joblib": dumped(),
    "pickle in a zip": packed({"schema.json": pickled}),
    "pickle as array": packed({**members, array: pickled_array()}),
    "function": packed({**members, "schema.json": json.dumps(schema).encode()}),
    "call": packed({**members, "schema.json": json.dumps({**schema, "content": called}).encode()}),
}
COLUMNS = {
    "pickle": pickled,
    "python type": arrow(pa.array([1, 2]), {
        "ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": pickled}),
    "pointer": arrow(pa.array([b"x" * 16] * 2, pa.binary(16)), {
        "ARROW:extension:name": "POLARS_EXTENSION_TYPE",
        "ARROW:extension:metadata": f"{os.getpid()};140000000000000"}),
}

@step
def answer() -> int:
    return 42

def dataset(store, column):
    manifest = {"format": "stepwell.dataset/1", "rows": 2, "roles": {},
        "columns": [["a", "Int64", store.put_blob(column)]]}
    return store.put_blob(canonical_json(manifest))

def tried(call):
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return "opened"

def opened(folder, models, columns, documents):
    """Everything that can be opened, with the name of the error that came of it."""
    found = {}
    for name, content in models.items():
        model = Model.from_files(honest.description, {"model.skops": content})
        path = model.save(folder / f"model {name}")
        found[f"model folder, {name}"] = tried(lambda: Model.open(path).load())
        (path / "more.pkl").write_bytes(pickled)
        found[f"model folder with more, {name}"] = tried(lambda: Model.open(path).load())
        store = Store(folder / "store")
        found[f"stored model, {name}"] = tried(
            lambda: Store(store.url).get(store.put(model), "model").load())
    for name, content in columns.items():
        fingerprint = dataset(store, content)
        found[f"dataset, {name}"] = tried(
            lambda: Store(store.url).get(fingerprint, "dataset").to_polars())
    for name, content in documents.items():
        store = Store(folder / f"store of {name}")
        run = Pipeline("answers", [answer()]).run(store=store)
        DecisionLog(store, "m").append(Decision(name="m", outcome="refused"), after=0)
        root = pathlib.Path(store.url)
        [entry] = root.glob("cache/*/*.json")
        entry.write_bytes(content)
        found[f"cache entry, {name}"] = Pipeline("answers", [answer()]).run(store=store).status
        (root / "runs/x").mkdir(parents=True, exist_ok=True)
        for place in ("runs/x/started", "records/00000003", "decisions/m/00000002"):
            (root / f"{place}.json").write_bytes(content)
        fingerprint = store.put_blob(content)
        for kind in ("dataset", "model", "report", "file", "value"):
            found[f"{kind}, {name}"] = tried(lambda: Store(store.url).get(fingerprint, kind))
        found[f"records, {name}"] = tried(lambda: store.records.verify())
        found[f"list, {name}"] = tried(lambda: history(store))
        found[f"show, {name}"] = tried(lambda: known_record(find_record(store, "last")))
        found[f"decisions, {name}"] = tried(lambda: DecisionLog(store, "m").champion())
        found[f"prune, {name}"] = tried(lambda: prune(store, keep_runs=1, dry_run=True))
    return found

folder = pathlib.Path(sys.argv[1])
os.chdir(folder)
(folder / "warm").mkdir()
(folder / "hostile").mkdir()
opened(folder / "warm", {"honest": content, "damaged": b"x"},
    {"honest": arrow(pa.array([1, 2])), "damaged": b"x"}, {"nothing": b"{}", "damaged": b"x"})
seen = []
ALLOWED = (str(folder), str(new_folder().parent), "/proc/", sys.prefix)
NAMES = ("exec", "import", "subprocess.Popen", "os.", "socket.", "pickle.", "ctypes.", "marshal.")
HARMLESS = {"socket.gethostname", *map("os.".__add__, (
    "listdir", "scandir", "mkdir", "rename", "remove", "link", "chmod", "rmdir", "truncate"))}

def hook(event, arguments):
    if event == "open":
        place = str(arguments[0])
        if not place.startswith(ALLOWED) and not place.isdigit():
            seen.append([event, place])
    elif event.startswith(NAMES) and event not in HARMLESS:
        seen.append([event, str(arguments)[:200]])

sys.addaudithook(hook)
found = opened(folder / "hostile", MODELS, COLUMNS,
    {"pickle": pickled, "deep": b"[" * 100_000, "keys": b'{"a":1,"a":2}', "number": b"1"})
watched = list(seen)
pickle.loads(pickle.dumps(pathlib.Path("x")))
print(json.dumps({"found": found, "seen": watched, "alive": len(seen) > len(watched)}))
'''


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("hostile")
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**said, "pwned": list(Path(folder).rglob("pwned"))}


def test_hostile_content_imports_runs_and_reaches_nothing(watched: dict[str, Any]) -> None:
    """(faults 1, 2, 3, 5, 6, 13, 48)"""
    assert watched["alive"], "the hook sees nothing at all"
    assert (watched["seen"], watched["pwned"]) == ([], [])


def test_hostile_content_is_refused_with_an_error_of_stepwell(watched: dict[str, Any]) -> None:
    refusals = {"ModelError", "CorruptedError", "StoreError"}
    found = watched["found"]
    harmless = {
        name: outcome for name, outcome in found.items() if name.startswith(("cache", "list"))
    }
    assert len(found) > 60
    assert {name: o for name, o in found.items() if o not in refusals and name not in harmless} == {
        "value, number": "opened"
    }
