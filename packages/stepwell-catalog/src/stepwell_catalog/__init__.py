"""The data catalog of Stepwell: contracts, and a step that loads by name and holds data to them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stepwell_catalog._catalog import contract_named, contracts
    from stepwell_catalog._contract import Contract
    from stepwell_catalog._load import LoadFromCatalog

_MODULES = {
    "Contract": "_contract",
    "LoadFromCatalog": "_load",
    "contract_named": "_catalog",
    "contracts": "_catalog",
}

__all__ = ["Contract", "LoadFromCatalog", "contract_named", "contracts"]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _MODULES:
        raise AttributeError(f"module 'stepwell_catalog' has no attribute {name!r}")
    return getattr(import_module(f"stepwell_catalog.{_MODULES[name]}"), name)
