from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from tests.narrowing import present
from tests.sandbox.conftest import Http
from typedrun_sandbox.engine.listening import listen
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings


def test_a_sandbox_tells_where_it_is_and_what_it_accepts(sandbox: Sandbox) -> None:
    assert sandbox.backend_url == sandbox.url
    assert sandbox.model_url == f"{sandbox.url}/api/v2/execute"
    assert sandbox.environment == {
        "TEAM_API_KEY": sandbox.api_key,
        "BACKEND_URL": sandbox.url,
        "MODELS_RUN_URL": sandbox.model_url,
    }


def test_a_sandbox_never_takes_the_real_key_from_the_environment(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAM_API_KEY", "a real key")
    with Sandbox(snapshot) as sandbox:
        assert sandbox.api_key == "typedrun-sandbox-key"


def test_closing_ends_the_thread_and_frees_the_port_and_closing_twice_is_fine(snapshot: Path) -> None:
    before = threading.active_count()
    sandbox = Sandbox(snapshot)
    port = int(sandbox.url.rsplit(":", 1)[1])
    assert threading.active_count() == before + 1
    sandbox.close()
    sandbox.close()
    assert threading.active_count() == before
    listen("127.0.0.1", port).close()


def test_closing_does_not_wait_for_a_stream_that_is_still_running(snapshot: Path) -> None:
    with Sandbox(snapshot, settings=Settings(token_seconds=30)) as sandbox:
        connection = socket.create_connection(("127.0.0.1", int(sandbox.url.rsplit(":", 1)[1])))
        body = b'{"text": "Tell me a story", "stream": true}'
        head = f"POST /api/v2/execute/chat HTTP/1.1\r\nHost: x\r\nx-api-key: {sandbox.api_key}\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert connection.recv(10) == b"HTTP/1.1 2"
        started = time.monotonic()
    assert time.monotonic() - started < 2
    connection.close()


def test_tokens_arrive_one_by_one(snapshot: Path) -> None:
    with Sandbox(snapshot, settings=Settings(token_seconds=0.05)) as sandbox, urllib3.PoolManager() as pool:
        reply = pool.request(
            "POST",
            f"{sandbox.model_url}/chat",
            json={"text": "Hello", "stream": True},
            headers={"x-api-key": sandbox.api_key},
            preload_content=False,
        )
        arrivals = [time.monotonic() for _ in reply.stream(1024)]
        reply.release_conn()
    assert arrivals[-1] - arrivals[0] >= 0.3
    assert len(arrivals) >= 9


def test_a_client_that_leaves_in_the_middle_of_its_request_disturbs_nobody(
    sandbox: Sandbox, http: Http, caplog: pytest.LogCaptureFixture
) -> None:
    address = ("127.0.0.1", int(sandbox.url.rsplit(":", 1)[1]))
    with socket.create_connection(address) as connection:
        connection.sendall(b"POST /api/v2/execute/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
    assert http.run("chat", text="Hello").status == 200
    assert caplog.records == []


def test_a_taken_port_is_told_in_a_sentence(sandbox: Sandbox, snapshot: Path) -> None:
    port = int(sandbox.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match=f"the sandbox cannot listen on 127.0.0.1 port {port}"):
        Sandbox(snapshot, port=port)


def test_a_reply_for_a_model_that_is_not_there_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="the sandbox has no model 'nobody'; its snapshot holds 15"):
        sandbox.reply("nobody", "x")


def test_a_reply_does_not_say_which_program_plays_the_marketplace(sandbox: Sandbox) -> None:
    assert "server" not in urllib3.request("GET", f"{sandbox.url}/files/none").headers


def test_a_fault_with_a_wrong_field_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="unknown fault field 'colour'"):
        sandbox.fail_next(colour="red")


def test_reset_forgets_everything(sandbox: Sandbox, http: Http) -> None:
    http.result("index", action="ingest", data=[{"data": "x", "document_id": "1"}])
    link = http.result("voice", text="x")["data"]
    sandbox.reply("chat", "scripted")
    sandbox.fail_next(on="upload")
    http("POST", "/sandbox/reset")
    assert (sandbox.requests, sandbox.backend.faults.pending()) == ((), ())
    assert http.result("index", action="count", data="")["data"] == 0
    assert http("GET", link, headers={}).status == 404
    assert http.result("chat", text="Hello")["data"] != "scripted"


def test_many_clients_are_answered_at_once(sandbox: Sandbox) -> None:
    def call(results: dict[int, str], number: int) -> None:
        body = {"text": f"{number} + 1"}
        reply = urllib3.request("POST", f"{sandbox.model_url}/chat", json=body, headers={"x-api-key": sandbox.api_key})
        results[number] = reply.json()["data"]

    results: dict[int, str] = {}
    threads = [threading.Thread(target=call, args=(results, number)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: f"{number} + 1 = {number + 1}." for number in range(20)}


@pytest.fixture
def served(snapshot: Path) -> Iterator[subprocess.Popen[str]]:
    """`serve` in a process of its own, as the command starts it."""
    code = "import sys; from pathlib import Path; from typedrun_sandbox.server import serve; serve(Path(sys.argv[1]))"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(snapshot)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TEAM_API_KEY": "it's mine"},
    ) as process:
        yield process
        process.kill()


def test_serve_prints_lines_for_the_shell_and_ends_quietly_on_ctrl_c(served: subprocess.Popen[str]) -> None:
    lines = [present(served.stdout).readline() for _ in range(4)]
    assert lines[0].startswith("# typedrun sandbox: 15 models at http://127.0.0.1:")
    script = "".join(lines) + 'printf "%s %s %s" "$TEAM_API_KEY" "$BACKEND_URL" "$MODELS_RUN_URL"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert shell.startswith("it's mine http://127.0.0.1:")
    url = shell.rsplit(" ", 1)[1]
    reply = urllib3.request("POST", f"{url}/chat", json={"text": "Hello"}, headers={"x-api-key": "it's mine"})
    assert reply.status == 200
    served.send_signal(signal.SIGINT)
    assert served.wait(10) == 0
    assert present(served.stderr).read() == ""


def test_the_command_serves_another_marketplace_over_tls(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "typedrun_codegen", "sandbox", "--marketplace", "fal", "--tls"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env={**os.environ, "FAL_KEY": "k"}
    ) as process:
        told = present(process.stdout)
        assert told.readline().startswith("# typedrun sandbox: ")
        printed = dict(told.readline().removeprefix("export ").strip().split("=", 1) for _ in range(6))
        assert list(printed) == [
            "FAL_KEY",
            "FAL_RUN_HOST",
            "FAL_QUEUE_RUN_HOST",
            "FAL_REST_HOST",
            "FAL_API_HOST",
            "SSL_CERT_FILE",
        ]
        with urllib3.PoolManager(ca_certs=printed["SSL_CERT_FILE"], retries=False) as pool:
            url = f"https://{printed['FAL_RUN_HOST']}/lakeside/llm"
            reply = pool.request("POST", url, json={"prompt": "What is 2 + 2?"}, headers={"Authorization": "Key k"})
            assert reply.json()["output"] == "2 + 2 = 4."
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
