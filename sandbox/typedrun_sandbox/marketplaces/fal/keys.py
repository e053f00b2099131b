"""Where the key arrives."""

from __future__ import annotations

from typedrun_sandbox.engine.keys import KeyPlaces

KEY = KeyPlaces(schemes=("key",))
"""`Authorization: Key …`"""

TOKEN = KeyPlaces(schemes=("bearer",))
"""Uploads to the CDN carry a token of their own."""

ALL = KeyPlaces(schemes=(*KEY.schemes, *TOKEN.schemes))
"""What never enters the log."""
