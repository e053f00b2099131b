"""Choices that look free but depend on the request alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def fraction(*parts: str) -> float:
    """A number from 0 to 1, always the same for the same texts."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def pick(choices: Sequence[T], *parts: str) -> T:
    """Pick one of the choices, always the same for the same texts."""
    return choices[int(fraction(*parts) * len(choices)) % len(choices)]


def name(*parts: str) -> str:
    """A short hexadecimal name, for files and ids."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:24]
