"""Names of an API package: one for each class, field, member, operation and parameter, and for ever (`locked`).

Keys of the lock: the place of a schema or operation (`#/components/schemas/Model`) for a class or method; the same, `@` and
the wire name for a field, a member or a parameter whose Python name is not simply its wire name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import define, field

from typedrun_codegen.ir.api import AnyNamed
from typedrun_codegen.text.names import (
    FoldedNames,
    Identifier,
    claim,
    class_name,
    const_name,
    is_publishable,
    snake_name,
)


@define
class ApiNames:
    """Claims names and records what must be locked."""

    locked: Mapping[str, str]
    recorded: dict[str, str] = field(factory=dict[str, str])

    def classes(self, types: Iterable[AnyNamed], reserved: frozenset[str]) -> dict[str, Identifier]:
        """Key → class name: locked ones first, then those of the document's own schemas, then those inside them."""
        ordered = sorted(types, key=lambda one: (len(one.words), one.key))
        wanted = {one.key: class_name(*one.words) for one in ordered}
        return self.claim_all("", wanted, reserved)

    def local(
        self, scope: str, wires: Iterable[str], make: Callable[[str], Identifier], reserved: frozenset[str]
    ) -> dict[str, Identifier]:
        """Wire name → Python name within one class, enumeration or operation."""
        wanted = {wire: make(wire) for wire in wires}
        exact = sorted(wanted, key=lambda wire: (wanted[wire] != wire, wire))
        return self.claim_all(f"{scope}@", {wire: wanted[wire] for wire in exact}, reserved, record_same=False)

    def claim_all(
        self, scope: str, wanted: Mapping[str, Identifier], reserved: frozenset[str], *, record_same: bool = True
    ) -> dict[str, Identifier]:
        """Key → name, no two alike; `wanted` is in the order in which names are given away."""
        found: dict[str, Identifier] = {}
        taken = FoldedNames(name.lower() for name in reserved if record_same)
        for key in wanted:
            name = Identifier(self.locked.get(scope + key, ""))
            if name and name.lower() not in taken and name not in reserved:
                found[key] = name
                taken.add(name.lower())
        for key, name in wanted.items():
            if key not in found:
                wanted_name = Identifier(f"{name}_") if name in reserved else name
                others = _own_spelling(key, reserved) if wanted_name in taken else ()
                found[key] = claim(wanted_name, taken, *others, seed=scope + key)
                taken.add(found[key].lower())
        # A wire name that was taken as it is because its own form had gone is not obvious, and is locked like any other.
        self.recorded |= {
            scope + key: name for key, name in found.items() if record_same or name != key or name != wanted[key]
        }
        return {key: found[key] for key in wanted}


def _own_spelling(wire: str, reserved: frozenset[str]) -> tuple[Identifier, ...]:
    """The wire name as it is, where Python takes it: `maxItems` reads better beside `max_items` than a hash."""
    return (Identifier(wire),) if is_publishable(wire) and wire not in reserved else ()


def field_name(wire: str) -> Identifier:
    """The name of a class's field."""
    return snake_name(wire, "field")


RESERVED_MEMBERS: Final = frozenset({"MRO", "mro"})
_SIGNS: Final = {"-": "minus", "+": "plus"}


def member_name(wire: str, labels: Mapping[str, str]) -> Identifier:
    """The name of an enumeration's member: by the document's own label, or as the value is read aloud.

    Args:
        wire: the value.
        labels: value → what the document calls it.
    """
    text = labels.get(wire, wire)
    if text[:1] in _SIGNS and text[1:2].isdigit():
        text = f"{_SIGNS[text[0]]} {text[1:]}"
    elif len(text) <= 3 and not any(map(str.isalnum, text)):  # `<=`
        text = " ".join(unicodedata.name(sign, "").replace("-", " ") for sign in text)
    return const_name(text, "VALUE" if wire else "EMPTY")
