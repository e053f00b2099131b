"""What the document says of content, by media type: whether its schema counts, and what it is without one."""

from __future__ import annotations

from typedrun.files.mediatypes import Content, content_of
from typedrun_codegen.ir.api import ANY, Leaf, ListOf, PartSpec, TypeExpr
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.readers import forms
from typedrun_codegen.readers.forms import Node


def untyped(media_type: str) -> TypeExpr:
    """The type of content that the document does not describe."""
    content = content_of(media_type)
    if content.is_structured:
        return ANY
    return Leaf("str" if content in (Content.TEXT, Content.MARKUP) else "Binary")


def is_described(media_type: str, schema: Node | None = None) -> bool | None:
    """Whether a schema says more about content than its media type: raw content is bytes, whatever its schema says.

    None where that depends on the schema, and none is given: a text of a media type that is not known is bytes.
    """
    content = content_of(media_type)
    if content in (Content.RAW, Content.MARKUP):
        return False
    if content is not Content.OTHER and (content is not Content.RANGE or media_type.startswith("*/")):
        return True
    if schema is None:
        return None
    return forms.split_null(schema)[0].get("type") != "string" or "enum" in schema


def as_sent(media_type: str, type_: TypeExpr | None) -> TypeExpr | None:
    """The type of what is given as a body: of one value after another, a list."""
    if type_ is None or not content_of(media_type).is_streamed or isinstance(type_, ListOf):
        return type_
    return ListOf(type_)


def parts_of(encoding: JSON) -> tuple[PartSpec, ...]:
    """How the fields of a form or multipart body are written."""
    return tuple(
        PartSpec(
            wire=name,
            media_type=_text(value.get("contentType")).split(",")[0].strip(),
            style=_text(value.get("style")),
            explode=explode if isinstance(explode := value.get("explode"), bool) else None,
        )
        for name, value in (encoding if isinstance(encoding, dict) else {}).items()
        if isinstance(value, dict)
    )


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""
