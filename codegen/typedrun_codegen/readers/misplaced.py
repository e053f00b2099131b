"""Members that stand in another form than the format gives them (a text in place of a list): nothing is read there, and that is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, excerpt
from typedrun_codegen.readers.references import Place, References

Forms: TypeAlias = "Mapping[str, tuple[str, tuple[type, ...]]]"
"""Member → what is said of another form, and the forms that are read."""

OBJECT: Final = ("is not an object", (dict,))
LIST: Final = ("is not a list", (list,))
_SECURITY: Final = ("is not a list", (list, dict, str))

DOCUMENT: Final[Forms] = {
    **dict.fromkeys(("components", "$defs", "definitions"), OBJECT),
    "servers": LIST,
    "security": _SECURITY,
}
COMPONENTS: Final[Forms] = dict.fromkeys(
    ("schemas", "responses", "parameters", "requestBodies", "headers", "securitySchemes", "pathItems"), OBJECT
)
PATH: Final[Forms] = {"servers": LIST}
OPERATION: Final[Forms] = {"servers": LIST, "security": _SECURITY}
SCHEMA: Final[Forms] = {"required": ("is not a list", (list, bool))}  # a boolean is of older drafts, and common


def misplaced(holder: JSON, at: Place, forms: Forms, refs: References) -> Iterator[Problem]:
    """A problem for each member that stands in another form; null says that there is none.

    Args:
        holder: what has the members.
        at: where it is.
        forms: the members, and their forms.
        refs: the documents.
    """
    for name, (said, kinds) in forms.items():
        value = holder.get(name) if isinstance(holder, dict) else None
        if value is not None and not isinstance(value, kinds):
            where = refs.location(at.at(name))
            yield Problem(f"{name} {said}", where, excerpt(value), "correct it; until then nothing is read there")
