"""What every reader of aiXplain's model documents needs to know."""

from __future__ import annotations

from collections.abc import Mapping

from typedrun.marketplaces.aixplain.paths import paths_of
from typedrun_codegen.ir.jsontypes import JSON

NAME = "aixplain"
"""The value of `backend` in configurations and manifests."""


def model_id(value: Mapping[str, JSON]) -> str | None:
    """The id of a model object; None where it has none that can be used."""
    id = value.get("id")
    return id if isinstance(id, str) and id else None


def model_path(value: Mapping[str, JSON]) -> str | None:
    """The path of a model object, the fullest that there is; None without any."""
    return next(paths_of(value), None)
