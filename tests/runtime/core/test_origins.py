import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedrun.core import origins
from typedrun.core.hostile import is_same_origin
from typedrun.core.origins import checked_address, origin_of, read_trusted_hosts, trust
from typedrun.errors import ConfigurationError
from typedrun.marketplaces.aixplain.polls import is_hostile_place, is_poll_url, resolve_poll_url

BACKEND, RUN = "https://platform.example.com", "https://models.example.com/api/v2/execute"
ORIGINS = trust([BACKEND, RUN, "http://127.0.0.1:8080/api"])


@pytest.mark.parametrize(
    "url",
    [
        "https://platform.example.com/v2/models",
        "https://PLATFORM.example.com/v2/models",
        "https://platform.example.com:443/",
        "https://platform.example.com./",
        "https://models.example.com/api/v1/data/x?y=1",
        "http://127.0.0.1:8080/anything",
    ],
)
def test_configured_origins_are_trusted_in_every_spelling(url: str) -> None:
    assert ORIGINS.trusts(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example.com/",
        "https://platform.example.com:8443/",
        "https://example.com/",
        "https://evil-platform.example.com/",
        "https://platform.example.com.evil.example/",
        "https://user:password@platform.example.com/",
        "https://platform.example.com@evil.example/",
        "https://evil.example\\@platform.example.com/",
        "https://evil.example#@platform.example.com/",
        "https://platform.example.com\t.evil.example/",
        "https://platform.example.com\r\nHost: evil.example/",
        " https://platform.example.com/",
        "https://platform.example.com:port/",
        "https://[::1/",
        "https:///v2/models",
        "ftp://platform.example.com/",
        "//platform.example.com/",
        "platform.example.com/v2",
        "https://platform%2eexample.com/",
        "https://platforｍ.example.com/",
        "",
    ],
)
def test_everything_else_is_not(url: str) -> None:
    assert not ORIGINS.trusts(url)


def test_an_origin_has_one_spelling() -> None:
    assert origin_of("HTTPS://Example.COM/a?b#c") == "https://example.com:443"
    assert origin_of("http://[::1]:80/") == "http://[::1]:80"
    assert is_same_origin("https://a.example/x", "https://a.example:443/y")
    assert not is_same_origin("https://a.example/x", "http://a.example/x")
    assert not is_same_origin("nonsense", "nonsense")


@pytest.mark.parametrize(
    "url", ["https://a.example/x?y=1", "https://a.example/x#y", "https://me@a.example/x", "a.example", ""]
)
def test_an_address_of_a_backend_holds_nothing_but_an_address(url: str) -> None:
    assert checked_address("backend_url", "https://a.example/x/") == "https://a.example/x"
    with pytest.raises(ConfigurationError, match=r"backend_url must be an http\(s\) address without user, query and"):
        checked_address("backend_url", url)


def test_trusted_hosts_are_read_and_bad_entries_dropped() -> None:
    text = "models.example.com, gateway.example.com:8443,http://10.0.0.5:8080/x,,user@bad.example,ftp://x, a b"
    assert read_trusted_hosts(text) == (
        "https://models.example.com",
        "https://gateway.example.com:8443",
        "http://10.0.0.5:8080/x",
    )


