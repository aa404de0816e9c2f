from datetime import UTC, datetime, timedelta

import pytest

from stepwell.authoring import Store
from stepwell_tracking._outbox import Outbox


@pytest.fixture
def outbox(store: Store) -> Outbox:
    return Outbox(store)


def test_runs_wait_in_the_order_in_which_they_ended(outbox: Outbox) -> None:
    for run_id in ("b", "a", "c"):
        outbox.add(run_id, "credit", 1)
    outbox.sent("a")

    assert [waiting.run_id for waiting in outbox.waiting()] == ["b", "c"]


def test_failure_is_noted_with_its_reason(outbox: Outbox) -> None:
    outbox.add("a", "credit", 1)
    outbox.failed(outbox.waiting()[0], "too large")

    [waiting] = outbox.waiting()
    assert (waiting.attempts, waiting.error) == (1, "too large")


def test_run_that_keeps_failing_is_left_to_a_person(outbox: Outbox) -> None:
    outbox.add("a", "credit", 1)
    for _ in range(5):
        assert outbox.waiting()[0].is_due(datetime.now(UTC))
        outbox.failed(outbox.waiting()[0], "too large")

    assert not outbox.waiting()[0].is_due(datetime.now(UTC))


def test_run_of_another_machine_is_left_to_it_for_ten_minutes(outbox: Outbox) -> None:
    outbox.add("a", "credit", 1)
    waiting = outbox.waiting()[0].model_copy(update={"host": "another"})

    now = datetime.now(UTC)
    assert [waiting.is_due(now + timedelta(minutes=m)) for m in (0, 9, 11)] == [False, False, True]


def test_pauses_grow_up_to_an_hour_and_end_with_an_answer(outbox: Outbox) -> None:
    lengths = []
    for _ in range(9):
        outbox.was_away("refused")
        lengths.append(round((outbox.pause().until - datetime.now(UTC)).total_seconds()))
    outbox.has_answered()

    assert lengths == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert not outbox.is_paused()


def test_run_on_its_way_waits_from_its_end_on(outbox: Outbox, store: Store) -> None:
    outbox.add("a", "credit", None)
    store.files.write("runs/a/started.json", b"{}")
    before = outbox.waiting()
    store.records.append({"run_id": "a", "finished_at": datetime.now(UTC).isoformat()})
    assert (before, [waiting.record for waiting in outbox.waiting()]) == ([], [1])


def test_run_that_was_killed_before_it_began_is_forgotten(outbox: Outbox) -> None:
    outbox.add("a", "credit", None)
    assert (outbox.waiting(), outbox.has("a")) == ([], False)


def test_file_that_is_no_entry_does_not_stop_the_others(outbox: Outbox, store: Store) -> None:
    store.files.write("outbox/broken.json", b"{")
    outbox.add("a", "credit", 1)

    assert [waiting.run_id for waiting in outbox.waiting()] == ["a"]
