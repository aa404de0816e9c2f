"""The pipeline that somebody asks about, and what of it does not fit, with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stepwell._pipelines._pipeline import Pipeline
from stepwell._protocol._step import title
from stepwell._updates._fit import Misfit, Offered, misfits
from stepwell._updates._where_used import where_set


@dataclass(frozen=True)
class Target:
    """A pipeline, and how it was named: FILE or FILE:NAME."""

    pipeline: Pipeline
    text: str

    @property
    def file(self) -> Path:
        """The file that the pipeline stands in."""
        return Path(self.text if Path(self.text).exists() else self.text.partition(":")[0])


def placed_misfits(target: Target, offers: Sequence[Offered]) -> tuple[Misfit, ...]:
    """What of the pipeline does not fit, each with where it is used."""
    steps = {node.name: title(node.step) for node in target.pipeline.nodes}
    return tuple(
        replace(one, message=f"{one.message}, used in {_place(one, steps, target)}.")
        for one in misfits(target.pipeline, offers)
    )


def _place(one: Misfit, steps: dict[str, str], target: Target) -> str:
    return where_set(steps[one.step], one.name, target.file)
