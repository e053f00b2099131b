"""Every way in which a server or the way to it can misbehave, over real sockets."""

import gzip
import json
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import pytest
from attrs import evolve

from tests.faults.conftest import FaultServer
from tests.narrowing import present
from typedrun import errors
from typedrun.core.reply import decode_object
from typedrun.core.request import Auth, Kind, Request
from typedrun.job import Job
from typedrun.marketplaces.orders import Order
from typedrun.sending.driver import Driver
from typedrun.settings import Timeout
from typedrun.streaming import ModelResponseStreamer

pytestmark = pytest.mark.usefixtures("everything_is_logged")
Act = Callable[[Any], None]
GOOD = {"status": "SUCCESS", "completed": True, "data": "fine"}


def encoded(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    named = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def reply(value: object = GOOD, status: str = "200 OK", **headers: str) -> Act:
    return raw(encoded(json.dumps(value).encode(), status, **headers))


def raw(data: bytes, *, close: bool = False) -> Act:
    def act(connection: Any) -> None:
        connection.read()
        connection.send(data)
        if close:
            connection.close()

    return act


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", kind: str = "text/event-stream", close: bool = False) -> Act:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return raw(head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end, close=close)


def reset_before(connection: Any) -> None:
    connection.reset()


def reset_after(connection: Any) -> None:
    connection.read()
    connection.reset()


def close_after(connection: Any) -> None:
    connection.read()
    connection.close()


def half_open(connection: Any) -> None:
    connection.read()
    connection.wait(30)


def slow_headers(connection: Any) -> None:
    connection.read()
    connection.trickle(encoded(json.dumps(GOOD).encode(), X_Filler="x" * 1000))


def slow_body(connection: Any) -> None:
    connection.read()
    body = json.dumps(GOOD | {"filler": "x" * 1000}).encode()
    connection.send(encoded(body)[: -len(body)])
    connection.trickle(body)


def get(driver: Driver) -> dict[str, Any]:
    request = Request("GET", f"{driver.settings.backend_url}/v2/models/x", model="x")
    return decode_object(driver.send(request))


def run(driver: Driver, **controls: Any) -> Any:
    request = Request("POST", f"{driver.settings.run_url}/x", body=b'{"text":"hi"}', kind=Kind.UNSAFE, model="x")
    reply = driver.send(request, **controls)
    return Job[Any](driver, driver.wire.started(Order(model="x", body={}, label="x", waits=False), reply), label="x")


def stream(driver: Driver) -> ModelResponseStreamer:
    request = Request(
        "POST", f"{driver.settings.run_url}/x", body=b"{}", kind=Kind.UNSAFE, accept="text/event-stream", model="x"
    )
    return ModelResponseStreamer(driver.open_stream(request))


CUT_CHUNK = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"status":'
# Ends a try without a usable reply: a read goes on, a run that was sent does not.
LOST: dict[str, Act] = {
    "reset after the request": reset_after,
    "closed after the request": close_after,
    "half-open": half_open,
    "cut chunk": raw(CUT_CHUNK, close=True),
    "missing last chunk": chunked(b'{"completed":true}', end=b"", kind="application/json", close=True),
    "chunk size that is no number": raw(CUT_CHUNK.replace(b"20\r\n", b"zz\r\n"), close=True),
    "wrong length": raw(encoded(b"{}", Content_Length="99"), close=True),
    "garbage status line": raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", close=True),
    "status that is no number": raw(b"HTTP/1.1 abc OK\r\n\r\n", close=True),
    "header line of 100 KB": raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", close=True),
    "headers of 600 KB": raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n", close=True),
    "interim replies for ever": raw(b"HTTP/1.1 102 Processing\r\n\r\n" * 200, close=True),
    "broken gzip": raw(encoded(b"this is not gzip", Content_Encoding="gzip")),
    "cut gzip": raw(
        encoded(gzip.compress(b"x" * 9999)[:30], Content_Encoding="gzip", Content_Length="999"), close=True
    ),
    "502 page": raw(encoded(b"<html>Bad Gateway</html>", "502 Bad Gateway", Content_Type="text/html")),
    "500": reply({"message": "kaputt"}, "500 Oops"),
    "504": reply({}, "504 Gateway Timeout"),
}


@pytest.mark.parametrize("act", LOST.values(), ids=LOST)
def test_a_read_survives(server: FaultServer, driver: Driver, act: Act) -> None:
    server.play(act, reply())
    assert get(driver) == GOOD


@pytest.mark.parametrize("act", LOST.values(), ids=LOST)
def test_a_run_is_received_once_and_its_outcome_is_unknown(server: FaultServer, driver: Driver, act: Act) -> None:
    server.play(act, reply())
    with pytest.raises(errors.OutcomeUnknown) as caught:
        run(driver)
    assert len(server.received) == 1
    assert caught.value.maybe_billed
    assert "canary" not in repr(caught.value) + repr(caught.value.__cause__)


@pytest.mark.parametrize("act", LOST.values(), ids=LOST)
def test_the_next_request_after_a_loss_finds_a_clean_connection(server: FaultServer, driver: Driver, act: Act) -> None:
    server.play(act, reply())
    with pytest.raises(errors.OutcomeUnknown):
        run(driver)
    assert run(driver).result().data == "fine"


@pytest.mark.parametrize(
    "acts",
    [
        [reply({}, "429 Slow Down"), reply()],
        [reply({}, "429 Slow Down", Retry_After="0"), reply()],
        [
            reply({}, "429 Slow Down", Retry_After=formatdate(1e9 + 1, usegmt=True), Date=formatdate(1e9, usegmt=True)),
            reply(),
        ],
        [reply({}, "497 Rate Limit"), reply()],
        [reply({}, "503 Busy", Retry_After="0.1"), reply()],
    ],
    ids=["429", "429 seconds", "429 date", "497", "503 then fine"],
)
def test_a_run_that_was_not_executed_is_sent_again(server: FaultServer, driver: Driver, acts: list[Act]) -> None:
    server.play(*acts)
    assert run(driver).result().data == "fine"


def test_a_reset_before_the_request_costs_a_read_nothing(server: FaultServer, driver: Driver) -> None:
    server.play(reset_before, reply())
    assert get(driver) == GOOD


def test_a_reset_before_the_request_never_runs_it_twice(server: FaultServer, driver: Driver) -> None:
    """Whether the kernel had taken the request when the reset came is a race; both ends of it are right."""
    server.play(reset_before, reset_before, reply())
    try:
        assert run(driver).result().data == "fine"
    except errors.OutcomeUnknown:
        assert server.received == []


def test_nobody_listening_is_a_transport_error_after_some_tries(server: FaultServer, driver: Driver) -> None:
    server.stop()
    with pytest.raises(errors.TransportError, match="connection refused") as caught:
        run(driver)
    assert len(caught.value.attempts) == 5
    assert isinstance(caught.value, ConnectionError)
    assert caught.value.is_retry_safe


def test_an_unknown_host_is_a_transport_error(driver_class: type[Driver], driver: Driver) -> None:
    lost = driver_class(evolve(driver.settings, backend_url="http://nowhere.invalid"), roll=lambda: 0.0)
    with pytest.raises(errors.TransportError, match=r"nowhere\.invalid.*cannot be resolved"):
        get(lost)


# --- replies that are none

NO_JSON: dict[str, tuple[Act, str]] = {
    "invalid JSON": (raw(encoded(b'{"status": "SUCC')), "not JSON"),
    "HTML page": (raw(encoded(b"<html><h1>Sign in</h1></html>", Content_Type="text/html")), "Sign in"),
    "204": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), "no body"),
    "a list": (reply([1, 2]), "not an object"),
    "nothing": (raw(encoded(b"")), "no body"),
}


