"""The one type of a decoded JSON value, shared by everything that reads documents."""

from __future__ import annotations

from typing import TypeAlias

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
"""What `json.loads` returns. `isinstance` narrows it; nothing is cast."""
