"""What a step does and says when its datasets are not those of its example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepwell._data._dataset import Dataset
from stepwell._errors import StepwellError
from stepwell._pipelines._failure import reason_of
from stepwell._protocol._report import Report
from stepwell._protocol._step import Step, title
from stepwell._storage._artifacts import Artifact, dataset_as
from stepwell.testing import _planting as planting
from stepwell.testing._check import CheckFailed
from stepwell.testing._example import example_of, node_of, outputs, somewhere
from stepwell.testing._listening import Said, listening
from stepwell.testing._planting import Planted

if TYPE_CHECKING:
    import polars as pl

NO_ROWS = "has no rows"


@dataclass(frozen=True)
class Observation:
    """What came of one run: `when` says how the input differed from the example's."""

    when: str
    planted: Planted
    said: Said = field(repr=False)
    error: BaseException | None = None


@cache
def observations(step: type[Step]) -> tuple[Observation, ...]:
    """One run for every way in which a dataset of the example may be disturbed."""
    configured, inputs = example_of(step)
    return tuple(
        _observed(configured, inputs, name, when, planted)
        for name, wanted in node_of(configured).signature.inputs.items()
        if wanted.kind == "dataset" and inputs.get(name) is not None
        for when, planted in _disturbed(step, name, Dataset.of(inputs[name]).to_polars())
    )


def _disturbed(step: type[Step], name: str, frame: pl.DataFrame) -> Iterator[tuple[str, Planted]]:
    private = [column for column in frame.columns if column not in _may_show(step)]
    yield f"input {name!r} {NO_ROWS}", Planted(frame.clear())
    unusual = [each for column in private for each in _unusual(frame, name, column)]
    yield from (each for each in unusual if each[1].is_planted)
    yield f"a row of {name!r} is unusual", planting.in_one_row(frame, private)
    yield f"every row of {name!r} is unusual", planting.in_every_row(frame, private)
    for column in frame.columns:
        where = f"column {column!r} of {name!r}"
        others = planting.in_one_row(frame, [other for other in private if other != column])
        nulls = others.frame[column].clear(frame.height)
        yield f"{where} is missing", replace(others, frame=others.frame.drop(column))
        yield f"{where} has only nulls", replace(others, frame=others.frame.with_columns(nulls))


def _unusual(frame: pl.DataFrame, name: str, column: str) -> Iterator[tuple[str, Planted]]:
    where = f"column {column!r} of {name!r}"
    yield f"a cell of {where} is unusual", planting.in_one_row(frame, [column])
    yield f"every cell of {where} is unusual", planting.in_every_row(frame, [column])
    yield f"{where} has other decimals", planting.within_range(frame, [column])
    yield f"{where} has another type", planting.as_another_type(frame, [column])


def _may_show(step: type[Step]) -> Mapping[str, str]:
    """The columns of which a step may show cells, each with the reason that it gives."""
    declared: Mapping[str, str] = getattr(step, "may_show", {})
    for column, reason in declared.items():
        if not reason.strip():
            raise CheckFailed(
                f"{title(step)} may show cells of {column!r}, without a reason.",
                f'Write may_show = {{"{column}": "why"}}.',
            )
    return declared


def _observed(
    step: Step, inputs: dict[str, Any], name: str, when: str, planted: Planted
) -> Observation:
    with listening() as said, somewhere(step, _progress_into(said)):
        try:
            handed = {**inputs, name: _as_wanted(step, name, inputs[name], planted.frame)}
            said.texts["its report"] = _read(outputs(step, step.run(**handed), handed))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an exit, or a panic of compiled code, is no Exception
            said.texts["its message"] = reason_of(error)
            said.texts["the error below its message"] = "\n".join(map(str, _below(error)))
            return Observation(when, planted, said, error)
    return Observation(when, planted, said)


def _as_wanted(step: Step, name: str, given: Any, frame: pl.DataFrame) -> Any:
    """The frame with the roles of what was given, as a pipeline would hand it to the step."""
    dataset = Dataset.of(given).with_data(frame)
    return dataset_as(dataset, node_of(step).signature.inputs[name].annotation)


def _progress_into(said: Said) -> Any:
    said.texts["its progress"] = ""

    def report_progress(_done: float, _total: float | None, message: str) -> None:
        said.texts["its progress"] += f"{message}\n"

    return report_progress


def _below(error: BaseException) -> Iterator[BaseException]:
    """The errors that a traceback shows together with this one: all up to a `from None`."""
    below = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if below is not None and isinstance(error, StepwellError):
        yield below
        yield from _below(below)


def _read(made: dict[str, Artifact]) -> str:
    """All text of the reports, and of files that hold text; lazy datasets are read, too."""
    values = [artifact.value for artifact in made.values()]
    for value in values:
        if isinstance(value, Dataset):
            value.to_polars()
    reports = [value.model_dump_json() for value in values if isinstance(value, Report)]
    files = [value.read_bytes() for value in values if isinstance(value, Path) and value.is_file()]
    return "\n".join([*reports, *(content.decode(errors="replace") for content in files)])
