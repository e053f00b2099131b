"""What a call costs: by its answer, else by the catalog's price. Pure.

A catalog names one price and one unit. What the unit counts is known before a run (requests, characters), partly known (tokens: those
of the input, and the most that may be written) or not known (seconds of work), and an estimate says which.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from typedrun.prices.measures import BEFORE, measured_units, tokens_in
from typedrun.prices.measures import Size as Size
from typedrun.prices.measures import measure as measure
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


def estimate(pricing: Pricing | None, size: Size) -> Cost:
    """What a call would cost, as far as the catalog tells."""
    if (known := _without_counting(pricing)) is not None:
        return known
    assert pricing is not None  # noqa: S101  # for the checkers: `_without_counting` answers for None
    unit = unit_of(pricing)
    count = BEFORE.get(unit)
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
    measured = measured_units(result, unit)
    reported = result.used_credits
    if reported is not None and math.isfinite(reported) and reported >= 0:
        if measured is None and size is not None and unit in {"request", "char"}:
            measured = BEFORE[unit](size)[0]
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
        units = tokens_in(size.octets) + tokens_in(len(result.data.encode("utf-8", "replace")))
        return Cost(_price_of(pricing, units), Basis.CATALOG, units, "token")
    return before if before.is_complete else Cost(unit=before.unit, note=before.note)


def _with_time(unknown: Cost, result: ModelResult[Any]) -> Cost:
    """A cost that the catalog tells nothing of, with the time that the run took: what it is billed by is told elsewhere."""
    seconds = measured_units(result, "second")
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
