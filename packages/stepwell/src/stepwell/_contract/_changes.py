"""What is different between two contracts of a package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stepwell._contract._data import PackageContract, Port, StepContract
from stepwell._contract._demand import Bump, Change, Part, What
from stepwell._contract._types import Comparison, Difference
from stepwell._errors import PackageError


def contract_changes(old: PackageContract, new: PackageContract) -> list[Change]:
    """Every change, with the bump that it demands; those that demand most come first.

    Raises PackageError for contracts whose types lead on without end.
    """
    try:
        changes = _changes(old, new)
    except RecursionError:
        raise PackageError(
            f"The types in the contract of {new.package} are nested too deeply to be compared.",
            hint="A step whose configuration is that deep is better told with less.",
        ) from None
    return sorted(changes, key=lambda change: ("major", "minor", "patch").index(change.bump))


def _changes(old: PackageContract, new: PackageContract) -> list[Change]:
    changes: list[Change] = []
    for name in sorted({**old.steps, **new.steps}):
        was, now = old.steps.get(name), new.steps.get(name)
        if was is None:
            changes.append(Change("minor", name, "step", "", "added", f"Step {name!r} is new."))
        elif now is None:
            changes.append(Change("major", name, "step", "", "removed", f"Step {name!r} is gone."))
        else:
            changes += _of_step(name, was, now)
    return changes


def _of_step(step: str, old: StepContract, new: StepContract) -> Iterator[Change]:
    yield from _of_the_whole(step, old, new)
    yield from _of_fields(step, old, new)
    yield from _of_ports(step, "input", old.inputs, new.inputs, new.name)
    yield from _of_ports(step, "output", old.outputs, new.outputs, new.name)


def _of_the_whole(step: str, old: StepContract, new: StepContract) -> Iterator[Change]:
    def change(bump: Bump, what: What, message: str) -> Change:
        return Change(bump, step, "step", "", what, f"{new.name} {message}.")

    if old.target != new.target:
        yield change("major", "moved", f"is imported from {new.target}, and was from {old.target}")
    if old.judge != new.judge:
        turned = "takes every report now" if new.judge else "takes no reports any more"
        yield change("major", "judge", f"{turned}, and so runs in other cases")
    if new.effects and not old.effects:
        yield change("major", "effects", "has effects now: it is never cached, and blocked earlier")
    elif old.effects and not new.effects:
        yield change("minor", "effects", "has no effects any more: it is cached")
    if old.description != new.description:
        yield change("patch", "wording", "is described otherwise")


def _of_fields(step: str, old: StepContract, new: StepContract) -> Iterator[Change]:
    was, now = old.configuration, new.configuration
    for name in {**was.get("properties", {}), **now.get("properties", {})}:
        comparison = Comparison(was, now, taken=True)
        comparison.compare_member(name, was, now, name)
        for difference in comparison.found:
            yield _change(step, "field", name, difference, new.name)


def _of_ports(
    step: str, part: Part, olds: Mapping[str, Port], news: Mapping[str, Port], title: str
) -> Iterator[Change]:
    for name in {**olds, **news}:
        for difference in _of_port(part, olds.get(name), news.get(name)):
            yield _change(step, part, name, difference, title)


def _of_port(part: Part, old: Port | None, new: Port | None) -> Iterator[Difference]:
    is_input = part == "input"
    if new is None:
        yield Difference("major", "removed", "", "is gone")
    elif old is None:
        breaks = is_input and not new.optional
        yield (
            Difference("major", "added", "", "is new and required")
            if breaks
            else Difference("minor", "added", "", "is new")
        )
    elif old.kind != new.kind:
        yield Difference("major", "retyped", "", f"was a {old.kind}, and is a {new.kind}")
    else:
        yield from _of_input(old, new) if is_input else _of_output(old, new)
        comparison = Comparison(old.schema or {}, new.schema or {}, taken=is_input)
        comparison.compare(comparison.old, comparison.new)
        yield from comparison.found


def _of_input(old: Port, new: Port) -> Iterator[Difference]:
    if old.optional != new.optional:
        yield (
            Difference("minor", "optional", "", "may be left out")
            if new.optional
            else Difference("major", "required", "", "has to be given")
        )
    if old.nullable != new.nullable:
        yield (
            Difference("minor", "widened", "", "may be None")
            if new.nullable
            else Difference("major", "narrowed", "", "may not be None any more")
        )


def _of_output(old: Port, new: Port) -> Iterator[Difference]:
    if old.optional != new.optional:
        yield (
            Difference("major", "widened", "", "may be None now")
            if new.optional
            else Difference("minor", "narrowed", "", "is never None any more")
        )


def _change(step: str, part: Part, name: str, difference: Difference, title: str) -> Change:
    path = difference.path if part == "field" else f"{name}{difference.path}"
    message = f"{title}: {part} {path!r} {difference.message}."
    return Change(difference.bump, step, part, name, difference.what, message, path)
