"""Which proxy a host is reached through: arguments, else the environment; resolved once and printable."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Mapping
from typing import Final

from typedrun.settings import Proxies, Settings

_SCHEMES: Final = ("http", "https", "all")
_WITH_SETTINGS: Final = ("darwin", "win32")
"""Platforms whose system settings have proxies."""


def find_proxies(settings: Settings, environment: Mapping[str, str]) -> Proxies:
    """The proxies of the settings, else those of the environment, else those of macOS or Windows."""
    if settings.proxies is not None:
        return settings.proxies
    if not settings.trust_env:
        return Proxies()
    found = read_proxies(environment)
    return found if found.by_scheme or sys.platform not in _WITH_SETTINGS else _read_system(found.no_proxy)


def _read_system(no_proxy: str) -> Proxies:
    from urllib.request import getproxies  # takes a while to import

    named = {"all" if scheme == "socks" else scheme: url for scheme, url in getproxies().items()}
    return Proxies({scheme: url for scheme, url in named.items() if scheme in _SCHEMES}, no_proxy, is_system=True)


def proxy_for(proxies: Proxies, scheme: str, host: str, port: int) -> str | None:
    """URL of the proxy, or None to go there directly."""
    url = proxies.by_scheme.get(scheme) or proxies.by_scheme.get("all")
    if not url or is_bypassed(host, port, proxies.no_proxy) or (proxies.is_system and _is_excepted(host)):
        return None
    return url if "://" in url else f"http://{url}"


def _is_excepted(host: str) -> bool:
    from urllib.request import proxy_bypass

    return bool(proxy_bypass(host))


def read_proxies(environment: Mapping[str, str]) -> Proxies:
    """Proxies from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, lower-case names first; an empty one switches off.

    `HTTP_PROXY` is not read inside a CGI process, where any client could set it by a `Proxy:` header.
    """

    def value(name: str) -> str:
        return environment.get(name.lower(), environment.get(name, ""))

    found = {scheme: value(f"{scheme.upper()}_PROXY") for scheme in _SCHEMES}
    if "REQUEST_METHOD" in environment:
        found["http"] = environment.get("http_proxy", "")
    return Proxies({scheme: url for scheme, url in found.items() if url}, value("NO_PROXY"))


def is_bypassed(host: str, port: int, no_proxy: str) -> bool:
    """Whether `no_proxy` names this host."""
    bare = host.strip("[]").rstrip(".").lower()
    address = _address(bare)
    entries = (entry.strip().lower() for entry in no_proxy.replace(" ", ",").split(","))
    return any(entry and _matches(entry, bare, port, address) for entry in entries)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _matches(entry: str, host: str, port: int, address: _Address | None) -> bool:
    if entry == "*":
        return True
    if address is not None and (network := _network(entry.strip("[]"))) is not None:
        return address in network
    name, separator, digits = entry.rpartition(":")
    if separator and digits.isdigit() and (":" not in name or name.endswith("]")):
        if int(digits) != port:
            return False
        return _matches(name, host, port, address)
    domain = entry.removeprefix("*").strip(".")
    return host == domain or host.endswith(f".{domain}")


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
