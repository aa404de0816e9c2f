"""`DataCheck`: a dataset against a suite of expectations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from stepwell import ConfigurationError, DataError, Report, Step, TallyStep
from stepwell_data_check._expectation import Suite, SuiteError
from stepwell_data_check._source import as_configuration, path_of, read_json
from stepwell_data_check._suite import suite_of
from stepwell_data_check._words import ended

if TYPE_CHECKING:
    import polars as pl


class DataCheck(TallyStep):
    """Check a dataset against a Great Expectations suite, and pass it on unchanged.

    The common expectation types run as one Polars query, all others in Great Expectations itself;
    the results say which. An expectation that cannot be checked has failed. Nothing that the report
    holds quotes a cell.
    """

    suite: str | Mapping[str, JsonValue] | Sequence[Mapping[str, JsonValue]] = Field(
        description=(
            "The path of a suite as Great Expectations 1.x writes it (JSON), relative to the "
            "working directory or the project; or a suite, or a list of expectations."
        )
    )
    parameters: Mapping[str, JsonValue] = Field(
        default={}, description='The values of {"$PARAMETER": "name"} in the suite, by name.'
    )

    @field_validator("suite", mode="before")
    @classmethod
    def _path_or_json(cls, suite: Any) -> Any:
        return as_configuration(suite)

    @model_validator(mode="after")
    def _can_be_checked(self) -> Self:
        self._read()
        return self

    @classmethod
    def example(cls) -> tuple[Step, dict[str, Any]]:
        """A small check and its input."""
        import polars as pl

        from stepwell_data_check._objects import expect

        suite = [
            expect("column_values_to_be_between", "age", min_value=18, max_value=120),
            expect("column_values_to_be_unique", "id"),
        ]
        return cls(suite=suite), {"data": pl.DataFrame({"id": [1, 2, 2], "age": [31, None, 17]})}

    def external_state(self) -> JsonValue:
        """The digest of the suite, if it is a file."""
        if not isinstance(self.suite, str):
            return None
        with _explained(), path_of(self.suite).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def adds_up(self) -> bool:
        """Whether the counts of partitions can be added.

        Those of uniqueness cannot, nor what Great Expectations itself answers: both need all rows
        at once, and `conclude` refuses to judge them from several partitions.
        """
        from stepwell_data_check._compiled import COMPILED

        with _explained():
            types = [expectation.type for expectation in self._read()[1].expectations]
        return all(type_ in COMPILED and COMPILED[type_].adds_up for type_ in types)

    def tally(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """What has to be counted for each expectation, and the suite as it was read."""
        from stepwell_data_check._tally import tally

        with _explained():
            text, suite = self._read()
        return tally(text, suite.expectations, frame)

    def conclude(self, counts: pl.DataFrame) -> Report:
        """A finding for each expectation, and the result as Great Expectations writes it."""
        from stepwell_data_check._conclusion import added_up
        from stepwell_data_check._report import report_of

        found = added_up(counts)
        if len(found.suites) != 1:
            raise DataError("The counts are of different suites, and cannot be added.")
        with _explained():
            suite = suite_of(json.loads(found.suites.pop()), self.parameters)
        return report_of(suite, found)

    def _read(self) -> tuple[str, Suite]:
        """The suite as it is now, as JSON and checked. Raises SuiteError."""
        if not isinstance(self.suite, str):
            return json.dumps(self.suite), suite_of(self.suite, self.parameters)
        content = read_json(path_of(self.suite))
        try:
            return json.dumps(content), suite_of(content, self.parameters)
        except SuiteError as error:
            raise SuiteError(f"{self.suite}: {error}") from None


@contextmanager
def _explained() -> Iterator[None]:
    """An error of the suite as an error of the configuration."""
    try:
        yield
    except SuiteError as error:
        raise ConfigurationError(ended(f"DataCheck, field 'suite': {error}")) from None
