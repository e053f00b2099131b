"""`typedrun run` against the sandbox: what goes to stdout, what is written, and which exit code says what."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aixplain_models import Aixplain
from tests.commandline import Ran, run_command
from typedrun import errors
from typedrun.exports.saving import save_files
from typedrun.results import ModelResult
from typedrun_codegen.cli.app import main
from typedrun_codegen.cli.run import CODES, as_json
from typedrun_sandbox import bundled_snapshot
from typedrun_sandbox.jsontypes import JSONObject
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

ROOT = Path(__file__).parents[3]
GPT, SPEECH, HEARING = "openai/gpt-5.4/openai", "google/text-to-speech/google", "deepgram/nova-3/deepgram"

Run = Callable[..., Ran]
Here = Callable[..., tuple[object, str, str]]


@pytest.fixture
def environment(typedrun_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return os.environ | {
        "TEAM_API_KEY": typedrun_sandbox.api_key,
        "BACKEND_URL": typedrun_sandbox.backend_url,
        "MODELS_RUN_URL": typedrun_sandbox.model_url,
        "TYPEDRUN_CONFIG": str(ROOT / "pyproject.toml"),
        "XDG_CACHE_HOME": str(tmp_path_factory.getbasetemp() / "cache"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    def run_in_directory(*words: str, stdin: str = "", **more: str) -> Ran:
        return run_command(tmp_path, "run", *words, environment=environment | more, stdin=stdin)

    return run_in_directory


@pytest.fixture
def here(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Here:
    """`typedrun run …` within this process: exit code, stdout, stderr."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run_here(*words: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["run", *words])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run_here


def posted(sandbox: Sandbox) -> list[JSONObject]:
    return [entry.json for entry in sandbox.requests if entry.method == "POST" and "/execute/" in entry.path]


def test_a_text_goes_to_stdout_and_nothing_else_does(run: Run, typedrun_sandbox: Sandbox) -> None:
    ran = run(GPT, "text=Say hello", "temperature=0.2")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "Hello! How can I help you today?\n", "")
    (body,) = posted(typedrun_sandbox)
    assert (body["text"], body["temperature"]) == ("Say hello", 0.2)


def test_a_stream_prints_the_same_text(run: Run, typedrun_sandbox: Sandbox) -> None:
    ran = run(GPT, "text=Say hello", "--stream")
    assert (ran.returncode, ran.stdout) == (0, "Hello! How can I help you today?\n")
    assert posted(typedrun_sandbox)[0]["options"] == {"stream": True}


def test_a_package_runs_what_its_snapshot_runs(run: Run) -> None:
    assert run("openai.gpt_5_4", "text=Say hello", "--package", "aixplain_models").stdout.startswith("Hello!")


def test_a_file_is_saved_here_and_named_on_stdout(run: Run, tmp_path: Path) -> None:
    ran = run(SPEECH, "text=-", stdin="Hello\n")
    name = ran.stdout.strip()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / name).read_bytes().startswith(b"RIFF")


def test_save_names_the_file_and_no_save_prints_the_address(run: Run, tmp_path: Path) -> None:
    assert run(SPEECH, "text=Hello", "--save", "out.wav").stdout == "out.wav\n"
    assert (tmp_path / "out.wav").read_bytes().startswith(b"RIFF")
    assert run(SPEECH, "text=Hello", "--no-save").stdout.startswith("http://127.0.0.1")
    assert run(GPT, "text=Say hello", "--save", "answer.txt").stdout == "answer.txt\n"
    assert (tmp_path / "answer.txt").read_text() == "Hello! How can I help you today?"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answer.txt", "out.wav"]


def test_a_local_file_is_uploaded(run: Run, tmp_path: Path, typedrun_sandbox: Sandbox) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")
    ran = run(HEARING, "source_audio@a.wav", "--json")
    assert ran.returncode == 0, ran.stderr
    assert str(posted(typedrun_sandbox)[0]["source_audio"]).startswith("http")
    assert json.loads(ran.stdout)["model"] == HEARING


