"""The code of a step as a digest: what the cache compares to know whether it has changed.

An installed package is the digest of its RECORD, an editable one of its sources; both with the
versions of the libraries that it declares. A step of the project is every function, class, closure
and global value that it reaches in the project, and the versions of the libraries that those use.
What cannot be digested makes the step uncacheable, with a reason.
"""

from __future__ import annotations

import dis
import sys
import types
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stepwell._digest import digest, digest_file, digest_json
from stepwell._function_step import FunctionStep, StepFunction
from stepwell._packages import (
    declared_versions,
    distribution_of,
    is_editable,
    is_project_file,
    version_of,
)
from stepwell._step import Step


@dataclass(frozen=True)
class Code:
    """The code of a step: its digest, the package it comes from, or why it has no digest."""

    digest: str | None
    package: str | None = None
    version: str | None = None
    uncacheable: str | None = None


def code_of(step: type[Step]) -> Code:
    """The code behind a step class."""
    top_level = step.__module__.partition(".")[0]
    distribution = None if _is_project(step) else distribution_of(top_level)
    if distribution is not None:
        return Code(_package_digest(distribution.name), distribution.name, distribution.version)
    reached = _Reached()
    try:
        if issubclass(step, FunctionStep):
            reached.value(step.function, step.__name__)
        else:
            reached.value(step, step.__name__)
    except _CannotDigestError as error:
        return Code(None, uncacheable=str(error))
    return Code(digest_json(reached.parts))


def _is_project(step: type[Step]) -> bool:
    """Whether a class is code of the user's, and not of an editable package."""
    module = sys.modules.get(step.__module__)
    return module is None or _is_project_module(module)


@cache
def _package_digest(name: str) -> str:
    import importlib.metadata as metadata

    distribution = metadata.distribution(name)
    own = _sources(distribution) if is_editable(distribution) else distribution.read_text("RECORD")
    return digest_json([name, own, declared_versions(name)])


