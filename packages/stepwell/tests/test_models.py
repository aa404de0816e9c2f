"""Models are folders: verified by digest, loaded by installed formats only, never unpickled."""

import json
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stepwell import (
    ContractError,
    CorruptedError,
    Model,
    ModelDescription,
    ModelError,
    Pipeline,
    StepwellError,
    StoreError,
    step,
)
from stepwell._storage._store import Store

TINY = """
import hashlib, json
import polars as pl
from stepwell import Feature, ModelDescription, ModelError

class Average:
    '''A model that says the same for every row.'''

    def __init__(self, value):
        self.value = value

class Format:
    name = "tiny"

    def save(self, model, hints):
        features = tuple(Feature(name=n, type="Int64") for n in hints.get("features", ()))
        described = ModelDescription(format="tiny", task="regression", features=features)
        content = {"value": model.value, "type": hints.get("type", "Average")}
        return described, {"average.json": json.dumps(content).encode()}

    def load(self, model, trusted):
        content = json.loads(model.read("average.json"))
        if content["type"] not in ("Average", *trusted):
            raise ModelError(f"The model holds the type {content['type']!r}, which is not trusted.")
        return Average(content["value"])

    def predict(self, live, description, frame):
        return frame.select(prediction=pl.repeat(live.value, pl.len()))

    def state_digest(self, live):
        return hashlib.sha256(repr(vars(live)).encode()).hexdigest()
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Installs a throw-away distribution that brings one model format."""
    names: list[str] = []

    def installed(module: str, source: str, *, library: str) -> None:
        folder = tmp_path / f"site-{module}"
        info = folder / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / f"{module}.py").write_text(source)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "RECORD").write_text(f"{module}.py,sha256=0,1\n")
        entry = f"[stepwell.model_formats]\n{library} = {module}:Format\n"
        (info / "entry_points.txt").write_text(entry)
        monkeypatch.syspath_prepend(folder)
        names.append(module)

    yield installed
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def tiny(install: Callable[..., None]) -> Any:
    """The module of a tiny model format, installed."""
    install("tiny_format", TINY, library="tiny_format")
    import tiny_format  # type: ignore[import-not-found]  # installed just now

    return tiny_format


FRAME = pl.DataFrame({"a": [1, 2, 3]})


def test_live_model_becomes_a_model_that_predicts(tiny: Any) -> None:
    model = Model.of(tiny.Average(7), features=["a"])
    assert model.predict(FRAME)["prediction"].to_list() == [7, 7, 7]
    assert model.description.features[0].name == "a"
    assert repr(model) == f"Model(tiny, regression, version {model.version})"
    assert Model.of(model) is model


def test_same_model_has_the_same_fingerprint_and_another_another(tiny: Any) -> None:
    first, second = Model.of(tiny.Average(7)), Model.of(tiny.Average(7))
    assert first.fingerprint == second.fingerprint
    assert first.version == first.fingerprint[:12]
    assert Model.of(tiny.Average(8)).fingerprint != first.fingerprint


@pytest.fixture
def folder(tiny: Any, tmp_path: Path) -> Path:
    return Model.of(tiny.Average(7)).save(tmp_path / "model")


def test_saved_model_is_opened_verified_and_loaded(tiny: Any, folder: Path) -> None:
    model = Model.open(folder)
    model.verify()
    assert model.fingerprint == Model.of(tiny.Average(7)).fingerprint
    assert model.load().value == 7
    assert json.loads((folder / "model.json").read_text())["files"] == model.description.files


def test_model_is_saved_into_a_new_folder_that_others_cannot_read(tiny: Any, folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0
    with pytest.raises(ModelError, match="exists; a model is saved into a new folder"):
        Model.of(tiny.Average(8)).save(folder)
    assert Model.open(folder).load().value == 7


def test_opening_reads_no_file_but_the_description(folder: Path) -> None:
    (folder / "average.json").write_bytes(b"damaged")
    assert Model.open(folder).description.format == "tiny"


# hostile folders


def describe(folder: Path, **changes: Any) -> None:
    document = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**document, **changes}))


def test_one_changed_byte_is_named_with_both_digests(folder: Path) -> None:
    """(fault 4)"""
    content = (folder / "average.json").read_bytes()
    (folder / "average.json").write_bytes(content.replace(b"7", b"8"))
    expected = json.loads((folder / "model.json").read_text())["files"]["average.json"][:12]
    with pytest.raises(CorruptedError) as caught:
        Model.open(folder).load()
    assert "File 'average.json' of model" in str(caught.value)
    assert f"the description says {expected}" in str(caught.value)
    assert "its digest is " in str(caught.value)


