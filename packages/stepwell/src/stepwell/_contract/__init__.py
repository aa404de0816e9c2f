"""The contract of a package: what its steps are told, take and give, and what a change asks for."""

from stepwell._contract._changes import contract_changes
from stepwell._contract._data import FILE, PackageContract, Port, StepContract, contract_text
from stepwell._contract._demand import (
    Bump,
    Change,
    demanded_bump,
    fits_bump,
    is_at_most,
    least_version,
)
from stepwell._contract._read import (
    contract_in_folder,
    contract_in_wheel,
    contract_of_file,
    installed,
    installed_contract,
    parsed_contract,
)
from stepwell._contract._steps import contract_of, contract_of_steps, step_contract
from stepwell._contract._words import in_words

__all__ = [
    "FILE",
    "Bump",
    "Change",
    "PackageContract",
    "Port",
    "StepContract",
    "contract_changes",
    "contract_in_folder",
    "contract_in_wheel",
    "contract_of",
    "contract_of_file",
    "contract_of_steps",
    "contract_text",
    "demanded_bump",
    "fits_bump",
    "in_words",
    "installed",
    "installed_contract",
    "is_at_most",
    "least_version",
    "parsed_contract",
    "step_contract",
]
