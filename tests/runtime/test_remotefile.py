"""Files that models made: how they are read from an answer, fetched, saved, shown and sent on."""

from __future__ import annotations

import asyncio
import copy
import pickle
import warnings
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import attrs
import pytest

from typedrun.aio.driver import AsyncDriver
from typedrun.answers.outputs import Output, as_json, files_in
from typedrun.display import data_html
from typedrun.errors import APIError, OddReplyWarning, TransportError, UntrustedURLError, ValidationError
from typedrun.exports.content import addresses_of, content_blocks, text_of
from typedrun.remotefile import RemoteFile, read_file
from typedrun.results import ModelResult
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings
from typedrun.structure import ApiObject, decode
from typedrun.testing import Answer, Fault, ScriptedNetwork, VirtualClock
from typedrun.unset import UNSET, Unset

PICTURE = {
    "url": "https://v3.fal.test/files/a.png",
    "content_type": "image/png",
    "file_name": "a.png",
    "file_size": 12,
    "width": 64,
    "height": 48,
    "nsfw": False,
}
KEY = "canary-9876543210"


@attrs.define(repr=False)
class Drawing(ApiObject):
    """What a model of pictures answers."""

    images: list[RemoteFile]
    seed: int
    mask: RemoteFile | Unset = UNSET


def network(*outcomes: Any) -> tuple[ScriptedNetwork, Driver]:
    script = ScriptedNetwork(list(outcomes), VirtualClock())
    settings = Settings(backend_url="https://api.market.test", run_url="https://run.market.test", api_key=Secret(KEY))
    return script, Driver(settings, transport=script, clock=VirtualClock())


def has_key(request: Any) -> bool:
    return any(KEY in value for value in request.headers.values())


def test_a_file_is_an_object_whether_it_came_as_an_address_or_as_one() -> None:
    plain, told = read_file("https://a.test/x/b%20c.png"), read_file(PICTURE)
    assert (str(plain), plain.name, plain.content_type, plain.size) == (
        "https://a.test/x/b%20c.png",
        "b c.png",
        None,
        None,
    )
    assert (str(told), told.name, told.content_type, told.size, told.width) == (
        PICTURE["url"],
        "a.png",
        "image/png",
        12,
        64,
    )
    assert plain.to_wire() == "https://a.test/x/b%20c.png"
    assert told.to_wire() == PICTURE
    assert plain.to_dict() == {"url": "https://a.test/x/b%20c.png"}
    assert read_file("data:audio/wav;base64,UklGRg==").content_type == "audio/wav"
    with pytest.raises(ValueError, match="expected a file"):
        read_file({"uri": "x"})


def test_files_are_values() -> None:
    _, driver = network()
    for file in (read_file(PICTURE), RemoteFile("https://a.test/b", driver=driver)):
        assert pickle.loads(pickle.dumps(file)) == file  # our own
        assert copy.deepcopy(file) == file
        assert KEY.encode() not in pickle.dumps(file)
        assert KEY not in repr(file)
        assert hash(file) == hash(copy.copy(file))


def test_a_file_is_fetched_with_the_clients_connections_and_without_the_key() -> None:
    script, driver = network(Answer(blocks=(b"PN", b"G")))
    assert RemoteFile("https://cdn.test/a.png", driver=driver).read() == b"PNG"
    assert not has_key(script.received[0])


def test_a_file_of_the_marketplaces_own_host_is_fetched_with_the_key_which_stays_there() -> None:
    script, driver = network(
        Answer(status=302, headers={"location": "https://cdn.test/a.png?sig=1"}), Answer(body=b"PNG")
    )
    assert RemoteFile("https://api.market.test/files/a", driver=driver).read() == b"PNG"
    assert [(one.url, has_key(one)) for one in script.received] == [
        ("https://api.market.test/files/a", True),
        ("https://cdn.test/a.png?sig=1", False),
    ]


@pytest.mark.parametrize("location", ["http://cdn.test/a", "file:///etc/passwd", "https://u@cdn.test/a", ""])
def test_a_redirect_to_no_secure_address_is_not_followed(location: str) -> None:
    script, driver = network(Answer(status=302, headers={"location": location}))
    with pytest.raises(UntrustedURLError, match="no address of a file"):
        RemoteFile("https://cdn.test/a", driver=driver).read()
    assert len(script.received) == 1