def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_sent(
    here: Here, typedrun_sandbox: Sandbox
) -> None:
    for place in ("nowhere/out.txt", "nowhere/"):
        code, out, err = here(GPT, "text=Hello", "--save", place)
        assert (code, out) == (2, "")
        assert "there is no directory" in err
    assert typedrun_sandbox.requests == ()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_text_that_cannot_be_kept_is_printed(here: Here) -> None:
    code, out, err = here(GPT, "text=Say hello", "--save", "/dev/full")
    assert (code, out) == (1, "Hello! How can I help you today?\n")
    assert "there is no space left" in err


def test_json_is_one_document(run: Run) -> None:
    document = json.loads(run(SPEECH, "text=Hello", "--json", "--save", "out.wav").stdout)
    assert (document["status"], document["files"]) == ("SUCCESS", ["out.wav"])
    assert document["used_credits"] > 0


def test_every_problem_of_a_call_is_in_one_message_and_nothing_is_sent(run: Run, typedrun_sandbox: Sandbox) -> None:
    ran = run(GPT, "txt=Hello", "temperature=hot", "tools:={", "reasoning_effort=extreme", "contxt@no-file")
    assert (ran.returncode, ran.stdout) == (2, "")
    for said in (
        "did you mean 'text'?",
        "did you mean 'context'?",
        "Expected a number, got 'hot'",
        "'tools' is no JSON",
        "options are 'none'",
    ):
        assert said in ran.stderr
    assert typedrun_sandbox.requests == ()


def test_curl_prints_the_request_without_the_key_and_sends_nothing(run: Run, typedrun_sandbox: Sandbox) -> None:
    ran = run(GPT, "text=Hello", "--curl", "--api-key", "canary-000111222")
    assert ran.returncode == 0
    assert "-H 'x-api-key: ***'" in ran.stdout
    assert "canary" not in ran.stdout + ran.stderr
    assert run(GPT, "text=Hello", "--curl", TEAM_API_KEY="").stdout == ran.stdout
    assert typedrun_sandbox.requests == ()


@pytest.mark.parametrize("key", [["--api-key", "canary-0001"], ["--api-key=canary-0001"], ["--apikey", "canary-0001"]])
def test_no_key_is_shown_when_the_command_line_is_not_understood(key: list[str], here: Here) -> None:
    code, out, err = here(GPT, "text=Hello", "--no-such-option", *key)
    assert code == 2
    assert "--no-such-option" in err
    assert "canary" not in out + err


@pytest.mark.parametrize(
    ("name", "model", "said"),
    [
        (
            "replicate",
            "black-forest-labs/flux-schnell",
            ("/v1/models/black-forest-labs/flux-schnell/predictions", "Bearer ***"),
        ),
        ("fal", "fal-ai/flux/dev", ("/fal-ai/flux/dev", "Authorization: Key ***", '"prompt": "A fox"')),
    ],
)
def test_a_model_that_is_only_in_another_marketplaces_snapshot_is_run_there(
    name: str, model: str, said: tuple[str, ...], here: Here
) -> None:
    catalog = ["--snapshot", str(ROOT / "schemas" / name / "catalog")]
    code, out, _ = here(model, "prompt=A fox", "--curl", *catalog)
    assert code == 0
    assert all(each in out for each in said)
    code, _, err = here(model, "promt=A fox", "--curl", *catalog)
    assert code == 2
    assert "did you mean 'prompt'?" in err


def test_a_version_that_is_named_is_run(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox(marketplace="replicate") as sandbox:
        monkeypatch.setenv("REPLICATE_API_TOKEN", sandbox.api_key)
        monkeypatch.setenv("REPLICATE_BASE_URL", sandbox.backend_url)
        catalog = ["--snapshot", str(ROOT / "schemas/replicate/catalog")]
        code, _, err = here("oldtimer/fortune:0bad", *catalog)
        assert (code, "NotFoundError" in err) == (3, True)
        version = "2fb191b8c2145289e2208dd309bfff5df8575ca591d5936be12d9f49ddf5db20"
        code, out, err = here(f"oldtimer/fortune:{version}", *catalog)
        assert (code, bool(out.strip())) == (0, True), err


# --- exit codes


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (401, 4, "AuthenticationError"),
        (403, 4, "PermissionDeniedError"),
        (402, 5, "BillingError"),
        (422, 3, "InvalidRequestError"),
        (404, 3, "NotFoundError"),
        (429, 6, "RateLimitError"),
        (500, 9, "OutcomeUnknown"),
    ],
)
def test_the_exit_code_says_what_class_of_error_it_was(
    status: int, code: int, said: str, run: Run, typedrun_sandbox: Sandbox
) -> None:
    typedrun_sandbox.fail_next(status, on="run", times=20)
    ran = run(GPT, "text=Hello", "--timeout", "5")
    assert (ran.returncode, ran.stdout) == (code, ""), ran.stderr
    assert said in ran.stderr
    assert "next" in ran.stderr


