"""The bases of generated classes: one with a driver of somebody else's, one with addresses and a key of its own."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, cast
from urllib.parse import urljoin

from attrs import evolve

import typedrun.errors as errors
from typedrun.core.hostile import is_same_origin
from typedrun.core.request import Auth, Request
from typedrun.operations.answers import error_body, event_value, read_answer
from typedrun.operations.descriptions import Answer, Credential, Operation
from typedrun.operations.requests import build_request, streamed_answer
from typedrun.operations.signing import Keys, Security, read_keys, sign
from typedrun.operations.streams import EventStream, KeepsTime, Sender
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings, Timeout, secret_of
from typedrun.unset import UNSET
from typedrun.wording import did_you_mean

if TYPE_CHECKING:
    from typedrun.core.deadline import Deadline

T = TypeVar("T")
DriverT = TypeVar("DriverT", bound=KeepsTime)


class OperationsBase(Generic[DriverT]):
    """What generated classes with one method per operation are, but for what sends."""

    types_package: ClassVar[str] = ""
    """Import name of the package that holds the types."""
    credentials: ClassVar[tuple[Credential, ...]] = ()
    """Where the document wants the key; an API inside a larger client leaves that to the client's driver."""
    security: ClassVar[Security | None] = None
    """Which of them operations ask for that do not say; None where the document does not say either."""

    servers_of_operations: ClassVar[tuple[str, ...] | None] = None
    """The servers that the document names for operations; None in packages that do not say."""

    def __init__(
        self, driver: DriverT, base_url: str, *, servers: Mapping[str, str] | None = None, strict: bool = False
    ) -> None:
        """Open nothing.

        Args:
            driver: what sends.
            base_url: what paths are appended to.
            servers: server of an operation, as the document spells it → address to use in its place. Relative servers are
                resolved against `base_url`.
            strict: whether a reply that breaks its schema's promises is a `DecodingError`. Default: what does not fit is kept
                as it came, and an `OddReplyWarning` tells of it.

        Raises:
            ConfigurationError: `servers` names a server that no operation has.
        """
        self._driver = driver
        self._base_url = base_url
        self._servers = self._known_servers("servers", servers)
        self._strict = strict

    def _known_servers(self, argument: str, given: Mapping[str, T] | None) -> dict[str, T]:
        """What is given for servers, by server; a name that means nothing would leave its operation at the document's."""
        known = self.servers_of_operations
        for name in given or {}:
            if known is not None and name not in known:
                raise errors.ConfigurationError(
                    f"{argument}= names the server {name!r}, which no operation has. "
                    f"Next: {did_you_mean(name, known, most=1)}use one of these: {', '.join(known) or 'none'}"
                )
        return dict(given or {})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({errors.shown_url(self._base_url)})"

    def error_body(self, operation: Operation[Any], error: errors.APIError) -> object:
        """The body of an error as the class that the document gives it, or None."""
        return error_body(operation, error, self.types_package)

    def _reading(self, operation: Operation[T]) -> tuple[Callable[[str], T], str]:
        """What makes a value of an event, and what the events stand in."""
        events = streamed_answer(operation) or Answer("200")

        def read(data: str) -> T:
            return cast("T", event_value(operation, data, events, self.types_package, strict=self._strict))

        return read, events.media_type

    def _request(
        self,
        operation: Operation[Any],
        arguments: Mapping[str, object],
        body: object,
        media_type: str,
        headers: Mapping[str, str] | None,
        *,
        streams: bool,
    ) -> Request:
        return self._signed(
            operation,
            build_request(
                operation,
                arguments,
                base_url=self._address_of(operation),
                body=body,
                media_type=media_type,
                headers=headers,
                streams=streams,
            ),
        )

    def _address_of(self, operation: Operation[Any]) -> str:
        """What the path is appended to: the operation's own server, as the client was told or as the document says, else the base.

        Raises:
            ConfigurationError: the document leaves a part of that server open.
        """
        server = self._servers.get(operation.server, operation.server)
        if "{" in server:
            raise errors.ConfigurationError(
                f"{operation.method} {operation.path} has a server of its own, {server}, of which the document leaves a part open. "
                f"Next: pass servers={{{operation.server!r}: its address}} to the client"
            )
        return urljoin(f"{self._base_url.rstrip('/')}/", server) if server else self._base_url

    def _deadline(self, timeout: float | None) -> Deadline | None:
        """The deadline of a call that has a time of its own; None for that of the client."""
        return None if timeout is None else self._driver.deadline(timeout)

    def _signed(self, operation: Operation[Any], request: Request) -> Request:
        """The request with its credentials; the client's driver adds its own key."""
        return evolve(request, auth=Auth.NONE) if operation.is_open else request


