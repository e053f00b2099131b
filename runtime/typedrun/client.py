"""The client: key, addresses, connections, and the doors to the catalog.

Making one opens nothing and asks nothing. The environment is read, never written: several clients with different keys live
beside each other in one process.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Self, TypeVar, cast

from typedrun.core.routes import Routes
from typedrun.driver import Driver, DriverBase
from typedrun.environment import read_settings, read_timeout
from typedrun.later import later
from typedrun.marketplaces import FIRST, find_marketplace
from typedrun.model import AnyModel, Model
from typedrun.records import evolve
from typedrun.session import Session

if TYPE_CHECKING:
    from decimal import Decimal

    import typedrun.enums as enums
    from typedrun.budget import Budget, Tags
    from typedrun.catalog import Registry
    from typedrun.clientdoors import ClientDoors
    from typedrun.core.clock import AsyncClock, Clock
    from typedrun.core.transports import AsyncTransport, Transport
    from typedrun.job import Job
    from typedrun.marketplaces.orders import State
    from typedrun.marketplaces.protocol import Marketplace, Wire
    from typedrun.marketplaces.variables import Addresses
    from typedrun.settings import Hooks, Policy, Proxies, Secret, Settings, Timeout
    from typedrun.started import StartedRun
    from typedrun.webhooks import ReceivesWebhooks

else:
    ClientDoors = later("typedrun.clientdoors:ClientDoors", "LLM get_json job post_json tools upload")
    ReceivesWebhooks = later("typedrun.webhooks:ReceivesWebhooks", "verify_webhook")

EnumT = TypeVar("EnumT")
DriverT = TypeVar("DriverT", bound=DriverBase)
TransportT = TypeVar("TransportT", bound="Transport | AsyncTransport")
ClockT = TypeVar("ClockT", bound="Clock | AsyncClock")

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


def _job(driver: Driver, state: State, label: str | None) -> Job[Any]:
    from typedrun.job import Job

    return Job(driver, state, label=label)


class ClientBase(Generic[DriverT, TransportT, ClockT]):
    """What both clients are, but for what is asked: addresses, enumerations, money, variants, and what their models get."""

    registry: ClassVar[Registry | None] = None
    """The generated package's index of classes; None when there is none."""

    marketplace: ClassVar[str] = FIRST
    """The name of what is talked to."""

    routes: ClassVar[Routes | None] = None
    """Where the operations are that the client itself calls: those of a generated client's API schema. None: as the marketplace says."""

    AssetStatus: Enumeration[type[enums.AssetStatus]] = Enumeration("AssetStatus")
    AuthenticationScheme: Enumeration[type[enums.AuthenticationScheme]] = Enumeration("AuthenticationScheme")
    ErrorHandler: Enumeration[type[enums.ErrorHandler]] = Enumeration("ErrorHandler")
    FileType: Enumeration[type[enums.FileType]] = Enumeration("FileType")
    OnboardStatus: Enumeration[type[enums.OnboardStatus]] = Enumeration("OnboardStatus")
    OwnershipType: Enumeration[type[enums.OwnershipType]] = Enumeration("OwnershipType")
    Privacy: Enumeration[type[enums.Privacy]] = Enumeration("Privacy")
    ResponseStatus: Enumeration[type[enums.ResponseStatus]] = Enumeration("ResponseStatus")
    SortBy: Enumeration[type[enums.SortBy]] = Enumeration("SortBy")
    SortOrder: Enumeration[type[enums.SortOrder]] = Enumeration("SortOrder")
    StorageType: Enumeration[type[enums.StorageType]] = Enumeration("StorageType")

    if TYPE_CHECKING:  # found by __getattr__; the generated client declares its own
        Function: Any
        Supplier: Any
        Language: Any
        License: Any

    def __init__(
        self,
        api_key: str | None = None,
        backend_url: str | None = None,
        pipeline_url: str | None = None,
        model_url: str | None = None,
        *,
        timeout: float | Timeout | None = None,
        headers: Mapping[str, str] | None = None,
        trusted_hosts: tuple[str, ...] | list[str] | None = None,
        proxies: Proxies | None = None,
        ca_bundle: str | None = None,
        trust_env: bool = True,
        client_cert: str | os.PathLike[str] | tuple[str | os.PathLike[str], str | os.PathLike[str]] | None = None,
        client_cert_password: str | None = None,
        max_reply_bytes: int | None = None,
        max_upload_bytes: int | None = None,
        retry: Policy | None = None,
        hooks: Hooks | None = None,
        local_paths: bool = False,
        ledger: str | os.PathLike[str] | None = None,
        transport: TransportT | None = None,
        clock: ClockT | None = None,
    ) -> None:
        """Make a client; nothing is opened and nothing is asked.

        Args:
            api_key: Default: the environment's; docs/configuration.md has the variables.
            backend_url: Catalog, search and uploads. Default: `BACKEND_URL`, then the production address.
            pipeline_url: Kept for compatibility. Default: `PIPELINES_RUN_URL`, then the production address.
            model_url: Where models run. Default: `MODELS_RUN_URL`, then the production address. A v1 address
                (`…/v1/execute`) is read as its v2 form.
            timeout: Limits in seconds; one number is the total of a request and of a run. Default: connect 10, silence 300, total 600 (a
                run 300), and what the environment says of the first two.
            headers: Sent with every request.
            trusted_hosts: Further origins that may receive the key (`host`, `host:port` or URL). Default: the environment's.
            proxies: By scheme, HTTP or SOCKS. Default: the environment's, else those of the system settings (macOS, Windows).
            ca_bundle: File or directory of trusted certificates. Default: the environment's, else the system's.
            trust_env: False takes neither proxies nor certificates from the environment and the system settings.
            client_cert: This client's own certificate, for servers that ask for one: a PEM file with its key, or the two apart.
            client_cert_password: Of that key, if it is encrypted.
            max_reply_bytes: Largest reply after decompression; a longer one raises. Default: 64 MiB.
            max_upload_bytes: Largest file that is uploaded, of any type. Default: what the marketplace takes of each type.
            retry: How often harmless requests are repeated.
            hooks: Called before and after each request, for metrics.
            local_paths: True takes a plain text that names a local file, where a model wants audio, an image, a video or a document,
                for that file and uploads it. Leave it off where texts come from users or agents.
            ledger: File that gets a line of JSON for each billed call (docs/budget.md). Default: none.
            transport: What makes a request. Default: urllib3, for asyncio aiohttp; `typedrun.testing` has a scripted one.
            clock: Time, for tests.

        Raises:
            ConfigurationError: there is no key, or an address is malformed.
        """
        settings, addresses = read_settings(
            self._market,
            self.routes,
            api_key=api_key,
            backend_url=backend_url,
            model_url=model_url,
            timeout=timeout,
            headers=headers,
            trusted_hosts=trusted_hosts,
            proxies=proxies,
            ca_bundle=ca_bundle,
            trust_env=trust_env,
            client_cert=client_cert,
            client_cert_password=client_cert_password,
            max_reply_bytes=max_reply_bytes,
            max_upload_bytes=max_upload_bytes,
            retry=retry,
            hooks=hooks,
            ledger=ledger,
        )
        wire = self._take_addresses(settings, addresses, pipeline_url)
        self.driver: DriverT = self._connect(settings, transport, clock, wire)
        job = self._begin_job
        self.session: Session[DriverT] = Session(self.driver, self.registry, job, local_paths, set[str](), self)
        """What its models get of this client."""

    @abstractmethod
    def _connect(self, settings: Settings, transport: TransportT | None, clock: ClockT | None, wire: Wire) -> DriverT:
        """What sends."""
        ...

    @staticmethod
    @abstractmethod
    def _begin_job(driver: DriverT, state: State, label: str | None) -> StartedRun[Any]:
        """The client's kind of job."""
        ...

    @property
    def _market(self) -> Marketplace:
        return find_marketplace(self.marketplace)

    def _take_addresses(self, settings: Settings, addresses: Addresses, pipeline_url: str | None) -> Wire:
        """Note where things are; how the marketplace there is talked to."""
        self.backend_url: str = settings.backend_url
        self.model_url: str = settings.run_url
        self.pipeline_url: str = pipeline_url or addresses.pipeline_url
        return self._market.connect(addresses, self.routes)

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

    @property
    def api_key(self) -> Secret:
        """The key, which prints as `***`; `reveal()` gives it."""
        key: Secret = self.driver.settings.api_key
        return key

    @property
    def BACKEND_URL(self) -> str:  # noqa: N802  # the reference's name
        """Another name of `backend_url`."""
        return self.backend_url

    @property
    def MODELS_RUN_URL(self) -> str:  # noqa: N802  # as above
        """Another name of `model_url`."""
        return self.model_url

    @property
    def PIPELINES_RUN_URL(self) -> str:  # noqa: N802  # as above
        """Another name of `pipeline_url`."""
        return self.pipeline_url

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_GENERATED_ENUMERATIONS} - _INNER)

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
        from typedrun.budget import Budget

        return Budget(self.driver.rules.books, limit, unpriced=unpriced)

    def tags(self, **tags: str | float | bool | None) -> Tags:
        """Words that the ledger's lines carry for the runs of a block: `with aix.tags(job="nightly"):`, or `async with`."""
        from typedrun.budget import Tags

        return Tags(self.driver.rules.books, tags)

    def _backend(self, path: str) -> str:
        return f"{self.backend_url}/{path.lstrip('/')}"

    # --- life

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
            limits = read_timeout(timeout, self._market.environment)
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


class Client(ClientBase["Driver", "Transport", "Clock"], ClientDoors, ReceivesWebhooks):
    """A connection to the marketplace; thread-safe, usable in `with`, picklable without its key."""

    def _connect(self, settings: Settings, transport: Transport | None, clock: Clock | None, wire: Wire) -> Driver:
        return Driver(settings, transport=transport, clock=clock, wire=wire)

    _begin_job = staticmethod(_job)

    # --- the catalog

    @cached_property
    def Model(self) -> type[AnyModel]:  # noqa: N802  # the reference's name: a class, bound to this client
        """`Model`, bound to this client: `aix.Model.get(…)`, `aix.Model.search(…)`."""
        from typedrun.bound import bind

        return cast("type[AnyModel]", bind(Model, self.session))

    # --- life

    def close(self) -> None:
        """Close idle connections; the client opens new ones when it is used again."""
        self.driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