@pytest.mark.parametrize(
    "text",
    [
        "https://models.example.com/api/v1/data/a90c2078-edfe",
        "https://models.example.com/api/v2/data/a90c2078-edfe",
        "/api/v1/data/abc_DEF-1",
        "api/v1/data/abc",
        "https://platform.example.com/sdk/models/abc",
        "https://platform.example.com/sdk/models/abc/result",
        "sdk/runs/abc/result?x=1",
        "https://models.example.com/api/v1/data/abc#frag",
    ],
)
def test_poll_addresses_are_recognised(text: str) -> None:
    assert is_poll_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://platform.example.com/sdk/agents/abc/result",
        "https://example.com/generated-image.jpeg",
        "some-poll-id-not-a-url",
        "https://models.example.com/api/v1/data/",
        "https://models.example.com/api/v1/data/abc/",
        "https://models.example.com/api/v1/data/abc/result",
        "https://models.example.com/x/api/v1/data/abc",
        "ftp://models.example.com/api/v1/data/abc",
        "https:api/v1/data/abc",
        "//models.example.com/api/v1/data/abc",
        "api/v1/data/äbc",
        "a story about api/v1/data/abc",
        "http://[bad/api/v1/data/abc",
    ],
)
def test_other_texts_are_not_poll_addresses(text: str) -> None:
    assert not is_poll_url(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://models.example.com/api/v1/data/x", "https://models.example.com/api/v1/data/x"),
        ("api/v1/data/x", "https://models.example.com/api/v1/data/x"),
        ("/api/v2/data/x", "https://models.example.com/api/v2/data/x"),
        ("sdk/runs/x/result", "https://platform.example.com/sdk/runs/x/result"),
        ("/sdk/runs/x", "https://platform.example.com/sdk/runs/x"),
        ("a90c2078-edfe", "https://models.example.com/api/v1/data/a90c2078-edfe"),
        ("//evil.example/api/v1/data/x", "//evil.example/api/v1/data/x"),
    ],
)
def test_relative_poll_addresses_belong_to_the_host_that_serves_them(text: str, url: str) -> None:
    assert resolve_poll_url(text, backend_url=BACKEND, run_url=RUN) == url


@pytest.mark.parametrize(
    "text", ["..//evil.example/x", "\\\\evil.example", "https:evil.example", "javascript:alert(1)"]
)
def test_no_relative_address_leads_to_a_foreign_origin(text: str) -> None:
    url = resolve_poll_url(text, backend_url=BACKEND, run_url=RUN)
    assert origin_of(url or "") in {None, "https://platform.example.com:443", "https://models.example.com:443"}


GATEWAY = "https://gate.example.com/aix"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("token-1", "https://gate.example.com/run/api/v1/data/token-1"),
        ("api/v1/data/token-1", "https://gate.example.com/run/api/v1/data/token-1"),
        ("/api/v2/data/token-1", "https://gate.example.com/run/api/v2/data/token-1"),
        ("/run/api/v1/data/token-1", "https://gate.example.com/run/api/v1/data/token-1"),
        ("sdk/runs/x/result", "https://gate.example.com/aix/sdk/runs/x/result"),
        ("/sdk/runs/x/result", "https://gate.example.com/aix/sdk/runs/x/result"),
        ("/aix/sdk/runs/x/result", "https://gate.example.com/aix/sdk/runs/x/result"),
        ("https://gate.example.com/elsewhere", "https://gate.example.com/elsewhere"),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_relative_addresses_keep_the_prefix_of_a_gateway(text: str, url: str, slash: str) -> None:
    run_url = f"https://gate.example.com/run/api/v2/execute{slash}"
    assert resolve_poll_url(text, backend_url=GATEWAY + slash, run_url=run_url) == url


@pytest.mark.parametrize(
    ("text", "hostile"),
    [
        ("https://evil.example\\@models.example.com/api/v1/data/x", True),
        ("https://user:pw@models.example.com/api/v1/data/x", True),
        ("api/v1/data/x\n", True),
        ("\\\\evil.example\\x", True),
        ("https:\\evil.example\\x", True),
        ("https://models.example.com/api/v1/data/x", False),
        ("https://cdn.example.com/picture.png", False),
        ("Once upon a time\nthere was", False),
        ("C:\\pictures\\a.png", False),
        ("s3://bucket/key", False),
        ("some-token", False),
    ],
)
def test_an_address_that_may_lead_elsewhere_is_known(text: str, hostile: bool) -> None:
    assert is_hostile_place(text) is hostile


@given(
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", "//", ""]),
    st.text("ab.-_A:@[]0159", max_size=12),
    st.text("/?#ab:@", max_size=4),
)
def test_the_quick_way_says_of_every_address_what_the_careful_one_says(scheme: str, place: str, rest: str) -> None:
    never = re.compile("(?!)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(origins, "_PLAIN", never)
        careful = origin_of.__wrapped__(scheme + place + rest)
    assert origin_of.__wrapped__(scheme + place + rest) == careful
