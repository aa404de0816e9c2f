import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell import Run, StoreError
from stepwell.authoring import Store
from stepwell_tracking import Mlflow, helper_command, helper_environment, sync
from stepwell_tracking._outbox import Outbox
from stepwell_tracking._send import send_run
from stepwell_tracking._sync import send_waiting

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own, which a helper ignores too

MakeRun = Callable[..., Run]


@pytest.fixture
def mlflow(mlflow_store: Store) -> Mlflow:
    return Mlflow.connect(mlflow_store)


@pytest.fixture
def waiting_run(run: MakeRun, mlflow_store: Store) -> MakeRun:
    """Runs the small pipeline and puts the run into the outbox."""

    def make(**fields: object) -> Run:
        done = run(**fields)
        Outbox(mlflow_store).add(done.id, done.pipeline, done.head.number)
        return done

    return make


def sent_runs(mlflow: Mlflow) -> list[object]:
    found = mlflow.client.get_experiment_by_name("credit")
    return mlflow.client.search_runs([found.experiment_id]) if found else []


def artifacts_of(mlflow: Mlflow, run_id: str, folder: str = "") -> set[str]:
    return {Path(info.path).name for info in mlflow.client.list_artifacts(run_id, folder)}


def test_run_arrives_with_everything_that_its_record_tells(
    waiting_run: MakeRun, mlflow: Mlflow, project: Path
) -> None:
    done = waiting_run()

    synced = send_waiting(mlflow.store)

    [arrived] = sent_runs(mlflow)
    run_id = arrived.info.run_id
    assert synced.sent == [done.id]
    assert (arrived.info.run_name, arrived.info.status) == (done.id, "FINISHED")
    assert arrived.data.params["rows.count"] == "3"
    assert arrived.data.metrics["evaluate/roc_auc"] == 0.8
    assert arrived.data.tags["stepwell.record"] == str(done.head)
    assert artifacts_of(mlflow, run_id) == {"record.json", "reports", "model"}
    assert artifacts_of(mlflow, run_id, "reports") == {"evaluate_report.json"}
    assert artifacts_of(mlflow, run_id, "model") == {"model.json", "word.txt"}
    [dataset] = arrived.inputs.dataset_inputs
    assert dataset.dataset.digest == done.fingerprint("data")[:36]
    assert json.loads(dataset.dataset.profile)["num_rows"] == 3
    assert not (project / "mlruns").exists()


