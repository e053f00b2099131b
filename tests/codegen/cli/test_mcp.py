"""`typedrun mcp` before its judge: the official client, over stdin and stdout and over HTTP, against the sandbox."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import TYPE_CHECKING, Any

import anyio
import jsonschema
import pytest
import urllib3

from tests.commandline import Ran, run_command
from typedrun_sandbox import bundled_snapshot
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

if TYPE_CHECKING:  # seconds, which only the process needs that runs these tests
    from mcp import Client
    from mcp_types import CallToolResult

ROOT = Path(__file__).parents[3]
GPT, SPEECH, HEARING = "openai/gpt-5.4/openai", "google/text-to-speech/google", "deepgram/nova-3/deepgram"
ANEW = [sys.executable, "-m", "typedrun_codegen", "mcp"]
COMMAND = ANEW

Test = Callable[["Client"], Awaitable[None]]
Connect = Callable[..., None]


def environment(sandbox: Sandbox) -> dict[str, str]:
    return os.environ | sandbox.environment | {"TYPEDRUN_CONFIG": str(ROOT / "pyproject.toml")}


@pytest.fixture(scope="module", autouse=True)
def forked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """On Linux, let the servers be forks of a warm process; those of the documentation's session and of the last test begin anew."""
    if sys.platform != "linux":
        yield
        return
    door = str(tmp_path_factory.mktemp("door") / "door")
    with subprocess.Popen([sys.executable, "-m", "tests.commands", door], cwd=ROOT, stdin=PIPE, stdout=PIPE) as warm:
        assert warm.stdin is not None
        assert warm.stdout is not None
        assert warm.stdout.readline() == b"ready\n"
        with pytest.MonkeyPatch.context() as patch:
            command = [sys.executable, "-I", "-S", str(ROOT / "tests" / "commands.py"), door, "mcp"]
            patch.setattr(sys.modules[__name__], "COMMAND", command)
            yield
        warm.stdin.close()


def over_stdio(sandbox: Sandbox, test: Test, *options: str, mode: str = "auto") -> None:
    """Run a test with a client of `typedrun mcp` as its child."""
    from mcp import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    async def connect() -> None:
        parameters = StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:], *options], env=environment(sandbox))
        with Path(os.devnull).open("w") as nowhere:  # pytest's own stderr has no descriptor
            async with Client(stdio_client(parameters, errlog=nowhere), mode=mode) as client:
                await asyncio.wait_for(test(client), 100)

    asyncio.run(connect())


@contextmanager
def http_server(sandbox: Sandbox, *options: str) -> Generator[str]:
    """Address of `typedrun mcp --http 0`."""
    command = [*COMMAND, "--http", "0", *options]
    with subprocess.Popen(command, env=environment(sandbox), stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            line = next(line for line in server.stderr if "http://" in line)
            yield line.split()[2]
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=30)


def over_http(url: str, test: Test, mode: str = "auto") -> None:
    """Run a test with a client of the server that listens there."""
    from mcp import Client

    async def connect() -> None:
        async with Client(url, mode=mode) as client:
            await asyncio.wait_for(test(client), 100)

    asyncio.run(connect())


def text(result: CallToolResult) -> str:
    (block,) = result.content
    assert block.type == "text"
    return block.text


CHOSEN = ("--models", f"{GPT},{SPEECH}")


@pytest.fixture(scope="module")
def served(typedrun_sandbox_server: Sandbox) -> Iterator[str]:
    """Address of a server of the chosen models."""
    with http_server(typedrun_sandbox_server, *CHOSEN) as url:
        yield url


