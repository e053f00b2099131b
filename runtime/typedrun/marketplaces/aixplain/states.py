"""The states of a run, in aiXplain's words."""

from __future__ import annotations

from typing import Final

IN_PROGRESS: Final = "IN_PROGRESS"
SUCCESS: Final = "SUCCESS"
FAILED: Final = "FAILED"
