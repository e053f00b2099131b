"""What a call costs: by its answer, else by the catalog's price. Pure.

A catalog names one price and one unit. What the unit counts is known before a run (requests, characters), partly known (tokens: those
of the input, and the most that may be written) or not known (seconds of work), and an estimate says which.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from typedrun.jsontypes import is_array, is_object
from typedrun.records import frozen

if TYPE_CHECKING:
    from typedrun.parameters import Pricing
    from typedrun.results import ModelResult


class Basis(StrEnum):
    """Where the amount of a cost comes from."""

    REPORTED = "reported"
    """The answer's own `used_credits`."""
    METRICS = "metrics"
    """Seconds that the answer names × the catalog's price."""
    USAGE = "usage"
    """Tokens that the answer names × the catalog's price."""
    CATALOG = "catalog"
    """What the call itself shows (a request, characters, estimated tokens) × the catalog's price."""
    QUOTED = "quoted"
    """The marketplace's own estimate, which it was asked for."""
    POSSIBLE = "possible"
    """The estimate of a run that may have been executed: no answer says what became of it."""
    UNKNOWN = "unknown"
    """Neither the answer nor the catalog tells."""


@frozen()
class Cost:
    """What a call costs, or would cost."""

    credits: float | None = None
    """In credits (1 credit is 1 US dollar); None when nothing tells."""
    basis: Basis = Basis.UNKNOWN
    units: float | None = None
    """How many units were counted."""
    unit: str | None = None
    """What was counted: `request`, `char`, `token`, `second` …"""
    is_complete: bool = True
    """Whether this is all; if not, `credits` is the part that can be told, and `note` says what cannot."""
    note: str = ""
    """What is not known, and why."""

    def __str__(self) -> str:
        if self.credits is None:
            return f"unknown: {self.note}" if self.note else "unknown"
        counted = "" if self.units is None else f", {plain(self.units)} {self.unit}{'s' * (self.units != 1)}"
        least = "" if self.is_complete else "at least "
        return f"{least}{plain(self.credits)} credits ({self.basis}{counted})"


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


def estimate(pricing: Pricing | None, size: Size) -> Cost:
    """What a call would cost, as far as the catalog tells."""
    if (known := _without_counting(pricing)) is not None:
        return known
    assert pricing is not None  # noqa: S101  # for the checkers: `_without_counting` answers for None
    unit = unit_of(pricing)
    count = _BEFORE.get(unit)
    if count is None:
        return Cost(note=f"the catalog's unit, {_shown_unit(pricing)}, is none that this version counts")
    units, missing = count(size)
    if units is None:
        return Cost(unit=unit, note=missing)
    return Cost(_price_of(pricing, units), Basis.CATALOG, units, unit, not missing, missing)


def cost_of(result: ModelResult[Any], pricing: Pricing | None, size: Size | None) -> Cost:
    """What a run cost: by its answer, else by the catalog.

    Args:
        result: The answer; of a stream, what it came to.
        pricing: The catalog's price.
        size: What was handed over; None when that is not known any more (a job that another process started).
    """
    unit = "token" if pricing is None or not pricing.unit_type else unit_of(pricing)
    measured = _measured(result, unit)
    reported = result.used_credits
    if reported is not None and math.isfinite(reported) and reported >= 0:
        if measured is None and size is not None and unit in {"request", "char"}:
            measured = _BEFORE[unit](size)[0]
        return Cost(reported, Basis.REPORTED, measured, None if measured is None else unit)
    if (known := _without_counting(pricing)) is not None:
        return known if pricing is not None else _with_time(known, result)
    assert pricing is not None  # noqa: S101  # as above
    if measured is not None:
        basis = Basis.USAGE if unit == "token" else Basis.METRICS
        return Cost(_price_of(pricing, measured), basis, measured, unit)
    if size is None:
        size = Size() if unit == "request" else None
    return Cost(note="the answer names no cost") if size is None else _counted(result, pricing, size)


def _counted(result: ModelResult[Any], pricing: Pricing, size: Size) -> Cost:
    """The estimate, once there is an answer whose text can be counted."""
    before = estimate(pricing, size)
    if before.unit == "token" and size.writes:
        if size.has_more or not isinstance(result.data, str):
            return Cost(unit="token", note="the answer names neither a cost nor tokens")
        units = _tokens(size.octets) + _tokens(len(result.data.encode("utf-8", "replace")))
        return Cost(_price_of(pricing, units), Basis.CATALOG, units, "token")
    return before if before.is_complete else Cost(unit=before.unit, note=before.note)


