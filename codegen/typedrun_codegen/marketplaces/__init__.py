"""One file per backend: how a catalog entry becomes a `ModelSpec`."""

from __future__ import annotations

from typedrun_codegen.marketplaces.aixplain import adapter as aixplain

ADAPTERS = {aixplain.BACKEND: aixplain.read_catalog}
"""Backend → the function that reads its snapshots."""
