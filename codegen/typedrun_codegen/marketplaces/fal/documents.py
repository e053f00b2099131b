"""What every reader of fal's model documents needs to know."""

from __future__ import annotations

from collections.abc import Mapping

from typedrun_codegen.ir.jsontypes import JSON

NAME = "fal"
"""The value of `backend` in configurations and manifests."""


def model_id(value: Mapping[str, JSON]) -> str | None:
    """The id of a model object: its endpoint's."""
    found = value.get("endpoint_id")
    return found if isinstance(found, str) and found.strip("/") else None
