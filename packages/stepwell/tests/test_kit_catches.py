"""The checks of the conformance kit: for each a deliberately wrong step, which it catches."""

from __future__ import annotations

import itertools
import logging
import os
import random
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import polars as pl
import pytest
from pydantic import (
    ConfigDict,
    Field,
    PrivateAttr,
    field_serializer,
    field_validator,
    model_validator,
)

import stepwell.testing as kit
from stepwell import DataError, Dataset, Finding, Report, Step, progress

FRAME = {"name": ["Ada", "Bo", "Cy"], "age": [31, 24, 58], "income": [1.5, 2.5, 4.0]}
numbers = itertools.count()


@dataclass(frozen=True)
class Seen:
    """What a step of these tests produces."""

    data: Dataset
    report: Report


class Right(Step):
    """Look at data."""

    limit: int = Field(default=3, description="A number.")

    def run(self, *, data: Dataset) -> Seen:
        data = Dataset.of(data)
        return Seen(data=data, report=self.look(data.to_polars()))

    def look(self, frame: pl.DataFrame) -> Report:
        return said(f"{frame.height} rows.")

    @classmethod
    def example(cls) -> tuple[Step, dict[str, Any]]:
        return cls(limit=2), {"data": pl.DataFrame(FRAME)}


def said(message: str) -> Report:
    return Report(findings=(Finding(check="look", verdict="passed", message=message),))


# steps that are wrong as classes and values


class WithoutDocstring(Right):
    pass


class WithoutDescription(Right):
    """A field that nobody explains."""

    other: int = 1


class OfAnyType(Right):
    """A field that may be anything."""

    other: Any = Field(default=1, description="Whatever.")


class HidesItsExample(Right):
    """A field called like something of every step."""

    signature: str = Field(default="", description="A name.")


class ByPosition(Right):
    """An input by position."""

    def run(self, data: Dataset) -> Seen: ...  # type: ignore[override]


class WithoutAnnotation(Right):
    """An input of no type."""

    def run(self, *, data) -> Seen: ...  # type: ignore[no-untyped-def]


@dataclass
class CanBeChanged:
    """An output that can be changed."""

    data: Dataset


class ReturnsWhatCanBeChanged(Right):
    """An output that is not frozen."""

    def run(self, *, data: Dataset) -> CanBeChanged: ...  # type: ignore[override]


@dataclass(frozen=True)
class Undocumented:
    data: Dataset


class ReturnsWhatNobodyExplains(Right):
    """An output without docstring."""

    def run(self, *, data: Dataset) -> Undocumented: ...  # type: ignore[override]


class TakesUnknownFields(Right):
    """Any field is welcome."""

    model_config = ConfigDict(extra="ignore")


class FailsInItsValidator(Right):
    """A validator that takes every value for text."""

    word: str = Field(default="a", description="A word.")

    @field_validator("word", mode="before")
    @classmethod
    def _lower(cls, word: Any) -> Any:
        return word.lower()


class LosesItsLimit(Right):
    """A configuration that is written otherwise than it is read."""

    @field_serializer("limit")
    def _written(self, limit: int) -> int:
        return limit + 1


