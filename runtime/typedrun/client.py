"""The client: key, addresses, connections, and the doors to the catalog.

Making one opens nothing and asks nothing. The environment is read, never written: several clients with different keys live
beside each other in one process.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Self, TypeAlias, TypeVar, cast
from urllib.parse import urlencode

from attrs import evolve

from typedrun.core.clock import NEVER
from typedrun.core.encoding import encode_body
from typedrun.core.reply import decode_json
from typedrun.core.request import Kind, Request
from typedrun.core.routes import Routes
from typedrun.driver import Driver
from typedrun.environment import read_settings, read_timeout
from typedrun.marketplaces import FIRST, find_marketplace
from typedrun.model import AnyModel, Model
from typedrun.session import Session
from typedrun.webhooks import ReceivesWebhooks

if TYPE_CHECKING:
    from decimal import Decimal

    import typedrun.enums as enums
    from typedrun.budget import Budget, Tags
    from typedrun.catalog import Registry
    from typedrun.core.clock import Clock, Deadline
    from typedrun.core.transports import Transport
    from typedrun.exports.tools import Models, ToolFormat, Tools
    from typedrun.job import Job
    from typedrun.jsontypes import JSON
    from typedrun.llm import LLM
    from typedrun.marketplaces.orders import State
    from typedrun.marketplaces.protocol import Marketplace, Wire
    from typedrun.marketplaces.variables import Addresses
    from typedrun.settings import Hooks, Policy, Proxies, Secret, Settings, Timeout

    Uploadable: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]

EnumT = TypeVar("EnumT")

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


class ClientBase:
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

    driver: Any
    """What sends: each client says of which kind."""
    session: Session[Any]
    """What its models get of this client."""

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

    # --- money ---

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

    # --- life ---

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


class Client(ClientBase, ReceivesWebhooks):
    """A connection to the marketplace; thread-safe, usable in `with`, picklable without its key."""

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
        transport: Transport | None = None,
        clock: Clock | None = None,
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
            transport: What makes a request. Default: urllib3; `typedrun.testing` has a scripted one.
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
        self.driver: Driver = Driver(settings, transport=transport, clock=clock, wire=wire)
        self.session: Session[Driver] = Session(self.driver, self.registry, _job, local_paths, set[str](), self)
        """What its models get of this client."""

    # --- the catalog ---

    @cached_property
    def Model(self) -> type[AnyModel]:  # noqa: N802  # the reference's name: a class, bound to this client
        """`Model`, bound to this client: `aix.Model.get(…)`, `aix.Model.search(…)`."""
        from typedrun.bound import bind

        return cast("type[AnyModel]", bind(Model, self.session))

    @cached_property
    def LLM(self) -> type[LLM]:  # noqa: N802  # as above
        """`LLM`, bound to this client: `aix.LLM(id, name, function=…)`."""
        from typedrun.bound import bind
        from typedrun.llm import LLM

        return bind(LLM, self.session)

    def tools(self, models: Models, *, format: ToolFormat = "openai") -> Tools:
        """Models as tools of a language model: definitions in a vendor's form, and `call` and `answer` for what comes back.

        Args:
            models: Models, ids or paths; an id that was not generated is fetched.
            format: Whose form: `openai`, `anthropic`, `mcp` or `json-schema`.

        Raises:
            ValidationError: there is no such format, or a model is listed twice.
            NotFoundError: there is no such model.
        """
        from typedrun.exports.tools import open_tools

        return open_tools(self.session, self.Model.get, models, format)

    # --- jobs ---

    def job(self, token_or_url: str, *, model: str | None = None) -> Job[Any]:
        """Pick up a run that was started elsewhere.

        Args:
            token_or_url: What `job.token()` gave, or the address to ask.
            model: Id or path of the model, for messages and the type of its output. Default: what the token says.
        """
        from typedrun.job import resume_job

        job = resume_job(self.driver, token_or_url, label=model)
        return job.typed_by(self.session.find_class(job.label))

    # --- requests ---

    def get_json(self, path: str, query: Mapping[str, str] | None = None, *, model: str | None = None) -> JSON:
        """Read something from the backend.

        Args:
            path: Below `backend_url`.
            query: Query parameters.
            model: Id or path of the model, for messages.
        """
        suffix = f"?{urlencode(query)}" if query else ""
        return decode_json(self.driver.send(Request("GET", self._backend(path) + suffix, model=model)))

    def post_json(self, path: str, body: Mapping[str, Any]) -> JSON:
        """Ask the backend something that takes a body but changes nothing, such as a search.

        Args:
            path: Below `backend_url`.
            body: The JSON object to send.
        """
        request = Request("POST", self._backend(path), body=encode_body(body), kind=Kind.SAFE)
        return decode_json(self.driver.send(request))

    def upload(
        self,
        source: Uploadable,
        *,
        parameter: str | None = None,
        model: str | None = None,
        progress: Callable[[int, int], object] | None = None,
        show_progress: bool = False,
        deadline: Deadline | None = None,
        allow_empty: bool = False,
    ) -> str:
        """Put a local file where a model can read it.

        Args:
            source: A path object, bytes, or an open binary file; a URL is returned as it is.
            parameter: The parameter that it is for, for messages.
            model: The model that it is for, for messages.
            progress: Called with bytes sent and bytes in all.
            show_progress: True shows the upload on stderr.
            deadline: When it must be over. Default: the client's total timeout for each of its two requests.
            allow_empty: Whether a file without a byte is sent.

        Returns:
            Its address.

        Raises:
            FileUploadError: the file is missing, empty, too large for its type, cannot be read, or is refused.
        """
        from typedrun.media import upload

        sending = functools.partial(
            upload,
            self.driver,
            source,
            parameter=parameter,
            model=model,
            deadline=deadline or NEVER,
            local_paths=self.local_paths,
            allow_empty=allow_empty,
        )
        if not show_progress:
            return self.driver.drive(sending(progress=progress))
        from typedrun.progress import Progress, both

        with Progress(model or "upload") as shown:
            told = functools.partial(shown.uploaded, parameter or "file")
            return self.driver.drive(sending(progress=both(progress, told)))

    # --- life ---

    def close(self) -> None:
        """Close idle connections; the client opens new ones when it is used again."""
        self.driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
