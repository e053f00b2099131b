"""Which header carries the key, by endpoint family."""

from __future__ import annotations

from typedrun_sandbox.engine.keys import KeyPlaces

KEY = KeyPlaces(headers=("x-api-key", "x-aixplain-key"))
TOKEN = KeyPlaces(schemes=("token",))
KEY_OR_TOKEN = KeyPlaces(headers=KEY.headers, schemes=TOKEN.schemes)
