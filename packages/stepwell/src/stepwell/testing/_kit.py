"""All checks of a package, one by one or as a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import distribution
from typing import Literal

from stepwell._contract import installed
from stepwell._errors import ConfigurationError, did_you_mean, listed
from stepwell._protocol._report import Finding, Report
from stepwell._protocol._step import Step
from stepwell.testing import _behaviour, _configuration, _contract, _imports, _metadata, _privacy
from stepwell.testing._check import Check, Outcome, Result

STEP_CHECKS: tuple[Callable[[type[Step]], None], ...] = (
    _configuration.check_has_docstring,
    _configuration.check_fields_are_described,
    _configuration.check_no_field_shadows,
    _configuration.check_run_can_be_wired,
    _configuration.check_outputs_are_frozen,
    _configuration.check_unknown_field_is_refused,
    _configuration.check_wrong_values_are_refused,
    _configuration.check_configuration_is_json,
    _configuration.check_equal_configurations_make_equal_steps,
    _configuration.check_configuration_is_frozen,
    _behaviour.check_example_gives_what_is_declared,
    _behaviour.check_inputs_stay_unchanged,
    _behaviour.check_same_run_gives_same_bytes,
    _privacy.check_data_without_rows,
    _privacy.check_errors_are_of_stepwell,
    _privacy.check_no_cell_is_shown,
    _imports.check_runs_in_a_worker,
)
"""The checks of every step, in order."""

PACKAGE_CHECKS: tuple[Callable[[str], None], ...] = (
    _imports.check_steps_load,
    _imports.check_import_is_silent_and_light,
    _imports.check_no_other_step_is_imported,
    _metadata.check_name,
    _metadata.check_entry_points,
    _metadata.check_core_is_required,
    _metadata.check_is_typed,
    _metadata.check_changelog,
    _contract.check_contract_is_current,
)
"""The checks of a package as a whole, in order."""

_VERDICTS: dict[Result, Literal["passed", "failed"]] = {"passed": "passed", "failed": "failed"}


def checks_for(package: str, *, expected_failures: Mapping[str, str] | None = None) -> list[Check]:
    """Every check of an installed package and of each of its steps.

    `expected_failures` gives, by the name of a check such as `Train-no_cell_is_shown`, the reason
    why it fails for now; a check that passes in spite of it fails. Raises ConfigurationError for a
    package that is not installed, a check that does not exist, and a reason that is empty.
    """
    name = installed(package).name
    reasons = dict(expected_failures or {})
    checks = [
        *(Check(name, function) for function in PACKAGE_CHECKS),
        *(Check(step, f) for step in _imports.steps_of(name) for f in STEP_CHECKS),
    ]
    _check_reasons(reasons, [str(check) for check in checks])
    return [Check(c.subject, c.function, reasons.get(str(c))) for c in checks]


def conformance_report(
    package: str, *, expected_failures: Mapping[str, str] | None = None
) -> Report:
    """A report with a finding for each check of an installed package.

    It is `failed` if a check failed. Failures that are expected or pending, and checks with nothing
    to look at, are `warned`.
    """
    checks = checks_for(package, expected_failures=expected_failures)
    findings = tuple(_finding(check, check.outcome()) for check in checks)
    failed = sum(finding.verdict == "failed" for finding in findings)
    return Report(
        step="check",
        findings=findings,
        summary=f"{package}: {len(findings) - failed} of {len(findings)} checks without a failure.",
        details={"package": package, "version": distribution(package).version},
    )


def _finding(check: Check, outcome: Outcome) -> Finding:
    return Finding(
        check=str(check),
        verdict=_VERDICTS.get(outcome.result, "warned"),
        message=outcome.message,
        details={
            "subject": check.subject_name,
            "check": check.name,
            "result": outcome.result,
            "remedy": outcome.error.remedy if outcome.error else None,
        },
    )


def _check_reasons(reasons: Mapping[str, str], names: list[str]) -> None:
    for name, reason in reasons.items():
        if name not in names:
            raise ConfigurationError(
                f"{name!r} is expected to fail and is no check.",
                hint=did_you_mean(name, names) or f"Checks: {listed(names, most=100)}.",
            )
        if not reason.strip():
            raise ConfigurationError(
                f"{name!r} is expected to fail without a reason.", hint="Say why, and until when."
            )
