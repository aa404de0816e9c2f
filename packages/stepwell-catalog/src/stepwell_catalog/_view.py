"""A contract as the facts that people read, for the terminal, JSON and the page."""

from __future__ import annotations

from typing import Any

from stepwell_catalog._columns import Column, written
from stepwell_catalog._contract import Contract
from stepwell_catalog._types import told_type


def summary_of(contract: Contract) -> dict[str, Any]:
    """One line of a list."""
    return {
        "name": contract.name,
        "version": contract.version,
        "status": contract.document.get("status"),
        "owner": contract.owner or None,
        "purpose": contract.purpose or None,
        "columns": len(contract.columns),
        "personal": any(column.classified for column in contract.columns),
        "file": contract.path.as_posix(),
    }


def view_of(contract: Contract) -> dict[str, Any]:
    """Everything that the catalog knows about a dataset."""
    return {
        **summary_of(contract),
        "limitations": written((contract.document.get("description") or {}).get("limitations"))
        or None,
        "licence": contract.licence or None,
        "legal_basis": contract.legal_basis or None,
        "retention": contract.retention or None,
        "digest": contract.digest,
        "servers": [
            {"name": one.name, "type": one.type, "place": one.place} for one in contract.servers
        ],
        "columns": [_column(column) for column in contract.columns],
        "quality": [
            {"column": column or None, "rule": told_rule(rule)} for column, rule in contract.quality
        ],
        "sla": [{"property": name, "value": value} for name, value in contract.sla],
    }


def _column(column: Column) -> dict[str, Any]:
    facts = {"required": column.required, "unique": column.unique}
    facts["primary key"] = column.key_position is not None
    return {
        "name": column.name,
        "type": told_type(column) if column.type else column.physical_type,
        "description": column.description or column.business_name or None,
        "classification": column.classification or None,
        "unit": column.unit,
        "roles": [kind for kind in _kinds(column) if kind != "unit"],
        "constraints": [name for name, holds in facts.items() if holds],
    }


def _kinds(column: Column) -> list[str]:
    return [role if isinstance(role, str) else str(role["kind"]) for role in column.roles]


def told_rule(rule: Any) -> str:
    """A quality rule in words: its description, else its metric and operator, else its kind."""
    if rule.get("description"):
        return str(rule["description"])
    if rule.get("metric"):
        operators = [f"{name} {rule[name]}" for name in rule if name.startswith("must")]
        unit = f" {rule['unit']}" if rule.get("unit") else ""
        return f"{rule['metric']} {' '.join(operators)}{unit}".strip()
    named = rule.get("name") or rule.get("engine") or rule.get("type") or "rule"
    return str(named)
