"""Python's garbage collector rests while Stepwell works, and never while a step does."""

import gc
from collections.abc import Iterator

import pytest

from stepwell import Pipeline, step


@step(returns="running")
def look() -> bool:
    return gc.isenabled()


@step(returns="running")
def pipeline_in_a_step() -> bool:
    inner = Pipeline("inner", [look()]).run(store=False, observers=[])
    return bool(inner["running"]) and gc.isenabled()


class Witness:
    """Sees whether the collector runs while events are told."""

    def __init__(self) -> None:
        self.seen: set[bool] = set()

    def on_event(self, event: object) -> None:
        self.seen.add(gc.isenabled())


@pytest.fixture
def switched_off() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("made", [look(), pipeline_in_a_step()], ids=["alone", "nested"])
def test_collector_runs_in_a_step_and_after_the_run(made: object) -> None:
    assert Pipeline("p", [made]).run(store=False, observers=[])["running"]
    assert gc.isenabled()


def test_collector_rests_between_steps() -> None:
    witness = Witness()
    Pipeline("p", [look()]).run(store=False, observers=[witness])
    assert witness.seen == {False}


def test_collector_that_the_user_switched_off_stays_off(switched_off: None) -> None:
    assert not Pipeline("p", [look()]).run(store=False, observers=[])["running"]
    assert not gc.isenabled()
