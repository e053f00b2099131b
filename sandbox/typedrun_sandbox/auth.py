"""Which header carries the key, by endpoint family (PROTOCOL §1.3)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from enum import Enum


class Auth(Enum):
    """One endpoint family's way of being told the key."""

    KEY = "x-api-key or x-aixplain-key"
    TOKEN = "Authorization: Token"  # noqa: S105  # a header's name, no secret
    KEY_OR_TOKEN = "any of the three"  # noqa: S105  # a header's name, no secret
    NONE = "no key"


def is_authorized(headers: Mapping[str, str], auth: Auth, keys: tuple[str, ...]) -> bool:
    """Does one of the headers that this family reads carry one of the keys?"""
    return auth is Auth.NONE or any(is_known(given, keys) for given in given_keys(headers, auth))


def given_keys(headers: Mapping[str, str], auth: Auth) -> list[str]:
    """Every key that the request offers in a header which the family reads."""
    found: list[str | None] = []
    if auth in (Auth.KEY, Auth.KEY_OR_TOKEN):
        found += [headers.get("x-api-key"), headers.get("x-aixplain-key")]
    if auth in (Auth.TOKEN, Auth.KEY_OR_TOKEN):
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        found.append(credentials.strip() if scheme.lower() == "token" else None)
    return [key for key in found if key]


def carries_key(headers: Mapping[str, str]) -> bool:
    """Does the request carry any credential at all? A presigned URL must be called without."""
    return any(name in headers for name in ("x-api-key", "x-aixplain-key", "authorization"))


def is_known(given: str, keys: tuple[str, ...]) -> bool:
    """Compare without telling by timing how much was right."""
    return any(hmac.compare_digest(given.encode(), key.encode()) for key in keys)
