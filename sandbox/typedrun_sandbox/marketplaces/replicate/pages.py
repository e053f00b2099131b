"""Listings a page at a time: `next` and `previous` are whole URLs with a cursor."""

from __future__ import annotations

import base64
import binascii

from typedrun_sandbox.engine.exchange import Call
from typedrun_sandbox.jsontypes import JSON, JSONObject
from typedrun_sandbox.marketplaces.replicate.errors import not_found

SIZE = 10
"""Entries of a page: few, so that a small catalog has several."""


def page(call: Call, path: str, entries: list[JSON]) -> JSONObject:
    """The page that the request's cursor asks for.

    Raises:
        Refusal: 404, the cursor is none of ours.
    """
    at = _position(call.request.query_params.get("cursor"))
    return {
        "next": _url(call, path, at + SIZE) if at + SIZE < len(entries) else None,
        "previous": _url(call, path, max(at - SIZE, 0)) if at else None,
        "results": entries[at : at + SIZE],
    }


def _url(call: Call, path: str, at: int) -> str:
    return f"{call.base_url}{path}?cursor={base64.urlsafe_b64encode(f'o={at}'.encode()).decode().rstrip('=')}"


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return max(int(text.removeprefix("o=")), 0)
    except (binascii.Error, ValueError):
        raise not_found() from None