class Operations(OperationsBase[Sender]):
    """Base of generated classes with one method per operation."""

    def _call(
        self,
        operation: Operation[T],
        arguments: Mapping[str, object],
        *,
        body: object = UNSET,
        media_type: str = "",
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        request = self._request(operation, arguments, body, media_type, headers, streams=False)
        reply = self._driver.send(request, deadline=self._deadline(timeout))
        return read_answer(operation, reply, self.types_package, strict=self._strict)

    def _stream(
        self,
        operation: Operation[T],
        arguments: Mapping[str, object],
        *,
        body: object = UNSET,
        media_type: str = "",
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> EventStream[T]:
        request = self._request(operation, arguments, body, media_type, headers, streams=True)
        live = self._driver.open_stream(request, deadline=self._deadline(timeout))
        return EventStream(live, *self._reading(operation))


class ApiClientBase(OperationsBase[DriverT]):
    """What the clients of a package that has an API alone are, but for what sends."""

    default_url: ClassVar[str] = ""
    """The document's first server."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        driver: DriverT | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        servers: Mapping[str, str] | None = None,
        server_keys: Mapping[str, str] | None = None,
        keys: Mapping[str, str | tuple[str, str]] | None = None,
        strict: bool = False,
    ) -> None:
        """Open nothing.

        Args:
            api_key: the key. Default: the environment variable `API_KEY`, or none.
            base_url: where the API is. Default: the document's first server.
            driver: what sends; for tests. Default: the network.
            headers: sent with every request.
            timeout: seconds that a request may take in all. Default: the driver's.
            servers: server of an operation, as the document spells it → address to use in its place.
            server_keys: the same server → key for it.
            keys: security scheme of the document → its key, or user name and password; where one `api_key` does not do.
            strict: whether a reply that breaks its schema's promises is a `DecodingError`. Default: what does not fit is kept
                as it came, and an `OddReplyWarning` tells of it.

        Raises:
            ConfigurationError: there is no address, a key cannot travel in a header, or a scheme or server does not exist.
        """
        address = base_url or self.default_url
        if not address.startswith(("http://", "https://")):
            said = f"The API's address is {address!r}, which is no URL" if address else "The document gives no address"
            raise errors.ConfigurationError(f"{said}. Next: pass base_url=, for example https://api.example.com")
        key = secret_of(api_key if api_key is not None else os.environ.get("API_KEY", ""))
        self._keys = Keys(key, read_keys(keys or {}, self.credentials))
        self._headers = dict(headers or {})
        own = self._known_servers("server_keys", server_keys)
        self._server_keys = {server: secret_of(key) for server, key in own.items()}
        settings = self._settings(address, key, headers or {}, timeout)
        super().__init__(self._connect(settings) if driver is None else driver, address, servers=servers, strict=strict)

    @abstractmethod
    def _connect(self, settings: Settings) -> DriverT:
        """What sends where nobody gave it."""
        ...

    def _settings(self, address: str, key: Secret, headers: Mapping[str, str], timeout: float | None) -> Settings:
        named = next((one.name for one in self.credentials if one.place == "header"), "")
        return Settings(
            backend_url=address,
            run_url=address,
            api_key=key,
            further_keys=(*self._keys.named.values(), *self._server_keys.values()),
            key_header=named or "x-api-key",
            headers=headers,
            timeout=Timeout() if timeout is None else Timeout(total=timeout),
        )

    def _signed(self, operation: Operation[Any], request: Request) -> Request:
        own = self._server_keys.get(operation.server) if operation.server else None
        is_at_home = is_same_origin(request.url, self._base_url)
        if is_at_home:
            request = evolve(request, headers={**self._headers, **request.headers})
        if operation.is_open or not (own or is_at_home):
            return evolve(request, auth=Auth.NONE)
        security = self.security if operation.security is None else operation.security
        return sign(request, security, self.credentials, Keys(own) if own else self._keys)


class ApiClient(ApiClientBase[Sender], Operations):
    """Operations with a driver and a key of their own; usable in `with`, which closes idle connections.

    The key is sent where the document's security scheme wants it, to the client's own address only. Operations on other servers
    get the key that `server_keys` has for them, or none.
    """

    def _connect(self, settings: Settings) -> Sender:
        return Driver(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self._driver, Driver):
            self._driver.close()