@pytest.mark.parametrize(("act", "words"), NO_JSON.values(), ids=NO_JSON)
def test_a_reply_that_is_no_json_object_is_a_decoding_error(
    server: FaultServer, driver: Driver, act: Act, words: str
) -> None:
    server.play(act)
    with pytest.raises(errors.DecodingError, match=words) as caught:
        run(driver)
    assert len(server.received) == 1
    assert not caught.value.is_retry_safe


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b'{"completed":true,"data":"caf\xe9"}', "caf�"),
        (b'\xef\xbb\xbf{"completed":true,"data":"bom"}', "bom"),
        (b'{"completed":true,"data":"x","usedCredits":NaN,"usage":{"total_tokens":NaN}}', "x"),
    ],
    ids=["invalid UTF-8", "byte order mark", "NaN"],
)
def test_odd_bytes_do_not_fail_a_run(server: FaultServer, driver: Driver, body: bytes, data: str) -> None:
    server.play(raw(encoded(body)))
    assert run(driver).result().data == data


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_interim_replies_are_skipped(server: FaultServer, driver: Driver, interim: bytes) -> None:
    hint = b"HTTP/1.1 " + interim + b"\r\nLink: </x>\r\n\r\n"
    server.play(raw(hint * 3 + encoded(json.dumps(GOOD).encode())))
    assert get(driver) == get(driver) == GOOD
    assert server.connections == 1


