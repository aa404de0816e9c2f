"""`DataCheck`: a dataset against a suite of expectations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from stepwell import ConfigurationError, Load, Report, Step, TallyStep
from stepwell_expectations import Suite, SuiteError, as_configuration, path_of, read_suite, suite_of

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

    tables: Mapping[str, str] = Field(
        default={},
        description="Other tables that the suite speaks of: the path or URL of each, by name.",
    )

    @model_validator(mode="after")
    def _can_be_checked(self) -> Self:
        self._refuse_unfit(self._read())
        return self

    def _refuse_unfit(self, suite: Suite) -> None:
        """Raise SuiteError for a suite that this step cannot do justice to."""
        if any(expectation.sets_apart for expectation in suite.expectations):
            raise SuiteError("it has the level 'quarantine', which is for the step Quarantine")

    @classmethod
    def example(cls) -> tuple[Step, dict[str, Any]]:
        """A small check and its input."""
        import polars as pl

        from stepwell_expectations import expect

        suite = [
            expect("column_values_to_be_between", "age", min_value=18, max_value=120),
            expect("column_values_to_be_unique", "id"),
        ]
        return cls(suite=suite), {"data": pl.DataFrame({"id": [1, 2, 2], "age": [31, None, 17]})}

    def external_state(self) -> JsonValue:
        """The digests of the suite, if it is a file, and of the other tables."""
        tables = {name: Load(source=at).external_state() for name, at in self.tables.items()}
        if not isinstance(self.suite, str):
            return tables or None
        with explained(), path_of(self.suite).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"suite": digest, "tables": tables} if tables else digest

    @property
    def adds_up(self) -> bool:
        """Whether the counts of partitions can be added.

        Those of uniqueness cannot, nor what Great Expectations itself answers: both need all rows
        at once, and `conclude` refuses to judge them from several partitions.
        """
        from stepwell_expectations import adds_up

        with explained():
            return adds_up(self._read())

    def tally(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """What has to be counted for each expectation, and the suite as it was read."""
        from stepwell_expectations import counted

        with explained():
            suite = self._read()
        others = {name: Load(source=at).run().data.lazy() for name, at in self.tables.items()}
        return counted(suite, frame, tables=others)

    def conclude(self, counts: pl.DataFrame) -> Report:
        """A finding for each expectation, and the result as Great Expectations writes it."""
        from stepwell_expectations import judged

        with explained():
            return judged(counts, self.parameters)

    def _read(self) -> Suite:
        """The suite as it is now, checked. Raises SuiteError."""
        if not isinstance(self.suite, str):
            return suite_of(self.suite, self.parameters)
        try:
            return suite_of(read_suite(self.suite), self.parameters)
        except SuiteError as error:
            raise SuiteError(f"{self.suite}: {error}") from None


@contextmanager
def explained(of: str = "DataCheck") -> Iterator[None]:
    """An error of the suite as an error of the configuration."""
    try:
        yield
    except SuiteError as error:
        told = f"{of}, field 'suite': {error}"
        raise ConfigurationError(told if told.endswith((".", "?")) else f"{told}.") from None
