"""Which proxy a host is reached through: arguments, else the environment; resolved once and printable."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from typedrun.settings import Proxies, Settings

SCHEMES: Final = ("http", "https", "all")
_WITH_SETTINGS: Final = ("darwin", "win32")
"""Platforms whose system settings have proxies."""


def find_proxies(settings: Settings, environment: Mapping[str, str]) -> Proxies:
    """Find the proxies of the settings, else those of the environment, else those of macOS or Windows."""
    if settings.proxies is not None:
        return settings.proxies
    if not settings.trust_env:
        return Proxies()
    found = read_proxies(environment)
    if found.by_scheme or sys.platform not in _WITH_SETTINGS:
        return found
    from typedrun.drivers.proxyrules import read_system

    return read_system(found.no_proxy)


def proxy_for(proxies: Proxies, scheme: str, host: str, port: int) -> str | None:
    """URL of the proxy, or None to go there directly."""
    url = proxies.by_scheme.get(scheme) or proxies.by_scheme.get("all")
    if not url:
        return None
    from typedrun.drivers.proxyrules import is_excepted

    if is_excepted(proxies, host, port):
        return None
    return url if "://" in url else f"http://{url}"


def read_proxies(environment: Mapping[str, str]) -> Proxies:
    """Read proxies from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, lower-case names first; an empty one switches off.

    `HTTP_PROXY` is not read inside a CGI process, where any client could set it by a `Proxy:` header.
    """

    def value(name: str) -> str:
        return environment.get(name.lower(), environment.get(name, ""))

    found = {scheme: value(f"{scheme.upper()}_PROXY") for scheme in SCHEMES}
    if "REQUEST_METHOD" in environment:
        found["http"] = environment.get("http_proxy", "")
    return Proxies({scheme: url for scheme, url in found.items() if url}, value("NO_PROXY"))
