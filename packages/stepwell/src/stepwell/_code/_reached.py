"""What the code of a step reaches in the project, as JSON parts of a digest.

Functions count by their byte code, classes by their members, modules by their source, and values by
their content; where the project lies, and on which line something stands, does not count. Of a
library only its version does. What has no digest makes the step uncacheable, with a reason.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from stepwell._code._bytecode import code_parts, imported_names, with_nested
from stepwell._code._data_in_code import digest_of_data
from stepwell._code._imports import imports_of, is_project_module, project_file_of
from stepwell._code._packages import (
    distribution_of,
    is_editable,
    is_of_project,
    package_digest,
    project_root,
)
from stepwell._digest import digest_file
from stepwell._protocol._function_step import StepFunction

_SHOWN_WHOLE = {"datetime", "decimal", "fractions", "re", "types", "typing", "uuid", "zoneinfo"}
"""Modules whose values have a `repr` that says all of them, and the same in every process."""

_OF_THE_PROCESS = {"logging", "contextvars", "threading"}
"""Modules whose values belong to the process and say nothing about what is computed."""

_ABOUT_THE_MODULE = {"__builtins__", "__doc__", "__file__", "__name__", "__package__", "__spec__"}


class CannotDigestError(Exception):
    """Something that a step reaches has no digest."""


class Reached:
    """Collects the parts, beginning with the values that are given to `value`."""

    def __init__(self, file: str | None) -> None:
        self.parts: list[Any] = [f"{sys.version_info.major}.{sys.version_info.minor}"]
        self._root = project_root(file)
        self._seen: dict[Any, int] = {}
        self._keep: list[Any] = []  # so that no id is given to another object

    def value(self, value: Any, name: str) -> None:
        """Add a value that some code refers to by `name`."""
        if value is None or isinstance(value, bool | int | float | complex | str | bytes | Path):
            self.parts.append([name, type(value).__name__, self._moved(repr(value))])
            return
        if id(value) in self._seen:
            self.parts.append([name, "as before", self._seen[id(value)]])
            return
        self._keep.append(value)
        self._seen[id(value)] = len(self._seen)
        for kind, add in _KINDS:
            if isinstance(value, kind):
                add(self, value, name)
                return
        self._foreign(value, name)

    def _moved(self, text: str) -> str:
        """`text` as if the project lay somewhere else."""
        return text if self._root is None else text.replace(self._root, "<project>")

    # code

    def _step_function(self, value: StepFunction[..., Any], name: str) -> None:
        self.value(value.function, name)

    def _function(self, function: types.FunctionType, name: str) -> None:
        if not is_of_project(function.__module__, function.__code__.co_filename):
            self._library(function.__module__, function.__qualname__)
            return
        self.parts.append([name, "function", function.__qualname__, code_parts(function.__code__)])
        self.value(function.__defaults__, "defaults")
        self.value(function.__kwdefaults__, "defaults")
        for cell_name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            self.value(_content(cell), cell_name)
        for code in with_nested(function.__code__):
            self._globals(code, function.__globals__)

    def _globals(self, code: types.CodeType, namespace: dict[str, Any]) -> None:
        for name in code.co_names:
            if name not in namespace or name in _ABOUT_THE_MODULE:
                continue
            value = namespace[name]
            self.value(value, name)
            if isinstance(value, types.ModuleType) and _is_project_module(value):
                for attribute in code.co_names:
                    if attribute in vars(value):
                        self.value(vars(value)[attribute], f"{name}.{attribute}")
        for module in imported_names(code, str(namespace.get("__package__") or "")):
            self._imported(module)

    def _method(self, method: types.MethodType, name: str) -> None:
        self.value(method.__func__, name)
        self.value(method.__self__, f"{name}.self")

    def _wrapper(self, wrapper: Any, name: str) -> None:
        self.value(wrapper.__func__, name)

    def _property(self, value: property, name: str) -> None:
        for accessor in (value.fget, value.fset, value.fdel):
            self.value(accessor, name)

    def _builtin(self, value: Any, name: str) -> None:
        self._library(getattr(value, "__module__", None), value.__qualname__)
        bound_to = getattr(value, "__self__", None)
        if not isinstance(bound_to, types.ModuleType):
            self.value(bound_to, f"{name}.self")

    def _class(self, class_: type, name: str) -> None:
        module = sys.modules.get(class_.__module__)
        if not is_of_project(class_.__module__, getattr(module, "__file__", None)):
            self._library(class_.__module__, class_.__qualname__)
            return
        self.parts.append([name, "class", class_.__qualname__])
        for base in class_.__bases__:
            self.value(base, "base")
        for member_name, member in sorted(vars(class_).items()):
            if _counts(member, member_name):
                self.value(member, f"{class_.__qualname__}.{member_name}")
        self._fields(class_)

    def _fields(self, class_: type) -> None:
        """The defaults of a pydantic model or dataclass, which are no members of the class."""
        if issubclass(class_, BaseModel):
            for name, field in class_.model_fields.items():
                self.parts.append([name, "field", str(field.annotation)])
                default = None if field.default is PydanticUndefined else field.default
                self.value([default, field.default_factory, field.metadata], name)
        elif issubclass(class_, Enum):
            self.value({member.name: member.value for member in class_}, "members")
        elif dataclasses.is_dataclass(class_):
            for each in dataclasses.fields(class_):
                defaults = (each.default, each.default_factory)
                self.value([d for d in defaults if d is not dataclasses.MISSING], each.name)

    # modules

    def _module(self, module: types.ModuleType, name: str) -> None:
        if _is_project_module(module) and module.__file__ is not None:
            self._source(module.__name__, Path(module.__file__), module.__package__ or "")
        else:
            self._library(module.__name__, "")

    def _imported(self, name: str) -> None:
        """Add a module that may not have been imported yet, and must not be for this."""
        if not is_project_module(name):
            self._library(name, "")
            return
        file = project_file_of(name)
        if file is not None:  # else it is something in a module
            is_package = file.name == "__init__.py"
            self._source(name, file, name if is_package else name.rpartition(".")[0])

    def _source(self, name: str, file: Path, package: str) -> None:
        if file in self._seen:
            return
        self._seen[file] = len(self._seen)
        self.parts.append(["module", name, digest_file(file)])
        for imported in imports_of(file, package):
            self._imported(imported)

    def _library(self, module: str | None, name: str) -> None:
        top_level = (module or "builtins").partition(".")[0]
        part = [name, "library", top_level]
        if top_level not in sys.stdlib_module_names and top_level not in self._seen:
            self._seen[top_level] = len(self._seen)
            part += _version(top_level)
        self.parts.append(part)

    # values

    def _dict(self, value: dict[Any, Any], name: str) -> None:
        self.parts.append([name, "dict", len(value)])
        for key, item in value.items():
            self.value(key, name)
            self.value(item, f"{name}[{key!r}]")

    def _sequence(self, value: Any, name: str) -> None:
        self.parts.append([name, type(value).__name__, len(value)])
        for item in value:
            self.value(item, name)

    def _set(self, value: Any, name: str) -> None:
        self._sequence(sorted(value, key=repr), name)

    def _instance(self, value: Any, name: str) -> None:
        self.value(type(value), name)
        slots = [slot for class_ in type(value).__mro__ for slot in _slots(class_)]
        self.value({slot: getattr(value, slot, None) for slot in slots}, name)
        self.value(dict(getattr(value, "__dict__", {})), name)

    def _member(self, value: Enum, name: str) -> None:
        self.value(type(value), name)
        self.parts.append([name, value.name])

    def _foreign(self, value: Any, name: str) -> None:
        module = type(value).__module__
        library = module.partition(".")[0]
        if library in _SHOWN_WHOLE or isinstance(value, range | slice | bytearray):
            self.parts.append([name, type(value).__name__, self._moved(repr(value))])
        elif library in _OF_THE_PROCESS:
            self.parts.append([name, type(value).__name__])
        elif dataclasses.is_dataclass(value) or is_of_project(module, _file_of(module)):
            self._instance(value, name)
        elif library == "functools":
            self._of_functools(value, name)
        elif callable(value) and hasattr(value, "__qualname__"):  # a function of compiled code
            self._builtin(value, name)
        else:
            found = digest_of_data(value)
            if found is None:
                raise _without_digest(value, name)
            self._library(library, name)
            self.parts.append([name, type(value).__name__, found])

    def _of_functools(self, value: Any, name: str) -> None:
        """Caches, partial functions and the like: what they stand for."""
        held = [getattr(value, slot, None) for slot in ("__wrapped__", "func", "args", "keywords")]
        if all(part is None for part in held):
            raise _without_digest(value, name)
        self.value(held, name)


def _counts(member: Any, name: str) -> bool:
    """Whether a member of a class was written by whoever wrote the class."""
    if inspect.isdatadescriptor(member) and not isinstance(member, property):
        return False  # slots, fields of named tuples
    if isinstance(member, types.FunctionType | staticmethod | classmethod):
        return True
    made_for_it = name in ("_abc_impl", "_member_map_", "_value2member_map_")
    return not made_for_it and not isinstance(member, Enum) and not name.startswith("__")


def _slots(class_: type) -> tuple[str, ...]:
    slots = vars(class_).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(s for s in slots if s != "__dict__")


def _version(top_level: str) -> list[str]:
    distribution = distribution_of(top_level)
    if distribution is None:
        return []
    name = distribution.name
    if is_editable(distribution):
        return [name, package_digest(name, top_level)]
    return [name, distribution.version]


def _is_project_module(module: types.ModuleType) -> bool:
    return is_of_project(module.__name__, getattr(module, "__file__", None))


def _file_of(module: str) -> str | None:
    return getattr(sys.modules.get(module), "__file__", None)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a variable that was never assigned
        return None


def _without_digest(value: Any, name: str) -> CannotDigestError:
    kind = type(value)
    return CannotDigestError(
        f"it uses {name!r}, a {kind.__module__}.{kind.__qualname__}, which has no digest"
    )


_KINDS: tuple[tuple[Any, Callable[[Reached, Any, str], None]], ...] = (
    (StepFunction, Reached._step_function),
    (types.FunctionType, Reached._function),
    (types.MethodType, Reached._method),
    (staticmethod | classmethod, Reached._wrapper),
    (property, Reached._property),
    (types.ModuleType, Reached._module),
    (type, Reached._class),
    (Enum, Reached._member),
    (
        types.BuiltinFunctionType
        | types.MethodDescriptorType
        | types.WrapperDescriptorType
        | types.MethodWrapperType
        | types.ClassMethodDescriptorType,
        Reached._builtin,
    ),
    (dict, Reached._dict),
    (list | tuple, Reached._sequence),
    (set | frozenset, Reached._set),
    (BaseModel, Reached._instance),
)
