"""The step `Fairness`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from stepwell import ConfigurationError, Dataset, Model, Report, Step
from stepwell_fairness._columns import Columns, columns_of, refuse_persons
from stepwell_fairness._counts import Group, count
from stepwell_fairness._limits import check_limits, check_tolerances
from stepwell_fairness._policy import Policy
from stepwell_fairness._regression import regressions
from stepwell_fairness._report import report_of
from stepwell_fairness._versions import Counted

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class FairnessMeasured:
    """What `Fairness` produces: rates of every group, how they compare, and whether limits hold."""

    report: Report


class Fairness(Step):
    """Measure what a model does to groups of people, and hold it to limits.

    Metrics have fairlearn's names and definitions, for binary predictions; the favourable label is
    the positive one. Groups that are too small are left out of comparisons, named, and make the
    finding undecided. Rows that a model was trained on are left out.
    """

    may_show: ClassVar = {"sex": "Groups are compared by name; a group is no person."}

    groups: Sequence[str] | None = Field(
        default=None,
        description="Columns whose groups are compared. Default: those with the role 'protected'.",
    )
    intersections: bool = Field(
        default=True, description="Whether the combinations of all `groups` are compared as well."
    )
    at_most: Mapping[str, float] = Field(
        default={},
        description="Limits of differences, e.g. {'equal_opportunity_difference': 0.1}.",
    )
    at_least: Mapping[str, float] = Field(
        default={}, description="Limits of ratios, e.g. {'demographic_parity_ratio': 0.8}."
    )
    no_worse_than_champion: float | Mapping[str, float] | None = Field(
        default=None,
        description="How much worse a group may fare than with the champion, on the same rows: a "
        "number for the true positive rate, or a tolerance for each of several rates.",
    )
    minimum_group_size: int = Field(
        default=30,
        ge=1,
        description="Rows that a group needs to be compared, of those that the rate is a share of: "
        "actual positives for equal opportunity, all rows for demographic parity.",
    )
    gate: Literal["value", "interval"] = Field(
        default="value",
        description="What has to keep a limit: the value, or the whole interval.",
    )
    confidence: float = Field(
        default=0.95, gt=0, lt=1, description="The confidence of the intervals."
    )
    target: str | None = Field(
        default=None,
        description="The column of what really happened. Default: that with the role 'target', "
        "else 'actual'.",
    )
    favourable: bool | int | float | str | None = Field(
        default=None,
        description="The favourable label. Default: what the target's role or the model says, else "
        "the greater one.",
    )
    weight: str | None = Field(
        default=None,
        description="A column that says how much each row counts. Default: that with the role "
        "'weight'.",
    )

    @field_validator("groups")
    @classmethod
    def _some_groups(cls, groups: Sequence[str] | None) -> Sequence[str] | None:
        if groups is not None and not groups:
            raise ValueError("no column is named; leave the field out to compare protected columns")
        repeated = {column for column in groups or () if list(groups or ()).count(column) > 1}
        if repeated:
            raise ValueError(f"{sorted(repeated)[0]!r} is named twice")
        return groups

    @field_validator("at_most", "at_least")
    @classmethod
    def _known_limits(
        cls, limits: Mapping[str, float], info: ValidationInfo
    ) -> Mapping[str, float]:
        check_limits("at_most" if info.field_name == "at_most" else "at_least", limits)
        return limits

    @field_validator("no_worse_than_champion")
    @classmethod
    def _known_tolerances(cls, given: float | Mapping[str, float] | None) -> Any:
        check_tolerances(_tolerances(given))
        return given

    def run(
        self, *, predictions: Dataset, model: Model | None = None, champion: Model | None = None
    ) -> FairnessMeasured:
        """Measure every model version in `predictions`; limits apply to `model` where it is given.

        With `champion`, each group's rates are compared with the champion's on the same rows.
        """
        predictions = Dataset.of(predictions)
        step = self._informed(predictions, model)
        refuse_persons(predictions.roles, step.groups or ())
        frame = predictions.lazy()
        columns = step._columns(predictions.schema)
        counted = step._counted(count(frame, columns), columns)
        judged = counted.judged(
            model.version if model else None, champion.version if champion else None
        )
        changes = (
            regressions(champion.version, frame, counted, judged, step._policy) if champion else ()
        )
        return FairnessMeasured(report_of(counted, judged, step._policy, changes))

    def tally(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """The rows of each combination of version, groups, actual and prediction, counted."""
        return count(frame, self._columns(frame.collect_schema()))

    def conclude(self, counts: pl.DataFrame) -> Report:
        """The report; limits apply to every model version."""
        columns = self.model_copy(update={"weight": None})._columns(counts.schema)
        counted = self._counted(counts, columns)
        return report_of(counted, counted.judged(None, None), self._policy)

    def _informed(self, predictions: Dataset, model: Model | None) -> Fairness:
        """This step with what the roles and the model say where its own fields say nothing."""
        roles = predictions.roles
        weights = roles.columns("weight")
        if self.weight is None and len(weights) > 1:
            raise ConfigurationError(
                f"Fairness: {len(weights)} columns have the role 'weight': {', '.join(weights)}.",
                hint="Name the one that counts: weight=...",
            )
        described = model.description.favourable if model else None
        favourable = roles.favourable if roles.favourable is not None else described
        known = {
            "groups": roles.columns("protected") or None,
            "target": roles.target,
            "favourable": favourable,
            "weight": weights[0] if weights else None,
        }
        return self.model_copy(
            update={name: value for name, value in known.items() if getattr(self, name) is None}
        )

    def _columns(self, schema: pl.Schema) -> Columns:
        if self.groups is None:
            raise ConfigurationError(
                "Fairness: no groups are named, and no column has the role 'protected'.",
                hint="Name columns, groups=[...], or give the role where the data is loaded.",
            )
        return columns_of(
            schema, actual=self.target or "actual", groups=self.groups, weight=self.weight
        )

    def _counted(self, counts: pl.DataFrame, columns: Columns) -> Counted:
        groupings: list[Group] = [(column,) for column in columns.groups]
        if self.intersections and len(columns.groups) > 1:
            groupings.append(columns.groups)
        return Counted.of(counts, columns, groupings, self.favourable)

    @property
    def _policy(self) -> Policy:
        return Policy(
            limits={**self.at_most, **self.at_least},
            tolerances=_tolerances(self.no_worse_than_champion),
            minimum=self.minimum_group_size,
            gate=self.gate,
            confidence=self.confidence,
        )

    @classmethod
    def example(cls) -> tuple[Fairness, dict[str, object]]:
        """A step with limits, and predictions for two groups."""
        import polars as pl

        rows = [
            ("female", 1, 1),
            ("female", 1, 0),
            ("female", 0, 0),
            ("male", 1, 1),
            ("male", 0, 0),
        ]
        frame = pl.DataFrame(rows * 40, schema=["sex", "actual", "prediction"], orient="row")
        step = cls(groups=["sex"], at_most={"equal_opportunity_difference": 0.6})
        return step, {"predictions": frame}


def _tolerances(given: float | Mapping[str, float] | None) -> Mapping[str, float]:
    if given is None:
        return {}
    return given if isinstance(given, Mapping) else {"true_positive_rate": given}
