"""Contracts as they are found: in a file, a project's folder, an installed package or a wheel."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from pydantic import ValidationError

from stepwell._contract._data import FILE, FORMAT, PackageContract, Port, StepContract, adapter
from stepwell._contract._schema import checked
from stepwell._contract._wheel import Wheel
from stepwell._errors import ConfigurationError, PackageError, did_you_mean, listed
from stepwell._installation._installed import GROUP, installed_steps
from stepwell._json import read_object

LARGEST = 1024 * 1024
"""The most bytes of a contract: those of a package with a hundred steps have fewer."""


def parsed_contract(content: bytes, where: str) -> PackageContract:
    """The contract in these bytes, which `where` names. Raises PackageError."""
    if len(content) > LARGEST:
        raise _unreadable(where, f"has more than {LARGEST:,} bytes")
    try:
        document = read_object(content)
    except ValueError as error:
        raise _unreadable(where, f"is no JSON that can be read: {error}") from None
    _check_format(document, where)
    try:
        contract = adapter.validate_python(document)
        steps = {name: _with_schemas(step) for name, step in contract.steps.items()}
    except ValueError as error:  # pydantic's is one
        raise _unreadable(where, f"is not as a contract is: {_first_problem(error)}") from None
    return replace(contract, steps=steps)


def contract_of_file(path: Path) -> PackageContract:
    """The contract in a file. Raises ConfigurationError if there is none, else PackageError."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}.", hint="Make it: stepwell contract write."
        ) from None
    return parsed_contract(content, str(path))


def contract_in_folder(folder: Path) -> PackageContract:
    """The contract of the package whose sources are in `folder`. Raises ConfigurationError."""
    name, points = project_in(folder)
    if not points:
        return PackageContract(name, {})
    return _of(name, points, contract_of_file(place_in(folder, points)), str(folder))


def installed_contract(package: str) -> PackageContract:
    """The contract that an installed package brings; imports nothing of it."""
    found = installed(package)
    points = step_points(found)
    if not points:
        return PackageContract(found.name, {})
    place = installed_place(points)
    if place is None or not place.is_file():
        raise without_contract(f"{found.name} {found.version}, which is installed,")
    contract = contract_of_file(place)
    return _of(found.name, points, contract, f"{found.name} {found.version}")


def contract_in_wheel(path: Path) -> PackageContract:
    """The contract in a wheel, of which nothing is installed. Raises PackageError."""
    with Wheel(path) as wheel:
        points = step_points(wheel)
        if not points:
            return PackageContract(wheel.name, {})
        content = wheel.content(f"{top_level(points)}/{FILE}", most=LARGEST)
        if content is None:
            raise without_contract(path.name)
        contract = parsed_contract(content, f"{path.name}, {FILE}")
        return _of(wheel.name, points, contract, path.name)


def installed(package: str) -> Distribution:
    """An installed package by its name. Raises ConfigurationError with the nearest."""
    try:
        return distribution(package)
    except (PackageNotFoundError, ValueError):
        packages = sorted({step.package for step in installed_steps()})
        near = did_you_mean(canonicalize_name(package), packages) or did_you_mean(
            f"stepwell-{canonicalize_name(package)}", packages
        )
        raise ConfigurationError(
            f"No package {package!r} is installed.",
            hint=f"{near} Packages with steps: {listed(packages)}.".strip(),
        ) from None


def project_in(folder: Path) -> tuple[str, list[EntryPoint]]:
    """The name of the package whose sources are in `folder`, and the entry points of its steps."""
    file = folder / "pyproject.toml"
    try:
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
        points = dict(project.get("entry-points", {}).get(GROUP, {}))
        named = [EntryPoint(name, target, GROUP) for name, target in sorted(points.items())]
        return str(project["name"]), [point for point in named if point.module and point.attr]
    except OSError:
        raise ConfigurationError(
            f"{folder} is no folder of a package: there is no pyproject.toml that can be read.",
            hint="Name the folder of a package, or a package that is installed.",
        ) from None
    except (KeyError, ValueError, TypeError, AttributeError):  # ValueError: no TOML, no UTF-8
        raise ConfigurationError(
            f"{file} does not say name and entry points of a package.",
            hint="Give it [project] with a name, as docs/maintain-packages.md shows.",
        ) from None


def step_points(found: Distribution) -> list[EntryPoint]:
    """The entry points of the steps of a package, in order. Raises PackageError for bad ones."""
    try:
        points = [point for point in found.entry_points if point.group == GROUP]
        return sorted(points, key=lambda point: (point.name, point.module, point.attr))
    except (AttributeError, TypeError, ValueError):  # what their parser says of other text
        raise PackageError(
            f"{found.name} {found.version} has an entry point that is none.",
            hint='Steps are named like this: make = "stepwell_make:Make".',
        ) from None


def top_level(points: Iterable[EntryPoint]) -> str:
    """The import package that holds the contract: the first of those with steps."""
    return min(point.module.partition(".")[0] for point in points)


def place_in(folder: Path, points: Iterable[EntryPoint]) -> Path:
    """Where the contract stands in a folder of sources: beside the code, to be in the wheel."""
    import_package = top_level(points)
    flat = folder / import_package
    return (flat if flat.is_dir() else folder / "src" / import_package) / FILE


def installed_place(points: Iterable[EntryPoint]) -> Path | None:
    """Where the contract of an installed package stands; None if its code is not found."""
    spec = find_spec(top_level(points))
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) / FILE if folders else None


def without_contract(where: str) -> PackageError:
    """The error for a package that has steps and no contract."""
    return PackageError(
        f"{where} has steps and no {FILE}.",
        hint="Its maintainer makes one: stepwell contract write.",
    )


def _of(
    name: str, points: Iterable[EntryPoint], contract: PackageContract, where: str
) -> PackageContract:
    """The contract, if it is that of this package and of these steps."""
    if canonicalize_name(contract.package) != canonicalize_name(name):
        raise _unreadable(f"The contract in {where}", f"is that of {contract.package}")
    named = {point.name: point.value for point in points}
    told = {step: told.target for step, told in contract.steps.items()}
    differing = sorted(step for step in {**named, **told} if named.get(step) != told.get(step))
    if differing:
        problem = f"and its entry points differ in the step {differing[0]!r}"
        raise _unreadable(f"The contract in {where}", problem)
    return contract


def _check_format(document: Mapping[str, Any], where: str) -> None:
    found = document.get("format")
    if found == FORMAT:
        return
    kind, _, number = str(found).partition("/")
    if kind == FORMAT.partition("/")[0] and number.isdecimal():
        raise PackageError(
            f"{where} has the format {number} of contracts, and this Stepwell reads "
            f"{FORMAT.partition('/')[2]}.",
            hint="pip install --upgrade stepwell.",
        )
    raise _unreadable(where, f"is no contract of a package: its format is not {FORMAT!r}")


def _with_schemas(step: StepContract) -> StepContract:
    """A step of a contract with schemas that can be compared. Raises ValueError."""
    return replace(
        step,
        configuration=checked(step.configuration),
        inputs={name: _with_schema(port) for name, port in step.inputs.items()},
        outputs={name: _with_schema(port) for name, port in step.outputs.items()},
    )


def _with_schema(port: Port) -> Port:
    return port if port.schema is None else replace(port, schema=checked(port.schema))


def _first_problem(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _unreadable(where: str, problem: str) -> PackageError:
    return PackageError(
        f"{where} {problem}.",
        hint="Whoever maintains the package writes it anew: stepwell contract write.",
    )
