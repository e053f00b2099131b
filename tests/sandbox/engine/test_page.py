"""The page for people: its headers, and in headless Chromium (where it is installed) what a person does with it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Http
from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (Debian: apt-get install chromium)"
)

HOSTILE = {
    "id": 'evil"><script>window.pwned=1</script>',
    "name": "<img src=x onerror=window.pwned=1>",
    "description": "</p><script>window.pwned=1</script>{{page-key}}",
    "function": {"id": "text-generation"},
    "supportsStreaming": False,
    "params": [
        {
            "name": "text<script>",
            "dataType": "text",
            "required": True,
            "description": "<b>bold</b>",
            "availableOptions": [{"value": "<i>one</i>"}],
        }
    ],
}


def test_the_page_allows_nothing_inline_and_nothing_from_elsewhere(http: Http) -> None:
    answer = http("GET", "/", headers={})
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", answer.text)


def test_the_page_brings_a_key_of_its_own_and_never_the_real_one(sandbox: Sandbox, http: Http) -> None:
    text = http("GET", "/", headers={}).text
    assert sandbox.api_key not in text
    key = re.search(r'name="sandbox-key" content="([^"]+)"', text)
    assert key is not None
    assert http("GET", "/v2/models/chat", headers={"x-api-key": key[1]}).status == 200


@pytest.mark.parametrize(
    ("host", "status"), [("localhost", 200), ("127.0.0.1", 200), ("[::1]:80", 200), ("evil.example", 421)]
)
def test_the_page_is_not_served_under_a_name_that_someone_pointed_here(http: Http, host: str, status: int) -> None:
    assert http("GET", "/", headers={"Host": host}).status == status


FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
    "--autoplay-policy=no-user-gesture-required",
)


class Browser:
    """Chromium driven over its debugging pipe: file descriptor 3 takes commands, 4 gives answers, NUL ends each."""

    def __init__(self, profile: Path) -> None:
        command_end, self.commands = os.pipe()
        self.answers, answer_end = os.pipe()
        # High numbers, so that the shell's `3<&` cannot overwrite the other one.
        given = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (command_end, answer_end)]
        self.process = subprocess.Popen(
            [
                "bash",
                "-c",
                f'exec "$0" "$@" 3<&{given[0]} 4>&{given[1]}',
                str(CHROMIUM),
                *FLAGS,
                f"--user-data-dir={profile}",
            ],
            pass_fds=given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (command_end, answer_end, *given):
            os.close(end)
        self.buffer = b""
        self.number = 0
        self.complaints: list[str] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session: str | None = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    session: str | None = None

    def send(self, method: str, **params: Any) -> Any:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while (answer := self.read()).get("id") != self.number:
            self.note(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def read(self) -> Any:
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.answers], [], [], 30)
            assert ready, "Chromium did not answer within 30 s"
            block = os.read(self.answers, 1 << 16)
            assert block, "Chromium ended"
            self.buffer += block
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def note(self, event: Any) -> None:
        if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
            self.complaints.append(json.dumps(event["params"]))

    def js(self, expression: str) -> Any:
        result = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def until(self, condition: str) -> None:
        deadline = time.monotonic() + 15
        while not self.js(condition):
            assert time.monotonic() < deadline, f"never came true: {condition}"
            time.sleep(0.02)

    def open(self, url: str) -> None:
        self.complaints.clear()
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=url)
        self.until("document.querySelectorAll('#models li').length > 0")

    def text(self, id: str) -> str:
        return str(self.js(f"document.getElementById({json.dumps(id)}).textContent"))

    def type(self, text: str) -> None:
        self.send("Input.insertText", text=text)

    def press(self, key: str, code: int, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text)

    def close(self) -> None:
        with suppress(AssertionError, OSError):
            self.send("Browser.close")
        self.process.wait(10)
        os.close(self.commands)
        os.close(self.answers)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    made = Browser(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def served(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    path = tmp_path_factory.mktemp("page") / "models.json"
    path.write_text(json.dumps([*json.loads(snapshot.read_text(encoding="utf-8")), HOSTILE]), encoding="utf-8")
    with Sandbox(path, settings=Settings(token_seconds=0.03, job_polls=1)) as sandbox:
        yield sandbox


@pytest.fixture
def page(browser: Browser, served: Sandbox) -> Iterator[Browser]:
    served.reset()
    browser.open(served.url)
    yield browser
    assert browser.complaints == []


def choose(page: Browser, id: str) -> None:
    page.js(f"location.hash = {json.dumps(id)}")
    page.until(f"document.querySelector('#facts dd')?.textContent === {json.dumps(id)}")


def fill(page: Browser, parameter: str, value: str) -> None:
    page.js(
        f"(() => {{ const field = document.querySelector('[data-parameter={parameter}]'); field.value = {json.dumps(value)};"
        " field.dispatchEvent(new Event('input', { bubbles: true })); })()"
    )


def run(page: Browser) -> str:
    page.js("document.querySelector('#run button[type=submit]').click()")
    page.until("/^(Done|Failed)/.test(document.getElementById('status').textContent)")
    return page.text("status")


@needs_chromium
def test_models_are_listed_and_searched(page: Browser) -> None:
    assert page.text("count") == "16 of 16 models"
    page.js("document.getElementById('query').focus()")
    page.type("translate")
    page.until("document.getElementById('count').textContent === '2 of 16 models'")


@needs_chromium
def test_the_keyboard_is_enough_to_choose_a_model_and_to_run_it(page: Browser) -> None:
    page.js("document.getElementById('query').focus()")
    page.type("acme/chat")
    for _ in range(2):  # over the function filter to the only model left
        page.press("Tab", 9)
    page.press("Enter", 13, "\r")
    page.until("document.activeElement.id === 'model'")
    for _ in range(2):  # over the table, which scrolls and so takes the focus, into the first field
        page.press("Tab", 9)
    page.until("document.activeElement.dataset.parameter === 'text'")
    page.type("What is 2 + 2?")
    page.press("Tab", 9)  # the folded optional parameters
    page.press("Tab", 9)  # Run
    page.press("Enter", 13, "\r")
    page.until("document.getElementById('answer').textContent === '2 + 2 = 4.'")


@needs_chromium
def test_an_answer_streams_in_and_is_announced_when_it_is_whole(page: Browser) -> None:
    choose(page, "chat")
    fill(page, "text", "Tell me a story about a fox")
    page.js("document.querySelector('#run button[type=submit]').click()")
    page.until("document.getElementById('answer').textContent.includes('a fox')")
    assert "alone again" not in page.text("answer")
    assert page.js("document.getElementById('answer').getAttribute('aria-busy')") == "true"
    page.until("document.getElementById('answer').textContent.includes('alone again')")
    page.until("document.getElementById('answer').getAttribute('aria-busy') === null")
    assert page.text("status").startswith("Done")


@needs_chromium
def test_a_running_stream_can_be_stopped(page: Browser) -> None:
    choose(page, "chat")
    fill(page, "text", "Tell me a story")
    page.js("document.querySelector('#run button[type=submit]').click()")
    page.until("document.getElementById('answer').textContent.length > 20")
    page.js("document.getElementById('stop').click()")
    page.until("document.getElementById('status').textContent === 'Stopped.'")


@needs_chromium
def test_the_page_shows_parameters_options_price_and_the_python_call(page: Browser) -> None:
    choose(page, "quick")
    fill(page, "text", 'say "hi"')
    fill(page, "targetlanguage", "pt")
    assert "2 credits per char" in page.text("facts")
    assert "en, es, pt" in page.text("parameters")
    assert page.text("call") == (
        "from typedrun.client import Client\n\nclient = Client()\n"
        'model = client.Model.get("acme/quick-translate/acme")\n'
        'result = model.run(text="say \\"hi\\"", targetlanguage="pt")\nprint(result.data)\n'
    )


@needs_chromium
def test_the_shown_call_runs(
    page: Browser, served: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    choose(page, "quick")
    fill(page, "text", "Hello")
    fill(page, "sourcelanguage", "en")
    fill(page, "targetlanguage", "pt")
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    exec(page.text("call"), {})
    assert capsys.readouterr().out == "Olá\n"


@needs_chromium
def test_the_call_is_written_with_the_package_that_was_generated_from_what_is_served(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sandbox(bundled_snapshot(), settings=Settings(job_polls=0)) as sandbox:
        browser.open(sandbox.url)
        choose(browser, "69b7e5f1b2fe44704ab0e7d0")
        fill(browser, "text", "What is 2 + 2?")
        browser.js("document.getElementById('stream').click()")
        call = browser.text("call")
        assert call.startswith("from aixplain_models import Aixplain\n")
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        exec(call, {})
    assert capsys.readouterr().out == "2 + 2 = 4.\n"


@needs_chromium
def test_a_package_of_ones_own_is_named(browser: Browser, snapshot: Path) -> None:
    with Sandbox(snapshot, package="acme_models") as sandbox:
        browser.open(sandbox.url)
        choose(browser, "quick")
        assert browser.text("call").startswith("from acme_models import Aixplain\n")


@needs_chromium
def test_a_job_is_polled_to_its_end(page: Browser) -> None:
    choose(page, "slow")
    fill(page, "text", "Good morning")
    fill(page, "targetlanguage", "pt")
    assert run(page).startswith("Done")
    assert page.text("answer") == "Bom dia"


@needs_chromium
def test_a_refusal_is_shown_in_words(page: Browser) -> None:
    choose(page, "quick")
    assert run(page) == "Failed: Required parameter 'text' is missing"
    page.complaints = [text for text in page.complaints if "400 (Bad Request)" not in text]  # the browser's own note


@needs_chromium
@pytest.mark.parametrize(
    ("id", "ready"),
    [
        ("draw", "document.querySelector('#answer img')?.naturalWidth === 512"),
        ("voice", "document.querySelector('#answer audio')?.duration > 0.2"),
        (
            "film",
            "document.querySelector('#answer video')?.videoWidth === 96 && document.querySelector('video').readyState >= 2",
        ),
    ],
)
def test_media_are_shown_and_really_decoded(page: Browser, id: str, ready: str) -> None:
    choose(page, id)
    fill(page, "text", "a boat")
    run(page)
    page.until(ready)


@needs_chromium
def test_hostile_text_of_a_catalog_stays_text(page: Browser) -> None:
    page.until("[...document.querySelectorAll('#models a')].some((link) => link.textContent.includes('onerror'))")
    choose(page, str(HOSTILE["id"]))
    assert page.text("model-name") == HOSTILE["name"]
    assert page.text("description") == HOSTILE["description"]
    assert page.js(
        "window.pwned === undefined && document.querySelector('#details img, #details script, #details b') === null"
    )


@needs_chromium
@pytest.mark.parametrize("id", ["chat", "hear", "tool"])
def test_every_control_has_a_name_for_screen_readers(page: Browser, id: str) -> None:
    choose(page, id)
    unnamed = page.js(
        "[...document.querySelectorAll('input, select, textarea')].filter((one) => one.labels.length === 0).length"
        " + [...document.querySelectorAll('button, summary, a')].filter((one) => !one.textContent.trim()).length"
    )
    assert unnamed == 0
    assert page.js("document.querySelectorAll('[role=status][aria-live=polite]').length") >= 2
    assert page.js("document.documentElement.lang") == "en"


@needs_chromium
def test_a_file_is_uploaded_and_its_link_filled_in(page: Browser) -> None:
    choose(page, "hear")
    page.js(
        "(() => { const files = new DataTransfer(); files.items.add(new File(['RIFF'], 'a.wav', { type: 'audio/wav' }));"
        " const input = document.querySelector('input[type=file]'); input.files = files.files;"
        " input.dispatchEvent(new Event('change', { bubbles: true })); })()"
    )
    page.until("document.querySelector('[data-parameter=source_audio]').value.endsWith('a.wav')")
    assert run(page).startswith("Done")
