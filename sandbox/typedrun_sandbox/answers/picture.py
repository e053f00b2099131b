"""A PNG of any size: a smooth gradient with a disc, in colours that the prompt decides."""

from __future__ import annotations

import struct
import zlib

from typedrun_sandbox.answers.chance import fraction

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(prompt: str, width: int, height: int) -> bytes:
    """8 bit RGB."""
    rows = b"".join(b"\0" + row for row in pixel_rows(prompt, width, height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return _SIGNATURE + b"".join(
        _chunk(kind, body) for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    )


def pixel_rows(prompt: str, width: int, height: int) -> list[bytes]:
    """RGB rows from top to bottom."""
    top, bottom, disc = (colour(prompt, part) for part in ("top", "bottom", "disc"))
    centre_x, centre_y = width * (0.3 + 0.4 * fraction(prompt, "x")), height * (0.3 + 0.4 * fraction(prompt, "y"))
    radius = min(width, height) * (0.12 + 0.15 * fraction(prompt, "r"))
    return [_row(y, width, height, (top, bottom, disc), (centre_x, centre_y, radius)) for y in range(height)]


def colour(prompt: str, part: str) -> tuple[int, int, int]:
    """A colour that depends on the prompt alone."""
    return (
        int(256 * fraction(prompt, part, "red")),
        int(256 * fraction(prompt, part, "green")),
        int(256 * fraction(prompt, part, "blue")),
    )


Colour = tuple[int, int, int]


def _row(
    y: int, width: int, height: int, colours: tuple[Colour, Colour, Colour], disc: tuple[float, float, float]
) -> bytes:
    """One row: the gradient's colour of this height, and the disc's where the row crosses it."""
    top, bottom, inside = colours
    centre_x, centre_y, radius = disc
    share = y / max(height - 1, 1)
    shade = bytes(int(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
    half = radius * radius - (y - centre_y) ** 2
    if half <= 0:
        return shade * width
    left = max(int(centre_x - half**0.5), 0)
    right = min(int(centre_x + half**0.5), width)
    return shade * left + bytes(inside) * (right - left) + shade * (width - right)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
