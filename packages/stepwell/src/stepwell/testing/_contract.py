"""The check of the contract that a package brings."""

from __future__ import annotations

from importlib.metadata import distribution

from stepwell._contract import installed_contract
from stepwell._contract._read import step_points
from stepwell._contract._write import contract_of_installed
from stepwell._errors import StepwellError
from stepwell.testing._check import CheckFailed


def check_contract_is_current(package: str) -> None:
    """The package brings `contract.json`, and it says what the code of its steps does."""
    if not step_points(distribution(package)):
        return
    remedy = "In its folder, write it anew and look at what changes: stepwell contract write."
    try:
        installed_contract(package)
        changes = contract_of_installed(package).changes_in_file()
    except StepwellError as error:
        raise CheckFailed(str(error), remedy) from error
    if changes:
        raise CheckFailed(f"The contract of {package} is out of date: {changes[0].message}", remedy)
