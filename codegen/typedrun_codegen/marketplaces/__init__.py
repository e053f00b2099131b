"""One file per backend: how a catalog entry becomes a `ModelSpec`."""

from __future__ import annotations

from typedrun_codegen.marketplaces.aixplain import adapter as aixplain
from typedrun_codegen.marketplaces.aixplain.contradictions import find_contradictions

ADAPTERS = {aixplain.BACKEND: aixplain.read_catalog}
"""Backend → the function that reads its snapshots."""

DOCTORS = {aixplain.BACKEND: find_contradictions}
"""Backend → the function that finds what its catalogs say and cannot mean."""
