"""`@step`: a function as a step."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar, cast, get_type_hints, overload

from pydantic import Field, create_model

from stepwell._data._roles import Roles, RolesLike
from stepwell._errors import ConfigurationError, PipelineError
from stepwell._protocol._kinds import json_adapter, kind_of, without_none
from stepwell._protocol._signature import Signature, signature
from stepwell._protocol._step import Step

P = ParamSpec("P")
R = TypeVar("R")

_NATURAL_NAMES = {"dataset": "data", "model": "model", "report": "report", "file": "file"}


class FunctionStep(Step):
    """The step that `@step` makes: its fields are the keyword-only parameters of the function."""

    function: ClassVar[Callable[..., Any]]
    signature: ClassVar[Signature]
    new_roles: ClassVar[RolesLike] = {}

    def run(self, **inputs: Any) -> Any:
        """Call the function with the inputs and the configuration."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).function(**inputs, **fields)

    def preview(self, **inputs: Any) -> Mapping[str, Any]:
        """What the function makes of tables without rows, if that is all that it takes."""
        kinds = {taken.kind for taken in self.signature.inputs.values()}
        if self.effects or self.signature.judge or kinds != {"dataset"}:
            return {}
        outputs = self.signature.outputs_of(self.run(**inputs))
        return {n: v for n, v in outputs.items() if self.signature.outputs[n].kind == "dataset"}


class StepFunction(Generic[P, R]):
    """A function made into a step: called with its keyword-only parameters, it gives a `Step`.

    The function itself stays at hand as `function`.
    """

    def __init__(self, function: Callable[P, R], step_class: type[FunctionStep]) -> None:
        self.function = function
        self.step_class = step_class
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__module__ = function.__module__
        self.__doc__ = function.__doc__

    def __call__(self, *inputs: Any, **configuration: Any) -> Step:
        """The function as a configured step. Raises ConfigurationError for unknown parameters."""
        name = self.__name__
        if inputs:
            raise ConfigurationError(
                f"{name} is a step: its inputs are handed to it by a pipeline.",
                hint=f"To call the function itself, write {name}.function(...).",
            )
        for given in configuration:
            if given in self.step_class.signature.inputs:
                raise ConfigurationError(
                    f"{given!r} is an input of step {name}, and no configuration.",
                    hint=f"To make it configuration, put it behind a star: "
                    f"def {name}(..., *, {given}).",
                )
        return self.step_class(**configuration)

    def __repr__(self) -> str:
        return f"<step function {self.__module__}.{self.__qualname__}>"


@overload
def step(function: Callable[P, R], /) -> StepFunction[P, R]: ...
@overload
def step(
    *,
    returns: str | None = None,
    roles: RolesLike | None = None,
    drops: Sequence[str] = (),
    effects: bool = False,
) -> Callable[[Callable[P, R]], StepFunction[P, R]]: ...


def step(
    function: Callable[..., Any] | None = None,
    /,
    *,
    returns: str | None = None,
    roles: RolesLike | None = None,
    drops: Sequence[str] = (),
    effects: bool = False,
) -> Any:
    """Make a step of a function: its keyword-only parameters become the configuration.

    The other parameters are the inputs. A lone output takes the natural name of its kind (`data`,
    `model`, `report`, `file`) unless `returns` names it. `roles` declares roles of new columns,
    `drops` names protected columns that the function leaves out on purpose, and `effects` says that
    it touches the outside world.

        @step(roles={"age_band": "protected"})
        def age_band(data: polars.DataFrame, *, cut: int = 25) -> polars.DataFrame: ...

        Pipeline("credit", [Load(...), age_band(cut=30), ...])
    """

    def made(plain: Callable[..., Any]) -> StepFunction[..., Any]:
        return StepFunction(plain, _step_class(plain, returns, roles or {}, tuple(drops), effects))

    return made if function is None else made(function)


def _step_class(
    function: Callable[..., Any],
    returns: str | None,
    roles: RolesLike,
    drops: tuple[str, ...],
    effects: bool,
) -> type[FunctionStep]:
    _check_function(function)
    Roles(roles)  # raises for a role that does not exist
    parameters = list(inspect.signature(function).parameters.values())
    hints = _hints(function)
    inputs = [p for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    for parameter in inputs:
        if parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            raise PipelineError(
                f"Step function {function.__name__} takes {parameter}; its inputs need names."
            )
    fields = {
        p.name: _field(function.__name__, p, hints)
        for p in parameters
        if p.kind is inspect.Parameter.KEYWORD_ONLY
    }
    made = create_model(
        function.__name__,
        __base__=FunctionStep,
        __module__=function.__module__,
        __doc__=function.__doc__,
        **cast(Mapping[str, Any], fields),
    )
    made.__qualname__ = function.__qualname__
    made.function = staticmethod(function)
    made.signature = _signature(function, inputs, hints, returns)
    made.new_roles = roles
    made.drops = drops
    made.effects = effects
    return made


def _check_function(function: object) -> None:
    if not inspect.isfunction(function):
        raise PipelineError(f"@step is put above a function, not a {type(function).__name__}.")
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise PipelineError(
            f"Step function {function.__name__} is a coroutine or generator; a step returns its "
            "outputs at once.",
            hint="Write a plain def with return.",
        )


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as error:
        raise PipelineError(
            f"An annotation of step function {function.__name__} names {error.name!r}, which is "
            "not defined at run time.",
            hint="Import it for real, not only under TYPE_CHECKING.",
        ) from None


def _field(step_name: str, parameter: inspect.Parameter, hints: dict[str, Any]) -> tuple[Any, Any]:
    if parameter.name not in hints:
        raise PipelineError(
            f"Step function {step_name} does not say the type of its parameter {parameter.name!r}."
        )
    if hasattr(FunctionStep, parameter.name):
        raise ConfigurationError(
            f"Step function {step_name} has a parameter {parameter.name!r}, a name that every step "
            "uses for something else.",
            hint="Rename it.",
        )
    try:
        json_adapter(hints[parameter.name])
    except TypeError:
        raise PipelineError(
            f"The configuration of step function {step_name} is JSON; its parameter "
            f"{parameter.name!r} is not.",
            hint="If it is an input, put it before the star.",
        ) from None
    if parameter.default is inspect.Parameter.empty:
        return hints[parameter.name], Field(...)
    return hints[parameter.name], Field(default=parameter.default)


def _signature(
    function: Callable[..., Any],
    inputs: list[inspect.Parameter],
    hints: dict[str, Any],
    returns: str | None,
) -> Signature:
    if "return" not in hints:
        raise PipelineError(f"Step function {function.__name__} does not say what it returns.")
    if returns is not None and not returns.isidentifier():
        raise PipelineError(
            f"Step function {function.__name__} calls its output {returns!r}, which is no name."
        )
    lone = returns or _natural_name(function, hints["return"])
    return signature(function.__name__, inputs, hints, lone=lone)


def _natural_name(function: Callable[..., Any], annotation: Any) -> str:
    kind = kind_of(without_none(annotation)[0])
    return _NATURAL_NAMES.get(kind, function.__name__)
