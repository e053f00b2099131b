"""Where a request may carry its key, and whether it is one that is accepted."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from attrs import frozen


@frozen
class KeyPlaces:
    """The headers in which an endpoint is told the key; names and schemes in lower case."""

    headers: tuple[str, ...] = ()
    """Headers whose value is the key."""
    schemes: tuple[str, ...] = ()
    """Schemes of `Authorization` that the key may follow."""

    @property
    def names(self) -> frozenset[str]:
        """Every header that may hold a key."""
        return frozenset((*self.headers, *(["authorization"] if self.schemes else [])))

    def given(self, headers: Mapping[str, str]) -> list[str]:
        """Every key that a request offers in one of these places."""
        found = [headers.get(name) for name in self.headers]
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if scheme.lower() in self.schemes:
            found.append(credentials.strip())
        return [key for key in found if key]

    def are_used(self, headers: Mapping[str, str]) -> bool:
        """Whether a request has any of these headers, whatever is in them."""
        return any(name in headers for name in self.names)


def is_authorized(headers: Mapping[str, str], places: KeyPlaces | None, keys: tuple[str, ...]) -> bool:
    """Whether a request carries one of the keys in one of the places; None asks for no key."""
    return places is None or any(is_known(given, keys) for given in places.given(headers))


def is_known(given: str, keys: tuple[str, ...]) -> bool:
    """Whether this is one of the keys; the time that it takes does not tell how much was right."""
    return any(hmac.compare_digest(given.encode(), key.encode()) for key in keys)
