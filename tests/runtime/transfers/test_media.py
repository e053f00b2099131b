import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from attrs import evolve

from tests.narrowing import noting
from typedrun import errors
from typedrun.marketplaces.aixplain import MARKETPLACE
from typedrun.marketplaces.aixplain.uploads import size_limit
from typedrun.marketplaces.aixplain.wire import AixplainWire
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings
from typedrun.testing import Answer, Fault, Received, ScriptedNetwork
from typedrun.transfers.media import is_url
from typedrun.transfers.media import upload as upload_to

KEY = "canary-3c90"
SETTINGS = Settings(
    backend_url="https://platform.example.com", run_url="https://models.example.com/api/v2/execute", api_key=Secret(KEY)
)
WIRE = AixplainWire(SETTINGS.backend_url, SETTINGS.run_url, MARKETPLACE.routes)
UPLOAD_URL = "https://bucket.s3.eu-west-1.example.com/temp/song.mp3?X-Signature=s3cr3t"
DOWNLOAD_URL = "https://files.example.com/temp/song.mp3"
ADDRESSES = {"key": "temp/song.mp3", "uploadUrl": UPLOAD_URL, "downloadUrl": DOWNLOAD_URL}
ASK_AT = "https://platform.example.com/sdk/file/upload/temp-url"


def upload(client: Driver, value: Any, **options: Any) -> str:
    return client.drive(upload_to(client, value, **options))


MP3 = b"ID3\x04" + b"\0" * 1000


def driver(*outcomes: Answer | Fault, **settings: Any) -> tuple[Driver, ScriptedNetwork]:
    network = ScriptedNetwork(outcomes or [Answer(json=ADDRESSES), Answer()])
    return Driver(evolve(SETTINGS, **settings), transport=network, clock=network.clock, wire=WIRE), network


def closed_file() -> io.BytesIO:
    file = io.BytesIO(b"RIFF")
    file.close()
    return file


def form(request: Received) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


@pytest.mark.parametrize("kind", ["path", "bytes", "open file", "bytearray"])
def test_every_kind_of_local_medium_is_uploaded(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(MP3)
    client, network = driver()
    with path.open("rb") as file:
        value: Any = {
            "path": path,
            "bytes": MP3,
            "bytearray": bytearray(MP3),
            "open file": file,
        }[kind]
        assert upload(client, value) == DOWNLOAD_URL
    ask, put = network.received
    assert (ask.method, ask.url) == ("POST", ASK_AT)
    assert ask.headers["Authorization"] == f"token {KEY}"
    assert ask.headers["Content-Type"] == "application/x-www-form-urlencoded"
    name = "upload" if "bytes" in kind or kind == "bytearray" else "song.mp3"
    assert form(ask) == {"contentType": "audio/mpeg", "originalName": name}
    assert (put.method, put.url, put.body) == ("PUT", UPLOAD_URL, MP3)
    assert put.headers["Content-Type"] == "audio/mpeg"
    assert put.headers["Content-Length"] == "1004"


def test_the_presigned_put_never_carries_the_key() -> None:
    client, network = driver()
    upload(client, MP3)
    assert KEY not in str(dict(network.received[1].headers))
    assert "Authorization" not in network.received[1].headers


@pytest.mark.parametrize(
    "url", ["https://example.com/a.png", "http://x/y", "s3://bucket/key", "data:image/png;base64,AA", "HTTPS://X/"]
)
def test_urls_pass_through(url: str) -> None:
    client, network = driver()
    assert is_url(url)
    assert upload(client, url) == url
    assert network.received == []


def test_a_file_is_read_from_where_it_stands() -> None:
    client, network = driver()
    file = io.BytesIO(b"skipped" + MP3)
    file.seek(7)
    upload(client, file, name="x.mp3")
    assert network.received[1].body == MP3


class TextInDisguise:
    """A wrapper of a text file, as `tempfile` and `codecs` make them."""

    def __init__(self, text: str) -> None:
        self._text = io.StringIO(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._text, name)


class Strange:
    def read(self) -> bytes:
        return b"all at once"


class Stalled(io.RawIOBase):
    def readinto(self, buffer: Any) -> int | None:
        return None


@pytest.mark.parametrize("source", ["process", "pipe", "socket", "read alone"])
def test_a_source_that_reads_short_is_read_to_its_end(source: str) -> None:
    blocks = [b"ID3\x04", b"a" * 70_000, b"b" * 5]
    client, network = driver()
    if source == "process":
        code = f"import os, time\nfor block in {blocks!r}: os.write(1, block); time.sleep(0.05)"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, bufsize=0) as child:
            assert child.stdout is not None
            upload(client, child.stdout)
    elif source == "read alone":
        upload(client, Blocks(blocks))
    else:
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=write_slowly, args=(theirs, blocks))
        thread.start()
        with (
            ours,
            ours.makefile("rb", buffering=0)
            if source == "socket"
            else os.fdopen(os.dup(ours.fileno()), "rb", 0) as file,
        ):
            upload(client, file)
        thread.join()
    assert network.received[1].body == b"".join(blocks)


