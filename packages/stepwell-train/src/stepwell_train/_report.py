"""What `Train` tells about a training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from stepwell import Finding, Model, Report, Roles
from stepwell_train._features import Chosen, numbered
from stepwell_train._fit import Fitted
from stepwell_train._proxies import proxies

if TYPE_CHECKING:
    import polars as pl


def training_report(
    name: str, frame: pl.DataFrame, roles: Roles, chosen: Chosen, fitted: Fitted, model: Model
) -> Report:
    """What the estimator `name` learned from, what was left out and why, and what is suspicious."""
    seed = model.description.metadata["seed"]
    protected = [column for column in roles.columns("protected") if column not in chosen.names]
    return Report(
        summary=f"{name} on {len(chosen.names)} features, {frame.height:,} rows, seed {seed}",
        findings=(
            _used(name, frame, chosen),
            *_left_out(chosen),
            *_kept(chosen, roles),
            *_identifiers(frame, chosen),
            *proxies(frame, chosen.names, protected),
            *_warnings(name, fitted),
            *_untrusted(model),
        ),
        details={
            "features": {feature.name: feature.type for feature in chosen.features},
            "left_out": {column: left.reason for column, left in chosen.left_out.items()},
            "rows": frame.height,
            "seed": seed,
        },
    )


def _used(name: str, frame: pl.DataFrame, chosen: Chosen) -> Finding:
    return Finding(
        check="features",
        verdict="passed",
        message=f"{name} learned from {len(chosen.names)} columns and {frame.height:,} rows.",
        columns=chosen.names,
        rows=frame.height,
    )


def _left_out(chosen: Chosen) -> Iterator[Finding]:
    for column, left in chosen.left_out.items():
        yield Finding(
            check="left out",
            verdict="passed" if left.expected else "warned",
            message=f"{column!r} was left out: {left.reason}.",
            columns=(column,),
        )


def _kept(chosen: Chosen, roles: Roles) -> Iterator[Finding]:
    for column in roles.columns("protected"):
        if column in chosen.names:
            yield Finding(
                check="protected feature",
                verdict="warned",
                message=f"The model learned from the protected column {column!r}, as it was told.",
                columns=(column,),
            )


def _identifiers(frame: pl.DataFrame, chosen: Chosen) -> Iterator[Finding]:
    for column in numbered(frame, chosen):
        yield Finding(
            check="identifier",
            verdict="warned",
            message=f"{column!r} is another whole number in every row; if it identifies the row, "
            "give it the role identifier.",
            columns=(column,),
            rows=frame.height,
        )


def _warnings(name: str, fitted: Fitted) -> Iterator[Finding]:
    for category, times in sorted(fitted.warned.items()):
        what = (
            f"{name} did not converge; scale its features, or raise max_iter"
            if category == "ConvergenceWarning"
            else f"{category} was raised {times} times while {name} was fitted"
        )
        yield Finding(check="warning", verdict="warned", message=f"{what}.")


def _untrusted(model: Model) -> Iterator[Finding]:
    from stepwell_sklearn import untrusted_types

    strangers = untrusted_types(model)
    if strangers:
        yield Finding(
            check="trust",
            verdict="warned",
            message="To load the model in another process, trust these types by name: "
            f"{', '.join(strangers)}.",
        )
