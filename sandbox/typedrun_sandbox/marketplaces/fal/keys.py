"""Where the key arrives."""

from __future__ import annotations

from typedrun_sandbox.engine.keys import KeyPlaces

KEY = KeyPlaces(schemes=("key",))
"""`Authorization: Key …`"""

ALL = KeyPlaces(schemes=("key", "bearer"))
"""Uploads to the CDN carry a token of their own, as a bearer's."""