def _with_time(unknown: Cost, result: ModelResult[Any]) -> Cost:
    """A cost that the catalog tells nothing of, with the time that the run took: what it is billed by is told elsewhere."""
    seconds = _measured(result, "second")
    if seconds is None or not result.metrics:
        return unknown
    return Cost(units=seconds, unit="second", note=f"{unknown.note}; the run took {plain(seconds)} s")


def unit_of(pricing: Pricing) -> str:
    """What a price is for, as a word of ours; the catalog's own in small letters where there is none.

    A price in a currency is for what is made: a second of film, not of work.
    """
    kind, scale = (word.lower() if word else "" for word in (pricing.unit_type, pricing.unit_type_scale))
    many = _MANY.fullmatch(kind)
    word = (many[2] if many else kind) or "request"
    if pricing.currency and word.removesuffix("s") in {"second", "minute"}:
        return f"output {word.removesuffix('s')}"
    if scale:  # a request billed by the second
        word = scale if word in {"request", "requests"} else f"{word} and {scale}"
    return _WORDS.get(word, word)


def unit_words(pricing: Pricing) -> str:
    """The unit as a catalog says it, for one: `image`, `1000 characters`; empty where it names none."""
    said = " and ".join(word.lower() for word in (pricing.unit_type, pricing.unit_type_scale) if word)
    return said.removesuffix("s") if pricing.currency and not _MANY.fullmatch(said) else said


def _price_of(pricing: Pricing, units: float) -> float:
    """What so many units cost: a catalog's unit may be a thousand of ours."""
    many = _MANY.fullmatch((pricing.unit_type or "").lower())
    return times(pricing.price, units / int(many[1]) if many else units)


_MANY: Final = re.compile(r"(\d{1,9}) (\D+)")
"""A unit that is many of one: `1000 characters`."""


def times(price: float | None, units: float) -> float:
    """Price × units, without the noise of binary fractions: 3 × 0.1 is 0.3."""
    return float(exact(price or 0.0) * exact(units))


def exact(number: float) -> Decimal:
    """The number that a person would read off this one."""
    return Decimal(repr(number))


def plain(number: float) -> str:
    """A number for a sentence: no exponent, no tail of zeros."""
    text = f"{exact(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_WORDS: Final[Mapping[str, str]] = {
    "character": "char",
    "characters": "char",
    "chars": "char",
    "tokens": "token",
    "requests": "request",
    "run": "request",
    "call": "request",
    "seconds": "second",
    "minutes": "minute",
    "images": "image",
    "videos": "video",
    "generations": "generation",
    "megapixels": "megapixel",
    "steps": "step",
    "compute seconds": "second",
    "compute second": "second",
}


def _shown_unit(pricing: Pricing) -> str:
    return " ".join(filter(None, (pricing.unit_type, pricing.unit_type_scale)))


def _without_counting(pricing: Pricing | None) -> Cost | None:
    """The cost where no unit has to be counted: nothing is known, or nothing is asked for."""
    if pricing is None or (pricing.price is None and pricing.id != "free"):
        return Cost(note="the catalog names no price")
    if not pricing.price:
        return Cost(0.0, Basis.CATALOG)
    if not (math.isfinite(pricing.price) and pricing.price > 0):
        return Cost(note=f"the catalog's price is {pricing.price}")
    if (pricing.currency or "USD").upper() not in {"USD", "CREDIT", "CREDITS"}:
        return Cost(note=f"the catalog's price is in {pricing.currency}, not in credits")
    return None


def _tokens(octets: int) -> int:
    """Tokens of a text, rather too many than too few: English has about four bytes to a token, other languages down to three."""
    return -(-octets // 3)


def _tokens_before(size: Size) -> tuple[float | None, str]:
    units = _tokens(size.octets) + ((size.written or 0) if size.writes else 0)
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


_BEFORE: Final[Mapping[str, Callable[[Size], tuple[float | None, str]]]] = {
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


def _measured(result: ModelResult[Any], unit: str) -> float | None:
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
