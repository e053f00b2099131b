"""What belongs to an account and must not reach a committed snapshot: keys, tokens, passwords.

A member is taken for a secret by its name, anywhere in the object: `subscription.apiKey`, `api_key`, an attribute or a preset
parameter called `token`. Values that look like a key of a well-known issuer, and the key that the pull was made with, are
taken out wherever they stand. Names that only describe a secret (`BEARER_TOKEN-inputs`, `max_tokens`) stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from attrs import define

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.snapshots.store import load_json

REMOVED = "[removed]"
"""Stands where a secret was part of a longer text."""

_NAMES = frozenset(
    {
        "accesskey",
        "accesstoken",
        "apikey",
        "authorization",
        "authtoken",
        "bearertoken",
        "clientsecret",
        "credential",
        "credentials",
        "idtoken",
        "jwt",
        "passwd",
        "password",
        "privatekey",
        "refreshtoken",
        "secret",
        "secretaccesskey",
        "secretkey",
        "sessiontoken",
        "teamapikey",
        "token",
    }
)
"""Names of secrets, lower case, without punctuation."""

_CARRIER = re.compile(r"code|(?:.*[a-z_])?values?", re.IGNORECASE)
"""Where an entry of a list (`{name, code}`, a parameter) carries what its name says."""

_LOOKS_SECRET = re.compile(
    r"\b(?:sk-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|gh[opsru]_\w{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}"
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)"
)
"""Keys of well-known issuers, and JSON web tokens."""


@define
class Scrubbed:
    """Counts what was taken out."""

    key: str | None
    """The key that the pull was made with."""
    removed: int = 0

    def document(self, value: Mapping[str, JSON], published: frozenset[str]) -> dict[str, JSON]:
        """A model's document without its secrets.

        Args:
            value: the document.
            published: members that hold JSON Schema. A name in there is that of a parameter or a type, so only values are judged.
        """
        judged = dict(self._members({name: item for name, item in value.items() if name not in published}))
        return {
            name: judged[name] if name in judged else self._values(value[name])
            for name in value
            if name in judged or name in published
        }

    def clean(self, value: JSON) -> JSON:
        """The value without its secrets."""
        if isinstance(value, dict):
            return dict(self._members(value))
        if isinstance(value, list):
            return [self.clean(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _members(self, value: dict[str, JSON]) -> Iterator[tuple[str, JSON]]:
        named = any(isinstance(value.get(word), str) and _is_secret(str(value[word])) for word in ("name", "code"))
        for name, item in value.items():
            carried = named and _CARRIER.fullmatch(name) and not (isinstance(item, str) and _is_secret(item))
            if _is_given(item) and (_is_secret(name) or carried):
                self.removed += 1
            else:
                yield name, self.clean(item)

    def _values(self, value: JSON) -> JSON:
        """The value without texts that are secrets, whatever they are called."""
        if isinstance(value, dict):
            return {name: self._values(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._values(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        if text[:1] in "[{" and (inner := self._inside(text)) is not None:
            return inner
        clean = _LOOKS_SECRET.sub(REMOVED, text)
        if self.key and len(self.key) >= 8:
            clean = clean.replace(self.key, REMOVED)
        self.removed += clean != text
        return clean

    def _inside(self, text: str) -> str | None:
        """A JSON document inside a string (attributes have them), cleaned; None when there is nothing to take out."""
        try:
            value = load_json(text)
        except ValueError:
            return None
        before = self.removed
        clean = self.clean(value)
        return json.dumps(clean, ensure_ascii=False, separators=(",", ":")) if self.removed > before else None


def _is_secret(name: str) -> bool:
    return re.sub(r"[^a-z0-9]", "", name.lower()) in _NAMES


def _is_given(value: JSON) -> bool:
    """Whether this can be a secret: a text, or a list or object that holds one. Numbers and flags are metadata."""
    if isinstance(value, dict):
        return any(_is_given(item) for item in value.values())
    if isinstance(value, list):
        return any(_is_given(item) for item in value)
    return isinstance(value, str) and bool(value)
