"""A local backend that speaks the aiXplain wire, fed from a snapshot."""

from __future__ import annotations

from pathlib import Path

__all__ = ["bundled_snapshot"]


def bundled_snapshot() -> Path:
    """Return the snapshot that ships with typedrun."""
    # Imported late: pytest loads this package in every session (pytest_plugin).
    from typedrun_codegen import snapshot

    return snapshot.bundled_snapshot()
