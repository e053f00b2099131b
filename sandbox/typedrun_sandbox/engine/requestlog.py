"""What the sandbox was asked, kept for tests. Keys never enter the log."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import cast

from attrs import define, field

from typedrun_sandbox.jsontypes import JSON, JSONObject

SECRET_HEADERS = frozenset({"x-api-key", "authorization", "cookie", "proxy-authorization"})
"""Never in the log, whatever the marketplace calls the header of its key."""

LIMIT = 10_000
"""Requests kept; a sandbox that runs for days must not grow without end."""


@define(kw_only=True)
class LoggedRequest:
    """One request as it arrived, and the status it was answered with."""

    number: int
    """Counts from 1 since the log was last cleared."""
    operation: str
    """What the marketplace calls it: `get`, `search`, `run`, `stream`, `poll` …"""
    method: str
    path: str
    """Path and query as sent, still percent-encoded."""
    headers: dict[str, str]
    """Lower-case names; the value of a header that carries a credential is replaced."""
    body: JSON
    """Decoded JSON, else text, else a note of the size."""
    model: str = ""
    """Id of the model that the request is about."""
    status: int | None = None
    """HTTP status of the answer; None while it is open, or when the connection was reset."""

    @property
    def json(self) -> JSONObject:
        """The body as a JSON object; empty when it is none."""
        return self.body if isinstance(self.body, dict) else {}

    def show(self) -> JSONObject:
        """Show the entry as the log endpoint answers it."""
        return {
            "number": self.number,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "headers": dict(self.headers),
            "body": self.body,
            "model": self.model,
            "status": self.status,
        }


@define
class RequestLog:
    """The requests so far. Safe to read from any thread."""

    secret_headers: frozenset[str] = frozenset()
    """Headers of the marketplace that may hold a key."""
    _entries: list[LoggedRequest] = field(factory=list[LoggedRequest])
    _count: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def add(
        self, *, operation: str, method: str, path: str, headers: Mapping[str, str], body: bytes, model: str
    ) -> LoggedRequest:
        """Record a request on arrival; the caller fills in the status."""
        secret = SECRET_HEADERS | self.secret_headers
        shown = {name: "<key>" if name in secret else value for name, value in headers.items()}
        with self._lock:
            self._count += 1
            entry = LoggedRequest(
                number=self._count,
                operation=operation,
                method=method,
                path=path,
                headers=shown,
                body=show_body(body),
                model=model,
            )
            self._entries.append(entry)
            del self._entries[:-LIMIT]
        return entry

    def entries(self) -> tuple[LoggedRequest, ...]:
        """Every request since the log was cleared, oldest first."""
        with self._lock:
            return tuple(self._entries)

    def clear(self) -> None:
        """Forget everything and count from 1 again."""
        with self._lock:
            self._entries.clear()
            self._count = 0


def show_body(body: bytes) -> JSON:
    """A body as a person wants to see it."""
    if not body:
        return None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return f"<{len(body)} bytes>"
    try:
        return cast("JSON", json.loads(text))
    except (ValueError, RecursionError):
        return text
