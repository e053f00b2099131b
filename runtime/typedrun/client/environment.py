"""Settings of a client: what it was told, else what the environment says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from typedrun.core.origins import checked_address, read_trusted_hosts
from typedrun.core.routes import Routes
from typedrun.marketplaces.variables import Addresses, Environment, said
from typedrun.records import evolve
from typedrun.settings import Settings, Timeout, secret_from_environment, secret_of

if TYPE_CHECKING:
    from typedrun.marketplaces.protocol import Marketplace
    from typedrun.settings import Hooks, Policy, Proxies
    from typedrun.settings.rules import Certificate


def read_settings(
    marketplace: Marketplace,
    routes: Routes | None,
    *,
    api_key: str | None,
    backend_url: str | None,
    model_url: str | None,
    timeout: float | Timeout | None,
    headers: Mapping[str, str] | None,
    trusted_hosts: tuple[str, ...] | list[str] | None,
    proxies: Proxies | None,
    ca_bundle: str | None,
    trust_env: bool,
    client_cert: Certificate | None,
    client_cert_password: str | None,
    max_reply_bytes: int | None,
    max_upload_bytes: int | None,
    retry: Policy | None,
    hooks: Hooks | None,
    ledger: str | os.PathLike[str] | None,
) -> tuple[Settings, Addresses]:
    """Read the settings of a client, and where it finds its marketplace. Arguments and errors are those of `Client`."""
    environment = marketplace.environment
    key = secret_of(api_key or "", environment.keys) or secret_from_environment(environment.keys)
    if not key:
        first, *others = environment.keys
        from typedrun.errors import ConfigurationError

        raise ConfigurationError(
            f"There is no API key. Next: pass api_key=, or set {first}"
            + (f" (or {', '.join(others)})" if others else "")
        )
    addresses = marketplace.addresses(routes, backend_url, model_url)
    addresses = evolve(
        addresses,
        backend_url=checked_address("backend_url", addresses.backend_url),
        run_url=checked_address("model_url", addresses.run_url),
        further=tuple(checked_address("a host of the marketplace", one) for one in addresses.further),
    )
    hosts = said(None, environment.trusted_hosts, "") if trusted_hosts is None else ",".join(trusted_hosts)
    limits = read_timeout(timeout, environment)
    options: dict[str, Any] = {"retry": retry, "hooks": hooks, "max_reply_bytes": max_reply_bytes}
    given = {name: value for name, value in options.items() if value is not None}
    if timeout is not None:
        given["run_timeout"] = limits.total
    settings = Settings(
        backend_url=addresses.backend_url,
        run_url=addresses.run_url,
        api_key=key,
        key_header=marketplace.key.header,
        key_prefix=marketplace.key.prefix,
        trusted_urls=read_trusted_hosts(hosts),
        timeout=limits,
        headers=dict(headers or {}),
        proxies=proxies,
        ca_bundle=ca_bundle,
        trust_env=trust_env,
        client_cert=None if client_cert is None else _paths(client_cert),
        client_cert_password=client_cert_password,
        max_upload_bytes=max_upload_bytes,
        ledger=None if ledger is None else os.path.abspath(ledger),  # noqa: PTH100  # links are followed when a line is written
        **given,
    )
    return settings, addresses


def _paths(given: Certificate) -> str | tuple[str, str]:
    from typedrun.settings.rules import read_paths

    return read_paths(given)


def read_timeout(timeout: float | Timeout | None, environment: Environment) -> Timeout:
    """Read the limits of a client: as it was told, else as the environment says."""
    if isinstance(timeout, Timeout):
        return timeout
    known = Timeout()
    connect = _seconds(environment.connect_timeout, known.connect)
    idle = _seconds(environment.idle_timeout, known.idle)
    return Timeout(connect=connect, idle=idle, total=known.total if timeout is None else timeout)


def _seconds(variable: str, default: float) -> float:
    if not said(None, variable, ""):
        return default
    from typedrun.settings.rules import read_seconds

    return read_seconds(variable, default)
