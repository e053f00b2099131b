"""Which hosts are reached without a proxy, and the proxies of the system's settings. Imported where there is a proxy."""

from __future__ import annotations

import ipaddress

from typedrun.settings import Proxies


def read_system(no_proxy: str) -> Proxies:
    """Read the proxies of macOS or Windows; hosts that need none are those of `no_proxy` and of the system settings."""
    from urllib.request import getproxies  # takes a while to import

    named = {"all" if scheme == "socks" else scheme: url for scheme, url in getproxies().items()}
    return Proxies(
        {scheme: url for scheme, url in named.items() if scheme in {"http", "https", "all"}}, no_proxy, is_system=True
    )


def is_excepted(proxies: Proxies, host: str, port: int) -> bool:
    """Whether a host is reached without them."""
    if is_bypassed(host, port, proxies.no_proxy):
        return True
    if not proxies.is_system:
        return False
    from urllib.request import proxy_bypass  # takes a while to import

    return bool(proxy_bypass(host))


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
