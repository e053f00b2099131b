"""What clients of either kind have that a first plain run does without: enumerations, variants, money, other names."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Self, TypeVar

from typedrun.client.environment import read_timeout
from typedrun.marketplaces import FIRST, find_marketplace
from typedrun.records import evolve
from typedrun.sending.driver import DriverBase

if TYPE_CHECKING:
    from decimal import Decimal

    import typedrun.enums as enums
    from typedrun.money.budget import Budget, Tags
    from typedrun.session import Session
    from typedrun.settings import Hooks, Policy, Timeout

EnumT = TypeVar("EnumT")
DriverT = TypeVar("DriverT", bound=DriverBase)

_GENERATED_ENUMERATIONS: Final = frozenset({"Function", "Supplier", "Language", "License"})
"""Enumerations that the generated package has; without one, those of the runtime stand in for them."""


_INNER: Final = frozenset({"get_json", "post_json", "marketplace", "registry", "routes", "session", "warned_models"})
"""Attributes for the rest of the runtime, which consoles do not offer."""


class Enumeration(Generic[EnumT]):
    """An enumeration as an attribute, of the class as of its instances; imported on first use."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, client: object, owner: type[object]) -> EnumT:
        found: EnumT = getattr(import_module("typedrun.enums"), self._name)
        return found


class OwnEnumeration(Enumeration[EnumT]):
    """An enumeration of the first marketplace: clients of others have no such attribute."""

    def __get__(self, client: object, owner: type[object]) -> EnumT:
        _check_first(owner, self._name)
        return super().__get__(client, owner)


