"""The conformance kit: what every step and its package have to keep, as plain functions.

In a package, `tests/test_protocol.py` is:

    import pytest
    from stepwell.testing import checks_for

    @pytest.mark.parametrize("check", checks_for("stepwell-train"), ids=str)
    def test_protocol(check):
        check()

A check of `STEP_CHECKS` takes a step class, one of `PACKAGE_CHECKS` the name of an installed
package. It raises CheckFailed, an AssertionError that says what is wrong and what to do. The
examples of steps are run many times, with data that is not theirs: they may harm nothing.
"""

from stepwell.testing._behaviour import (
    check_example_gives_what_is_declared,
    check_inputs_stay_unchanged,
    check_same_run_gives_same_bytes,
)
from stepwell.testing._check import Check, CheckFailed
from stepwell.testing._configuration import (
    check_configuration_is_frozen,
    check_configuration_is_json,
    check_equal_configurations_make_equal_steps,
    check_fields_are_described,
    check_has_docstring,
    check_no_field_shadows,
    check_outputs_are_frozen,
    check_run_can_be_wired,
    check_unknown_field_is_refused,
    check_wrong_values_are_refused,
)
from stepwell.testing._contract import check_contract_is_current
from stepwell.testing._example import example_of
from stepwell.testing._imports import (
    check_import_is_silent_and_light,
    check_no_other_step_is_imported,
    check_runs_in_a_worker,
    check_steps_load,
)
from stepwell.testing._kit import PACKAGE_CHECKS, STEP_CHECKS, checks_for, conformance_report
from stepwell.testing._metadata import (
    check_changelog,
    check_core_is_required,
    check_entry_points,
    check_is_typed,
    check_name,
)
from stepwell.testing._privacy import (
    check_data_without_rows,
    check_errors_are_of_stepwell,
    check_no_cell_is_shown,
)

__all__ = [
    "PACKAGE_CHECKS",
    "STEP_CHECKS",
    "Check",
    "CheckFailed",
    "check_changelog",
    "check_configuration_is_frozen",
    "check_configuration_is_json",
    "check_contract_is_current",
    "check_core_is_required",
    "check_data_without_rows",
    "check_entry_points",
    "check_equal_configurations_make_equal_steps",
    "check_errors_are_of_stepwell",
    "check_example_gives_what_is_declared",
    "check_fields_are_described",
    "check_has_docstring",
    "check_import_is_silent_and_light",
    "check_inputs_stay_unchanged",
    "check_is_typed",
    "check_name",
    "check_no_cell_is_shown",
    "check_no_field_shadows",
    "check_no_other_step_is_imported",
    "check_outputs_are_frozen",
    "check_run_can_be_wired",
    "check_runs_in_a_worker",
    "check_same_run_gives_same_bytes",
    "check_steps_load",
    "check_unknown_field_is_refused",
    "check_wrong_values_are_refused",
    "checks_for",
    "conformance_report",
    "example_of",
]
