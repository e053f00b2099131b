"""`aix.Model` and `aix.LLM`: a class of models together with the client that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from typedrun.metadata.described import DescribedModel

if TYPE_CHECKING:
    from typedrun.session import Session

ClassT = TypeVar("ClassT", bound="type[DescribedModel]")


class BoundClass:
    """Stands for a class: calling it makes plain, picklable instances that belong to the client; `get` and `search` ask the client.

    A class may derive from it; its instances belong to the client, too.
    """

    def __init__(self, cls: type[DescribedModel], session: Session[Any]) -> None:
        """Args: the class and what its models get of the client."""
        self._class = cls
        self._session = session
        self._subclass = type(
            cls.__name__, (cls,), {"_default_session": session, "__doc__": cls.__doc__, "__module__": cls.__module__}
        )
        self.__doc__ = cls.__doc__
        self.__name__: str = cls.__name__
        self.__wrapped__ = cls  # what `inspect.signature` and `help` look at

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make an instance of the class, bound to the client."""
        made = self._class(*args, **kwargs)
        vars(made)["_session"] = self._session
        return made

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # while it is copied, nothing of it is there yet
            raise AttributeError(name)
        return getattr(self._subclass, name)

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type[Any], ...]:
        """What a class statement derives from."""
        del bases
        return (self._subclass,)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._class)

    def __subclasscheck__(self, other: type[Any]) -> bool:
        return issubclass(other, self._class)

    def __dir__(self) -> list[str]:
        return dir(self._subclass)

    def __repr__(self) -> str:
        return f"<{self._class.__name__} of {self._session.driver!r}>"


def bind(cls: ClassT, session: Session[Any]) -> ClassT:
    """Bind a class to a client. For checkers it is the class."""
    return cast("ClassT", BoundClass(cls, session))
