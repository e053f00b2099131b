"""Enumerations that are open to values which a newer backend invents, and the few that the runtime itself asks about."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing import Self

EnumT = TypeVar("EnumT", bound="OpenStrEnum")


class OpenStrEnum(StrEnum):
    """A string enumeration that keeps the values it does not know.

    A member is its wire value: it compares, hashes, prints and serialises as that string. Looking up an unknown string
    gives a pseudo-member with that value instead of an error, so that a deployed client survives a newer backend;
    `is_known` tells the two apart.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        # Not remembered in the class: a backend that invents values must not grow this process.
        unknown = str.__new__(cls, value)
        unknown._name_ = value
        unknown._value_ = value
        return unknown

    @property
    def is_known(self) -> bool:
        """Whether this value was known when the enumeration was written."""
        return self._name_ in type(self).__members__

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[str]]:
        """By value: Python 3.11.0 to 3.11.3 would look an unknown value up as a member of that name."""
        return type(self), (self._value_,)


def find_member(kind: type[EnumT], text: str) -> EnumT | None:
    """Find the known member with this value or name, in any case and with `-` or `_`; None when there is none."""
    wanted = text.lower().replace("-", "_")
    spellings = ((member, (member.value, member.name)) for member in kind)
    return next(
        (member for member, names in spellings if wanted in {name.lower().replace("-", "_") for name in names}), None
    )


class AssetStatus(OpenStrEnum):
    """Where a model stands in its life; models that run are `onboarded`."""

    DRAFT = "draft"
    HIDDEN = "hidden"
    SCHEDULED = "scheduled"
    ONBOARDING = "onboarding"
    ONBOARDED = "onboarded"
    PENDING = "pending"
    FAILED = "failed"
    TRAINING = "training"
    REJECTED = "rejected"
    ENABLING = "enabling"
    DELETING = "deleting"
    DISABLED = "disabled"
    DELETED = "deleted"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELING = "canceling"
    CANCELED = "canceled"
    DEPRECATED_DRAFT = "deprecated_draft"


class ResponseStatus(OpenStrEnum):
    """Where a run stands."""

    IN_PROGRESS = "IN_PROGRESS"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


class Function(OpenStrEnum):
    """The few functions that the runtime itself asks about; the generated package has all of them."""

    TEXT_GENERATION = "text-generation"
    TRANSLATION = "translation"
    SEARCH = "search"
    SPEECH_RECOGNITION = "speech-recognition"
    UTILITIES = "utilities"
    GUARDRAILS = "guardrails"