def test_answer_that_was_lost_makes_no_second_run(
    waiting_run: MakeRun, mlflow: Mlflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting_run()
    create = type(mlflow.client).create_run

    def created_twice(self: object, *given: object, **options: object) -> object:
        create(self, *given, **options)
        return create(self, *given, **options)

    monkeypatch.setattr(type(mlflow.client), "create_run", created_twice)
    send_waiting(mlflow.store)
    [arrived] = sent_runs(mlflow)
    assert arrived.info.status == "FINISHED"


def test_no_cell_leaves_the_store(waiting_run: MakeRun, mlflow: Mlflow) -> None:
    """(fault 28)"""
    waiting_run()
    send_waiting(mlflow.store)

    written = [Path(mlflow.store.url, "mlflow.db"), Path(mlflow.store.url, "tracking.log")]
    written += [path for path in Path(mlflow.store.url, "mlartifacts").rglob("*") if path.is_file()]
    assert len(written) > 4
    assert not [path for path in written if path.exists() and b"a cell" in path.read_bytes()]


def test_times_and_status_are_those_of_the_run(waiting_run: MakeRun, mlflow: Mlflow) -> None:
    done = waiting_run(verdict="failed")
    send_waiting(mlflow.store)

    [arrived] = sent_runs(mlflow)
    seconds = (arrived.info.end_time - arrived.info.start_time) / 1000
    assert arrived.info.status == "FAILED"
    assert arrived.data.tags["stepwell.status"] == "blocked"
    assert seconds == pytest.approx(done.record["seconds"], abs=0.002)


def test_second_sync_sends_nothing_again(waiting_run: MakeRun, mlflow: Mlflow) -> None:
    done = waiting_run()
    send_waiting(mlflow.store)
    [arrived] = sent_runs(mlflow)
    mlflow.client.set_tag(arrived.info.run_id, "verdict.evaluate_report", "changed by hand")
    Outbox(mlflow.store).add(done.id, done.pipeline, done.head.number)

    synced = send_waiting(mlflow.store)

    [still] = sent_runs(mlflow)
    assert synced.sent == [done.id]
    assert still.data.tags["verdict.evaluate_report"] == "changed by hand"
    assert Outbox(mlflow.store).waiting() == []


def test_run_that_was_begun_is_completed(waiting_run: MakeRun, mlflow: Mlflow) -> None:
    """A crash in the middle of sending leaves a run without its end."""
    done = waiting_run()
    [waiting] = Outbox(mlflow.store).waiting()
    begun = mlflow.run("credit", done.id)
    mlflow.client.log_param(begun.info.run_id, "rows.count", "3")
    mlflow.client.log_batch(begun.info.run_id)

    send_waiting(mlflow.store)
    send_run(mlflow, waiting)

    [arrived] = sent_runs(mlflow)
    assert arrived.info.run_id == begun.info.run_id
    assert arrived.info.status == "FINISHED"
    assert len(mlflow.client.get_metric_history(arrived.info.run_id, "evaluate/roc_auc")) == 1


def test_run_that_cannot_be_sent_does_not_stop_the_others(
    waiting_run: MakeRun, mlflow: Mlflow
) -> None:
    Outbox(mlflow.store).add("unknown", "credit", 99)
    done = waiting_run()

    synced = send_waiting(mlflow.store)

    assert synced.sent == [done.id]
    assert synced.failed == {"unknown": "Entry 99 of records is missing."}
    assert [waiting.run_id for waiting in Outbox(mlflow.store).waiting()] == ["unknown"]


def test_deleted_experiment_is_named_and_the_run_kept(waiting_run: MakeRun, mlflow: Mlflow) -> None:
    done = waiting_run()
    mlflow.client.delete_experiment(mlflow.experiment("credit"))

    synced = send_waiting(mlflow.store)

    assert (
        "The MLflow experiment 'credit' was deleted. Restore it: mlflow" in synced.failed[done.id]
    )
    assert Outbox(mlflow.store).has(done.id)


def test_run_whose_model_was_pruned_arrives_without_it(
    waiting_run: MakeRun, mlflow: Mlflow
) -> None:
    done = waiting_run()
    fingerprint = done.fingerprint("model")
    mlflow.store.files.delete(f"blobs/{fingerprint[:2]}/{fingerprint[2:]}")
    with pytest.raises(StoreError):
        Store(mlflow.store.url).get(fingerprint, "model")

    synced = send_waiting(Store(mlflow.store.url))

    [arrived] = sent_runs(mlflow)
    assert synced.sent == [done.id]
    assert artifacts_of(mlflow, arrived.info.run_id) == {"record.json", "reports"}


def test_two_processes_on_a_fresh_database_send_every_run_once(
    run: MakeRun, store: Store, project: Path
) -> None:
    """They race for the lock, for the first start of the database, and for the same runs."""
    runs = [run(auc=auc) for auc in (0.7, 0.8, 0.9)]
    for done in runs:
        Outbox(store).add(done.id, done.pipeline, done.head.number)

    command = helper_command("stepwell_tracking", "sync")
    environment = helper_environment(store=store.url, uri=None)
    processes = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    output = [process.communicate(timeout=60)[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(output) == ["0 runs sent.\n", "3 runs sent.\n"]
    arrived = [found.info.run_name for found in sent_runs(Mlflow.connect(store))]
    assert sorted(arrived) == sorted(done.id for done in runs)


def test_second_process_in_the_background_leaves_the_work_to_the_first(
    waiting_run: MakeRun, mlflow: Mlflow
) -> None:
    from stepwell_tracking._locks import lock_of, locked

    waiting_run()
    with locked(lock_of(mlflow.store, "tracking")):
        synced = send_waiting(mlflow.store, background=True)

    assert synced.busy
    assert sent_runs(mlflow) == []


def test_run_that_ends_while_others_are_sent_is_sent_too(
    waiting_run: MakeRun, mlflow: Mlflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stepwell_tracking import _sync

    waiting_run(auc=0.7)

    def another_ends(mlflow: Mlflow, waiting: object) -> None:
        monkeypatch.setattr(_sync, "send_run", send_run)
        waiting_run(auc=0.8)
        send_run(mlflow, waiting)

    monkeypatch.setattr(_sync, "send_run", another_ends)
    send_waiting(mlflow.store, background=True)

    assert len(sent_runs(mlflow)) == 2


def test_first_start_that_is_killed_leaves_no_half_database(run: MakeRun, store: Store) -> None:
    """(fault 43)"""
    done = run()
    Outbox(store).add(done.id, done.pipeline, done.head.number)
    final, unfinished = (Path(store.url, f"mlflow.db{end}") for end in ("", ".unfinished"))

    process = subprocess.Popen(
        helper_command("stepwell_tracking", "sync"),
        env=helper_environment(store=store.url, uri=None),
        stdout=subprocess.DEVNULL,
    )
    while not any(unfinished.glob("mlflow.db*")):
        assert process.poll() is None, "it ended without making a database"
        time.sleep(0.001)
    process.kill()
    process.wait()

    assert not final.exists()
    assert send_waiting(store).sent == [done.id]
    assert not unfinished.exists()


def test_sync_is_done_by_a_process_of_its_own(waiting_run: MakeRun, mlflow: Mlflow) -> None:
    done = waiting_run()
    Outbox(mlflow.store).add("unknown", "credit", 99)

    synced = sync(mlflow.store)

    assert (synced.sent, list(synced.failed)) == ([done.id], ["unknown"])


def test_machines_that_share_a_store_agree_on_one_run(
    mlflow_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_TRACKING_URI", f"sqlite:///{mlflow_store.url}/mlflow.db")
    shared = Store(f"memory://{tmp_path.name}")
    one, other = Mlflow.connect(shared), Mlflow.connect(shared)
    first = one.run("credit", "run-1")
    monkeypatch.setattr(other.client, "search_runs", lambda *_, **__: [])  # it had looked before

    second = other.run("credit", "run-1")

    assert second.info.run_id == first.info.run_id
    assert [run.info.run_id for run in sent_runs(one)] == [first.info.run_id]


def test_run_that_was_agreed_on_and_deleted_is_made_anew(
    mlflow_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_TRACKING_URI", f"sqlite:///{mlflow_store.url}/mlflow.db")
    mlflow = Mlflow.connect(Store(f"memory://{tmp_path.name}"))
    mlflow.client.delete_run(mlflow.run("credit", "run-1").info.run_id)

    again = mlflow.run("credit", "run-1")

    assert [run.info.run_id for run in sent_runs(mlflow)] == [again.info.run_id]
