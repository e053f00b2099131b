"""What webhooks have in common: a delivery as it reached a server, its headers by name, and the age that it may have."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final, cast

from typedrun.errors import ValidationError
from typedrun.jsontypes import is_object
from typedrun.records import frozen

TOLERANCE: Final = 300.0
"""Seconds that a delivery may be old, or ahead of the clock here: an older one may be somebody's copy."""


def not_verified(why: str) -> ValidationError:
    """The error for a delivery that is not shown to be the marketplace's."""
    return ValidationError(
        f"The webhook was not verified: {why}. Next: answer it with status 400 and do nothing else with it"
    )


@frozen()
class Delivery:
    """A webhook as it reached a server."""

    headers: Mapping[str, str]
    """By name, in small letters."""
    body: bytes

    @classmethod
    def of(cls, headers: Mapping[str, Any], body: bytes | str) -> Delivery:
        """A delivery by what a web framework gives: names in any case, or as WSGI spells them (`HTTP_WEBHOOK_ID`).

        Raises:
            TypeError: The body is not what was received.
        """
        if not isinstance(cast("object", body), bytes | str):  # a caller's, whatever its type promises
            raise TypeError(
                f"A webhook is verified by its body as it was received (bytes), and not by what was read from it ({type(body).__name__})"
            )
        named = {
            str(name).lower().replace("_", "-").removeprefix("http-"): str(value) for name, value in headers.items()
        }
        return cls(named, body.encode(errors="surrogatepass") if isinstance(body, str) else bytes(body))

    def header(self, name: str) -> str:
        """The value of a header.

        Raises:
            ValidationError: It is missing.
        """
        found = self.headers.get(name, "").strip()
        if not found:
            raise not_verified(f"it has no header {name!r}")
        return found

    def timestamp(self, name: str, now: float | None = None) -> str:
        """The time of the delivery, which is no more than five minutes from now.

        Args:
            name: The header that tells it, in seconds since 1970.
            now: The time here. Default: the machine's.

        Raises:
            ValidationError: It is missing, is no time, or is too far away.
        """
        said = self.header(name)
        if not (said.isascii() and said.isdigit() and len(said) <= 12):
            raise not_verified(f"its header {name!r} is no time in seconds")
        apart = (time.time() if now is None else now) - int(said)
        if abs(apart) > TOLERANCE:
            where = "old" if apart > 0 else "ahead of the clock of this machine"
            raise not_verified(f"it is {abs(apart):.0f} s {where}; {TOLERANCE:.0f} s are allowed")
        return said

    def content(self) -> dict[str, Any]:
        """The body as JSON; asked for once it is verified.

        Raises:
            ValidationError: It is no JSON object.
        """
        try:
            found: object = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if not is_object(found):
            raise not_verified("its body is no JSON object")
        return dict(found)
