"""Whether a change affects a place of the user's code: a rule for each kind of change. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast

from typedrun_codegen.diffs.changes import Change
from typedrun_codegen.diffs.code import OPEN, Site

_OF_ANSWERS: Final = frozenset({"output-changed", "function-changed"})
"""Changes that break code where an answer is read."""


def effect(change: Change, site: Site, name: str) -> bool | None:
    """Whether a change affects a place: True, False where that depends on a value, None if not.

    Args:
        change: of the model that the place names.
        site: the place.
        name: what the change's parameter is called in Python.
    """
    if site.is_answer:
        return True if change.kind in _OF_ANSWERS else None
    rule = _RULES.get(change.kind)
    return None if rule is None else rule(change, site, name)


def _named(_change: Change, site: Site, _name: str) -> bool | None:
    return True if not site.method else None


def _by_id(change: Change, site: Site, _name: str) -> bool | None:
    return True if not site.method and (site.key is None or site.key == change.old) else None


def _by_path(change: Change, site: Site, _name: str) -> bool | None:
    return True if not site.method and site.key is not None and site.key == change.old else None


def _called(_change: Change, site: Site, _name: str) -> bool | None:
    return True if site.method else None


def _streamed(_change: Change, site: Site, _name: str) -> bool | None:
    if site.method == "run_stream":
        return True
    asked = site.arguments.get("stream")
    return False if asked is OPEN else True if asked else None


def _started(_change: Change, site: Site, _name: str) -> bool | None:
    return True if site.method == "run_async" else None


def _waited(_change: Change, site: Site, _name: str) -> bool | None:
    return True if site.method == "run" else None


def _given(change: Change, site: Site, name: str) -> tuple[bool, object]:
    for each in (name, change.parameter):
        if each in site.arguments:
            return True, site.arguments[each]
    return False, None


def _passed(change: Change, site: Site, name: str) -> bool | None:
    if not site.method:
        return None
    is_given, _ = _given(change, site, name)
    return True if is_given else False if site.has_more else None


def _left_out(change: Change, site: Site, name: str) -> bool | None:
    if not site.method or _given(change, site, name)[0]:
        return None
    return not site.has_more


def _option(change: Change, site: Site, name: str) -> bool | None:
    if not site.method:
        return None
    is_given, value = _given(change, site, name)
    if not is_given:
        return False if site.has_more else None
    gone = {str(option) for option in change.old} if isinstance(change.old, list) else set[str]()
    if value is OPEN:
        return False
    return True if gone.intersection(_spellings(value)) else None


def _spellings(value: object) -> set[str]:
    values = cast("Iterable[object]", value) if isinstance(value, list | tuple) else (value,)
    return {str(each) for each in values}


_Rule = Callable[[Change, Site, str], "bool | None"]
_RULES: Final[Mapping[str, _Rule]] = {
    "model-removed": _named,
    "model-id-changed": _by_id,
    "path-changed": _by_path,
    "supplier-changed": _called,
    "function-changed": _called,
    "output-changed": _called,
    "version-changed": _called,
    "status-changed": _called,
    "streaming-lost": _streamed,
    "asynchronous-lost": _started,
    "synchronous-lost": _waited,
    "price-raised": _called,
    "price-changed": _called,
    "parameters-unlisted": _called,
    "parameters-listed": _called,
    "required-parameter-added": _left_out,
    "became-required": _left_out,
    "default-changed": _left_out,
    "parameter-removed": _passed,
    "parameter-renamed": _passed,
    "became-fixed": _passed,
    "fixed-value-changed": _called,
    "type-narrowed": _passed,
    "type-changed": _passed,
    "multiplicity-narrowed": _passed,
    "multiplicity-widened": _passed,
    "range-narrowed": _passed,
    "option-removed": _option,
}
"""Kind of change → whether it affects a place. Kinds that are not here affect none."""