@pytest.mark.parametrize("ending", ["chunked", "length", "close"])
def test_every_framing_is_read_to_its_end(server: FaultServer, driver: Driver, ending: str) -> None:
    body = json.dumps(GOOD | {"filler": "x" * 200_000}).encode()
    acts = {
        "chunked": chunked(body[:10], body[10:70_000], body[70_000:], kind="application/json"),
        "length": raw(encoded(body)),
        "close": raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body, close=True),
    }
    server.play(acts[ending])
    assert get(driver)["filler"] == "x" * 200_000


def test_gzip_is_asked_for_and_read(server: FaultServer, driver: Driver) -> None:
    server.play(raw(encoded(gzip.compress(json.dumps(GOOD).encode()), Content_Encoding="gzip")))
    assert get(driver) == GOOD
    assert server.received[0].headers["accept-encoding"] == "gzip"


def test_a_gzip_bomb_is_stopped_at_the_size_limit(
    driver_class: type[Driver], server: FaultServer, settings: Any
) -> None:
    bomb = gzip.compress(b"\0" * (64 * 2**20))
    server.play(raw(encoded(bomb, Content_Encoding="gzip")))
    with pytest.raises(errors.DecodingError, match="1048576 bytes"):
        get(driver_class(evolve(settings, max_reply_bytes=2**20)))


def test_a_line_of_64_mib_is_stopped_at_the_size_limit(
    driver_class: type[Driver], server: FaultServer, settings: Any
) -> None:
    def endless(connection: Any) -> None:
        connection.read()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(1024):
            connection.send(b"x" * 65536)

    server.play(endless)
    with pytest.raises(errors.DecodingError, match="longer than 1048576 bytes"):
        get(driver_class(evolve(settings, max_reply_bytes=2**20)))


# --- redirects


def test_a_redirect_within_the_origin_is_followed(server: FaultServer, driver: Driver) -> None:
    server.play(reply({}, "302 Found", Location="/there"), reply())
    assert get(driver) == GOOD
    assert [seen.target for seen in server.received] == ["/v2/models/x", "/there"]
    assert server.connections == 1


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_elsewhere_is_not_followed(server: FaultServer, driver: Driver, status: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        elsewhere = f"http://127.0.0.1:{other.getsockname()[1]}/steal"
        server.play(reply({}, status, Location=elsewhere))
        with pytest.raises(errors.UntrustedURLError, match=r"127\.0\.0\.1"):
            get(driver)
        with pytest.raises(errors.UntrustedURLError):
            run(driver)
        other.settimeout(0.05)
        with pytest.raises(TimeoutError):
            other.accept()


# --- polling

STARTED = {"status": "IN_PROGRESS", "data": "api/v1/data/job-1", "requestId": "r-1"}
PENDING = {"completed": False}


@pytest.mark.parametrize(
    "acts",
    [
        [reply(PENDING), reply(PENDING)],
        [reply({"message": "not found"}, "404 Not Found")],
        [reset_after],
        [reply({}, "500 Oops"), reply({}, "502 Bad Gateway")],
        [raw(encoded(b"<html>maintenance</html>", Content_Type="text/html"))],
        [raw(CUT_CHUNK, close=True)],
        [half_open],
        [reply({}, "429 Slow", Retry_After="0.1")],
    ],
    ids=["pending", "404 once", "reset", "5xx", "HTML page", "cut", "half-open", "429"],
)
def test_a_job_survives_what_passes(server: FaultServer, driver: Driver, acts: list[Act]) -> None:
    server.play(reply(STARTED), *acts, reply(GOOD))
    result = run(driver).wait(timeout=8, wait_time=0.2)
    assert (result.data, result.request_id) == ("fine", "r-1")
    assert [seen.method for seen in server.received].count("POST") == 1


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (reply({"message": "key expired"}, "401 Unauthorized"), errors.AuthenticationError, "key expired"),
        (
            reply({"status": "FAILED", "completed": True, "error_message": "no voice"}),
            errors.OperationFailedError,
            "no voice",
        ),
        (reply({"completed": True, "error": "err.x", "supplierError": "quota"}), errors.OperationFailedError, "quota"),
    ],
    ids=["401", "FAILED", "old-style failure"],
)
def test_a_job_ends_at_once_with_what_was_decided(
    server: FaultServer, driver: Driver, act: Act, error: type[errors.TypedrunError], words: str
) -> None:
    server.play(reply(STARTED), act)
    with pytest.raises(error, match=words):
        run(driver).wait(timeout=8)
    assert len(server.received) == 2