@pytest.fixture(params=["stdio", "http"])
def connect(request: pytest.FixtureRequest, typedrun_sandbox_server: Sandbox) -> Connect:
    """Runs a test over a transport, with a server of a sandbox that was started with these options."""
    if request.param == "stdio":
        return over_stdio

    def use(sandbox: Sandbox, test: Test, *options: str, mode: str = "auto") -> None:
        if sandbox is typedrun_sandbox_server and options == CHOSEN:
            return over_http(request.getfixturevalue("served"), test, mode)
        with http_server(sandbox, *options) as url:
            return over_http(url, test, mode)

    return use


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_official_client_lists_and_calls_every_kind_of_tool(
    connect: Connect, mode: str, typedrun_sandbox: Sandbox
) -> None:
    async def use(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        general = ["search_models", "describe_model", "run_model", "get_job", "cancel_job"]
        assert list(tools) == ["openai_gpt-5_4_openai", "google_text-to-speech_google", *general]
        assert tools["search_models"].annotations is not None
        assert tools["search_models"].annotations.read_only_hint is True

        async def call(name: str, **arguments: Any) -> CallToolResult:
            result = await client.call_tool(name, arguments)  # the client checks the structured content itself
            if not result.is_error:
                schema = tools[name].output_schema
                assert schema is not None
                jsonschema.validate(result.structured_content, schema, jsonschema.Draft202012Validator)
            return result

        answer = await call("openai_gpt-5_4_openai", text="Say hello", temperature=0.2)
        assert text(answer) == "Hello! How can I help you today?"
        assert answer.structured_content["cost"] > 0
        spoken = await call("google_text-to-speech_google", text="Hello")
        (link,) = spoken.content
        assert link.type == "resource_link"
        assert link.uri == spoken.structured_content["data"]
        found = await call("search_models", query="nova", function="speech-recognition")
        (model,) = found.structured_content["models"]
        assert model["model"] == HEARING
        told = await call("describe_model", model=HEARING)
        assert told.structured_content["input_schema"]["required"] == ["source_audio"]
        heard = await call("run_model", model=HEARING, arguments={"source_audio": link.uri})
        assert heard.structured_content["data"] == text(heard)
        started = await call("run_model", model=HEARING, arguments={"source_audio": link.uri}, background=True)
        job = started.structured_content["job"]
        answers = [await call("get_job", job=job) for _ in range(3)]
        assert any("data" in each.structured_content for each in answers if not each.is_error)
        wrong = await call("openai_gpt-5_4_openai", txt="Hello")
        assert wrong.is_error
        assert "did you mean 'text'" in text(wrong)

    connect(typedrun_sandbox, use, *CHOSEN, mode=mode)
    assert {entry.operation for entry in typedrun_sandbox.requests} == {"run", "poll"}


def test_half_a_character_of_a_model_does_not_end_the_server(typedrun_sandbox: Sandbox) -> None:
    typedrun_sandbox.reply(GPT, {"status": "SUCCESS", "completed": True, "data": "one \ud800 two"})

    async def use(client: Client) -> None:
        for _ in range(2):
            answer = await client.call_tool("openai_gpt-5_4_openai", {"text": "Say hello"})
            assert text(answer) == "one \ufffd two"

    over_stdio(typedrun_sandbox, use, *CHOSEN)


def test_nothing_outside_the_budget_is_run(connect: Connect, typedrun_sandbox: Sandbox) -> None:
    async def use(client: Client) -> None:
        for name, arguments in (
            ("google_text-to-speech_google", {"text": "Hello"}),
            ("run_model", {"model": SPEECH, "arguments": {"text": "Hello"}}),
            ("run_model", {"model": HEARING, "arguments": {"source_audio": "https://example.com/a.wav"}}),
        ):
            refused = await client.call_tool(name, arguments)
            assert refused.is_error
            assert "was not run" in text(refused)

    connect(typedrun_sandbox, use, *CHOSEN, "--budget", "0.00001")
    assert typedrun_sandbox.requests == ()


def test_a_run_that_takes_its_time_tells_how_far_it_is(connect: Connect, typedrun_sandbox: Sandbox) -> None:
    told: list[tuple[float, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message))

    async def use(client: Client) -> None:
        answer = await client.call_tool("openai_gpt-5_4_openai", {"text": "Say hello"}, progress_callback=note)
        assert text(answer).startswith("Hello")

    typedrun_sandbox.fail_next(on="run", latency=4.0)
    connect(typedrun_sandbox, use, *CHOSEN)
    assert told
    assert [progress for progress, _ in told] == sorted(progress for progress, _ in told)
    assert str(told[0][1]).startswith("running, ")


def test_a_cancelled_call_stops_asking_the_backend(connect: Connect) -> None:
    async def use(client: Client) -> None:
        arguments = {"model": HEARING, "arguments": {"source_audio": "https://example.com/a.wav"}}
        with anyio.move_on_after(20) as limit:
            async with anyio.create_task_group() as group:
                group.start_soon(client.call_tool, "run_model", arguments)
                while polls() < 2:
                    await anyio.sleep(0.05)
                group.cancel_scope.cancel()
        assert not limit.cancelled_caught
        await anyio.sleep(2)  # a poll that was under way
        before = polls()
        await anyio.sleep(5)
        assert polls() == before
        assert len((await client.list_tools()).tools) == 7  # and the server serves on

    with Sandbox(bundled_snapshot(), settings=Settings(job_polls=10**6)) as sandbox:

        def polls() -> int:
            return sum(entry.operation == "poll" for entry in sandbox.requests)

        connect(sandbox, use, *CHOSEN)


def test_files_are_read_only_where_that_is_allowed(typedrun_sandbox: Sandbox, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (tmp_path / "secret.wav").write_bytes(b"canary")
    (allowed / "a.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")
    (allowed / "link.wav").symlink_to(tmp_path / "secret.wav")

    async def use(client: Client) -> None:
        sent = await client.call_tool("upload_file", {"path": "a.wav"})
        url = sent.structured_content["url"]
        heard = await client.call_tool("run_model", {"model": HEARING, "arguments": {"source_audio": url}})
        assert not heard.is_error
        for path in ("link.wav", "../secret.wav", str(tmp_path / "secret.wav"), "/etc/passwd"):
            refused = await client.call_tool("upload_file", {"path": path})
            assert refused.is_error
            direct = await client.call_tool("run_model", {"model": HEARING, "arguments": {"source_audio": path}})
            assert direct.is_error

    over_stdio(typedrun_sandbox, use, *CHOSEN, "--allow-files", str(allowed))
    assert sum(entry.operation == "upload" for entry in typedrun_sandbox.requests) == 1
    assert sum(entry.operation == "run" for entry in typedrun_sandbox.requests) == 1


def test_a_function_and_only_choose_what_there_is(typedrun_sandbox: Sandbox) -> None:
    async def use(client: Client) -> None:
        names = [tool.name for tool in (await client.list_tools()).tools]
        assert "google_text-to-speech_google" in names
        assert "run_model" not in names
        refused = await client.call_tool("run_model", {"model": GPT, "arguments": {"text": "x"}})
        assert refused.is_error

    over_stdio(typedrun_sandbox, use, "--function", "speech-synthesis", "--only", "--package", "aixplain_models")


def test_the_http_server_answers_loopback_and_no_page_of_a_browser(served: str) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    with urllib3.PoolManager() as pool:
        assert served.startswith("http://127.0.0.1:")

        def status(**more: str) -> int:
            return pool.request("POST", served, body=json.dumps(message), headers=headers | more, retries=False).status

        assert status(Origin="https://evil.example") == 403
        assert status(Host="evil.example") == 421


def test_the_session_of_the_documentation_is_what_happens(typedrun_sandbox: Sandbox, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "mcp.md").read_text("utf-8")
    program, printed = (page.rpartition(f"```{word}\n")[2].partition("```")[0] for word in ("python", "text"))
    (tmp_path / "session.py").write_text(program, "utf-8")
    ran = subprocess.run(
        [sys.executable, "-W", "error", "session.py"],
        cwd=tmp_path,
        env=environment(typedrun_sandbox),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert ran.stdout == printed


# --- what cannot be served


KEY = {"TEAM_API_KEY": "canary-000111222", "TYPEDRUN_CONFIG": str(ROOT / "pyproject.toml")}


def refused(*options: str, **more: str) -> Ran:
    return run_command(ROOT, "mcp", *options, environment=os.environ | KEY | more)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--models", "openai/gtp-5.4/openai"], "did you mean openai/gpt-5.4/openai"),
        (["--function", "translations"], "did you mean 'translation'"),
        (["--allow-files", "/no/such/folder"], "is no folder"),
        (["--budget", "-1"], "at least 0"),
    ],
)
def test_what_cannot_be_served_is_told_with_exit_code_2(options: list[str], said: str) -> None:
    ran = refused(*options)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert "canary" not in ran.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = refused("--http", str(taken.getsockname()[1]))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "the port is in use" in ran.stderr


def test_no_key_is_told(tmp_path: Path) -> None:
    ran = refused(TEAM_API_KEY="", AIXPLAIN_API_KEY="")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "There is no API key" in ran.stderr


def test_stdin_that_ends_ends_the_server_and_stdout_has_the_protocol_alone() -> None:
    began = time.monotonic()
    ran = subprocess.run(
        [*ANEW, "--models", GPT],
        env=os.environ | KEY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "runs are not limited" in ran.stderr
    assert time.monotonic() - began < 60
