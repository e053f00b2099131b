"""A local backend that speaks a marketplace's wire, fed from a snapshot.

`server.py` is what users import. `app.py` picks the marketplace; a folder below `marketplaces` speaks its wire, `answers` says what
models answer, and `engine` does the rest without knowing either.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["bundled_snapshot"]


def bundled_snapshot() -> Path:
    """Return the snapshot that ships with typedrun."""
    # Imported late: pytest loads this package in every session (pytest_plugin).
    from typedrun_codegen import snapshot

    return snapshot.bundled_snapshot()
