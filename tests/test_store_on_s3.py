"""A store in an object store, over HTTP: nothing is lost, and every number is given once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import fsspec
import polars as pl
import pytest
from click.testing import CliRunner
from fsspec.implementations.memory import MemoryFileSystem

from stepwell import Decision, DecisionLog, Model, ModelDescription, Pipeline, StoreError, step
from stepwell._cli import stepwell as command_line
from stepwell._records._prune import prune
from stepwell.authoring import Store

if TYPE_CHECKING:
    from object_stores import ObjectStore

S3 = fsspec.get_filesystem_class("s3")
ROOT = Path(__file__).parent.parent


@pytest.fixture
def store(s3: ObjectStore, tmp_path: Path) -> Store:
    """A store of its own in the bucket `team`."""
    return Store(f"s3://team/{tmp_path.name}")


CONTEST = """
import json, pathlib, sys, time
from stepwell import Decision, DecisionConflict, DecisionLog
from stepwell.authoring import Store

url, start, me = sys.argv[1:]
store = Store(url)
print(store.files.exists("x"), flush=True)
while not pathlib.Path(start).exists():
    time.sleep(0.001)
created = [n for n in range(5) if store.files.create(f"chain/{n}", me.encode())]
for n in range(2):
    store.records.append({"run_id": f"{me}-{n}"})
decision = Decision(name="credit", outcome="promoted", model=me * 64, version=1)
try:
    DecisionLog(store, "credit").append(decision, after=0)
    won = True
except DecisionConflict:
    won = False
print(json.dumps({"created": created, "won": won}))
"""


@dataclass(frozen=True)
class Contest:
    """What eight processes did that all wrote the same at once, by the names of the processes."""

    url: str
    results: dict[str, dict[str, Any]]

    @property
    def store(self) -> Store:
        return Store(self.url)


@pytest.fixture(scope="module")
def contest(object_store: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Contest:
    url, start = "s3://team/contest", tmp_path_factory.mktemp("contest") / "start"
    running = {
        name: subprocess.Popen(
            [sys.executable, "-c", CONTEST, url, str(start), name],
            env={**os.environ, **object_store.environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abcdefgh"
    }
    ready = [process.stdout.readline() for process in running.values() if process.stdout]
    assert ready == ["False\n"] * 8
    start.touch()
    return Contest(url, {n: json.loads(one.communicate()[0]) for n, one in running.items()})


def test_of_eight_processes_exactly_one_creates_each_file(
    s3: ObjectStore, contest: Contest
) -> None:
    created = {n: me for me, result in contest.results.items() for n in result["created"]}

    assert sum(len(result["created"]) for result in contest.results.values()) == 5
    assert [contest.store.files.read(f"chain/{n}").decode() for n in range(5)] == [
        created[n] for n in range(5)
    ]


def test_eight_writers_make_one_chain(s3: ObjectStore, contest: Contest) -> None:
    """(fault 79)"""
    assert contest.store.records.verify().number == 16
    written = [entry.document["run_id"] for entry in contest.store.records.entries()]
    assert sorted(written) == sorted(f"{me}-{n}" for me in contest.results for n in range(2))


def test_of_eight_deployers_one_wins(s3: ObjectStore, contest: Contest) -> None:
    """(fault 54)"""
    [winner] = [me for me, result in contest.results.items() if result["won"]]

    [decision] = DecisionLog(contest.store, "credit").entries()
    assert decision.model == winner * 64


@step
def rows(*, count: int = 3) -> pl.DataFrame:
    return pl.DataFrame({"a": range(count), "b": range(count)})


@step
def doubled(data: pl.DataFrame) -> pl.DataFrame:
    return data.with_columns(c=pl.col("a") * 2)


@step
def total(data: pl.DataFrame) -> int:
    return int(data["c"].sum())


SMALL = Pipeline("small", [rows(), doubled(), total()])


def test_second_run_comes_from_the_cache_in_few_requests(s3: ObjectStore, store: Store) -> None:
    first = SMALL.run(store=store)
    before = len(s3.requests())

    second = SMALL.run(store=Store(store.url))

    asked = s3.requests()[before:]
    assert (first.status, second.status) == ("succeeded", "succeeded")
    assert {done.state for done in second.steps} == {"cached"}
    assert (second["total"], second["data"].to_polars()["c"].to_list()) == (6, [0, 2, 4])
    assert len(asked) <= 16, asked
    assert not [request for request in asked if request.startswith("PUT") and "blobs" in request]


def test_steps_run_in_worker_processes(store: Store) -> None:
    run = SMALL.run(store=store, workers=2)

    assert run.status == "succeeded"
    assert [done.state for done in run.steps] == ["succeeded"] * 3
    assert Store(store.url).records.verify() == run.head


def test_what_others_write_is_seen_at_once(s3: ObjectStore, store: Store) -> None:
    folder = store.url.removeprefix("s3://")
    store.files.write("folder/a", b"1")
    assert (store.files.names("folder"), store.files.exists("folder/b")) == (["a"], False)

    s3.put(f"{folder}/folder/a", b"other")
    s3.put(f"{folder}/folder/b", b"new")

    assert (store.files.names("folder"), store.files.exists("folder/b")) == (["a", "b"], True)
    assert (store.files.read("folder/a"), store.files.size("folder/a")) == (b"other", 5)


def test_edited_record_is_named_by_verify(s3: ObjectStore, store: Store) -> None:
    """(fault 78)"""
    for _ in range(3):
        SMALL.run(store=store)
    name = "records/00000002.json"
    record = json.loads(store.files.read(name))
    s3.put(
        f"{store.url.removeprefix('s3://')}/{name}", json.dumps({**record, "git": None}).encode()
    )

    done = CliRunner().invoke(command_line, ["records", "verify", "--store", store.url])

    assert done.exit_code == 1
    assert "Entry 2 of records was changed" in str(done.exception or done.output)


def test_prune_keeps_what_runs_and_decisions_need(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepwell._records._prune.GRACE", -60.0)
    model = Model.from_files(ModelDescription(format="words"), {"word.txt": b"word"})
    champion = store.put(model)
    decision = Decision(name="credit", outcome="promoted", model=champion, version=1)
    DecisionLog(store, "credit").append(decision, after=0)
    kept = SMALL.run(store=store)
    garbage = store.put_blob(b"garbage")

    CliRunner().invoke(
        command_line, ["store", "prune", "--store", store.url], catch_exceptions=False
    )

    pruned = Store(store.url)
    assert not pruned.has_blob(garbage)
    assert pruned.get(champion, "model").read("word.txt") == b"word"
    assert pruned.get(kept.fingerprint("data"), "dataset").to_polars().height == 3


def test_answer_that_was_lost_makes_no_second_entry(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.records.append({"run_id": "first"})
    files: Any = store.files
    really = files._fs.pipe_file

    def lost(*arguments: Any, **options: Any) -> None:
        monkeypatch.setattr(files._fs, "pipe_file", really)
        really(*arguments, **options)
        raise TimeoutError

    monkeypatch.setattr(files._fs, "pipe_file", lost)

    entry = store.records.append({"run_id": "second"})

    assert (entry.number, store.records.numbers()) == (2, [1, 2])


def test_run_that_is_killed_at_any_write_ends_in_the_same_record(
    object_store: ObjectStore, tmp_path: Path
) -> None:
    """(fault 43)"""
    program = ROOT / "packages/stepwell/tests/crashing.py"
    done = subprocess.run(
        [sys.executable, str(program), "s3://team/crash", "killed"],
        cwd=tmp_path,
        env={**os.environ, **object_store.environment},
        capture_output=True,
        text=True,
        check=True,
    )
    *harmed, unharmed = map(json.loads, done.stdout.splitlines())
    assert len(harmed) >= 15
    for outcome in harmed:
        assert (outcome["exit"], outcome["again"]) == (-9, 0), outcome
        assert outcome["left"]["record"] == unharmed["left"]["record"], outcome["write"]
        assert outcome["left"]["statuses"] == ["succeeded"], outcome["write"]
        happened = outcome["left"]["effects"], outcome["left"]["decisions"]
        assert happened == (1, 1), outcome["write"]


def test_bucket_that_does_not_exist_is_not_an_empty_store(s3: ObjectStore) -> None:
    store = Store("s3://taem/store")

    for operation in (
        lambda: store.records.head(),
        lambda: store.files.read("a"),
        lambda: store.files.write("a", b""),
        lambda: store.files.create("a", b""),
    ):
        with pytest.raises(StoreError, match=r"s3://taem/store .*: there is no such bucket\."):
            operation()
    assert not any(request.startswith("PUT /taem ") for request in s3.requests())


def test_server_that_is_away_is_an_error_without_credentials(
    s3: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 25)"""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    S3.clear_instance_cache()  # fsspec keeps the client of the other address
    store = Store("s3://team/away")
    S3.clear_instance_cache()
    store.files._fs.retries = 1  # type: ignore[attr-defined]  # else it takes half a minute

    with pytest.raises(StoreError) as caught:
        store.files.exists("a")

    assert str(caught.value).startswith("The store s3://team/away cannot be read: ")
    assert "never-in-a-message" not in str(caught.value)