def test_redirects_in_a_circle_end() -> None:
    script, driver = network(*[Answer(status=302, headers={"location": "/b"})] * 6)
    with pytest.raises(APIError, match="More than 5 redirects"):
        RemoteFile("https://cdn.test/a", driver=driver).read()
    assert len(script.received) == 6


def test_a_file_is_saved_whole_or_not_at_all(tmp_path: Path) -> None:
    _, driver = network(Answer(blocks=(b"PN", b"G")), Answer(blocks=(b"half",), is_cut=True))
    file = RemoteFile("https://cdn.test/x?y", file_name="../a.png", driver=driver)
    assert file.save(tmp_path) == tmp_path / "a.png"
    with pytest.raises(TransportError):
        file.save(tmp_path / "a.png")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.png", b"PNG")]
    with pytest.raises(ValidationError, match="names no file"):
        RemoteFile("https://cdn.test/", driver=driver).save(tmp_path)


def test_an_embedded_file_needs_no_connection(tmp_path: Path) -> None:
    file = RemoteFile("data:audio/wav;base64,UklGRg==")
    assert file.read() == b"RIFF"
    assert file.save(tmp_path / "a.wav").read_bytes() == b"RIFF"


class _Host(BaseHTTPRequestHandler):
    """A marketplace's own host, which asks for the key and sends on to a content network that must not see it."""

    seen: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("x-api-key")))
        if self.path == "/files/1":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.connection.getsockname()[1]}/a.png")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"PNG")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Host) as server:
        _Host.seen.clear()
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("kind", [Driver, AsyncDriver])
def test_a_file_is_read_and_awaited_whichever_client_made_it(host: str, kind: Any, tmp_path: Path) -> None:
    driver = kind(Settings(backend_url=host, run_url=host, api_key=Secret(KEY)))
    file = RemoteFile(f"{host}/files/1", file_name="a.png", driver=driver)

    async def fetch() -> tuple[bytes, Path]:
        try:
            return await file.aread(), await file.asave(tmp_path)
        finally:
            if kind is AsyncDriver:
                await driver.close()

    assert asyncio.run(fetch()) == (b"PNG", tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"PNG"
    assert file.read() == b"PNG"
    assert _Host.seen == [("/files/1", KEY), ("/a.png", None)] * 3


# --- outputs


def answer(data: Any) -> ModelResult[Any]:
    return ModelResult(status="SUCCESS", completed=True, data=data, raw={"output": data})


def read(type_: Any, data: Any) -> Any:
    return Output(type_, __name__).read(answer(data)).data


def test_an_output_is_made_of_the_declared_type_and_unknown_members_stay() -> None:
    made = read("Drawing", {"images": [PICTURE, "https://a.test/b.png"], "seed": 7, "timings": {"t": 1}})
    assert isinstance(made, Drawing)
    assert [file.name for file in made.images] == ["a.png", "b.png"]
    assert made.unknown_fields == {"timings": {"t": 1}}
    assert as_json(made) == {"images": [PICTURE, "https://a.test/b.png"], "seed": 7, "timings": {"t": 1}}


@pytest.mark.parametrize(
    ("type_", "data", "made"),
    [
        (str, ["He", "llo"], "Hello"),
        ("str", "Hello", "Hello"),
        ("list[str]", ["He", "llo"], ["He", "llo"]),
        ("list[RemoteFile]", ["https://a.test/b"], [RemoteFile("https://a.test/b")]),
        ("RemoteFile | str", "https://a.test/b", RemoteFile("https://a.test/b")),
        ("str | RemoteFile", "https://a.test/b", RemoteFile("https://a.test/b")),
        ("str | RemoteFile", "a cat", "a cat"),
        ("RemoteFile | None", PICTURE, read_file(PICTURE)),
        ("list[RemoteFile] | RemoteFile", PICTURE, read_file(PICTURE)),
        ("dict[str, Any]", {"a": 1}, {"a": 1}),
        ("float", 1, 1),
        ("JSON", {"a": 1}, {"a": 1}),
        ("Drawing", None, None),
    ],
)
def test_outputs_of_every_type(type_: Any, data: Any, made: Any) -> None:
    assert read(type_, data) == made


def test_what_does_not_fit_is_kept_as_it_came_and_told_of() -> None:
    with pytest.warns(OddReplyWarning, match="^output: kept as it came"):
        assert read("list[RemoteFile]", {"odd": 1}) == {"odd": 1}
    with pytest.warns(OddReplyWarning, match="kept as it came"):
        made = read("Drawing", {"images": ["https://a.test/b.png", 5], "seed": "x"})
    assert (made.images[1], made.seed) == (5, "x")


def test_files_of_an_output_are_fetched_by_the_client_that_ran_the_model() -> None:
    script, driver = network(Answer(body=b"PNG"))
    result = Output("Drawing", __name__).read(answer({"images": [PICTURE], "seed": 1}), driver)
    assert [file.read() for file in result.files] == [b"PNG"]
    assert script.received[0].url == PICTURE["url"]


@pytest.fixture
def drawing() -> Callable[..., ModelResult[Any]]:
    def make(*files: Any, outcomes: tuple[Any, ...] = ()) -> ModelResult[Any]:
        return Output("Drawing", __name__).read(answer({"images": list(files), "seed": 1}), network(*outcomes)[1])

    return make


def test_a_result_saves_its_file_or_its_files(drawing: Callable[..., ModelResult[Any]], tmp_path: Path) -> None:
    one = drawing(PICTURE, outcomes=(Answer(body=b"PNG"),))
    assert one.save(tmp_path / "one.png").read_bytes() == b"PNG"
    two = drawing(PICTURE, PICTURE, outcomes=(Answer(body=b"1"), Answer(body=b"2")))
    assert two.save(tmp_path) == tmp_path
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-2.png", "a.png", "one.png"]
    with pytest.raises(ValidationError, match="The output has 2 files"):
        two.save(tmp_path / "x.png")


def test_an_output_without_a_file_is_saved_as_json(drawing: Callable[..., ModelResult[Any]], tmp_path: Path) -> None:
    assert '"seed": 1' in drawing().save(tmp_path / "a.json").read_text("utf-8")


def test_every_face_shows_an_output(drawing: Callable[..., ModelResult[Any]]) -> None:
    result = drawing(PICTURE)
    assert addresses_of(result) == [PICTURE["url"]]
    assert content_blocks(result)[0]["uri"] == PICTURE["url"]
    assert '"seed": 1' in text_of(result)
    assert f'<img src="{PICTURE["url"]}"' in data_html(result.data)
    assert result.to_dict()["data"] == {"images": [PICTURE], "seed": 1}
    assert '"seed": 1' in result.to_json()


@pytest.mark.parametrize(
    ("file", "html"),
    [
        (RemoteFile("https://a.test/b", "video/mp4"), "<video"),
        (RemoteFile("https://a.test/b.mp3"), "<audio"),
        (RemoteFile("https://a.test/b.zip"), '<a href="https://a.test/b.zip">b.zip</a>'),
        (RemoteFile("javascript:alert(1)", "image/png"), "<pre>"),
        (RemoteFile("data:text/html,<script>", "image/png"), "<pre>"),
        (RemoteFile("https://a.test/drawing", "image/svg+xml"), "<a href="),  # it may hold a script
        (RemoteFile('https://a.test/"onload=x', "image/png"), "&quot;"),
    ],
)
def test_a_notebook_shows_players_and_nothing_that_runs(file: RemoteFile, html: str) -> None:
    shown = file._repr_html_()
    assert html in shown
    assert "<script" not in shown
    assert 'src="javascript' not in shown


def test_a_file_of_one_run_is_an_argument_of_another() -> None:
    assert decode("https://a.test/b", RemoteFile) == RemoteFile("https://a.test/b")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(files_in(read("list[RemoteFile]", ["https://a.test/b"]))) == [RemoteFile("https://a.test/b")]


def test_a_fault_of_the_network_is_told_as_one() -> None:
    _, driver = network(*[Fault()] * 9)
    with pytest.raises(TransportError):
        RemoteFile("https://cdn.test/a", driver=driver).read()
