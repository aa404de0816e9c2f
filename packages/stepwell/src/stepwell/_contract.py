"""The contract of a step as data: what it is told, takes and gives."""

from __future__ import annotations

from typing import Any

from stepwell._packages import distribution_of
from stepwell._signature import signature_of
from stepwell._step import Step, title

FORMAT = "stepwell.contract/1"


def contract_of(step: type[Step]) -> dict[str, Any]:
    """Name, package, version, JSON schema of the configuration, inputs and outputs with kinds."""
    signature = signature_of(step)
    distribution = distribution_of(step.__module__.partition(".")[0])
    return {
        "format": FORMAT,
        "name": title(step),
        "description": " ".join((step.__doc__ or "").strip().partition("\n\n")[0].split()),
        "package": distribution.name if distribution else None,
        "version": distribution.version if distribution else None,
        "effects": step.effects,
        "judge": signature.judge,
        "configuration": step.model_json_schema(),
        "inputs": {
            name: {"kind": port.kind, "optional": not port.required, "nullable": port.nullable}
            for name, port in signature.inputs.items()
        },
        "outputs": {
            name: {"kind": port.kind, "optional": port.optional}
            for name, port in signature.outputs.items()
        },
    }