def test_an_endless_job_is_a_timeout_that_carries_it(
    server: FaultServer, driver: Driver, stopwatch: Callable[[], float]
) -> None:
    server.play(reply(STARTED), reply(PENDING))
    with pytest.raises(errors.TimeoutError) as caught:
        run(driver).wait(timeout=1.0, wait_time=0.2)
    assert stopwatch() < 2.0
    job = present(caught.value.job)
    assert (job.id, job.status, job.completed) == ("job-1", "IN_PROGRESS", False)
    server.play(reply(GOOD))
    assert job.wait().data == "fine"


def test_a_trickling_poll_ends_with_the_budget(
    server: FaultServer, driver: Driver, stopwatch: Callable[[], float]
) -> None:
    server.play(reply(STARTED), slow_body)
    with pytest.raises(errors.TimeoutError):
        run(driver).wait(timeout=0.8, wait_time=0.2)
    assert stopwatch() < 1.5


def test_a_foreign_poll_url_is_refused_before_a_socket_opens(server: FaultServer, driver: Driver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server.play(reply(STARTED | {"data": f"http://127.0.0.1:{port}/api/v1/data/job-1"}))
        with pytest.raises(errors.UntrustedURLError, match=rf"127\.0\.0\.1:{port}"):
            run(driver).wait()
        other.settimeout(0.05)
        with pytest.raises(TimeoutError):
            other.accept()


# --- streams

TOKEN = b'data: {"data":"tok"}\n\n'
DONE = b"data: [DONE]\n\n"


def test_a_whole_stream_leaves_its_connection_for_the_next_request(server: FaultServer, driver: Driver) -> None:
    server.play(chunked(TOKEN, TOKEN, DONE), reply())
    assert [chunk.data for chunk in stream(driver)] == ["tok", "tok"]
    assert get(driver) == GOOD
    assert server.connections == 1
    assert server.received[0].headers["accept-encoding"] == "identity"


def test_an_event_is_delivered_when_its_bytes_are_there(server: FaultServer, driver: Driver) -> None:
    for head in (b"Connection: close\r\n\r\n", b"Content-Length: 5000\r\n\r\n"):

        def pausing(connection: Any, head: bytes = head) -> None:
            connection.read()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + head + TOKEN)
            connection.wait(0.9)

        server.play(pausing)
        with stream(driver) as events:
            assert next(events).data == "tok"  # a reader that waits for a full block would meet the idle limit


BROKEN_STREAMS: dict[str, Act] = {
    "cut mid-frame": chunked(TOKEN, b'data: {"da', end=b"", close=True),
    "clean end without terminator": chunked(TOKEN),
    "end of a reply framed by its close": raw(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + TOKEN, close=True
    ),
    "error frame": chunked(TOKEN, b'data: {"error":"supplier is down"}\n\n'),
    "failed envelope": chunked(TOKEN, b'data: {"status":"FAILED","error_message":"no"}\n\n', DONE),
    "silence": chunked(TOKEN, end=b""),
}


@pytest.mark.parametrize("act", BROKEN_STREAMS.values(), ids=BROKEN_STREAMS)
def test_a_broken_stream_never_looks_whole(server: FaultServer, driver: Driver, act: Act) -> None:
    server.play(act, reply())
    came = list[str]()
    with pytest.raises(errors.TypedrunError), stream(driver) as events:
        came.extend(chunk.data for chunk in events)
    assert len(server.received) == 1
    assert get(driver) == GOOD


def test_closing_a_stream_early_frees_its_connection_at_once(
    server: FaultServer, driver: Driver, stopwatch: Callable[[], float]
) -> None:
    gone = list[bool]()

    def watching(connection: Any) -> None:
        chunked(TOKEN, end=b"")(connection)
        gone.append(connection.socket.recv(1) == b"")

    server.play(watching)
    with stream(driver) as events:
        next(events)
    while not gone and stopwatch() < 1:
        pass
    assert gone == [True]


