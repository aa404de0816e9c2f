"""The differences of two types, given as JSON schemas.

What a step takes may become wider, what it gives narrower: both leave pipelines as they are. Taken
and given are compared in the same way; only what a difference demands is turned round.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from stepwell._contract._alternatives import (
    NAME,
    Alternative,
    Schema,
    alternatives,
    is_anything,
    is_composed,
    limits_fit,
    not_taken,
    rules_fit,
    same,
)
from stepwell._contract._demand import Bump, What
from stepwell._contract._words import in_words

Pair = tuple[Alternative, Alternative]

_MISSING = object()
_LONGEST = 60


@dataclass(frozen=True)
class Difference:
    """One difference: what it demands, where inside of the type it is, and what it is in words."""

    bump: Bump
    what: What
    path: str
    message: str


@dataclass
class Comparison:
    """Two schemas with their definitions; `taken` ones are configuration and inputs."""

    old: Schema
    new: Schema
    taken: bool
    found: list[Difference] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def compare(self, old: Schema, new: Schema, path: str = "") -> None:
        """Add the differences of two types."""
        olds = alternatives(old, self._old_definitions)
        news = alternatives(new, self._new_definitions)
        pairs, lost, gained = _matched(olds, news)
        if lost or gained:
            message = _of_choices(lost, gained) or self._of_types(old, new)
            self._add_retyped(path, message, is_lost=bool(lost), is_gained=bool(gained))
        for was, now in pairs:
            self._compare_inside(was, now, path)

    def compare_member(self, name: str, old: Schema, new: Schema, path: str) -> None:
        """Add the differences of a property of two objects; `path` leads to the property."""
        was, now = old.get("properties", {}).get(name), new.get("properties", {}).get(name)
        is_required = name in new.get("required", ())
        if now is None:
            self._add("major", "removed", path, "is gone")
        elif was is None:
            self._add_new(now, path, is_required=is_required)
        else:
            if self.taken:
                self._compare_need(was, now, path, name in old.get("required", ()), is_required)
            self._compare_words(was, now, path)
            self.compare(was, now, path)

    @property
    def _old_definitions(self) -> Schema:
        definitions: Schema = self.old.get("$defs", {})
        return definitions

    @property
    def _new_definitions(self) -> Schema:
        definitions: Schema = self.new.get("$defs", {})
        return definitions

    def _add(self, bump: Bump, what: What, path: str, message: str) -> None:
        self.found.append(Difference(bump, what, path, message))

    def _add_new(self, now: Schema, path: str, *, is_required: bool) -> None:
        if is_required and self.taken:
            self._add("major", "added", path, "is new and required")
        else:
            self._add("minor", "added", path, "is new")

    def _add_retyped(self, path: str, message: str, *, is_lost: bool, is_gained: bool) -> None:
        what: What = "retyped" if is_lost and is_gained else "narrowed" if is_lost else "widened"
        breaks = is_lost if self.taken else is_gained
        self._add("major" if breaks else "minor", what, path, message)

    def _of_types(self, old: Schema, new: Schema) -> str:
        was = in_words(old, self._old_definitions)
        now = in_words(new, self._new_definitions)
        return f"was {was}, and is {now}" if was != now else f"is another {now}"

    def _compare_need(
        self, was: Schema, now: Schema, path: str, was_required: bool, is_required: bool
    ) -> None:
        """A default that goes or changes makes pipelines do something else that never named it."""
        if is_required and not was_required:
            self._add("major", "required", path, "has no default any more")
        elif was_required and not is_required:
            self._add("minor", "optional", path, f"has a default: {_default(now)}")
        elif not is_required and not same(
            was.get("default", _MISSING), now.get("default", _MISSING)
        ):
            message = f"had the default {_default(was)}, and has {_default(now)}"
            self._add("major", "default", path, message)

    def _compare_words(self, was: Schema, now: Schema, path: str) -> None:
        if now.get("deprecated") and not was.get("deprecated"):
            self._add("minor", "deprecated", path, "is deprecated")
        elif was.get("description") != now.get("description"):
            self._add("patch", "wording", path, "is described otherwise")

    def _compare_inside(self, was: Alternative, now: Alternative, path: str) -> None:
        names = str(was.get(NAME, "")), str(now.get(NAME, ""))
        if all(names) and names in self._seen:
            return
        self._seen.add(names)
        is_lost, is_gained = not _keeps(was, now), not _keeps(now, was)
        if is_lost or is_gained:
            message = self._of_types(was, now)
            self._add_retyped(path, message, is_lost=is_lost, is_gained=is_gained)
        if was["type"] == "array":
            self._compare_items(was, now, path)
        else:
            self._compare_members(was, now, path)

    def _compare_items(self, was: Alternative, now: Alternative, path: str) -> None:
        firsts, others = was.get("prefixItems", []), now.get("prefixItems", [])
        if len(firsts) != len(others):
            message = f"was of {len(firsts)} parts, and is of {len(others)}"
            return self._add_retyped(path, message, is_lost=True, is_gained=True)
        for place, (old, new) in enumerate(zip(firsts, others, strict=True)):
            self.compare(old, new, f"{path}[{place}]")
        return self.compare(was.get("items", {}), now.get("items", {}), f"{path}[]")

    def _compare_members(self, was: Alternative, now: Alternative, path: str) -> None:
        if {NAME} <= was.keys() & now.keys():
            self._compare_words(was, now, path)
        names = {**was.get("properties", {}), **now.get("properties", {})}
        for name in names:
            self.compare_member(name, was, now, f"{path}.{name}")
        for rule in ("propertyNames", "patternProperties"):
            if was.get(rule) != now.get(rule):
                message = "has other rules for its keys"
                self._add_retyped(path, message, is_lost=True, is_gained=True)
        old, new = was.get("additionalProperties", {}), now.get("additionalProperties", {})
        if old is not False and new is not False:
            return self.compare(old, new, f"{path}{{}}")
        if old is not new:
            message = f"{'refuses' if new is False else 'takes'} fields that it does not know"
            self._add_retyped(path, message, is_lost=new is False, is_gained=old is False)
        return None


def _matched(
    olds: list[Alternative], news: list[Alternative]
) -> tuple[list[Pair], list[Alternative], list[Alternative]]:
    """Types with types inside in pairs; the old ones that are lost, and the new ones gained."""
    old_takes_all, new_takes_all = any(map(is_anything, olds)), any(map(is_anything, news))
    if old_takes_all or new_takes_all:
        return [], ([] if new_takes_all else olds), ([] if old_takes_all else news)
    lost = [one for one in olds if is_composed(one)]
    gained = [one for one in news if is_composed(one)]
    pairs = [*_taken_in_pairs(lost, gained, _have_one_name), *_taken_in_pairs(lost, gained, same)]
    pairs += _last_of_their_sort(lost, gained)
    plain_olds = [one for one in olds if not is_composed(one)]
    plain_news = [one for one in news if not is_composed(one)]
    lost += not_taken(plain_olds, plain_news)
    gained += not_taken(plain_news, plain_olds)
    return pairs, lost, gained


def _taken_in_pairs(
    olds: list[Alternative],
    news: list[Alternative],
    alike: Callable[[Alternative, Alternative], bool],
) -> list[Pair]:
    """Those that are alike, which are taken out of both lists."""
    pairs = []
    for old in list(olds):
        new = next((one for one in news if alike(old, one)), None)
        if new is not None:
            pairs.append((old, new))
            olds.remove(old)
            news.remove(new)
    return pairs


def _last_of_their_sort(olds: list[Alternative], news: list[Alternative]) -> list[Pair]:
    """Those of which each list has only one, whatever it was called; taken out of both."""
    counts = Counter(map(_sort, olds)), Counter(map(_sort, news))

    def are_last(old: Alternative, new: Alternative) -> bool:
        return _sort(old) == _sort(new) and all(count[_sort(old)] == 1 for count in counts)

    return _taken_in_pairs(olds, news, are_last)


def _keeps(old: Alternative, new: Alternative) -> bool:
    return limits_fit(old, new) and rules_fit(old, new)


def _of_choices(lost: list[Alternative], gained: list[Alternative]) -> str:
    """What is different between two lists of choices; nothing if it is about more than choices."""
    if not all("const" in one for one in (*lost, *gained)):
        return ""
    gone = f"has no {in_words({'anyOf': lost}, {})} any more" if lost else ""
    new = f"has {in_words({'anyOf': gained}, {})} as well" if gained else ""
    return " and ".join(filter(None, (gone, new)))


def _have_one_name(old: Alternative, new: Alternative) -> bool:
    return NAME in old and old[NAME] == new.get(NAME) and _sort(old) == _sort(new)


def _sort(one: Alternative) -> str:
    """Lists, mappings with keys of the user's, and objects with names of the step's."""
    return "object" if "properties" in one else f"{one['type']} of any"


def _have_one_default(was: Schema, now: Schema) -> bool:
    return same(was.get("default", _MISSING), now.get("default", _MISSING))


def _default(schema: Schema) -> str:
    if "default" not in schema:
        return "one that is made when it is needed"
    text = json.dumps(schema["default"], ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