class CannotBeWritten(Right):
    """A field that is no JSON."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    other: random.Random = Field(default_factory=random.Random, description="A generator.")


class RemembersWhoItIs(Right):
    """Two steps of one configuration that differ."""

    _identity: object = PrivateAttr(default_factory=object)


class CanBeAssigned(Right):
    """A configuration that can be changed."""

    model_config = ConfigDict(frozen=False)


class HoldsAList(Right):
    """A list that stays a list."""

    words: list[str] = Field(default=["a"], description="Words.")

    @model_validator(mode="after")
    def _thawed(self) -> Self:
        self.__dict__["words"] = list(self.words)
        return self


# steps that are wrong at work


class WithoutExample(Step):
    """A step that nobody can try."""

    def run(self, *, data: Dataset) -> Seen: ...


class HasAnExampleOfAnotherStep(Right):
    """An example that does not fit."""

    @classmethod
    def example(cls) -> tuple[Step, dict[str, Any]]:
        return cls(), {"rows": 3}


class FailsOnItsExample(Right):
    """An example that does not run."""

    def look(self, frame: pl.DataFrame) -> Report:
        raise ValueError


class ReturnsAnotherKind(Right):
    """Text where a report is declared."""

    def look(self, frame: pl.DataFrame) -> Any:
        return "a report"


class ChangesAFrame(Right):
    """A frame of Polars that is changed in place."""

    def run(self, *, data: pl.DataFrame) -> Seen:  # type: ignore[override]
        data.insert_column(0, pl.Series("new", [1] * data.height))
        return Seen(Dataset.of(data), said(""))


class ChangesPandas(Right):
    """A frame of pandas that is changed in place."""

    def run(self, *, data: pd.DataFrame) -> Seen:  # type: ignore[override]
        data["new"] = 1
        return Seen(Dataset.of(data), said(""))

    @classmethod
    def example(cls) -> tuple[Step, dict[str, Any]]:
        return cls(), {"data": pd.DataFrame({"age": [1, 2]})}


class ChangesADataset(Right):
    """A dataset that knows its fingerprint, and then is another one."""

    def run(self, *, data: Dataset) -> Seen:
        data._frame.insert_column(0, pl.Series("new", [1] * len(data)))
        return Seen(Dataset.of(pl.DataFrame()), said(""))

    @classmethod
    def example(cls) -> tuple[Step, dict[str, Any]]:
        return cls(), {"data": Dataset.of(pl.DataFrame(FRAME))}


class ChangesAList(Right):
    """A value that is changed in place."""

    def run(self, *, data: Dataset, words: list[str]) -> Seen:  # type: ignore[override]
        words.append("more")
        return Seen(Dataset.of(data), said(""))

    @classmethod
    def example(cls) -> tuple[Step, dict[str, Any]]:
        return cls(), {"data": pl.DataFrame(FRAME), "words": ["one"]}


class Counts(Right):
    """Another report every time."""

    def look(self, frame: pl.DataFrame) -> Report:
        return said(f"Run {next(numbers)}.")


class DrawsWithoutSeed(Right):
    """Other data every time."""

    def run(self, *, data: Dataset) -> Seen:
        drawn = pl.DataFrame({"x": np.random.default_rng().random(3)})
        return Seen(Dataset.of(drawn), said(""))


class TakesTheFirstRow(Right):
    """A step that cannot do without a row."""

    def look(self, frame: pl.DataFrame) -> Report:
        return said(f"{len(str(frame['age'][0]))} digits.") if "age" in frame else said("")


class ReturnsAnotherKindWithoutRows(Right):
    """A report that is left out when there is nothing to tell."""

    def look(self, frame: pl.DataFrame) -> Any:
        return said("") if frame.height else None


class NeedsAColumn(Right):
    """A KeyError where a column is missing."""

    def look(self, frame: pl.DataFrame) -> Report:
        return said(f"{len(frame.to_dict()['age'])} rows.")


class NeedsNumbers(Right):
    """An error of Python's where numbers are text."""

    def look(self, frame: pl.DataFrame) -> Report:
        return said(f"{len([age + 1 for age in frame.to_dict().get('age', []) if age])} rows.")


class Exits(Right):
    """A step that ends the process."""

    def look(self, frame: pl.DataFrame) -> Report:
        if frame.width < 3:
            sys.exit(1)
        return said("")


class OnlyHere(Right):
    """A step that needs what is in this process alone."""

    words: ClassVar[list[str]] = ["here"]


# steps that show cells, each in its own way


class Shows(Right):
    """A step that looks at columns where they are of the type of the example."""

    def look(self, frame: pl.DataFrame) -> Report:
        if frame.height and frame.schema == pl.DataFrame(FRAME).schema:
            return self.show(frame) or said("")
        return said("")

    def show(self, frame: pl.DataFrame) -> Report | None: ...


class ShowsTheOldestInAReport(Shows):
    """A maximum is a cell."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        return said(f"The oldest is {frame['age'].max():,}.")


class ShowsACellInDetails(Shows):
    """Details are a part of the report."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        return Report(details={"top": [{"income": frame["income"].max()}]})


class ShowsASmallDecimal(Shows):
    """A number as small as all others."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        return said(f"{frame['income'].mode()[0]}") if (frame["income"] < 5).all() else None


class ShowsHalfAName(Shows):
    """Text that is cut is still text."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        return said(f"Names such as {str(frame['name'][1])[:6].upper()}…")


class ShowsACellInItsMessage(Shows):
    """An error that quotes a cell."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        if frame["age"].max() > 120:  # type: ignore[operator]
            raise DataError(f"Nobody is {frame['age'].max()} years old.")
        return None


class QuotesAnotherError(Right):
    """The words of Python's own error."""

    def look(self, frame: pl.DataFrame) -> Report:
        try:
            return said(f"{len([float(age or 0) for age in frame.to_dict()['age']])} ages.")
        except (ValueError, KeyError) as error:
            raise DataError(f"There is no number: {error}.") from None


class RaisesFromAnotherError(Right):
    """The words of Python's own error, below an error that quotes nothing."""

    def look(self, frame: pl.DataFrame) -> Report:
        try:
            return said(f"{len([float(age or 0) for age in frame.to_dict()['age']])} ages.")
        except (ValueError, KeyError) as error:
            raise DataError("There is no number.") from error


