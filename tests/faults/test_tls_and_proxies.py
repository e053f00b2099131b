"""Certificates and proxies, over real sockets."""

import base64
import os
import shutil
import socket
import ssl
import subprocess
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.faults.conftest import DriverOnALoop, FaultServer
from tests.narrowing import present
from typedrun import errors
from typedrun.core.request import Kind, Request
from typedrun.sending.driver import Driver
from typedrun.settings import Proxies, Settings, Timeout
from typedrun.streaming import ModelResponseStreamer

pytestmark = pytest.mark.usefixtures("everything_is_logged")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")


def fine(connection: Any) -> None:
    connection.read()
    connection.send(OK)


def get(driver_class: type[Driver], settings: Settings) -> bytes:
    return driver_class(settings, roll=lambda: 0.0).send(Request("GET", f"{settings.backend_url}/x")).body


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and its key."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def tls_settings(server: FaultServer, settings: Settings, certificate: tuple[Path, Path]) -> Settings:
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(*certificate)
    url = server.url.replace("http://127.0.0.1", "https://localhost")
    return evolve(settings, backend_url=url, run_url=f"{url}/api/v2/execute")


@needs_openssl
def test_an_unknown_certificate_is_refused_at_once(
    driver_class: type[Driver], server: FaultServer, tls_settings: Settings
) -> None:
    server.play(fine)
    with pytest.raises(errors.TransportError, match="certificate is not trusted") as caught:
        get(driver_class, tls_settings)
    assert len(caught.value.attempts) == 1
    assert server.received == []