def _sources(distribution: Distribution) -> list[list[str]]:
    spec = find_spec(distribution.name.replace("-", "_"))
    folders = [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return [[file.name, digest_file(file)] for file in files]


class _CannotDigestError(Exception):
    """Something that a step reaches has no digest."""


class _Reached:
    """Everything of the project that a function or class reaches, as a list of JSON parts."""

    def __init__(self) -> None:
        self.parts: list[Any] = [f"{sys.version_info.major}.{sys.version_info.minor}"]
        self._seen: set[int] = set()
        self._keep: list[Any] = []

    def value(self, value: Any, name: str) -> None:
        """Add a value that some code refers to by `name`."""
        if value is None or isinstance(value, bool | int | float | complex | str | bytes | Path):
            self.parts.append([name, repr(value)])
            return
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        self._keep.append(value)  # so that its id is not given to another object
        if isinstance(value, StepFunction):
            self.value(value.function, name)
        elif isinstance(value, types.FunctionType):
            self._function(value)
        elif isinstance(value, types.ModuleType):
            self._module(value)
        elif isinstance(value, type):
            self._class(value)
        else:
            self._object(value, name)

    def _function(self, function: types.FunctionType) -> None:
        if not _is_of_project(function.__module__, function.__code__.co_filename):
            self._library(function.__module__)
            return
        self.parts.append(["function", function.__qualname__, _code_parts(function.__code__)])
        self.value(list(function.__defaults__ or ()), "defaults")
        self.value(dict(function.__kwdefaults__ or {}), "defaults")
        for variable, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            self.value(_content(cell), variable)
        if hasattr(function, "__wrapped__"):
            self.value(function.__wrapped__, "wrapped")
        for code in _with_nested(function.__code__):
            self._globals(code, function.__globals__)

    def _globals(self, code: types.CodeType, namespace: dict[str, Any]) -> None:
        for name in code.co_names:
            if name in namespace:
                value = namespace[name]
                self.value(value, name)
                if isinstance(value, types.ModuleType) and _is_project_module(value):
                    self._attributes(value, code.co_names)
        for instruction in dis.get_instructions(code):
            if instruction.opname == "IMPORT_NAME":
                self._imported(str(instruction.argval))

    def _attributes(self, module: types.ModuleType, names: tuple[str, ...]) -> None:
        for name in names:
            if name in vars(module):
                self.value(vars(module)[name], f"{module.__name__}.{name}")

    def _imported(self, name: str) -> None:
        module = sys.modules.get(name)
        if module is not None:
            self.value(module, name)
            return
        try:
            spec = find_spec(name)
        except (ImportError, ValueError):
            return
        if spec is not None and is_project_file(spec.origin):
            self.parts.append(["module", name, digest_file(Path(str(spec.origin)))])
        else:
            self._library(name)

    def _module(self, module: types.ModuleType) -> None:
        if not _is_project_module(module):
            self._library(module.__name__)
            return
        self.parts.append(["module", module.__name__, digest_file(Path(str(module.__file__)))])
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name in _imports(source, module.__package__ or ""):
            self._imported(name)

    def _class(self, class_: type) -> None:
        module = sys.modules.get(class_.__module__)
        own = class_.__module__ == "__main__" or (module is not None and _is_project_module(module))
        if not own:
            self._library(class_.__module__)
            return
        self.parts.append(["class", class_.__qualname__])
        for base in class_.__bases__:
            self.value(base, "base")
        for name, member in sorted(vars(class_).items()):
            self._member(member, f"{class_.__qualname__}.{name}")
        if issubclass(class_, Step):
            self.parts.append(["fields", repr(sorted(class_.model_fields.items()))])

    def _member(self, member: Any, name: str) -> None:
        if isinstance(member, staticmethod | classmethod):
            member = member.__func__
        if isinstance(member, property):
            for accessor in (member.fget, member.fset):
                if accessor is not None:
                    self.value(accessor, name)
        elif _counts(member, name):
            self.value(member, name)

    def _object(self, value: Any, name: str) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                self.value(item, f"{name}[{key!r}]")
        elif isinstance(value, list | tuple):
            for item in value:
                self.value(item, name)
        elif isinstance(value, set | frozenset):
            self.parts.append([name, sorted(map(repr, value))])
        elif isinstance(value, Step):
            self.value(type(value), name)
            self.parts.append([name, value.model_dump(mode="json")])
        else:
            self._foreign(value, name)

    def _foreign(self, value: Any, name: str) -> None:
        library = type(value).__module__.partition(".")[0]
        if isinstance(value, types.BuiltinFunctionType | types.MethodDescriptorType) or (
            library
            in {"typing", "types", "logging", "functools", "stepwell", "contextvars", "builtins"}
            and not hasattr(value, "__dict__")
        ):
            self.parts.append([name, getattr(value, "__name__", type(value).__name__)])
        elif library in {"typing", "types", "logging"}:
            self.parts.append([name, type(value).__name__])
        elif library == "re":
            self.parts.append([name, repr(value)])
        elif library == "functools" and hasattr(value, "__wrapped__"):
            self.value(value.__wrapped__, name)
        elif library in {"polars", "pandas", "pyarrow"} and hasattr(value, "__arrow_c_stream__"):
            from stepwell._dataset import Dataset

            self.parts.append([name, Dataset.of(value).fingerprint])
        elif library == "numpy":
            self._numpy(value, name)
        elif callable(value) and hasattr(value, "__module__") and not hasattr(value, "__dict__"):
            self._library(str(value.__module__))
        else:
            raise _CannotDigestError(
                f"it uses {name!r}, a {type(value).__module__}.{type(value).__qualname__}, which "
                "has no digest"
            )

    def _numpy(self, value: Any, name: str) -> None:
        if (
            hasattr(value, "tobytes")
            and getattr(value, "dtype", None) is not None
            and value.dtype != object
        ):
            self.parts.append([name, str(value.dtype), digest(value.tobytes())])
        elif callable(value):
            self._library("numpy")
        else:
            raise _CannotDigestError(
                f"it uses {name!r}, a NumPy {type(value).__name__} without a digest"
            )

    def _library(self, module: str) -> None:
        top_level = module.partition(".")[0]
        if top_level in sys.stdlib_module_names:
            return
        distribution = distribution_of(top_level)
        known = distribution.name if distribution is not None else None
        if distribution is not None and is_editable(distribution):
            part: list[str | None] = ["sources", top_level, _package_digest(distribution.name)]
        else:
            part = ["library", top_level, version_of(known) if known else None]
        if part not in self.parts:
            self.parts.append(part)


def _counts(member: Any, name: str) -> bool:
    """Whether a member of a class is code of the project, or a constant."""
    if isinstance(member, types.FunctionType):
        return _is_of_project(member.__module__, member.__code__.co_filename)
    plain = isinstance(member, bool | int | float | str | tuple | frozenset)
    return plain and "__" not in name


def _is_project_module(module: types.ModuleType) -> bool:
    return _is_of_project(module.__name__, getattr(module, "__file__", None))


def _is_of_project(module: str | None, file: str | None) -> bool:
    """Whether code is the user's own, and not of a package, be it installed as editable."""
    if module == "__main__" or module is None:
        return True
    return is_project_file(file) and distribution_of(module.partition(".")[0]) is None


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a variable that was never assigned
        return None


def _with_nested(code: types.CodeType) -> list[types.CodeType]:
    nested = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return [code, *(inner for part in nested for inner in _with_nested(part))]


def _code_parts(code: types.CodeType) -> list[Any]:
    """What a code object does, without where it stands: no file name, no line numbers."""
    constants = [
        _code_parts(c) if isinstance(c, types.CodeType) else _constant(c) for c in code.co_consts
    ]
    names = [code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars]
    return [code.co_code.hex(), code.co_flags, [list(n) for n in names], constants]


def _constant(value: Any) -> str:
    # the order of a frozenset differs from process to process
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)


def _imports(source: str, package: str) -> list[str]:
    """The modules that a source imports anywhere, as full names."""
    import ast

    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)] if base else []
    return [name for name in dict.fromkeys(names) if _exists(name)]


def _absolute(node: Any, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _exists(name: str) -> bool:
    if name in sys.modules:
        return True
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def import_path(step: Step) -> str:
    """Where the class (or function) of a step can be imported from: `module:name`.

    For a step of the script that is running, the module that the script would be.
    """
    module = type(step).__module__
    script = getattr(sys.modules.get(module), "__file__", None)
    if module == "__main__" and script:
        module = Path(script).stem
    return f"{module}:{type(step).__qualname__}"
