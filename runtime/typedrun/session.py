"""What a model needs of a client, and no more."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from typedrun.openenums import OpenStrEnum
from typedrun.records import field, frozen

if TYPE_CHECKING:
    from typedrun.answers.started import Bearer, StartedRun
    from typedrun.marketplaces.orders import State

EnumT = TypeVar("EnumT", bound=OpenStrEnum)


class ClassIndex(Protocol):
    """A generated package's index of its classes."""

    package: str
    is_sample: bool

    def find(self, id_or_path: str) -> type[Any] | None:
        """Find the generated class of a model; None when it was not generated."""
        ...


DriverT_co = TypeVar("DriverT_co", bound="Bearer", covariant=True)


@frozen(eq=False)
class Session(Generic[DriverT_co]):
    """What a client gives to its models. A client makes one; nothing of it changes but what was warned of."""

    driver: DriverT_co
    registry: ClassIndex | None
    """The generated package's index of classes."""
    job: Callable[[DriverT_co, State, str | None], StartedRun[Any]] = field(repr=False)
    """Makes the client's kind of job."""
    local_paths: bool = False
    """Whether a plain text may name a local file."""
    warned: set[str] = field(factory=set[str], repr=False)
    """Ids of the models about which the client has warned."""
    client: HasSession | None = field(default=None, repr=False)
    """Whose session this is, for those who ask a model for its client; nothing in the runtime does."""

    def enumeration(self, name: str, fallback: type[EnumT]) -> type[EnumT]:
        """An enumeration of the generated package; the runtime's own when there is none."""
        if self.registry is None:
            return fallback
        found: type[EnumT] = getattr(import_module(f"{self.registry.package}.enums"), name, fallback)
        return found

    def find_class(self, label: str | None) -> type[Any] | None:
        """Find the generated class of a model by its id or path; None where there is none."""
        return None if self.registry is None or not label else self.registry.find(label)

    @property
    def session(self) -> Session[DriverT_co]:
        """Itself: models are made for a client or for its session."""
        return self


class HasSession(Protocol):
    """A client, or its session."""

    @property
    def session(self) -> Session[Bearer]:
        """What a client gives to its models."""
        ...