class PrintsACellWhenItIsRead(Right):
    """A lazy dataset is silent until somebody reads it."""

    def run(self, *, data: Dataset) -> Seen:
        frame = Dataset.of(data).lazy().map_batches(self._printed)
        return Seen(Dataset.of(frame), said(""))

    def _printed(self, frame: pl.DataFrame) -> pl.DataFrame:
        sys.stdout.write(str(frame.rows()))
        return frame


class LogsACell(Shows):
    """A log line at the lowest level."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        logging.getLogger("wrong").debug("first row: %s", frame.row(0))
        return None


class PrintsACell(Shows):
    """A frame that is printed."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        sys.stdout.write(str(frame.get_column("name").to_list()))
        return None


class WritesACell(Shows):
    """What compiled code would print."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        os.write(2, frame["name"][0].encode())
        return None


class WarnsOfACell(Shows):
    """A warning that quotes."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        warnings.warn(f"odd: {frame['name'][0]}", stacklevel=1)
        return None


class ShowsACellWhileItWaits(Shows):
    """Progress with a cell."""

    def show(self, frame: pl.DataFrame) -> Report | None:
        progress(1, 2, frame["name"][0])
        return None


class MayShowWithoutReason(Right):
    """An exemption that nobody explains."""

    may_show: ClassVar[Mapping[str, str]] = {"name": ""}


WRONG: dict[Callable[[type[Step]], None], list[type[Step]]] = {
    kit.check_has_docstring: [WithoutDocstring],
    kit.check_fields_are_described: [WithoutDescription, OfAnyType],
    kit.check_no_field_shadows: [HidesItsExample],
    kit.check_run_can_be_wired: [ByPosition, WithoutAnnotation],
    kit.check_outputs_are_frozen: [ReturnsWhatCanBeChanged, ReturnsWhatNobodyExplains],
    kit.check_unknown_field_is_refused: [TakesUnknownFields],
    kit.check_wrong_values_are_refused: [FailsInItsValidator],
    kit.check_configuration_is_json: [LosesItsLimit, CannotBeWritten],
    kit.check_equal_configurations_make_equal_steps: [RemembersWhoItIs],
    kit.check_configuration_is_frozen: [CanBeAssigned, HoldsAList],
    kit.check_example_gives_what_is_declared: [
        WithoutExample,
        HasAnExampleOfAnotherStep,
        FailsOnItsExample,
        ReturnsAnotherKind,
    ],
    kit.check_inputs_stay_unchanged: [
        ChangesAFrame,
        ChangesPandas,
        ChangesADataset,
        ChangesAList,
    ],
    kit.check_same_run_gives_same_bytes: [Counts, DrawsWithoutSeed],
    kit.check_data_without_rows: [TakesTheFirstRow, ReturnsAnotherKindWithoutRows],
    kit.check_errors_are_of_stepwell: [NeedsAColumn, NeedsNumbers, Exits],
    kit.check_no_cell_is_shown: [
        ShowsTheOldestInAReport,
        ShowsACellInDetails,
        ShowsASmallDecimal,
        ShowsHalfAName,
        ShowsACellInItsMessage,
        QuotesAnotherError,
        RaisesFromAnotherError,
        LogsACell,
        PrintsACell,
        PrintsACellWhenItIsRead,
        WritesACell,
        WarnsOfACell,
        ShowsACellWhileItWaits,
        MayShowWithoutReason,
    ],
    kit.check_runs_in_a_worker: [OnlyHere],
}


def test_every_check_of_steps_has_a_wrong_step() -> None:
    assert set(WRONG) == set(kit.STEP_CHECKS)


@pytest.mark.parametrize(
    ("check", "wrong"),
    [(check, wrong) for check, steps in WRONG.items() for wrong in steps],
    ids=lambda value: value.__name__,
)
def test_wrong_step_is_caught(check: Callable[[type[Step]], None], wrong: type[Step]) -> None:
    with pytest.raises(kit.CheckFailed) as caught:
        check(wrong)
    assert wrong.__name__ in caught.value.problem or "Undocumented" in caught.value.problem
    assert caught.value.remedy.endswith((".", "above it.", '""".'))


@pytest.mark.parametrize("check", WRONG, ids=lambda value: value.__name__)
def test_right_step_is_not(check: Callable[[type[Step]], None]) -> None:
    if check is not kit.check_runs_in_a_worker:  # which cannot import this module
        check(Right)


def test_failure_names_the_column_and_the_situation_and_shows_no_cell() -> None:
    with pytest.raises(kit.CheckFailed) as caught:
        kit.check_no_cell_is_shown(ShowsACellInItsMessage)
    assert "a cell of column 'age' of 'data' is unusual, its message shows" in str(caught.value)
    assert "734" not in str(caught.value)


def test_column_that_may_be_shown_is_left_alone() -> None:
    class NamesNames(ShowsHalfAName):
        """Names are meant to be shown."""

        may_show: ClassVar[Mapping[str, str]] = {"name": "They are names of models."}

    kit.check_no_cell_is_shown(NamesNames)
