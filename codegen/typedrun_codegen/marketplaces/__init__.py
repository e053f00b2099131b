"""Marketplaces: a folder each, and the one place that picks one by its name.

`protocol.py` says what a folder has to offer.
"""

from __future__ import annotations

from pathlib import Path

from typedrun_codegen.marketplaces.aixplain import AIXPLAIN
from typedrun_codegen.marketplaces.fal import FAL
from typedrun_codegen.marketplaces.protocol import Marketplace
from typedrun_codegen.marketplaces.replicate import REPLICATE

MARKETPLACES = {marketplace.name: marketplace for marketplace in (AIXPLAIN, REPLICATE, FAL)}
"""Every marketplace by its name; the first is meant where a configuration or a snapshot names none."""

DEFAULT = next(iter(MARKETPLACES.values()))


def marketplace(name: str) -> Marketplace:
    """The marketplace of that name, or the first for an empty one."""
    return MARKETPLACES[name] if name else DEFAULT


def shipped_snapshot(name: str = "") -> Path:
    """The snapshot that ships with typedrun: of the repository in a checkout, of the package in a wheel."""
    return _shipped(marketplace(name), "catalog")


def shipped_schema(name: str = "") -> Path | None:
    """The API schema that ships with typedrun; None for a marketplace whose packages need none."""
    schema = _shipped(marketplace(name), "openapi.yaml")
    return schema if schema.is_file() else None


def _shipped(of: Marketplace, name: str) -> Path:
    here = Path(__file__).resolve().parents[1]
    inside = here / of.folder / name
    return inside if inside.exists() else here.parents[1] / of.folder / name