@needs_openssl
@pytest.mark.parametrize("source", ["argument", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_ca_bundle_is_taken_from_argument_or_environment(
    driver_class: type[Driver],
    server: FaultServer,
    tls_settings: Settings,
    certificate: tuple[Path, Path],
    source: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.play(fine)
    if source == "argument":
        tls_settings = evolve(tls_settings, ca_bundle=str(certificate[0]))
    else:
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(source, str(certificate[0]))
    assert get(driver_class, tls_settings) == b"{}"
    assert get(driver_class, tls_settings) == b"{}"


@needs_openssl
def test_without_trust_the_environments_certificates_are_not_taken(
    driver_class: type[Driver],
    server: FaultServer,
    tls_settings: Settings,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.play(fine)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with pytest.raises(errors.TransportError, match="certificate is not trusted"):
        get(driver_class, evolve(tls_settings, trust_env=False))
    assert get(driver_class, evolve(tls_settings, trust_env=False, ca_bundle=str(certificate[0]))) == b"{}"


@needs_openssl
def test_a_run_over_tls_keeps_its_connection(
    driver_class: type[Driver], server: FaultServer, tls_settings: Settings, certificate: tuple[Path, Path]
) -> None:
    server.play(fine)
    driver = driver_class(evolve(tls_settings, ca_bundle=str(certificate[0])))
    for _ in range(3):
        driver.send(Request("POST", f"{driver.settings.run_url}/x", body=b"{}", kind=Kind.UNSAFE))
    assert len({seen.connection for seen in server.received}) == 1
    driver.close()


def test_a_ca_bundle_that_is_not_there_is_a_configuration_error(driver_class: type[Driver], settings: Settings) -> None:
    broken = evolve(settings, backend_url="https://localhost:1", ca_bundle="/nowhere/ca.pem")
    with pytest.raises(errors.ConfigurationError, match=r"/nowhere/ca\.pem"):
        get(driver_class, broken)


# --- proxies


class TunnelProxy:
    """CONNECT to anywhere means: to the given server."""

    def __init__(
        self,
        target: tuple[str, int],
        answer: bytes = b"HTTP/1.1 200 Connected\r\n\r\n",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.heads: list[str] = []
        self._target = target
        self._answer = answer
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                head += sock.recv(65536)
            self.heads.append(head.decode("latin-1"))
            sock.sendall(self._answer)
            if b" 200 " not in self._answer:
                sock.close()
                continue
            onward = socket.create_connection(self._target)
            for one, other in ((sock, onward), (onward, sock)):
                threading.Thread(target=self._copy, args=(one, other), daemon=True).start()

    @staticmethod
    def _copy(one: socket.socket, other: socket.socket) -> None:
        try:
            while block := one.recv(65536):
                other.sendall(block)
        except OSError:
            pass
        finally:
            other.close()


@pytest.fixture
def tunnel(server: FaultServer) -> Iterator[TunnelProxy]:
    proxy = TunnelProxy(("127.0.0.1", int(server.url.rpartition(":")[2])))
    yield proxy
    proxy.listener.close()


def test_a_plain_request_goes_through_a_proxy_in_absolute_form(
    driver_class: type[Driver], server: FaultServer, settings: Settings
) -> None:
    server.play(fine)
    proxy = server.url.replace("http://", "http://user:hunter2%40@")
    through = evolve(settings, backend_url="http://platform.example.com", proxies=Proxies({"http": proxy}))
    assert get(driver_class, through) == b"{}"
    seen = server.received[0]
    assert seen.target == "http://platform.example.com/x"
    assert seen.headers["host"] == "platform.example.com"
    assert seen.headers["proxy-authorization"] == "Basic " + base64.b64encode(b"user:hunter2@").decode()


def test_no_proxy_goes_directly(driver_class: type[Driver], server: FaultServer, settings: Settings) -> None:
    server.play(fine)
    assert get(driver_class, evolve(settings, proxies=Proxies({"http": "http://127.0.0.1:1"}, "127.0.0.0/8"))) == b"{}"


def test_the_environments_proxy_is_used(
    driver_class: type[Driver], server: FaultServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    server.play(fine)
    assert get(driver_class, evolve(settings, backend_url="http://platform.example.com")) == b"{}"


@needs_openssl
def test_tls_goes_through_a_tunnel_that_never_sees_the_key(
    driver_class: type[Driver],
    server: FaultServer,
    tls_settings: Settings,
    certificate: tuple[Path, Path],
    tunnel: TunnelProxy,
) -> None:
    server.play(fine)
    through = evolve(
        tls_settings, ca_bundle=str(certificate[0]), proxies=Proxies({"https": f"http://user:hunter2@{tunnel.address}"})
    )
    assert get(driver_class, through) == b"{}"
    (head,) = tunnel.heads
    assert head.startswith("CONNECT localhost:")
    assert "proxy-authorization: basic" in head.lower()
    assert "canary" not in head
    assert server.received[0].headers["x-api-key"] == "canary-55e0"
    assert "proxy-authorization" not in server.received[0].headers


@needs_openssl
def test_tls_goes_through_a_proxy_that_speaks_tls_itself(
    driver_class: type[Driver], server: FaultServer, tls_settings: Settings, certificate: tuple[Path, Path]
) -> None:
    server.play(fine)
    proxy = TunnelProxy(("127.0.0.1", int(tls_settings.backend_url.rpartition(":")[2])), tls=server.tls)
    address = proxy.address.replace("127.0.0.1", "localhost")
    through = driver_class(
        evolve(tls_settings, ca_bundle=str(certificate[0]), proxies=Proxies({"https": f"https://{address}"}))
    )
    for _ in range(2):
        through.send(Request("POST", f"{through.settings.run_url}/x", body=b"{}", kind=Kind.UNSAFE))
    assert [seen.headers["x-api-key"] for seen in server.received] == ["canary-55e0"] * 2
    assert len(proxy.heads) == 1
    through.close()
    proxy.listener.close()


def test_a_proxy_that_refuses_is_named_and_nothing_was_sent(driver_class: type[Driver], settings: Settings) -> None:
    proxy = TunnelProxy(("127.0.0.1", 1), b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    through = evolve(
        settings,
        run_url="https://models.example.com/api/v2/execute",
        proxies=Proxies({"https": f"http://user:hunter2@{proxy.address}"}),
    )
    with pytest.raises(errors.TransportError, match="proxy") as caught:
        driver_class(through, roll=lambda: 0.0).send(
            Request("POST", f"{through.run_url}/x", body=b"{}", kind=Kind.UNSAFE)
        )
    assert "407" in str(caught.value)
    assert "hunter2" not in repr(caught.value) + repr(caught.value.__cause__)
    proxy.listener.close()


@pytest.mark.parametrize(
    "proxy",
    [
        "gopher://user:hunter2@127.0.0.1:1",
        "http://user:hunter2@[bad",
        "http://user:hunter2@:x",
        "socks5://user:hunter2@:1080",
        "socks5://user:hunter2@127.0.0.1:x",
    ],
)
def test_a_proxy_that_cannot_be_used_is_a_configuration_error_without_its_password(
    driver_class: type[Driver], settings: Settings, proxy: str
) -> None:
    with pytest.raises(errors.ConfigurationError, match="proxy") as caught:
        get(driver_class, evolve(settings, proxies=Proxies({"all": proxy})))
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_the_driver_prints_how_it_reaches_the_world(settings: Settings) -> None:
    through = evolve(
        settings,
        proxies=Proxies({"https": "http://user:hunter2@proxy.example:3128"}, "10.0.0.0/8"),
        ca_bundle="/ca.pem",
    )
    told = str(Driver(through).describe())
    assert "proxy.example:3128" in told
    assert "10.0.0.0/8" in told
    assert "/ca.pem" in told
    assert settings.backend_url in told
    assert "hunter2" not in told
    assert "canary" not in told


# --- certificates of clients


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A client's certificate: with its key, apart, and with an encrypted key."""
    folder = tmp_path_factory.mktemp("own")
    files = {name: folder / f"{name}.pem" for name in ("certificate", "key", "both", "locked", "other")}
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=client"]
    run_openssl(*command[1:], "-keyout", str(files["key"]), "-out", str(files["certificate"]))
    run_openssl("rsa", "-aes256", "-passout", "pass:hunter2", "-in", str(files["key"]), "-out", str(files["locked"]))
    run_openssl("genrsa", "-out", str(files["other"]), "2048")
    files["both"].write_bytes(files["certificate"].read_bytes() + files["key"].read_bytes())
    return files


def run_openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture
def asking(
    server: FaultServer, tls_settings: Settings, certificate: tuple[Path, Path], own: dict[str, Path]
) -> Settings:
    """Settings for a server that asks for a client's certificate."""
    tls = present(server.tls)
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(own["certificate"])
    server.play(fine)
    return evolve(tls_settings, ca_bundle=str(certificate[0]))


@needs_openssl
@pytest.mark.parametrize("form", ["one file", "a pair", "an encrypted key"])
def test_a_client_shows_its_certificate(
    driver_class: type[Driver], asking: Settings, own: dict[str, Path], form: str
) -> None:
    given: dict[str, dict[str, Any]] = {
        "one file": {"client_cert": str(own["both"])},
        "a pair": {"client_cert": (str(own["certificate"]), str(own["key"]))},
        "an encrypted key": {
            "client_cert": (str(own["certificate"]), str(own["locked"])),
            "client_cert_password": "hunter2",
        },
    }
    settings = evolve(asking, **given[form])
    assert get(driver_class, settings) == b"{}"
    assert "hunter2" not in repr(settings)


@needs_openssl
def test_a_server_that_asks_for_a_certificate_is_understood_and_no_run_is_in_doubt(
    driver_class: type[Driver], server: FaultServer, asking: Settings
) -> None:
    request = Request("POST", f"{asking.run_url}/x", body=b"{}", kind=Kind.UNSAFE)
    # A reset of the connection may overtake the alert. The blocking client still reads it; asyncio drops it, and whatever it
    # says then, the outcome is unknown, and nothing is sent again.
    expected = (
        (errors.TransportError, errors.OutcomeUnknown)
        if issubclass(driver_class, DriverOnALoop)
        else errors.TransportError
    )
    with pytest.raises(expected) as caught:
        driver_class(asking, roll=lambda: 0.0).send(request)
    if not isinstance(caught.value, errors.OutcomeUnknown):
        assert "asks for a client certificate" in str(caught.value)
    # A handshake that ended otherwise, which asyncio sees now and then under load, may be tried again: it carried no request.
    assert len([one for one in caught.value.attempts if not one.failure.startswith("TLS failed")]) == 1
    assert server.received == []


@needs_openssl
@pytest.mark.parametrize(
    ("names", "password", "why"),
    [
        (("certificate", "locked"), None, "the key is encrypted and client_cert_password= is missing"),
        (("certificate", "locked"), "wrong", "client_cert_password= is wrong"),
        (("certificate", "other"), None, "the key does not belong to the certificate"),
        (("certificate",), None, "no PEM file with certificate and key"),
        (("nowhere",), None, "No such file"),
    ],
    ids=["locked", "wrong password", "other key", "no key", "missing"],
)
def test_a_client_certificate_that_cannot_be_used_says_why(
    driver_class: type[Driver],
    asking: Settings,
    own: dict[str, Path],
    names: tuple[str, ...],
    password: str | None,
    why: str,
) -> None:
    paths = [str(own.get(name, "/nowhere.pem")) for name in names]
    given: Any = paths[0] if len(paths) == 1 else tuple(paths)
    with pytest.raises(errors.ConfigurationError, match=why) as caught:
        get(driver_class, evolve(asking, client_cert=given, client_cert_password=password))
    assert paths[0] in str(caught.value)


@needs_openssl
@pytest.mark.parametrize("begun", [b"", OK[:30]], ids=["before the reply", "within it"])
def test_garbage_after_the_request_leaves_a_run_in_doubt(
    driver_class: type[Driver],
    server: FaultServer,
    tls_settings: Settings,
    certificate: tuple[Path, Path],
    begun: bytes,
) -> None:
    def garbage(connection: Any) -> None:
        connection.read()
        connection.send(begun)
        socket.socket.sendall(connection.socket, b"no TLS record at all" * 10)
        connection.wait(2)

    server.play(garbage)
    request = Request("POST", f"{tls_settings.run_url}/x", body=b"{}", kind=Kind.UNSAFE)
    with pytest.raises(errors.OutcomeUnknown):
        driver_class(evolve(tls_settings, ca_bundle=str(certificate[0]))).send(request)
    assert len(server.received) == 1


def test_a_server_without_tls_is_understood(
    driver_class: type[Driver], server: FaultServer, settings: Settings
) -> None:
    server.play(lambda connection: connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    with pytest.raises(errors.TransportError, match="does not speak TLS") as caught:
        get(driver_class, evolve(settings, backend_url=server.url.replace("http:", "https:")))
    assert len(caught.value.attempts) == 1


@needs_openssl
def test_a_list_of_folders_with_certificates_is_read_and_missing_ones_are_left_out(
    driver_class: type[Driver],
    server: FaultServer,
    tls_settings: Settings,
    certificate: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(certificate[0], tmp_path / "ca.pem")
    run_openssl("rehash", str(tmp_path))
    server.play(fine)
    (tmp_path / "empty").mkdir()
    for other in ("/nowhere", str(tmp_path / "empty")):
        monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join([other, str(tmp_path)]))
        assert get(driver_class, tls_settings) == b"{}"
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    with pytest.raises(errors.TransportError, match="not trusted"):  # by the system's certificates, which stand in
        get(driver_class, tls_settings)


def test_an_empty_lower_case_variable_switches_a_proxy_off(
    driver_class: type[Driver], server: FaultServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "")
    server.play(fine)
    assert get(driver_class, settings) == b"{}"


# --- streams over TLS

EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(event: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(event), event)


TOKEN, DONE = chunk(b'data: {"data":"tok"}\n\n'), chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"


def stream(driver: Driver) -> ModelResponseStreamer:
    url = f"{driver.settings.run_url}/x"
    request = Request("POST", url, body=b"{}", kind=Kind.UNSAFE, accept="text/event-stream")
    return ModelResponseStreamer(driver.open_stream(request))


@needs_openssl
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # the server's threads live in this process
def test_a_forked_child_that_leaves_a_stream_does_not_cut_its_parents_tls(
    server: FaultServer, tls_settings: Settings, certificate: tuple[Path, Path]
) -> None:
    left = threading.Event()

    def paused(connection: Any) -> None:
        connection.read()
        connection.send(EVENTS + TOKEN)
        left.wait(20)
        connection.send(TOKEN + DONE)

    server.play(paused)
    driver = Driver(evolve(tls_settings, ca_bundle=str(certificate[0])))
    for _ in range(3):
        left.clear()
        with stream(driver) as events:
            assert next(events).data == "tok"
            child = os.fork()
            if child == 0:
                try:
                    events.close()
                    driver.close()
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            left.set()
            assert [chunk.data for chunk in events] == ["tok"]
    assert server.connections == 1
    driver.close()


@needs_openssl
def test_closing_a_silent_stream_over_tls_from_another_thread_wakes_its_reader(
    server: FaultServer, tls_settings: Settings, certificate: tuple[Path, Path]
) -> None:
    def silent(connection: Any) -> None:
        connection.read()
        connection.send(EVENTS + TOKEN)
        connection.wait(30)

    server.play(silent)
    driver = Driver(evolve(tls_settings, ca_bundle=str(certificate[0]), timeout=Timeout(idle=30)))
    events = stream(driver)
    assert next(events).data == "tok"
    threading.Timer(0.2, events.close).start()
    with pytest.raises(errors.StreamInterrupted) as caught:
        next(events)
    assert caught.value.outcome == "cancelled"


@needs_openssl
@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_bodies_of_every_size_arrive_whole_over_tls(
    driver_class: type[Driver], server: FaultServer, tls_settings: Settings, certificate: tuple[Path, Path], size: int
) -> None:
    def echo(connection: Any) -> None:
        body = connection.read().body
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    server.play(echo)
    driver = driver_class(evolve(tls_settings, ca_bundle=str(certificate[0]), timeout=Timeout(idle=20)))
    body = os.urandom(size)
    for _ in range(2):
        assert driver.send(Request("POST", f"{driver.settings.run_url}/x", body=body)).body == body
    assert server.connections == 1
    driver.close()