def test_closing_a_silent_stream_from_another_thread_wakes_its_reader(
    server: FaultServer, settings: Any, stopwatch: Callable[[], float]
) -> None:
    server.play(chunked(TOKEN, end=b""))
    events = stream(Driver(evolve(settings, timeout=Timeout(idle=30))))
    assert next(events).data == "tok"
    threading.Timer(0.2, events.close).start()
    with pytest.raises(errors.StreamInterrupted) as caught:
        next(events)
    assert caught.value.outcome == "cancelled"
    assert stopwatch() < 2


def test_a_line_of_64_mib_does_not_fill_the_memory(server: FaultServer, driver: Driver) -> None:
    def endless(connection: Any) -> None:
        connection.read()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: ")
        for _ in range(1024):
            connection.send(b"x" * 65536)

    server.play(endless)
    with pytest.raises(errors.TypedrunError), stream(driver) as events:
        list(events)


@pytest.mark.parametrize(
    "headers",
    [{"X-Own": "line\nbreak canary-55e0"}, {"X-Own": "canary-55e0 \u2028"}, {"X-Own: canary-55e0\r\nX-Other": "x"}],
)
def test_a_header_that_cannot_be_sent_is_an_error_that_does_not_quote_it(
    server: FaultServer, driver: Driver, headers: dict[str, str]
) -> None:
    with pytest.raises(errors.TransportError, match="characters that cannot be sent") as caught:
        driver.send(Request("GET", f"{server.url}/x", headers=headers))
    assert len(caught.value.attempts) == 1
    assert "canary" not in "".join(traceback.format_exception(caught.value))
    assert server.received == []


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_the_host_is_asked_for_by_its_address_and_port(driver: Driver, address: str) -> None:
    family, host = (socket.AF_INET6, f"[{address}]") if ":" in address else (socket.AF_INET, address)
    try:
        faults = FaultServer(socket.create_server((address, 0), family=family))
    except OSError:
        pytest.skip("this machine has no such addresses")
    thread = threading.Thread(target=faults.serve, daemon=True)
    thread.start()
    faults.play(reply())
    asked = f"{host}:{faults.listener.getsockname()[1]}"
    driver.send(Request("GET", f"http://{asked}/x", auth=Auth.NONE))
    faults.stop()
    thread.join(5)
    assert [seen.headers["host"] for seen in faults.received] == [asked]


@pytest.mark.parametrize("url", ["http://[bad/x", "http:///x", "http://a:port/x", "nonsense"])
def test_an_address_that_is_none_is_tried_once(driver: Driver, url: str) -> None:
    with pytest.raises(errors.TransportError, match="the address is malformed") as caught:
        driver.send(Request("GET", url, auth=Auth.NONE))
    assert len(caught.value.attempts) == 1


@pytest.mark.parametrize(("method", "length"), [("GET", None), ("DELETE", None), ("POST", "0")])
def test_a_header_may_hold_tabs_and_letters_of_latin_1_and_a_length_where_one_is_due(
    server: FaultServer, driver: Driver, method: str, length: str | None
) -> None:
    server.play(reply())
    driver.send(Request(method, f"{server.url}/x", headers={"X-Own": "a\tb é"}))
    (seen,) = server.received
    assert (seen.headers["x-own"], seen.headers.get("content-length")) == ("a\tb é", length)


def test_a_stream_that_is_refused_raises_the_backends_error(server: FaultServer, driver: Driver) -> None:
    server.play(reply({"message": "no credits left"}, "402 Payment Required"))
    with pytest.raises(errors.BillingError, match="no credits left"):
        stream(driver)


# --- limits


def slow_chunks(connection: Any) -> None:
    connection.read()
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.trickle(b"1\r\nx\r\n" * 1000)


def long_chunk_size(connection: Any) -> None:
    connection.read()
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.trickle(b"0" * 1000)


def slow_close_framed(connection: Any) -> None:
    connection.read()
    connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    connection.trickle(b"x" * 1000)


TRICKLES = [slow_headers, slow_body, slow_chunks, long_chunk_size, slow_close_framed]


@pytest.mark.parametrize("act", TRICKLES, ids=lambda act: act.__name__)
def test_the_deadline_holds_against_a_trickle(
    server: FaultServer, driver: Driver, act: Act, stopwatch: Callable[[], float]
) -> None:
    server.play(act)
    with pytest.raises(errors.TimeoutError):
        run(driver, deadline=driver.deadline(0.5))
    assert 0.45 <= stopwatch() < 0.5 + 0.25  # the contract is 50 ms; the rest is for a busy machine


