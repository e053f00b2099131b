"""Replies, addresses and settings that are out of the ordinary: each is read as what it is, or refused by an error that says why."""

import copy
import json
import logging
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from attrs import evolve

from aixplain_models import Aixplain
from tests.faults.conftest import FaultServer
from typedrun import Hooks, errors
from typedrun.core.request import Auth, Kind, Request
from typedrun.drivers import urllib3_network
from typedrun.sending.driver import Driver
from typedrun.testing import Answer, ScriptedNetwork

GOOD = b'{"completed":true,"status":"SUCCESS","data":"fine"}'


def raw(data: bytes, *, close: bool = False) -> Callable[[Any], None]:
    def act(connection: Any) -> None:
        connection.read()
        connection.send(data)
        if close:
            connection.close()

    return act


def encoded(body: bytes, status: str = "200 OK", extra: bytes = b"", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n".encode()
    return head + extra + b"\r\n" + body


def run(driver: Driver, **controls: Any) -> bytes:
    request = Request("POST", f"{driver.settings.run_url}/x", body=b"{}", kind=Kind.UNSAFE, model="x")
    return driver.send(request, **controls).body


def get(driver: Driver, url: str = "") -> bytes:
    return driver.send(Request("GET", url or f"{driver.settings.backend_url}/x")).body


# --- complete answers


def test_a_billed_answer_with_hundreds_of_header_fields_is_read(server: FaultServer, driver: Driver) -> None:
    server.play(raw(encoded(GOOD, extra=b"".join(b"X-Trace-%d: y\r\n" % number for number in range(500)))))
    assert run(driver) == run(driver) == GOOD
    assert server.connections == 1


@pytest.mark.parametrize("closes", [True, False], ids=["closes", "stays open"])
@pytest.mark.parametrize("driver_class", ["blocking"], indirect=True)
@pytest.mark.parametrize("ending", [b"0\r\n", b"0\r\nX-Trailer: y\r\n"])
def test_a_billed_answer_without_the_last_line_of_its_chunks_is_read(
    server: FaultServer, driver: Driver, ending: bytes, closes: bool
) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.play(raw(head + b"%x\r\n%b\r\n" % (len(GOOD), GOOD) + ending, close=closes))
    assert run(driver) == GOOD
    assert run(driver) == GOOD
    assert server.connections == 2  # one that was left in the middle of a reply is not used again


@pytest.mark.parametrize("driver_class", ["asyncio"], indirect=True)
def test_aiohttp_does_not_take_an_answer_without_the_last_line_of_its_chunks(
    server: FaultServer, driver: Driver
) -> None:
    """Its parser tells of a body that is cut short and of one that lacks the empty line at its end in the same words."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.play(raw(head + b"%x\r\n%b\r\n0\r\n" % (len(GOOD), GOOD), close=True))
    with pytest.raises(errors.OutcomeUnknown, match="cut short"):
        run(driver)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
            "(a header line is longer|Got more) than 65536 bytes",
        ),
        (
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
            "(its header fields are longer than 307200 bytes|Too many headers)",
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "(it has no|Bad) status line"),
        (b"HTTP/1.1 abc\r\n\r\n", "(its first line has no status code|Bad status line: Invalid status code)"),
    ],
    ids=["line", "fields", "no HTTP", "no status"],
)
def test_a_refused_head_says_why(server: FaultServer, driver: Driver, data: bytes, why: str) -> None:
    server.play(raw(data, close=True))
    with pytest.raises(errors.OutcomeUnknown, match=f"not an HTTP reply: {why}"):
        run(driver)


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("ISO-8859-1", "latin-1"), ('"windows-1252"', "cp1252"), ("Shift_JIS; x=y", "shift_jis"), ("utf-16", "utf-16")],
)
def test_a_declared_charset_is_decoded_as_declared(server: FaultServer, codec: str, charset: str) -> None:
    text = "日本語" if codec in {"shift_jis", "utf-16"} else "café"
    body = json.dumps({"completed": True, "status": "SUCCESS", "data": text}, ensure_ascii=False).encode(codec)
    server.play(raw(encoded(body, kind=f"application/json; charset={charset}")))
    aix = Aixplain(api_key="canary-55e0", backend_url=server.url, model_url=f"{server.url}/api/v2/execute")
    assert aix.models.openai.gpt_5_4.run(text="Hello").data == text
    server.play(raw(encoded(f'{{"message":"{text}"}}'.encode(codec), "400 No", kind=f"text/plain; charset={charset}")))
    with pytest.raises(errors.InvalidRequestError, match=text):
        aix.models.openai.gpt_5_4.run(text="Hello")


@pytest.mark.parametrize(("codec", "text"), [("latin-1", "café"), ("cp1251", "привет"), ("utf-16", "日本語")])
def test_events_in_a_declared_charset_are_decoded_as_declared(server: FaultServer, codec: str, text: str) -> None:
    event = json.dumps({"data": text}, ensure_ascii=False)
    body = f"data: {event}\n\ndata: [DONE]\n\n".encode(codec)
    server.play(raw(encoded(body, kind=f"text/event-stream; charset={codec}")))
    aix = Aixplain(api_key="canary-55e1", backend_url=server.url, model_url=f"{server.url}/api/v2/execute")
    with aix.models.openai.gpt_5_4.run_stream(text="Hello") as stream:
        assert [chunk.data for chunk in stream if chunk.data] == [text]


@pytest.mark.parametrize("charset", ["klingon", "rot13", "ascii", "utf-16"])
def test_a_charset_that_does_not_fit_changes_nothing(server: FaultServer, driver: Driver, charset: str) -> None:
    server.play(raw(encoded(GOOD + b" ", kind=f"application/json; charset={charset}")))
    aix = Aixplain(api_key="canary-55e0", backend_url=server.url, model_url=f"{server.url}/api/v2/execute")
    if charset == "utf-16":  # every even number of bytes is some text in it
        with pytest.raises(errors.DecodingError):
            aix.models.openai.gpt_5_4.run(text="Hello")
    else:
        assert aix.models.openai.gpt_5_4.run(text="Hello").data == "fine"


# --- errors of the right class


@pytest.mark.parametrize(
    "location",
    [
        "http://[bad",
        "http://[::1",
        "//[",
        "http://a b/",
        "http:\\\\evil.example",
        "\\\\evil.example",
        "https://user@127.0.0.1/x",
        "http://x:99999999/",
    ],
)
def test_a_redirect_to_a_malformed_address_is_not_followed(server: FaultServer, driver: Driver, location: str) -> None:
    server.play(raw(encoded(b"", "302 Found", f"Location: {location}\r\n".encode())))
    with pytest.raises(errors.UntrustedURLError) as caught:
        get(driver)
    assert f"another origin, {server.url.removeprefix('http://')}" not in str(caught.value)
    with pytest.raises(errors.UntrustedURLError):
        run(driver)


@pytest.mark.parametrize(
    "after",
    [
        "Thu, 01 Jan 1970 00:00:00 +9999999999",
        "Thu, 01 Jan 1970 00:00:00 -99999999999999999999",
        "Mon, 31 Dec 9999 23:59:59 -2359",
        "Thu, 99 Foo 99999999999 99:99:99 GMT",
        "9" * 400,
        "nan",
    ],
)
def test_an_absurd_time_to_wait_says_nothing(after: str) -> None:
    dates = {"Retry-After": after, "Date": "Thu, 01 Jan 1970 00:00:00 +0000"}
    script = ScriptedNetwork(lambda _: Answer(status=503, json={}, headers=dates))
    client = Aixplain(api_key="test", transport=script, clock=script.clock)
    with pytest.raises(errors.ServerError):
        client.get_json("v2/models/x")


@pytest.mark.parametrize("depth", [500, 990, 5_000, 200_000])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_deep_nesting_is_an_error_of_ours(depth: int, status: int) -> None:
    deep = b'{"completed":true,"status":"FAILED","error":' + b"[" * depth + b"]" * depth + b"}"
    script = ScriptedNetwork(lambda _: Answer(status=status, body=deep, headers={"content-type": "application/json"}))
    client = Aixplain(api_key="test", transport=script, clock=script.clock)
    with pytest.raises(errors.TypedrunError):
        client.models.openai.gpt_5_4.run(text="Hello")


def test_an_address_that_is_none_is_an_error_of_ours(driver: Driver) -> None:
    for url in ("http://[bad/x", "nonsense", "ftp://a.example/x", "http://x:99999999/", "http:///x"):
        with pytest.raises(errors.TypedrunError):
            driver.send(Request("PUT", url, body=b"x", auth=Auth.NONE))


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 505, 506, 508, 511, 519, 520, 530, 531, 599])
def test_every_server_error_to_a_run_leaves_its_outcome_unknown(
    server: FaultServer, driver: Driver, status: int
) -> None:
    server.play(raw(encoded(b"{}", f"{status} Oops")))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        run(driver)
    assert caught.value.maybe_billed
    assert caught.value.status_code == status
    assert len(server.received) == 1


@pytest.mark.parametrize(("status", "tries"), [(500, 5), (501, 1), (505, 1), (511, 1), (520, 5), (531, 1), (599, 1)])
def test_reads_are_tried_again_where_that_may_help(status: int, tries: int) -> None:
    script = ScriptedNetwork(lambda _: Answer(status=status, json={}))
    client = Aixplain(api_key="test", transport=script, clock=script.clock)
    with pytest.raises(errors.ServerError) as caught:
        client.get_json("v2/models/x")
    assert not isinstance(caught.value, errors.OutcomeUnknown)
    assert len(script.received) == tries


def test_a_timeout_names_what_was_given_and_not_what_was_left(server: FaultServer, driver: Driver) -> None:
    server.play(raw(encoded(b"{}", "429 Slow", b"Retry-After: 0.3\r\n")), lambda connection: connection.wait(10))
    with pytest.raises(errors.TimeoutError, match=r"within the 0\.9 s given"):
        driver.send(Request("GET", f"{server.url}/x"), deadline=driver.deadline(0.9))


# --- secrets, copies, stand-ins


def test_no_log_line_shows_a_query(server: FaultServer, driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    server.play(raw(encoded(GOOD)))
    with caplog.at_level(logging.DEBUG):
        get(driver, f"{server.url}/x?X-Amz-Signature=s3cr3t&key=hunter2")
        driver.send(Request("PUT", f"{server.url}/y?sig=hunter2", body=b"x", auth=Auth.NONE))
    assert any("/x" in record.message for record in caplog.records)
    assert "s3cr3t" not in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copied_client_keeps_transport_clock_and_hooks(copied: Callable[[Aixplain], Aixplain]) -> None:
    heard = list[str]()
    script = ScriptedNetwork(lambda _: Answer(json={"completed": True, "status": "SUCCESS", "data": "scripted"}))
    hooks = Hooks(on_request=lambda request: heard.append(request.method))
    client = copied(Aixplain(api_key="test", transport=script, clock=script.clock, hooks=hooks))
    assert client.models.openai.gpt_5_4.run(text="Hello").data == "scripted"
    assert heard == ["POST"]
    assert client.driver.clock is script.clock


def test_a_stand_in_of_urllib3_is_refused_with_a_sentence(
    driver: Driver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urllib3_network, "version", "2.12.907")
    with pytest.raises(errors.ConfigurationError, match=r"urllib3-future 2\.12\.907.*uninstall urllib3-future"):
        get(Driver(settings))
    monkeypatch.setattr(urllib3_network, "version", version("urllib3"))
    assert isinstance(urllib3_network.connect(settings), urllib3_network.Network)


def test_clients_with_equal_settings_share_their_certificates(settings: Any) -> None:
    from typedrun.drivers.tls import tls_context

    assert tls_context(settings) is tls_context(evolve(settings, backend_url="https://other.example"))


@pytest.mark.parametrize(
    "length", [b"5\r\nContent-Length: 6", b"5, 6", b"9" * 5000], ids=["two fields", "a list", "5,000 digits"]
)
def test_a_length_that_cannot_be_is_an_unknown_outcome(server: FaultServer, driver: Driver, length: bytes) -> None:
    server.play(raw(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n" + GOOD, close=True))
    with pytest.raises(errors.OutcomeUnknown, match=r"(?i)length") as caught:
        run(driver)
    assert caught.value.maybe_billed
