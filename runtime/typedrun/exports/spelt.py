"""Patterns of the texts that spell a value of a kind that is no text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# No float holds more than 1.8e308, Python reads no whole number of more than 4000 digits, and a pattern can only count: texts that
# spell a number near these limits, or one that rounding makes whole ("0.99999999999999999999"), are taken and match neither.
_HUGE: Final = r"[0-9](?:\.[0-9]*)?[eE]\+?30[0-7]|1(?:\.[0-6][0-9]*)?[eE]\+?308"
_SPELT_NUMBER: Final = (
    r"^\s*[-+]?(?:[0-9]{1,4000}|[0-9]{1,300}\.[0-9]*|\.[0-9]+|(?:[0-9]{1,300}(?:\.[0-9]*)?|\.[0-9]+)[eE]-[0-9]+"
    rf"|(?:[0-9]{{1,9}}(?:\.[0-9]*)?|\.[0-9]+)[eE]\+?0{{0,9}}(?:[12]?[0-9])?[0-9]|{_HUGE})\s*$"
)
_SPELT_INTEGER: Final = (
    r"^\s*[-+]?(?:[0-9]{1,4000}|[0-9]{1,300}\.0*|[0-9]{1,9}(?:\.0*)?[eE]\+?0{0,9}(?:[12]?[0-9])?[0-9]"
    rf"|[0-9]{{1,9}}\.[0-9]*[eE]\+?(?:[3-9][0-9]|[12][0-9]{{2}})|[0-9]{{1,9}}\.[0-9]{{1,16}}[eE]\+?(?:1[6-9]|2[0-9])|{_HUGE})\s*$"
)
_SPELT_BOOLEAN: Final = r"^\s*(?:[tT][rR][uU][eE]|[fF][aA][lL][sS][eE])\s*$"

SPELT: Final[Mapping[str, str]] = {"number": _SPELT_NUMBER, "integer": _SPELT_INTEGER, "boolean": _SPELT_BOOLEAN}
"""Kind -> pattern. A text that is JSON is told from one that is not by no pattern."""
