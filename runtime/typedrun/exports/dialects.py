"""What the readers of schemas understand."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from typedrun.records import frozen

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema, as JSON."""

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

ADDRESS: Final = "^(https?://|s3://|data:[A-Za-z]).*$"
"""The files that a language model may name: addresses, nothing of this machine. Written so that it means the same to those who match the
whole of a text with it."""


@frozen()
class Dialect:
    """What a reader of schemas understands."""

    spelt: bool = False
    """Whether a text may spell a number, and null stand for nothing."""
    closed: bool = False
    """Whether every object must list all that it may hold, with few keywords."""
    requires_all: bool = False
    """Whether every property is required; one that need not be given is then null."""
    limits: frozenset[str] = frozenset()
    """Of a closed one, the keywords for limits that it knows."""


EXACT: Final = Dialect(spelt=True)
PLAIN: Final = Dialect()
ANTHROPIC: Final = Dialect(closed=True)
OPENAI: Final = Dialect(
    closed=True,
    requires_all=True,
    limits=frozenset(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems")
    ),
)
