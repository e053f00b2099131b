"""A body as JSON bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from typedrun.jsontypes import is_array, is_object


def encode_body(body: Mapping[str, Any], *, model: str | None = None) -> bytes:
    """The body as JSON bytes.

    Raises:
        ParameterError: a value is not JSON; the message names the parameter.
    """
    try:
        return _encoder.encode(body).encode()
    except (TypeError, ValueError, RecursionError) as refused:
        name = next((name for name, value in body.items() if not _is_json(value)), None)
        from typedrun.errors import ParameterError

        raise ParameterError(
            f"The value of '{name}' cannot be written as JSON: {refused}. Nothing was sent", model=model, parameter=name
        ) from None


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, default=_plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _plain(value: object) -> Any:
    """What JSON does not know by itself, in the nearest form that it knows."""
    if isinstance(value, Enum):
        return value.value
    if is_object(value):
        return dict(value)
    if is_array(value):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not a JSON type")


_encoder: Final = json.JSONEncoder(default=_plain, allow_nan=False, separators=(",", ":"))
"""Made once: `json.dumps` makes one for each call."""
