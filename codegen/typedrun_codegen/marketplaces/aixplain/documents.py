"""What every reader of aiXplain's model documents needs to know."""

from __future__ import annotations

from collections.abc import Mapping

from typedrun_codegen.ir.jsontypes import JSON

NAME = "aixplain"
"""The value of `backend` in configurations and manifests."""


def model_id(value: Mapping[str, JSON]) -> str | None:
    """The id of a model object; None where it has none that can be used."""
    id = value.get("id")
    return id if isinstance(id, str) and id else None


def model_path(value: Mapping[str, JSON]) -> str | None:
    """The path of a model object: `assetInfo.instanceId`, else `assetInfo.assetPath`, else its own `path`; None without any."""
    info = value.get("assetInfo")
    places = (info.get("instanceId"), info.get("assetPath")) if isinstance(info, dict) else ()
    return next((place for place in (*places, value.get("path")) if isinstance(place, str) and place), None)
