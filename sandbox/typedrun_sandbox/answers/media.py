"""Media answers: a WAV, PNG or MP4 that is kept by the sandbox and downloads from its URL."""

from __future__ import annotations

import re
from collections.abc import Callable

from typedrun_sandbox.answers import film, picture, waveform
from typedrun_sandbox.answers.answer import Answer, Question
from typedrun_sandbox.answers.chance import name
from typedrun_sandbox.jsontypes import JSON, as_number, as_object, as_text

LARGEST = 1024
"""Pixels on a side; larger requests are answered with a smaller picture of the same shape."""

_SIDES: dict[str, int] = {"square": 512, "small": 256, "medium": 512, "large": 1024}


def speak(question: Question) -> Answer:
    """Speech, music, any audio."""
    text = spoken_text(question)
    return _stored(question, "wav", "audio/wav", lambda: waveform.speech(text), text)


def draw(question: Question) -> Answer:
    """An image. Where several are asked for, all of them are in `details`."""
    width, height = size_of(question)
    count = min(max(int(as_number(question.value("num_images", "n"), 1)), 1), 8)
    prompts = [question.text if at == 0 else f"{question.text} ({at + 1})" for at in range(count)]
    links: list[JSON] = [_picture(question, prompt, width, height) for prompt in prompts]
    details: list[JSON] = [{"score": 1.0, "data": link, "metadata": {"index": at}} for at, link in enumerate(links)]
    return Answer(data=links[0], details=details if count > 1 else None)


def shoot(question: Question) -> Answer:
    """A video."""
    text = question.text
    return _stored(question, "mp4", "video/mp4", lambda: film.mp4(text), text)


def spoken_text(question: Question) -> str:
    """What a speech model has to say."""
    return as_text(question.value("text")) or question.text


def size_of(question: Question) -> tuple[int, int]:
    """Width and height from `width`/`height`, `size` or `aspect_ratio`; 512 by 512 without them."""
    asked = question.value("size", "image_size", "resolution", "aspect_ratio")
    named = as_text(asked)
    pair = re.search(r"(\d+)\s*[x*:_]\s*(\d+)", named)
    wide, high = (float(pair[1]), float(pair[2])) if pair else (_SIDES.get(named, 512.0),) * 2
    if named.startswith("portrait"):  # portrait_16_9 is 9 wide
        wide, high = min(wide, high), max(wide, high)
    sides = as_object(asked)
    wide, high = as_number(sides.get("width"), wide), as_number(sides.get("height"), high)
    wide, high = as_number(question.value("width"), wide), as_number(question.value("height"), high)
    if wide < 64 and high < 64:  # a ratio such as 16:9, not pixels
        wide, high = 512 * wide / max(wide, high, 1), 512 * high / max(wide, high, 1)
    scale = min(1.0, LARGEST / max(wide, high, 1.0))
    return max(int(wide * scale), 1), max(int(high * scale), 1)


def _picture(question: Question, prompt: str, width: int, height: int) -> str:
    file = f"{name('png', question.model.id, prompt, f'{width}x{height}')}.png"
    return question.files.store(file, "image/png", picture.png(prompt, width, height), prompt)


def _stored(question: Question, suffix: str, kind: str, make: Callable[[], bytes], about: str) -> Answer:
    file = f"{name(suffix, question.model.id, about)}.{suffix}"
    return Answer(data=question.files.store(file, kind, make(), about))
