import pytest

from typedrun.drivers.proxies import is_bypassed, proxy_for, read_proxies
from typedrun.settings import Proxies


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
