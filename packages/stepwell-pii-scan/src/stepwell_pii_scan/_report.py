"""The report: what was found, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from pydantic import JsonValue

from stepwell import Finding, Report
from stepwell_pii_scan._allowance import Allowance
from stepwell_pii_scan._found import UNREADABLE, Count, Evidence, Found
from stepwell_pii_scan._outcomes import Fate, Outcome
from stepwell_pii_scan._sample import sampled
from stepwell_pii_scan._special import SPECIAL, classified

_VERDICTS: Mapping[Fate, Literal["passed", "warned", "failed"]] = {
    "allowed": "passed",
    "masked": "passed",
    "generalised": "passed",
    "dropped": "passed",
    "doubtful": "warned",
    "warned": "warned",
    "blocked": "failed",
    "expired": "failed",
}


def report_of(
    outcomes: Sequence[Outcome],
    allow: Sequence[Allowance],
    *,
    every: Count,
    entities: Collection[str],
    sample: float | None = None,
) -> Report:
    """The report on all findings and allowances; `entities` are those that were looked for."""
    rows = every.rows
    findings = [_finding(outcome) for outcome in outcomes]
    matched = {id(outcome.allowance) for outcome in outcomes}
    findings += [_unmatched(allowance) for allowance in allow if id(allowance) not in matched]
    if sample is not None and rows:
        findings.append(sampled(rows, every.values, sample))
    if not rows:
        nothing = "There are no rows: nothing was scanned."
        findings.append(Finding(check="rows", verdict="warned", message=nothing))
    details: dict[str, JsonValue] = {
        "rows": rows,
        "scanned": every.values,
        "entities": [*sorted(entities)],
        "classification": dict(classified(outcome.found for outcome in outcomes)),
    }
    return Report.model_validate(
        {"findings": findings, "summary": _summary(outcomes, rows), "details": details}
    )


def not_clean(found: Found) -> Finding:
    """The finding that masked data still holds something."""
    return Finding(
        check="masked_output",
        verdict="failed",
        message=f"After masking, column {found.column!r} still holds {found.entity}.",
        columns=(found.column,),
        rows=found.rows,
    )


def _finding(outcome: Outcome) -> Finding:
    found = outcome.found
    evidence = " and ".join(_evidence(found))
    return Finding(
        check=found.entity,
        verdict=_VERDICTS[outcome.fate],
        message=f"Column {found.column!r} {evidence}. {_consequence(outcome)}",
        columns=(found.column,),
        rows=found.rows,
        details=_details(outcome),
    )


def _evidence(found: Found) -> Iterator[str]:
    """What speaks for the finding, as ends of a sentence that begins with the column."""
    counts, entity = found.counts, found.entity
    if "contents" in counts:
        yield f"holds {entity} in {_rows(counts['contents'].rows)}"
    elif "categories" in counts:
        yield f"holds {entity} in its categories, though no row uses them"
    if "suspect" in counts:
        yield f"holds what may be {entity} in {_rows(counts['suspect'].rows)}"
    if "unreadable" in counts:
        yield f"holds bytes that are no text in {_rows(found.rows)}, which were not scanned"
    if "name" in counts:
        yield f"is named like {entity} ({_rows(counts['name'].rows)} filled)"
    if "ambiguous name" in counts:
        yield f"may be {entity} by its name ({_rows(counts['ambiguous name'].rows)} filled)"
    if "declared" in counts:
        yield f"has the role personal ({_rows(counts['declared'].rows)} filled)"
    if "declared special" in counts:
        yield f"has the role special ({_rows(counts['declared special'].rows)} filled)"


def _consequence(outcome: Outcome) -> str:
    """What became of the finding, and what to type where somebody has to decide."""
    found, allowance = outcome.found, outcome.allowance
    if allowance is not None:
        if outcome.fate == "allowed":
            return f"Allowed until {allowance.expires} by {allowance.owner}: {allowance.reason}"
        return f"Its allowance expired on {allowance.expires}: decide again, and set a new date."
    named = f"column={found.column!r}, entity={found.entity!r}"
    allow = f"Allowance({named}, reason=..., owner=..., expires=...)"
    if outcome.fate == "doubtful":
        role = "special" if found.entity in SPECIAL else "personal"
        return f"If it is, give it the role {role!r}; if not, allow=[{allow}]."
    if outcome.fate == "blocked":
        others = "'drop'" if found.entity == UNREADABLE else "'mask' or 'drop'"
        return f"Use on_finding={others}; if it may stay, allow=[{allow}]."
    return _DONE[outcome.fate]


_DONE: Mapping[Fate, str] = {
    "masked": "Masked.",
    "generalised": "Generalised.",
    "dropped": "Dropped.",
    "warned": "Passed on.",
}


def _details(outcome: Outcome) -> dict[str, JsonValue]:
    found = outcome.found
    details: dict[str, JsonValue] = {
        "evidence": [*sorted(found.counts)],
        "outcome": outcome.fate,
        "removed": outcome.removed is not None,
    }
    if found.paths != (found.column,):
        details["fields"] = [*found.paths]
    seen = next((found.counts[kind] for kind in _SEEN if kind in found.counts), None)
    if seen is not None:
        details |= {
            "values": seen.values,
            "first_rows": [*seen.first_rows],
            "shapes": [*seen.shapes],
        }
    return details


_SEEN: Sequence[Evidence] = ("contents", "unreadable", "suspect")


def _unmatched(allowance: Allowance) -> Finding:
    nothing = f"The allowance of {allowance.entity} in column {allowance.column!r} matches nothing"
    if allowance.expired:
        message = f"{nothing}, and expired on {allowance.expires}: remove it."
    else:
        message = f"{nothing} in this data."
    return Finding(
        check="allowance",
        verdict="warned" if allowance.expired else "passed",
        message=message,
        columns=(allowance.column,),
    )


def _summary(outcomes: Sequence[Outcome], rows: int) -> str:
    fates = [outcome.fate for outcome in outcomes]
    counted = ", ".join(f"{fates.count(fate)} {fate}" for fate in dict.fromkeys(fates))
    return f"{_rows(rows)} scanned: {counted or 'nothing personal found'}."


def _rows(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"
