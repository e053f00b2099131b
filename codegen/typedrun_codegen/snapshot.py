"""Snapshots for programs: the one that ships with typedrun, and the reader of any other. (The documented import path.)"""

from typedrun_codegen.marketplaces import shipped_schema as bundled_schema
from typedrun_codegen.marketplaces import shipped_snapshot as bundled_snapshot
from typedrun_codegen.snapshots.store import read_snapshot

__all__ = ["bundled_schema", "bundled_snapshot", "read_snapshot"]
