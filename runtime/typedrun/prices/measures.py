"""How much a call hands over, and how many units of a price that is: before it runs, and by what its answer names. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from typedrun.jsontypes import is_array, is_object
from typedrun.records import frozen

if TYPE_CHECKING:
    from typedrun.results import ModelResult


@frozen()
class Size:
    """What a call hands over, as far as prices count it."""

    characters: int = 0
    octets: int = 0
    """Bytes of the text in UTF-8."""
    written: int | None = None
    """Tokens that may be written at most; None when the call does not say."""
    writes: bool = True
    """Whether tokens of the answer are billed."""
    seconds: float | None = None
    """How long the result is to be, where the call says so."""
    outputs: int = 1
    steps: float | None = None
    """Of the work, where the call says how many."""
    megapixels: float | None = None
    """Of one picture, where the call says its size; begun ones count whole."""
    has_more: bool = False
    """Whether there is something besides text, whose tokens cannot be counted here."""


_MOST_WRITTEN: Final = ("max_completion_tokens", "max_output_tokens", "max_new_tokens", "max_tokens")
_SECONDS: Final = ("duration", "seconds", "duration_seconds")
_OUTPUTS: Final = ("n", "num_images", "num_outputs")
_STEPS: Final = ("steps", "num_inference_steps")
_NOT_TEXT: Final = frozenset({"role", "type", "image_url", "url", "detail"})
"""Members of a message that are no text for the model."""


def measure(
    values: Mapping[str, object], *, texts: Collection[str], media: Collection[str] = (), writes: bool = True
) -> Size:
    """What a call hands over.

    Args:
        values: The body, by wire name.
        texts: Members that are text (or messages) for the model.
        media: Members that are files.
        writes: Whether tokens of the answer are billed.
    """
    pieces = [piece for name in texts for piece in _texts_of(values.get(name))]
    most = _largest(values, _MOST_WRITTEN)
    outputs = int(_largest(values, _OUTPUTS) or 1)
    return Size(
        characters=sum(map(len, pieces)),
        octets=sum(len(piece.encode("utf-8", "replace")) for piece in pieces),
        written=None if most is None else int(most) * outputs,
        writes=writes,
        seconds=_largest(values, _SECONDS),
        outputs=outputs,
        steps=_first_number(values, _STEPS),
        megapixels=_megapixels(values, size if is_object(size := values.get("image_size")) else values),
        has_more=any(name in values for name in media) or any(_has_more(values.get(name)) for name in texts),
    )


def tokens_in(octets: int) -> int:
    """Tokens of a text, rather too many than too few: English has about four bytes to a token, other languages down to three."""
    return -(-octets // 3)


def _tokens_before(size: Size) -> tuple[float | None, str]:
    units = tokens_in(size.octets) + ((size.written or 0) if size.writes else 0)
    if size.has_more:
        return units, "what is no text cannot be counted in tokens before the run"
    if size.writes and size.written is None:
        return units, "the call sets no limit on the tokens that are written"
    return units, ""


def _seconds_before(size: Size) -> tuple[float | None, str]:
    if size.seconds is None:
        return None, "it is billed by the time that it takes, which is known when it is over"
    return size.seconds, ""


def _minutes_before(size: Size) -> tuple[float | None, str]:
    seconds, missing = _seconds_before(size)
    return (None if seconds is None else seconds / 60), missing


def _known(amount: float | None, times: float, what: str) -> tuple[float | None, str]:
    return (None, f"the call does not say {what}") if amount is None else (amount * times, "")


BEFORE: Final[Mapping[str, Callable[[Size], tuple[float | None, str]]]] = {
    "request": lambda _size: (1, ""),
    "char": lambda size: (size.characters, ""),
    "token": _tokens_before,
    "second": _seconds_before,
    "minute": _minutes_before,
    "image": lambda size: (size.outputs, ""),
    "video": lambda size: (size.outputs, ""),
    "generation": lambda _size: (1, ""),
    "output second": lambda size: _known(size.seconds, size.outputs, "how long the result is"),
    "output minute": lambda size: _known(size.seconds, size.outputs / 60, "how long the result is"),
    "megapixel": lambda size: _known(size.megapixels, size.outputs, "how large the result is"),
    "step": lambda size: _known(size.steps, size.outputs, "how many steps it takes"),
}
"""Unit -> how many of it a call shows before it runs, and what it does not show."""


def measured_units(result: ModelResult[Any], unit: str) -> float | None:
    """How many of a unit the answer itself names."""
    if unit == "token":
        usage = result.usage
        if usage is None:
            return None
        if usage.total_tokens is not None:
            return usage.total_tokens
        counts = [count for count in (usage.prompt_tokens, usage.completion_tokens) if count is not None]
        return sum(counts) if counts else None
    if unit in {"image", "megapixel"}:
        return _pictures(result, unit)
    if unit not in {"second", "minute"}:
        return None
    metrics = result.raw.get("metrics")
    said = _first_number(metrics, ("predict_time", "inference_time")) if is_object(metrics) else None
    seconds = result.run_time if said is None else said
    if seconds is None or not (math.isfinite(seconds) and seconds >= 0):
        return None
    return seconds / 60 if unit == "minute" else seconds


def _largest(values: Mapping[str, object], names: tuple[str, ...]) -> float | None:
    """The largest of several limits: which of them the backend heeds is not told, and nobody must name a small one to spend by another."""
    return max(_numbers(values, names), default=None)


def _pictures(result: ModelResult[Any], unit: str) -> float | None:
    """How many pictures an answer names, or how large they are."""
    listed = result.raw.get("images")
    pictures = [one for one in listed if is_object(one)] if is_array(listed) else []
    if not pictures or unit == "image":
        return len(pictures) or None
    sizes = [_megapixels({}, one) for one in pictures]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _megapixels(values: Mapping[str, object], size: Mapping[str, Any]) -> float | None:
    """The megapixels of a picture by its width and height, begun ones whole; by the name of its size where there is one."""
    width, height = (_first_number(size, (name,)) for name in ("width", "height"))
    named = values.get("image_size")
    if isinstance(named, str) and named in _SIZES:
        width, height = _SIZES[named]
    return None if width is None or height is None else math.ceil(width * height / 2**20)


_SIZES: Final[Mapping[str, tuple[float, float]]] = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
"""Names of sizes in wide use."""


def _first_number(values: Mapping[str, object], names: tuple[str, ...]) -> float | None:
    return next(_numbers(values, names), None)


def _numbers(values: Mapping[str, object], names: tuple[str, ...]) -> Iterator[float]:
    for name in names:
        value = values.get(name)
        if isinstance(value, str):
            try:
                value = float(value.removesuffix("s"))  # "8s"
            except ValueError:
                continue
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0:
            yield value


_DEEPEST: Final = 50
"""Levels of a value that are looked at; a conversation has three or four."""


def _texts_of(value: object, depth: int = 0) -> list[str]:
    """Every text of a value: of messages, their contents."""
    if isinstance(value, str):
        return [value]
    if depth > _DEEPEST:
        return []
    if is_array(value):
        return [piece for entry in value for piece in _texts_of(entry, depth + 1)]
    if is_object(value):
        return [
            piece for name, entry in value.items() if name not in _NOT_TEXT for piece in _texts_of(entry, depth + 1)
        ]
    return []


def _has_more(value: object, depth: int = 0) -> bool:
    """Whether messages hold something besides text: a picture, a sound."""
    if depth > _DEEPEST:
        return False
    if is_array(value):
        return any(_has_more(entry, depth + 1) for entry in value)
    if is_object(value):
        kind = value.get("type")
        if isinstance(kind, str) and kind not in {"text", "function"}:
            return True
        return any(_has_more(entry, depth + 1) for entry in value.values())
    return False
