"""What every reader of Replicate's model documents needs to know."""

from __future__ import annotations

from collections.abc import Mapping

from typedrun_codegen.ir.jsontypes import JSON

NAME = "replicate"
"""The value of `backend` in configurations and manifests."""


def model_id(value: Mapping[str, JSON]) -> str | None:
    """The id of a model object: `owner/name`; None where either is missing."""
    owner, name = value.get("owner"), value.get("name")
    return f"{owner}/{name}" if isinstance(owner, str) and isinstance(name, str) and owner and name else None
