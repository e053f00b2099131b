"""The API schema, parsed once for every test that reads it: Python's own parser of YAML takes a second."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

SCHEMA = Path(__file__).parents[1] / "schemas" / "aixplain" / "openapi.yaml"


@cache
def api_schema() -> dict[str, Any]:
    """The document; nobody changes it."""
    document: dict[str, Any] = yaml.load(SCHEMA.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return document
