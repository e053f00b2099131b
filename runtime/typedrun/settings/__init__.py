"""What a driver is told: addresses, key, limits. Plain values that pickle and print without secrets."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from typedrun.attempts import shown_url
from typedrun.lazymembers import exports
from typedrun.records import field, frozen

if TYPE_CHECKING:
    from typedrun.settings.events import RequestSent as RequestSent
    from typedrun.settings.events import ResponseReceived as ResponseReceived
    from typedrun.settings.events import RetryPlanned as RetryPlanned
else:
    __getattr__ = exports(__name__, "typedrun.settings.events:RequestSent ResponseReceived RetryPlanned")

WAIT_TIME: Final = 0.5
"""Seconds before the second question for a job when the caller does not say."""

WAITING: Final = 300.0
"""Seconds that a job is waited for when the caller does not say."""

RUN_RETRIES: Final = 0
"""How often a run whose outcome is unknown is sent again when the caller does not say: never, since each time may be billed."""

RUN_RETRY_WAIT: Final = 1.0
"""Seconds before each of these when the caller does not say. Unlike the waits of harmless retries it neither grows nor is drawn at random:
these are few, each by the caller's leave."""


class Secret:
    """A key. It is shown as `***` and does not travel in pickles: the receiving process reads its own from the environment."""

    __slots__ = ("_value", "variables")

    def __init__(self, value: str, variables: tuple[str, ...] = ()) -> None:
        self._value = value
        self.variables: tuple[str, ...] = variables
        """Environment variables from which a process reads its own."""

    def reveal(self) -> str:
        """The key itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> tuple[Callable[..., Secret], tuple[tuple[str, ...]]]:
        return secret_from_environment, (self.variables,)


def secret_of(key: str, variables: tuple[str, ...] = ()) -> Secret:
    """A key as a header can carry it: blanks around it are dropped, and nothing but blanks is no key.

    Args:
        key: As somebody wrote it.
        variables: Environment variables from which another process reads its own.

    Raises:
        ConfigurationError: It holds blanks, line ends or characters outside ASCII.
    """
    key = key.strip()
    if not all("!" <= character <= "~" for character in key):
        from typedrun.errors import ConfigurationError

        raise ConfigurationError(
            "The API key holds blanks or characters that cannot travel in a header. Next: copy it again"
        )
    return Secret(key, variables)


def secret_from_environment(variables: tuple[str, ...] = ()) -> Secret:
    """The key that this process's environment holds; empty if there is none.

    Args:
        variables: Names, in the order in which they are read.

    Raises:
        ConfigurationError: It cannot travel in a header.
    """
    found = (key for name in variables if (key := secret_of(os.environ.get(name, ""), variables)))
    return next(found, Secret("", variables))


@frozen()
class Policy:
    """How often and how long."""

    retries: int = 4
    """Further tries after the first. Default 4."""
    resends: int = RUN_RETRIES
    """Further tries of a run whose outcome is unknown: the caller's `run_retries`. Default 0."""
    resend_wait: float = RUN_RETRY_WAIT
    """Seconds before each of those: `run_retry_wait`. Default 1.0."""
    first_wait: float = 0.25
    """Seconds; the upper end of the first delay. Doubles with each retry."""
    longest_wait: float = 8.0
    """Seconds; the upper end of any delay that we choose."""
    longest_retry_after: float = 60.0
    """Seconds; a longer `Retry-After` is raised, not slept."""


def _shown(proxies: Mapping[str, str]) -> str:
    return repr({scheme: shown_url(url) for scheme, url in proxies.items()})


@frozen()
class Proxies:
    """Proxies by scheme of the target (`http`, `https`, `all`) and the hosts that are reached without one.

    An address begins with `http://`, `https://`, `socks5://` or `socks5h://` (the proxy resolves names, too); those of SOCKS
    need the extra `typedrun[socks]`.
    """

    by_scheme: Mapping[str, str] = field(factory=dict[str, str], repr=_shown)
    no_proxy: str = ""
    """Comma-separated: `*`, a domain (its subdomains included), `host:port`, an address, or a network such as `10.0.0.0/8`."""
    is_system: bool = False
    """Whether they are those of the system settings (macOS, Windows), whose own exceptions hold, too."""


