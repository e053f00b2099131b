"""What a call looks like on the wire: JSON bodies of stream and v1 fallback.

Pure functions: values in, values out. Nothing here validates (`typedrun.checks.validation` has done so) and nothing sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typedrun.jsontypes import is_object

PASS_THROUGH: Final = frozenset(
    {
        "action", "additional_params", "authScheme", "context", "data", "dataType", "description", "filters",
        "frequency_penalty", "history", "max_tokens", "name", "options", "payload", "presence_penalty", "prompt",
        "reasoning_effort", "response_format", "temperature", "text", "tool_choice", "tools", "top_p",
    }
)  # fmt: skip
"""Body members that the backend takes although a model's parameters do not list them."""


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