def test_silence_ends_with_the_idle_limit(
    driver_class: type[Driver], server: FaultServer, settings: Any, stopwatch: Callable[[], float]
) -> None:
    server.play(half_open)
    with pytest.raises(errors.TimeoutError):
        driver_class(evolve(settings, timeout=Timeout(idle=0.3))).send(Request("GET", f"{server.url}/x"), retries=0)
    assert 0.25 <= stopwatch() < 0.8


def test_a_peer_that_reads_nothing_does_not_hold_an_upload(
    server: FaultServer, driver: Driver, stopwatch: Callable[[], float]
) -> None:
    server.play(lambda connection: connection.wait(5))
    request = Request("POST", f"{driver.settings.run_url}/x", body=b"x" * 50_000_000, kind=Kind.UNSAFE)
    with pytest.raises(errors.TimeoutError):
        driver.send(request, deadline=driver.deadline(0.6))
    assert stopwatch() < 4  # the peer holds the connection for five


# --- connections


def close_later(connection: Any) -> None:
    reply()(connection)
    connection.close()


def test_a_connection_that_the_server_closed_costs_no_run(server: FaultServer, driver: Driver) -> None:
    server.play(close_later)
    for _ in range(5):
        assert run(driver).result().data == "fine"
        driver.sleep(0.02)  # the FIN arrives
    assert server.connections == 5


@pytest.mark.parametrize("act", [reset_after, close_after], ids=["reset", "closed"])
def test_a_used_connection_that_ends_after_the_request_is_an_unknown_outcome(
    server: FaultServer, driver: Driver, act: Act
) -> None:
    server.play(reply(), act, reply())
    run(driver)
    with pytest.raises(errors.OutcomeUnknown):
        run(driver)
    assert [seen.connection for seen in server.received] == [1, 1]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which bytes the peer has acknowledged")
def test_a_connection_that_the_server_closes_at_the_same_moment_costs_no_run(
    server: FaultServer, driver: Driver
) -> None:
    """Its FIN and the request cross. A reset stays unknown: the server's kernel may have had the request."""
    server.play(close_later)
    unknown = list[str]()
    for _ in range(300):
        try:
            run(driver)
        except errors.OutcomeUnknown as error:
            unknown.append(str(error))
    assert all("connection reset" in message for message in unknown)
    assert len(server.received) == 300 - len(unknown)


def test_connections_are_kept_and_replaced_by_idle_and_age_limits(
    driver_class: type[Driver], server: FaultServer, settings: Any
) -> None:
    server.play(reply())
    strict = driver_class(evolve(settings, keep_alive_for_runs=0.05, connection_age=0.3))
    for _ in range(3):
        run(strict)
    assert server.connections == 1
    strict.sleep(0.1)
    get(strict)  # a read may still use it
    assert server.connections == 1
    strict.sleep(0.1)
    run(strict)
    assert server.connections == 2
    strict.sleep(0.31)
    get(strict)
    assert server.connections == 3


def test_a_run_leaves_in_one_packet(server: FaultServer, driver: Driver) -> None:
    """Head and body together: half the system calls, and no wait for an acknowledgement between them."""
    first = list[bytes]()

    def once(connection: Any) -> None:
        first.append(connection.socket.recv(65536))
        connection.send(encoded(json.dumps(GOOD).encode()))

    server.play(once)
    run(driver)
    assert first[0].startswith(b"POST /api/v2/execute/x HTTP/1.1\r\n")
    assert first[0].endswith(b'\r\n\r\n{"text":"hi"}')


@pytest.mark.parametrize("size", [0, 1, 16_384, 16_385, 5_000_000])
def test_bodies_of_every_size_arrive_whole(server: FaultServer, driver: Driver, size: int) -> None:
    server.play(reply())
    driver.send(Request("POST", f"{driver.settings.run_url}/x", body=b"x" * size))
    assert server.received[0].body == b"x" * size


def test_a_closed_driver_opens_new_connections_when_used_again(server: FaultServer, driver: Driver) -> None:
    server.play(reply())
    get(driver)
    driver.close()
    get(driver)
    assert server.connections == 2


def test_importing_and_constructing_open_nothing(
    driver_class: type[Driver], server: FaultServer, settings: Any
) -> None:
    driver_class(settings)
    assert server.connections == 0
