"""One file per backend: how a catalog entry becomes a `ModelSpec`."""

from __future__ import annotations

from typedrun_codegen.adapters import aixplain

ADAPTERS = {aixplain.BACKEND: aixplain.read_catalog}
"""Backend → the function that reads its snapshots."""