def write_slowly(sock: socket.socket, blocks: list[bytes]) -> None:
    with sock:
        for block in blocks:
            sock.sendall(block)
            time.sleep(0.05)


class Blocks:
    """Has `read` and nothing else of a file."""

    def __init__(self, blocks: list[bytes]) -> None:
        self._blocks = list(blocks)

    def read(self, _most: int) -> bytes:
        return self._blocks.pop(0) if self._blocks else b""


def test_a_file_that_shrinks_while_it_is_sent_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "log.bin"
    path.write_bytes(b"x" * 600_000)
    client, _ = driver()

    def shrink(sent: int, _total: int) -> None:
        os.truncate(path, sent)

    with pytest.raises(
        errors.FileUploadError, match=r"'log.bin' has become shorter while it was sent: 262144 of 600000"
    ):
        upload(client, path, progress=shrink)


@pytest.mark.parametrize("raised", [ValueError("mine"), TimeoutError("mine"), ConnectionResetError("mine")], ids=repr)
def test_a_callback_that_fails_ends_the_upload_at_once(raised: Exception) -> None:
    client, network = driver()

    def fail(_sent: int, _total: int) -> None:
        raise raised

    with pytest.raises(errors.FileUploadError, match=f"callback .* raised {type(raised).__name__}") as caught:
        upload(client, MP3, progress=fail)
    assert caught.value.__cause__ is raised
    assert [request.method for request in network.received] in (["POST"], ["POST", "PUT"])


def test_what_a_signal_handler_raises_while_a_file_is_read_is_the_callers() -> None:
    mine = TimeoutError("mine")

    def ring(_number: int, _frame: object) -> None:
        raise mine

    ours, theirs = os.pipe()
    before = signal.signal(signal.SIGALRM, ring)
    client, network = driver()
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with os.fdopen(ours, "rb", 0) as silent, pytest.raises(TimeoutError) as caught:
            upload(client, silent)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        os.close(theirs)
    assert caught.value is mine
    assert network.received == []


def test_an_empty_file_is_sent_where_that_is_meant() -> None:
    client, network = driver()
    assert upload(client, b"", allow_empty=True) == DOWNLOAD_URL
    assert network.received[1].body == b""