class Forgetful(MemoryFileSystem):
    """Takes `mode="create"` and writes all the same, as some servers do."""

    protocol = "forgetful"

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **options: Any) -> None:
        super().pipe_file(path, value)


def test_server_that_replaces_what_was_to_be_created_is_refused() -> None:
    fsspec.register_implementation("forgetful", Forgetful, clobber=True)

    with pytest.raises(StoreError, match="its server has no way to create a file only if"):
        Store("forgetful://bucket").records.append({"run_id": "1"})


@pytest.fixture
def policed(guarded_object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store where everything is forbidden that the policy of the documentation does not allow."""
    page = (Path(__file__).parents[1] / "docs" / "team-setup.md").read_text(encoding="utf-8")
    policy = page.split('```json title="policy.json"\n')[1].split("```")[0]
    for name, value in guarded_object_store.environment.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="team-stepwell")
    users = boto3.client("iam")
    users.create_user(UserName="team")
    users.put_user_policy(UserName="team", PolicyName="least", PolicyDocument=policy)
    key = users.create_access_key(UserName="team")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    S3.clear_instance_cache()  # fsspec keeps the client of the other address
    yield "s3://team-stepwell/store"
    S3.clear_instance_cache()


def test_documented_policy_allows_all_but_removing_records(
    policed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepwell._records._prune.GRACE", -60.0)
    store = Store(policed)
    garbage = store.put_blob(b"garbage")

    assert SMALL.run(store=store).status == "succeeded"
    assert prune(store, keep_runs=1, dry_run=False)["blobs"] == 1
    assert not store.has_blob(garbage)
    with pytest.raises(StoreError, match=r"cannot be written: access is denied\."):
        store.files.delete("records/00000001.json")
    with pytest.raises(StoreError, match=r"cannot be written: access is denied\."):
        Store("s3://team-stepwell/other").files.write("a", b"")
