"""The client: key, addresses, connections, and the doors to the catalog.

Making one opens nothing and asks nothing. The environment is read, never written: several clients with different keys live
beside each other in one process.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from typedrun.client.environment import read_settings
from typedrun.core.routes import Routes
from typedrun.lazymembers import later
from typedrun.marketplaces import FIRST, find_marketplace
from typedrun.sending.driver import Driver, DriverBase
from typedrun.session import Session

DriverT = TypeVar("DriverT", bound=DriverBase)
TransportT = TypeVar("TransportT", bound="Transport | AsyncTransport")
ClockT = TypeVar("ClockT", bound="Clock | AsyncClock")

if TYPE_CHECKING:
    from typedrun.answers.started import StartedRun
    from typedrun.catalog import Registry
    from typedrun.client.doors import ClientDoors
    from typedrun.client.options import ClientOptions
    from typedrun.client.webhooks import ReceivesWebhooks
    from typedrun.core.protocols import AsyncClock, Clock
    from typedrun.core.transports import AsyncTransport, Transport
    from typedrun.job import Job
    from typedrun.marketplaces.orders import State
    from typedrun.marketplaces.protocol import Marketplace, Wire
    from typedrun.marketplaces.variables import Addresses
    from typedrun.settings import Hooks, Policy, Proxies, Secret, Settings, Timeout

else:
    ClientOptions = later(
        "typedrun.client.options:ClientOptions",
        "AssetStatus AuthenticationScheme BACKEND_URL ErrorHandler FileType MODELS_RUN_URL OnboardStatus OwnershipType PIPELINES_RUN_URL "
        "Privacy ResponseStatus SortBy SortOrder StorageType __dir__ __getattr__ __getstate__ __repr__ budget local_paths tags "
        "warned_models with_options",
        Generic[DriverT],
    )
    ClientDoors = later("typedrun.client.doors:ClientDoors", "LLM Model get_json job post_json tools upload")
    ReceivesWebhooks = later("typedrun.client.webhooks:ReceivesWebhooks", "verify_webhook")


def _job(driver: Driver, state: State, label: str | None) -> Job[Any]:
    from typedrun.job import Job

    return Job(driver, state, label=label)


class ClientBase(ClientOptions[DriverT], Generic[DriverT, TransportT, ClockT]):
    """What both clients are, but for what is asked: addresses, enumerations, money, variants, and what their models get."""

    registry: ClassVar[Registry | None] = None
    """The generated package's index of classes; None when there is none."""

    marketplace: ClassVar[str] = FIRST
    """The name of what is talked to."""

    routes: ClassVar[Routes | None] = None
    """Where the operations are that the client itself calls: those of a generated client's API schema. None: as the marketplace says."""

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
            api_key: Default: the environment's; without one, the error names the marketplace's variables.
            backend_url: Catalog, search and uploads. Default: the environment's, then the production address.
            pipeline_url: Kept for compatibility. Default: as for `backend_url`.
            model_url: Where models run. Default: as for `backend_url`. Where the marketplace has an older version of the endpoint, the
                address of that is read as the newer's.
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
    def api_key(self) -> Secret:
        """The key, which prints as `***`; `reveal()` gives it."""
        key: Secret = self.driver.settings.api_key
        return key

    def _backend(self, path: str) -> str:
        return f"{self.backend_url}/{path.lstrip('/')}"


class Client(ClientBase["Driver", "Transport", "Clock"], ClientDoors, ReceivesWebhooks):
    """A connection to the marketplace; thread-safe, usable in `with`, picklable without its key."""

    def _connect(self, settings: Settings, transport: Transport | None, clock: Clock | None, wire: Wire) -> Driver:
        return Driver(settings, transport=transport, clock=clock, wire=wire)

    _begin_job = staticmethod(_job)

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