@frozen()
class Timeout:
    """Limits in seconds. One number in place of a `Timeout` is the total."""

    connect: float = 10.0
    """For a connection, TLS and proxy included. Default 10."""
    idle: float = 300.0
    """For silence between two pieces of a reply, or before the first. Default 300: a synchronous run says nothing until it is done."""
    total: float | None = 600.0
    """For a whole request, retries and waits between them included; of a stream, until its head is there. None is no limit. Default 600.

    The `timeout` of a single run takes its place, and then holds to the end of a stream, too.
    """

    def __attrs_post_init__(self) -> None:
        for name, seconds in (("connect", self.connect), ("idle", self.idle), ("total", self.total)):
            if not _is_limit(seconds) and not (name == "total" and seconds is None):
                from typedrun.errors import ConfigurationError

                raise ConfigurationError(f"The limit '{name}' must be a number of seconds, at least 0; got {seconds!r}")


def _is_limit(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0  # which nan is not


@frozen()
class Hooks:
    """Callables for metrics or tracing. They run in the calling thread; what they raise reaches the caller."""

    on_request: Callable[[RequestSent], object] | None = None
    on_response: Callable[[ResponseReceived], object] | None = None
    on_retry: Callable[[RetryPlanned], object] | None = None


_MOST_REPLY: Final = 64 * 2**20


def _header_names(headers: Mapping[str, str]) -> str:
    return f"<{', '.join(sorted(headers))}>" if headers else "{}"


@frozen(kw_only=True)
class Settings:
    """Everything that a driver needs to know."""

    backend_url: str
    """Base of the metadata endpoints and of relative poll addresses."""
    run_url: str
    """Where runs are sent, without the model's id."""
    api_key: Secret = field(factory=lambda: Secret(""))
    further_keys: tuple[Secret, ...] = ()
    """Keys that requests carry besides; like the first they are not in what is read."""
    key_header: str = "x-api-key"
    """The header that carries the key."""
    key_prefix: str = ""
    """What stands before it there, its blank included."""
    trusted_urls: tuple[str, ...] = ()
    """Further origins that may see the key."""
    timeout: Timeout = field(factory=Timeout)
    run_timeout: float | None = WAITING
    """Seconds for a whole run (uploads and waiting included) whose caller says nothing; None is no limit. Default 300."""
    retry: Policy = field(factory=Policy)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=_header_names)
    """Sent with every request to a trusted origin."""
    user_agent: str | None = None
    """Default `typedrun/<version> python/<version>`."""
    proxies: Proxies | None = None
    """None reads the environment at the first request, and on macOS and Windows the system settings where that names none."""
    trust_env: bool = True
    """Whether proxies and certificates may come from the environment and the system settings. Default True."""
    ca_bundle: str | None = None
    """File or directory of trusted certificates; None reads `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`, `SSL_CERT_DIR`, else the system's."""
    client_cert: str | tuple[str, str] | None = None
    """This client's own certificate for servers that ask for one: a PEM file with its key, or certificate and key apart."""
    client_cert_password: str | None = field(default=None, repr=False)
    """Of that key, if it is encrypted."""
    max_reply_bytes: int = _MOST_REPLY
    """Largest reply after decompression; a longer one raises. Default 64 MiB. Streams have their own limits."""
    max_upload_bytes: int | None = None
    """Largest file that is uploaded, of any type. None is what the marketplace takes of each type."""
    pool_size: int = 32
    """Idle connections kept for each origin. Default 32; more than that may be open at a time."""
    keep_alive: float = 30.0
    """Seconds that an idle connection may be used again for reads. Default 30."""
    keep_alive_for_runs: float = 4.0
    """Seconds that an idle connection may be used again for runs, which must not meet one that the server is just closing. Default 4, below the
    5 s of common servers."""
    connection_age: float = 600.0
    """Seconds after which a connection is replaced, so that DNS changes are followed. Default 600."""
    hooks: Hooks = field(factory=Hooks)
    ledger: str | None = None
    """File that gets a line for each billed call, absolute; None is no ledger."""

    def __attrs_post_init__(self) -> None:
        if self.headers or self.max_reply_bytes != _MOST_REPLY or self.max_upload_bytes is not None:
            from typedrun.settings.rules import check_settings

            sizes = {"max_reply_bytes": self.max_reply_bytes, "max_upload_bytes": self.max_upload_bytes}
            check_settings(self.headers, sizes)


def package_version() -> str:
    """The installed version of typedrun."""
    from importlib.metadata import PackageNotFoundError, version  # costs more to import than all else here

    try:
        return version("typedrun")
    except PackageNotFoundError:  # a source tree on the path
        return "0"


@lru_cache(maxsize=1)
def default_user_agent() -> str:
    """What requests say of themselves."""
    python = ".".join(map(str, sys.version_info[:3]))
    return f"typedrun/{package_version()} python/{python}"
