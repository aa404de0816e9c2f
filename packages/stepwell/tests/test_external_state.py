"""What a step reads from outside of its inputs is a part of the key of the cache."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import JsonValue

from stepwell import Decision, DecisionLog, Pipeline, Step, decisions
from stepwell.authoring import Store


@dataclass(frozen=True)
class Known:
    """The version in production."""

    version: int | None


class Champion(Step):
    """Read the version in production."""

    def external_state(self) -> JsonValue:
        """The number of the last decision."""
        return decisions("credit").last_number()

    def run(self) -> Known:
        """Ask the decision log."""
        champion = decisions("credit").champion()
        return Known(None if champion is None else champion.version)


def promote(store: Path, version: int) -> None:
    log = DecisionLog(Store(store), "credit")
    log.append(
        Decision(name="credit", outcome="promoted", version=version), after=log.last_number()
    )


def test_step_reads_the_store_of_its_run_and_notices_every_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # whose default store stays empty
    pipeline, store = Pipeline("p", [Champion()]), tmp_path / "elsewhere"
    assert pipeline.run(store=store, observers=[])["version"] is None
    promote(store, 1)
    assert pipeline.run(store=store, observers=[])["version"] == 1
    again = pipeline.run(store=store, observers=[])
    assert again["version"] == 1
    assert again.steps[0].state == "cached", again.steps[0].uncacheable
