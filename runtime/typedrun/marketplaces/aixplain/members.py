"""Members of an answer, as they are written back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MEMBERS: Final[Mapping[str, str]] = {
    "error_message": "errorMessage",
    "supplier_error": "supplierError",
    "run_time": "runTime",
    "used_credits": "usedCredits",
    "request_id": "requestId",
    "session_id": "sessionId",
}
"""Field of a result -> member, where the two differ."""
