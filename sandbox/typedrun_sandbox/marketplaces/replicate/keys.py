"""Where the token arrives."""

from __future__ import annotations

from typedrun_sandbox.engine.keys import KeyPlaces

TOKEN = KeyPlaces(schemes=("bearer", "token"))
"""`Bearer` today; the API document still shows `Token` for files."""
