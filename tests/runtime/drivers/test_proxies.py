import sys
import urllib.request

import pytest
from attrs import evolve

from typedrun.client import Client
from typedrun.drivers.proxies import find_proxies, proxy_for, read_proxies
from typedrun.drivers.proxyrules import is_bypassed
from typedrun.drivers.tls import find_ca_bundle
from typedrun.settings import Proxies, Settings


@pytest.mark.parametrize(
    ("host", "port", "no_proxy", "bypassed"),
    [
        ("models.example.com", 443, "", False),
        ("models.example.com", 443, "*", True),
        ("models.example.com", 443, "example.com", True),
        ("models.example.com", 443, ".example.com", True),
        ("models.example.com", 443, "*.example.com", True),
        ("example.com", 443, ".example.com", True),
        ("badexample.com", 443, "example.com", False),
        ("models.example.com", 443, "other.org, EXAMPLE.com", True),
        ("models.example.com", 443, "other.org example.com", True),
        ("models.example.com.", 443, "example.com", True),
        ("models.example.com", 8443, "example.com:8443", True),
        ("models.example.com", 443, "example.com:8443", False),
        ("10.1.2.3", 443, "10.0.0.0/8", True),
        ("11.1.2.3", 443, "10.0.0.0/8", False),
        ("10.1.2.3", 443, "10.1.2.3", True),
        ("10.1.2.3", 443, "10.1.2.3:443", True),
        ("10.1.2.3", 80, "10.1.2.3:443", False),
        ("10.1.2.3", 443, "10.1.2.0/33", False),
        ("10.example.com", 443, "10.0.0.0/8", False),
        ("[fd00::1]", 443, "fd00::/8", True),
        ("[fe80::1]", 443, "fd00::/8", False),
        ("[fd00::1]", 443, "[fd00::1]:443", True),
        ("[fd00::1]", 443, "10.0.0.0/8", False),
        ("localhost", 80, "", False),
    ],
)
def test_no_proxy_names_domains_ports_addresses_and_networks(
    host: str, port: int, no_proxy: str, bypassed: bool
) -> None:
    assert is_bypassed(host, port, no_proxy) is bypassed


def test_the_environment_is_read_lower_case_first() -> None:
    proxies = read_proxies(
        {
            "https_proxy": "http://low:1",
            "HTTPS_PROXY": "http://up:1",
            "HTTP_PROXY": "http://plain:1",
            "NO_PROXY": "local",
        }
    )
    assert proxy_for(proxies, "https", "x.example", 443) == "http://low:1"
    assert proxy_for(proxies, "http", "x.example", 80) == "http://plain:1"
    assert proxy_for(proxies, "http", "a.local", 80) is None


def test_all_proxy_stands_in_and_a_scheme_is_added() -> None:
    proxies = read_proxies({"ALL_PROXY": "proxy.example:3128"})
    assert proxy_for(proxies, "https", "x.example", 443) == "http://proxy.example:3128"


def test_a_cgi_process_does_not_take_its_proxy_from_a_request_header() -> None:
    environment = {"REQUEST_METHOD": "GET", "HTTP_PROXY": "http://evil.example:1"}
    assert proxy_for(read_proxies(environment), "http", "x.example", 80) is None


def test_credentials_of_a_proxy_are_not_shown() -> None:
    shown = repr(Proxies({"https": "http://user:hunter2@proxy.example:3128"}, "local"))
    assert "proxy.example:3128" in shown
    assert "hunter2" not in shown
    assert "user" not in shown


SETTINGS = Settings(backend_url="https://x.example", run_url="https://x.example")


@pytest.fixture
def with_system_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose settings name a proxy and an exception, as macOS and Windows tell it to Python."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(
        urllib.request,
        "getproxies",
        lambda: {"https": "http://office:8080", "socks": "socks://office:1080", "ftp": "x"},
    )
    monkeypatch.setattr(urllib.request, "proxy_bypass", "intranet".__eq__)


@pytest.mark.usefixtures("with_system_settings")
def test_the_system_settings_count_where_the_environment_names_no_proxy() -> None:
    proxies = find_proxies(SETTINGS, {"NO_PROXY": "local"})
    assert proxy_for(proxies, "https", "x.example", 443) == "http://office:8080"
    assert proxy_for(proxies, "http", "x.example", 80) == "socks://office:1080"
    assert proxy_for(proxies, "https", "intranet", 443) is None
    assert proxy_for(proxies, "https", "a.local", 443) is None
    named = find_proxies(SETTINGS, {"HTTPS_PROXY": "http://mine:1"})
    assert proxy_for(named, "https", "intranet", 443) == "http://mine:1"
    assert proxy_for(named, "http", "x.example", 80) is None


@pytest.mark.usefixtures("with_system_settings")
def test_without_trust_neither_environment_nor_system_settings_count() -> None:
    alone = evolve(SETTINGS, trust_env=False)
    assert find_proxies(alone, {"HTTPS_PROXY": "http://mine:1"}) == Proxies()
    assert find_ca_bundle(alone, {"SSL_CERT_FILE": "/ca.pem"}) is None
    assert find_ca_bundle(evolve(alone, ca_bundle="/own.pem"), {"SSL_CERT_FILE": "/ca.pem"}) == "/own.pem"


def test_a_client_is_told_whom_to_trust() -> None:
    assert Client(api_key="k").driver.settings.trust_env
    assert not Client(api_key="k", trust_env=False).driver.settings.trust_env
