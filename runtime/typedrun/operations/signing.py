"""Which credentials a request carries, and where: the document's `security` and the keys that the caller gave. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias
from urllib.parse import quote

from attrs import evolve, field, frozen

import typedrun.errors as errors
from typedrun.core.request import Auth, Request
from typedrun.operations.descriptions import Credential
from typedrun.settings import Secret, secret_of
from typedrun.wording import did_you_mean

Security: TypeAlias = "tuple[tuple[str, ...], ...]"
"""Alternatives, each the names of the schemes that it needs together."""

_RANKS: Final = {"header": 0, "cookie": 1, "query": 2}
"""Where a key is seen least comes first: addresses end in logs."""


@frozen
class Keys:
    """The keys of a client."""

    any: Secret = field(factory=lambda: Secret(""))
    """For whichever scheme stands alone."""
    named: Mapping[str, Secret] = field(factory=dict[str, Secret])
    """Name of a scheme → key."""

    def of(self, alternative: Sequence[Credential]) -> list[str] | None:
        """The keys of an alternative, or None where one is missing."""
        lone = self.any.reveal() if len(alternative) == 1 else ""
        found = [self.named[one.scheme].reveal() if one.scheme in self.named else lone for one in alternative]
        return found if all(found) else None


def read_keys(given: Mapping[str, str | tuple[str, str]], credentials: Iterable[Credential]) -> dict[str, Secret]:
    """Keys by scheme; a pair is a user name and a password.

    Raises:
        ConfigurationError: the document has no such scheme, or a key cannot travel in a header.
    """
    known = {one.scheme for one in credentials}
    for name in given:
        if name not in known:
            options = ", ".join(sorted(known)) or "none"
            raise errors.ConfigurationError(
                f"keys= names the security scheme {name!r}, which the document does not have. "
                f"Next: {did_you_mean(name, known, most=1)}use one of these: {options}"
            )
    return {name: secret_of(key) if isinstance(key, str) else Secret(":".join(key)) for name, key in given.items()}


def sign(request: Request, security: Security | None, credentials: Sequence[Credential], keys: Keys) -> Request:
    """Sign a request with the first alternative that there are keys for.

    Args:
        request: without credentials.
        security: what the document asks for; None where it does not say, and each scheme may do.
        credentials: the document's schemes.
        keys: what there is.

    Raises:
        ConfigurationError: several keys are needed together and one was given.
    """
    by_name = {one.scheme: one for one in credentials}
    alternatives = [(one,) for one in credentials]
    if security is not None:
        named = [names for names in security if all(name in by_name for name in names)]
        alternatives = [tuple(by_name[name] for name in names) for names in named]  # type: ignore[misc]  # tuples of any length
    open_or_not = sorted(alternatives, key=lambda one: _rank(one, keys))
    for alternative in open_or_not:
        if (found := keys.of(alternative)) is not None:
            return _with(request, zip(alternative, found, strict=True))
    if alternatives and keys.any.reveal():
        needed = " and ".join(repr(one.scheme) for one in alternatives[0])
        raise errors.ConfigurationError(
            f"This operation needs keys for {needed} together. Next: pass keys={{scheme: key, …}} instead of one api_key="
        )
    return evolve(request, auth=Auth.NONE)


def _rank(alternative: Sequence[Credential], keys: Keys) -> tuple[bool, bool, int]:
    is_named = all(one.scheme in keys.named for one in alternative)
    return not alternative, not is_named, max((_RANKS[one.place] for one in alternative), default=0)


def _with(request: Request, pairs: Iterable[tuple[Credential, str]]) -> Request:
    url, headers = request.url, dict[str, str]()
    cookies = [text for name, text in request.headers.items() if name.lower() == "cookie"]
    has_cookie = False
    for one, key in pairs:
        if one.place == "query":
            url += f"{'&' if '?' in url else '?'}{quote(one.name, safe='')}={quote(key, safe='')}"
        elif one.place == "cookie":
            cookies, has_cookie = [*cookies, f"{one.name}={key}"], True
        else:
            headers[one.name] = f"{one.prefix}{_basic(key) if one.prefix == 'Basic ' else key}"
    given = {name: text for name, text in request.headers.items() if not has_cookie or name.lower() != "cookie"}
    own = {name: text for name, text in headers.items() if name.lower() not in {one.lower() for one in given}}
    return evolve(
        request,
        url=url,
        headers={**own, **given, **({"Cookie": "; ".join(cookies)} if has_cookie else {})},
        auth=Auth.NONE,
    )


def _basic(key: str) -> str:
    """`user:password` as RFC 7617 wants it; a key alone is a user name without a password."""
    return b64encode((key if ":" in key else f"{key}:").encode()).decode()