@pytest.mark.parametrize("extra", ["more.json", "__init__.py", "inner/file"])
def test_extra_file_is_refused(extra: str, folder: Path) -> None:
    """(fault 5)"""
    (folder / extra).parent.mkdir(exist_ok=True)
    (folder / extra).write_text("x")
    with pytest.raises(ModelError, match=f"1 files that its description does not.*{extra[:5]}"):
        Model.open(folder)


def test_missing_file_is_named(folder: Path) -> None:
    (folder / "average.json").unlink()
    with pytest.raises(ModelError, match=r"'average\.json' is missing from the model folder"):
        Model.open(folder).load()


def test_link_in_place_of_a_file_is_not_followed(folder: Path, tmp_path: Path) -> None:
    """(fault 13)"""
    (folder / "average.json").rename(tmp_path / "elsewhere")
    (folder / "average.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="is missing from the model folder"):
        Model.open(folder).load()


FORMATS = ["os", "os:system", "tiny_format:Average", "pickle", "Tiny", ""]


@pytest.mark.parametrize("name", FORMATS)
def test_format_that_is_not_installed_is_refused_and_nothing_imported(
    name: str, folder: Path
) -> None:
    """(fault 6)"""
    describe(folder, format=name)
    before = set(sys.modules)
    with pytest.raises(ModelError, match=r"which no installed package reads\..*Installed: .*tiny"):
        Model.open(folder).load()
    assert {m for m in set(sys.modules) - before if not m.startswith("stepwell")} == set()


class Bomb:
    """What a pickle would run."""

    def __reduce__(self) -> Any:
        return (Path.touch, (Path("exploded"),))


def test_pickle_in_a_model_folder_is_never_unpickled(folder: Path, tmp_path: Path) -> None:
    """(fault 1)"""
    bomb = pickle.dumps(Bomb())
    (folder / "average.json").write_bytes(bomb)
    from stepwell._digest import digest

    describe(folder, files={"average.json": digest(bomb)})
    with pytest.raises(UnicodeDecodeError):
        Model.open(folder).load()
    describe(folder, format="pickle")
    with pytest.raises(ModelError, match="'pickle', which no installed package reads"):
        Model.open(folder).load()
    assert not (tmp_path / "exploded").exists()


def test_no_module_of_core_can_unpickle() -> None:
    import stepwell

    sources = list(Path(stepwell.__path__[0]).rglob("*.py"))
    loaders = (
        "import pickle",
        "import joblib",
        "import cloudpickle",
        "import dill",
        "import marshal",
    )
    assert [s.name for s in sources if any(word in s.read_text() for word in loaders)] == []


DESCRIPTIONS: dict[str, bytes] = {
    "no JSON": b"\x80\x04pickle",
    "no object": b"[]",
    "unknown field": b'{"format": "tiny", "loader": "os:system"}',
    "newer version": b'{"format": "tiny", "version": "stepwell.model/2"}',
    "deep": b"[" * 100_000,
    "path as a name": b'{"format": "tiny", "files": {"../../x": "00"}}',
    "two names that differ in case": b'{"format": "tiny", "files": {"a": "00", "A": "00"}}',
    "its own name": b'{"format": "tiny", "files": {"Model.json": "00"}}',
}


@pytest.mark.parametrize("content", DESCRIPTIONS.values(), ids=DESCRIPTIONS.keys())
def test_description_that_is_none_is_refused(content: bytes, folder: Path) -> None:
    """(faults 12, 16)"""
    (folder / "model.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"holds no model description|is no name for a file of"):
        Model.open(folder)


def test_folder_without_a_model_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'model\.json' is missing from the model folder"):
        Model.open(tmp_path)


def test_type_that_nobody_trusts_is_refused_whatever_the_model_says(tiny: Any) -> None:
    """(fault 2)"""
    model = Model.of(tiny.Average(7), type="Strange")
    opened = Model(model.description, model.read)
    with pytest.raises(ModelError, match="'Strange', which is not trusted"):
        opened.load()
    assert opened.load(trusted=["Strange"]).value == 7


def test_file_that_the_model_does_not_have_is_named(tiny: Any) -> None:
    with pytest.raises(ModelError, match=r"has no file 'weights'\. Files: average\.json\."):
        Model.of(tiny.Average(7)).read("weights")


# installed formats


def test_model_of_an_unclaimed_library_is_explained(tiny: Any) -> None:
    with pytest.raises(ModelError, match=r"No installed model format stores a builtins\.dict"):
        Model.of({"no": "model"})


def test_two_packages_for_one_library_are_both_named(
    tiny: Any, install: Callable[..., None]
) -> None:
    """(fault 37)"""
    install("other_format", TINY, library="tiny_format")
    with pytest.raises(ModelError, match="other_format and tiny_format both claim the models of"):
        Model.of(tiny.Average(7))


def test_two_packages_for_one_format_are_both_named(
    folder: Path, install: Callable[..., None]
) -> None:
    """(fault 37)"""
    install("other_format", TINY, library="other_library")
    with pytest.raises(ModelError, match=r"both claim the format 'tiny'\. Uninstall one of them"):
        Model.open(folder).load()


def test_broken_package_of_another_format_harms_nobody(
    folder: Path, install: Callable[..., None]
) -> None:
    """(fault 39)"""
    install("broken_format", "raise RuntimeError", library="broken")
    assert Model.open(folder).load().value == 7
    describe(folder, format="unknown")
    with pytest.raises(ModelError, match="Broken: broken_format"):
        Model.open(folder).load()


# in a store and in pipelines


def test_model_comes_back_from_the_store(tiny: Any, store: Store) -> None:
    model = Model.of(tiny.Average(7))
    stored = Store(store.url).get(store.put(model), "model")
    assert stored.fingerprint == model.fingerprint
    assert stored.load().value == 7


def test_damaged_file_in_the_store_is_found(tiny: Any, store: Store) -> None:
    fingerprint = store.put(Model.of(tiny.Average(7)))
    for file in Path(store.url).glob("blobs/*/*"):
        if file.parent.name + file.name != fingerprint:
            file.write_bytes(b"{}")
    with pytest.raises(StoreError):
        Store(store.url).get(fingerprint, "model").load()


def test_blob_that_is_no_model_is_refused(store: Store) -> None:
    with pytest.raises(StepwellError, match="holds no model description"):
        store.get(store.put_blob(b"{}"), "model")


def steps(tiny: Any) -> tuple[Any, Any, Any]:
    """A step that trains, one that looks, and one that changes what it was given."""

    @step
    def train() -> Any:
        return tiny.Average(7)

    def look(model: Any) -> int:
        return int(model.value)

    def spoil(model: Any) -> int:
        model.value = 8
        return 8

    train.function.__annotations__["return"] = tiny.Average
    for function in (look, spoil):
        function.__annotations__["model"] = tiny.Average
    return step(train.function)(), step(returns="seen")(look)(), step(returns="bad")(spoil)()


@pytest.mark.parametrize("with_store", [False, True])
def test_live_models_pass_between_steps(tiny: Any, with_store: bool, store: Store) -> None:
    train, look, _ = steps(tiny)
    run = Pipeline("p", [train, look]).run(store=store if with_store else False)
    assert (run["seen"], run["model"].load().value) == (7, 7)


def test_step_that_changes_a_model_is_an_error(tiny: Any) -> None:
    train, _, spoil = steps(tiny)
    run = Pipeline("p", [train, spoil]).run(store=False)
    assert isinstance(run.step("spoil").exception, ContractError)
    assert run.step("spoil").reason == (
        "Step 'spoil' changed its input 'model'; inputs are never changed. "
        "Work on a copy: sklearn.base.clone or copy.deepcopy."
    )


def test_model_of_another_class_than_annotated_is_an_error(tiny: Any) -> None:
    class Other(tiny.Average):  # type: ignore[misc]  # a class made at run time
        """Another model of the same library."""

    train, _, _ = steps(tiny)

    def look(model: Any) -> int:
        return 1

    look.__annotations__["model"] = Other
    run = Pipeline("p", [train, step(returns="seen")(look)()]).run(store=False)
    assert run.step("look").reason == (
        "Step 'look' takes 'model' as Other; the model is a Average."
    )


def test_description_may_stand_alone() -> None:
    model = Model.from_files(ModelDescription(format="tiny"), {"b": b"2", "a": b"1"})
    assert list(model.description.files) == ["a", "b"]
    assert model.read("a") == b"1"
