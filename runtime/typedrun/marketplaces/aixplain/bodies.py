"""What a call looks like on the wire: headers and JSON bodies of run, stream and v1 fallback.

Pure functions: values in, values out. Nothing here validates (`typedrun.checks.validation` has done so) and nothing sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typedrun.jsontypes import is_object

IDENTITY_HEADERS: Final = {"identifier": "x-user-id", "session_id": "x-session-id", "agent_name": "x-agent"}
"""Run control -> header."""

PASS_THROUGH: Final = frozenset(
    {
        "action", "additional_params", "authScheme", "context", "data", "dataType", "description", "filters",
        "frequency_penalty", "history", "max_tokens", "name", "options", "payload", "presence_penalty", "prompt",
        "reasoning_effort", "response_format", "temperature", "text", "tool_choice", "tools", "top_p",
    }
)  # fmt: skip
"""Body members that the backend takes although a model's parameters do not list them."""


def run_headers(controls: Mapping[str, object]) -> dict[str, str]:
    """The per-run headers; absent or None means no header.

    Raises:
        ValueError: a value holds characters outside ASCII; the first argument names the run control.
    """
    given = {name: str(value) for name in IDENTITY_HEADERS if (value := controls.get(name)) is not None}
    for name, value in given.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(name)
    return {IDENTITY_HEADERS[name]: value for name, value in given.items()}


def stream_payload(body: Mapping[str, Any]) -> dict[str, Any]:
    """A run body that asks for a stream: `options.stream`, and `options.raw` when tools are given."""
    given = body.get("options")
    options: dict[str, Any] = dict(given) if is_object(given) else {}
    if body.get("tools") is not None:
        options["raw"] = True
    return {**body, "options": {**options, "stream": True}}


def v1_fallback_payload(body: Mapping[str, Any]) -> dict[str, Any]:
    """A run body in the v1 form: `text` is called `data` unless `data` is given too."""
    rest = {name: value for name, value in body.items() if name not in {"text", "data"}}
    return {"data": body.get("data", body.get("text")), **rest}