def test_a_client_may_take_texts_for_paths(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(MP3)
    client, network = driver()
    assert upload(client, str(tmp_path / "song.mp3"), local_paths=True) == DOWNLOAD_URL
    assert network.received[1].body == MP3


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_pipe_is_uploaded_too() -> None:
    client, network = driver()
    upload(client, Pipe(MP3))
    assert network.received[1].body == MP3


def test_the_storage_is_tried_again_from_the_start_of_the_file() -> None:
    client, network = driver(Answer(json=ADDRESSES), Answer(status=503), Answer())
    assert upload(client, io.BytesIO(MP3)) == DOWNLOAD_URL
    assert [request.body for request in network.received[1:]] == [MP3, MP3]


def test_progress_counts_to_the_end() -> None:
    client, _ = driver()
    told = list[tuple[int, int]]()
    upload(client, b"x" * 600_000, progress=noting(told))
    assert told == [(262_144, 600_000), (524_288, 600_000), (600_000, 600_000)]


@pytest.mark.parametrize(
    ("content_type", "name", "mib"),
    [
        ("audio/mpeg", "x.mp3", 50),
        ("application/pdf", "x.pdf", 25),
        ("video/mp4", "x.mp4", 300),
        ("image/png", "x.png", 25),
        ("application/x-sqlite3", "x.db", 300),
        ("text/plain", "x.txt", 50),
    ],
)
def test_size_limits_by_type(content_type: str, name: str, mib: int) -> None:
    assert size_limit(content_type, name) == mib * 2**20


def test_a_file_that_is_too_large_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(26 * 2**20)  # sparse
    client, network = driver()
    with pytest.raises(
        errors.FileUploadError, match=r"'scan.pdf' has 27262976 bytes.*application/pdf.*25 MiB"
    ) as caught:
        upload(client, path, model="m", parameter="document")
    assert network.received == []
    assert (caught.value.model, caught.value.parameter) == ("m", "document")


def test_the_client_may_set_the_limit_of_uploads() -> None:
    for source in (MP3, io.BytesIO(MP3), Pipe(MP3)):
        client, network = driver(max_upload_bytes=len(MP3) - 1)
        with pytest.raises(errors.FileUploadError, match=r"the client's limit is 1003 .*Next: .*max_upload_bytes="):
            upload(client, source)
        assert network.received == []


def test_a_limit_of_the_client_holds_in_place_of_the_types(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(26 * 2**20)  # sparse
    client, network = driver(max_upload_bytes=2**30)
    assert upload(client, path) == DOWNLOAD_URL
    assert len(network.received) == 2


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Path("/nowhere/at/all.wav"), "'all.wav' cannot be read"),
        (io.StringIO("text"), "mode 'rb'"),
        (TextInDisguise("text"), "mode 'rb'"),
        (Strange(), "cannot be read"),
        (Stalled(), "does not block"),
        (io.BytesIO(), "is empty"),
        (b"", "is empty"),
        (Path(__file__).parent, "cannot be read"),
        (closed_file(), "closed file"),
        ("/etc/passwd", r"'/etc/passwd' is a plain text and no URL.*pathlib\.Path.*local_paths=True"),
    ],
    ids=[
        "missing",
        "text mode",
        "text in disguise",
        "no file",
        "never blocks",
        "empty",
        "no bytes",
        "folder",
        "closed",
        "text",
    ],
)
def test_a_file_that_cannot_be_read_is_an_upload_error(value: Any, words: str) -> None:
    client, network = driver()
    with pytest.raises(errors.FileUploadError, match=words):
        upload(client, value, parameter="audio")
    assert network.received == []


@pytest.mark.parametrize("answer", [{}, ADDRESSES | {"uploadUrl": None}, ADDRESSES | {"downloadUrl": "ftp://x"}])
def test_an_answer_without_usable_addresses_is_an_upload_error(answer: dict[str, Any]) -> None:
    client, _ = driver(Answer(json=answer))
    with pytest.raises(errors.FileUploadError, match="no usable"):
        upload(client, MP3)


@pytest.mark.parametrize(
    "outcome",
    [Answer(status=403, body=b"<Error>SignatureDoesNotMatch</Error>"), Answer(status=201)],
    ids=["403", "201"],
)
def test_a_storage_that_refuses_is_an_upload_error_without_the_signature(outcome: Answer) -> None:
    client, _ = driver(Answer(json=ADDRESSES), outcome)
    with pytest.raises(errors.FileUploadError, match="storage") as caught:
        upload(client, MP3)
    assert "s3cr3t" not in str(caught.value) + str(vars(caught.value))


def test_a_wrong_key_is_the_authentication_error_it_is() -> None:
    client, _ = driver(Answer(status=401, json={"message": "no"}))
    with pytest.raises(errors.AuthenticationError):
        upload(client, MP3)


def test_the_local_path_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    client, network = driver()
    upload(client, path)
    assert str(tmp_path) not in network.received[0].body.decode()


def test_a_source_that_never_ends_is_read_no_longer_than_its_run_may_take() -> None:
    client, network = driver()

    class Endless:
        def read(self, _most: int) -> bytes:
            network.clock.sleep(0.4)
            return b"x"

    with pytest.raises(errors.TimeoutError, match=r"within the 1 s given. Nothing was sent"):
        upload(client, Endless(), deadline=client.deadline(1))
    assert network.received == []