class OtherName:
    """Another name of an address, which the reference has: for clients of its marketplace alone."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __set_name__(self, owner: type[object], name: str) -> None:
        self._own = name

    def __get__(self, client: object, owner: type[object]) -> str:
        _check_first(owner, self._own)
        found: str = "" if client is None else getattr(client, self._name)  # a class has no address
        return found


def _check_first(owner: type[object], name: str) -> None:
    if getattr(owner, "marketplace", FIRST) != FIRST:
        raise AttributeError(f"{owner.__name__!r} object has no attribute {name!r}", name=name)


class ClientOptions(Generic[DriverT]):
    """What both clients are beside making models."""

    if TYPE_CHECKING:  # the clients have these
        driver: DriverT
        session: Session[DriverT]
        backend_url: str
        model_url: str
        pipeline_url: str
        marketplace: ClassVar[str]

    AssetStatus: Enumeration[type[enums.AssetStatus]] = Enumeration("AssetStatus")
    AuthenticationScheme: OwnEnumeration[type[enums.AuthenticationScheme]] = OwnEnumeration("AuthenticationScheme")
    ErrorHandler: OwnEnumeration[type[enums.ErrorHandler]] = OwnEnumeration("ErrorHandler")
    FileType: OwnEnumeration[type[enums.FileType]] = OwnEnumeration("FileType")
    OnboardStatus: OwnEnumeration[type[enums.OnboardStatus]] = OwnEnumeration("OnboardStatus")
    OwnershipType: OwnEnumeration[type[enums.OwnershipType]] = OwnEnumeration("OwnershipType")
    Privacy: OwnEnumeration[type[enums.Privacy]] = OwnEnumeration("Privacy")
    ResponseStatus: Enumeration[type[enums.ResponseStatus]] = Enumeration("ResponseStatus")
    SortBy: OwnEnumeration[type[enums.SortBy]] = OwnEnumeration("SortBy")
    SortOrder: OwnEnumeration[type[enums.SortOrder]] = OwnEnumeration("SortOrder")
    StorageType: OwnEnumeration[type[enums.StorageType]] = OwnEnumeration("StorageType")

    BACKEND_URL: OtherName = OtherName("backend_url")
    MODELS_RUN_URL: OtherName = OtherName("model_url")
    PIPELINES_RUN_URL: OtherName = OtherName("pipeline_url")

    if TYPE_CHECKING:  # found by __getattr__; the generated client declares its own
        Function: type[Any]
        Supplier: type[Any]
        Language: type[Any]
        License: type[Any]

    @property
    def warned_models(self) -> set[str]:
        """Ids of the models about which this client has warned."""
        return self.session.warned

    @property
    def local_paths(self) -> bool:
        """Whether a plain text may name a local file. Models that are at hand keep what was said when they were made."""
        return self.session.local_paths

    @local_paths.setter
    def local_paths(self, allowed: bool) -> None:
        self.session = evolve(self.session, local_paths=allowed)
        for made in ("Model", "LLM", "models"):  # again when they are asked for
            vars(self).pop(made, None)

    def __dir__(self) -> list[str]:
        names = {*object.__dir__(self), *_GENERATED_ENUMERATIONS} - _INNER
        return sorted(names if self.marketplace == FIRST else names - _OF_THE_FIRST)

    if not TYPE_CHECKING:  # checkers must flag every other name

        def __getattr__(self, name: str) -> Any:
            if name not in _GENERATED_ENUMERATIONS:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
            return self.session.enumeration(name, getattr(import_module("typedrun.enums"), name))

    # --- money

    def budget(self, limit: float | Decimal, *, unpriced: Literal["allow", "refuse"] = "allow") -> Budget:
        """A limit for what the runs of a block may cost: `with aix.budget(2.50) as spent:`, or `async with`.

        Before each run of this client in the block its estimate is reserved; one that would pass the limit is refused before a byte is
        sent. Budgets nest, and all of them hold. Tasks and threads that start in the block belong to it.

        Args:
            limit: In credits (1 credit is 1 US dollar).
            unpriced: "refuse" refuses runs, too, whose cost the catalog does not tell, or tells only in part.

        Returns:
            The budget, which says what was spent.
        """
        from typedrun.money.budget import Budget

        return Budget(self.driver.rules.books, limit, unpriced=unpriced)

    def tags(self, **tags: str | float | bool | None) -> Tags:
        """Words that the ledger's lines carry for the runs of a block: `with aix.tags(job="nightly"):`, or `async with`."""
        from typedrun.money.budget import Tags

        return Tags(self.driver.rules.books, tags)

    # --- variants

    def with_options(
        self,
        *,
        timeout: float | Timeout | None = None,
        headers: Mapping[str, str] | None = None,
        retry: Policy | None = None,
        hooks: Hooks | None = None,
    ) -> Self:
        """A client like this one but for some options; it shares key, addresses, connections and what was warned of.

        Args:
            timeout: As for the client.
            headers: Sent with every request, beside this client's and in the place of those of the same name.
            retry: As for the client.
            hooks: As for the client.
        """
        changes: dict[str, Any] = {"retry": retry, "hooks": hooks}
        if timeout is not None:
            limits = read_timeout(timeout, find_marketplace(self.marketplace).environment)
            changes |= {"timeout": limits, "run_timeout": limits.total}
        if headers is not None:
            changes["headers"] = {**self.driver.settings.headers, **headers}
        given = {name: value for name, value in changes.items() if value is not None or name == "run_timeout"}
        made = object.__new__(type(self))
        driver = self.driver.with_settings(evolve(self.driver.settings, **given))
        vars(made).update(self.__getstate__(), driver=driver, session=evolve(self.session, driver=driver, client=made))
        return made

    def __repr__(self) -> str:
        return f"{type(self).__name__}(backend_url={self.backend_url!r}, model_url={self.model_url!r})"

    def __getstate__(self) -> dict[str, Any]:
        bound = {"Model", "LLM", "models"}  # made again when they are asked for
        return {name: value for name, value in vars(self).items() if name not in bound}


_OF_THE_FIRST: Final = frozenset(
    name for name, member in vars(ClientOptions).items() if isinstance(member, OwnEnumeration | OtherName)
)
"""Attributes of clients of the first marketplace alone."""
