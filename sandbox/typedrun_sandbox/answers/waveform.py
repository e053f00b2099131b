"""A short WAV file: one tone per syllable, so that different texts sound different."""

from __future__ import annotations

import array
import io
import math
import sys
import wave

from typedrun_sandbox.answers.chance import pick

RATE = 16_000
"""Samples per second."""

_NOTES = (220.0, 246.9, 261.6, 293.7, 329.6, 349.2, 392.0, 440.0)
_TONE = 0.16
_LONGEST = 30
"""Tones at most: five seconds are enough to hear."""


def speech(text: str) -> bytes:
    """Mono, 16 bit, 16 kHz."""
    syllables = text.split()[:_LONGEST] or ["…"]
    samples = array.array("h")
    for syllable in syllables:
        samples.extend(_tone(pick(_NOTES, syllable), _TONE))
    if sys.byteorder == "big":
        samples.byteswap()
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()


def _tone(hertz: float, seconds: float) -> list[int]:
    """One note that fades in and out, without clicks."""
    count = int(RATE * seconds)
    return [
        int(9000 * math.sin(math.pi * at / count) * math.sin(2 * math.pi * hertz * at / RATE)) for at in range(count)
    ]