def test_a_run_that_fails_and_one_that_takes_too_long_are_told(run: Run, typedrun_sandbox: Sandbox) -> None:
    typedrun_sandbox.reply(GPT, {"status": "FAILED", "completed": True, "errorMessage": "too hot"})
    failed = run(GPT, "text=Hello")
    assert (failed.returncode, failed.stdout) == (3, "")
    assert "too hot" in failed.stderr
    typedrun_sandbox.fail_next(503, on="poll", times=100)
    late = run(HEARING, "source_audio=https://example.com/a.wav", "--timeout", "4")
    assert (late.returncode, late.stdout) == (7, ""), late.stderr
    assert "it goes on at the backend" in late.stderr


def test_a_run_outside_the_budget_is_refused_before_anything_is_sent(run: Run, typedrun_sandbox: Sandbox) -> None:
    refused = run(SPEECH, "text=Hello", "--budget", "0.00001")
    assert (refused.returncode, refused.stdout) == (5, "")
    assert "BudgetExceeded" in refused.stderr
    assert typedrun_sandbox.requests == ()
    assert run(SPEECH, "text=Hello", "--budget", "1").returncode == 0


def test_no_key_no_model_and_no_backend_are_told(run: Run) -> None:
    assert run(GPT, "text=Hello", TEAM_API_KEY="", AIXPLAIN_API_KEY="").returncode == 2
    assert "did you mean" in run("openai/gtp-5.4/openai", "text=Hello").stderr
    refused = run(GPT, "text=Hello", "--timeout", "5", MODELS_RUN_URL="http://127.0.0.1:9/api/v2/execute")
    assert (refused.returncode, refused.stdout) == (8, "")


def test_every_class_of_error_has_a_code() -> None:
    known = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.TypedrunError)
    ]
    rows = {name for name, _, _ in CODES}
    assert all(rows & {each.__name__ for each in one.__mro__} for one in known)
    assert {code for _, code, _ in CODES} == {2, 3, 4, 5, 6, 7, 8, 9}


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_the_job_to_be_picked_up(
    stop: signal.Signals, code: int, tmp_path: Path, environment: dict[str, str]
) -> None:
    with Sandbox(bundled_snapshot(), settings=Settings(job_polls=10**6)) as sandbox:
        command = [sys.executable, "-m", "typedrun_codegen", "run", HEARING, "source_audio=https://example.com/a.wav"]
        with subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment | sandbox.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as running:
            while not any(entry.operation == "poll" for entry in sandbox.requests):
                assert running.poll() is None
                time.sleep(0.05)
            running.send_signal(stop)
            out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (code, "")
    assert "the run goes on at the backend; a program picks it up with client.job('job_" in err


# --- terminals and shells


def on_a_terminal(environment: dict[str, str], directory: Path, *words: str) -> tuple[int, bytes]:
    """Exit code of `typedrun run …`, and what its terminal showed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "typedrun_codegen", "run", *words]
    with subprocess.Popen(
        command, cwd=directory, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as running:
        os.close(theirs)
        shown = b"".join(read_all(ours))
    os.close(ours)
    return running.returncode, shown


def test_a_terminal_shows_what_a_model_wrote_harmlessly(
    environment: dict[str, str], tmp_path: Path, typedrun_sandbox: Sandbox
) -> None:
    typedrun_sandbox.reply(GPT, {"status": "SUCCESS", "completed": True, "data": "one\x1b[31m\ntwo"})
    code, shown = on_a_terminal(environment, tmp_path, GPT, "text=Hello")
    assert code == 0
    assert b"one\\x1b[31m\r\ntwo\r\n" in shown


def test_a_terminal_shows_how_far_a_job_is(environment: dict[str, str], tmp_path: Path) -> None:
    code, shown = on_a_terminal(environment, tmp_path, HEARING, "source_audio=https://example.com/a.wav")
    assert code == 0
    assert b"waiting" in shown or b"finished" in shown
    assert HEARING.encode() in shown


def read_all(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            block = os.read(terminal, 65536)
        except OSError:  # Linux says so that nobody holds the other side
            return
        if not block:
            return
        yield block


BASH = """
source <(_TYPEDRUN_COMPLETE=source_bash typedrun)
try() { COMP_WORDS=("${@:2}"); COMP_CWORD=$1; COMPREPLY=(); _typedrun_completion typedrun "${COMP_WORDS[$COMP_CWORD]}"; echo "${COMPREPLY[*]}"; }
"""


COMPLETIONS = {
    "2 typedrun run openai.gpt_5_4": "openai.gpt_5_4",
    "2 typedrun run openai/gpt-5.4/": "openai/gpt-5.4/openai",
    "3 typedrun run openai/gpt-5.4/openai tem": "temperature= temperature:=",
    "4 typedrun run openai/gpt-5.4/openai reasoning_effort =": "none low medium high",
    "5 typedrun run openai/gpt-5.4/openai reasoning_effort = me": "medium",
    "3 typedrun run openai/gpt-5.4/openai --st": "--stream",
    "3 typedrun mcp --models openai.gpt_5_4": "openai.gpt_5_4",
    "3 typedrun mcp --models google.google_text_to_speech,openai.gpt_5_4": "google.google_text_to_speech,openai.gpt_5_4",
}
"""What is typed, after the number of the word at the cursor → what bash offers."""


def test_bash_completes_models_parameters_options_and_their_values(environment: dict[str, str]) -> None:
    script = "\n".join([BASH, *(f"try {words}" for words in COMPLETIONS)])
    ran = subprocess.run(["bash", "--norc", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert dict(zip(COMPLETIONS, map(str.strip, ran.stdout.splitlines()), strict=True)) == COMPLETIONS


@pytest.mark.parametrize(
    ("shell", "asks", "expected"),
    [
        ("zsh", {}, '"reasoning_effort=medium"'),
        ("fish", {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}, "reasoning_effort=medium"),
    ],
)
def test_zsh_and_fish_are_told_the_same(
    shell: str, asks: dict[str, str], expected: str, environment: dict[str, str]
) -> None:
    asked = {
        "_TYPEDRUN_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": f"typedrun run {GPT} reasoning_effort=me",
    }
    ran = subprocess.run(["typedrun"], env=environment | asked | asks, capture_output=True, text=True, check=False)
    assert expected in ran.stdout
    assert "reasoning_effort=low" not in ran.stdout


def test_a_number_that_json_cannot_hold_is_null_in_it() -> None:
    model = Aixplain(api_key="test").models.openai.gpt_5_4
    output = {"score": float("nan"), "scores": [float("inf"), 0.5]}
    told = as_json(model, ModelResult(status="SUCCESS", completed=True, data=output), [])
    assert told["data"] == {"score": None, "scores": [None, 0.5]}
    json.dumps(told, allow_nan=False)


def test_several_files_have_names_of_their_own_and_replace_none_that_is_there(tmp_path: Path) -> None:
    model = Aixplain(api_key="test").models.openai.gpt_5_4
    (tmp_path / "out-1.txt").write_text("of an earlier run")
    paths = list(save_files(model, ["data:text/plain,one", "data:text/plain,two"], tmp_path / "out.txt"))
    assert [path.name for path in paths] == ["out-1-1.txt", "out-2.txt"]
    assert [path.read_text() for path in paths] == ["one", "two"]
    assert (tmp_path / "out-1.txt").read_text() == "of an earlier run"
