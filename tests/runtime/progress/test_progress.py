"""What a person sees of a long run, and that nobody sees anything without asking."""

from __future__ import annotations

import io
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.narrowing import attribute, nothing, noting
from tests.runtime.conftest import Bench
from typedrun.errors import ParameterError
from typedrun.job import Job
from typedrun.progress import Progress
from typedrun.progress.bars import open_bars
from typedrun.testing import Answer, Received

POLL = "https://models.test/api/v1/data/abc-1"
STARTED = Answer(json={"status": "IN_PROGRESS", "completed": False, "data": POLL})
WAITING = Answer(json={"status": "IN_PROGRESS", "completed": False})
FINISHED = Answer(json={"status": "SUCCESS", "completed": True, "data": "Hola"})


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


def storage(request: Received) -> Answer:
    if request.url.endswith("/temp-url"):
        return Answer(json={"uploadUrl": "https://store.test/put", "downloadUrl": "https://store.test/get"})
    return Answer() if request.method == "PUT" else FINISHED


LISTENER = {"id": "64cc", "name": "Ear", "params": [{"name": "source_audio", "dataType": "audio", "required": True}]}


def test_a_run_tells_each_answer_to_on_poll(bench: type[Bench], language_model: dict[str, Any]) -> None:
    told: list[tuple[str, bool]] = []

    def note(job: Job[Any]) -> None:
        told.append((job.status, job.completed))

    model = bench(STARTED, WAITING, FINISHED).model(language_model)
    result = model.run(text="Hi", on_poll=note)
    assert told == [("IN_PROGRESS", False), ("SUCCESS", True)]
    assert result.data == "Hola"


def test_what_on_poll_raises_reaches_the_caller_with_the_job(
    bench: type[Bench], language_model: dict[str, Any]
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    model = bench(STARTED, WAITING).model(language_model)
    with pytest.raises(ZeroDivisionError) as caught:
        model.run(text="Hi", on_poll=fail, show_progress=True)
    assert attribute(caught.value, "job_token").startswith("job_")


@pytest.mark.parametrize("name", ["on_poll", "on_upload"])
def test_a_callback_that_cannot_be_called_is_refused(
    bench: type[Bench], language_model: dict[str, Any], name: str
) -> None:
    made = bench()
    with pytest.raises(ParameterError, match=f"'{name}' must be callable, got True"):
        made.model(language_model).run(text="Hi", **{name: True})
    assert made.sent == []


def test_nothing_is_shown_unless_it_is_asked_for(
    bench: type[Bench], language_model: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    bench(STARTED, FINISHED).model(language_model).run(text="Hi")
    bench(storage).client.upload(b"x" * 10)
    bench(STARTED, FINISHED).model(language_model).run_async(text="Hi").wait()
    assert capfd.readouterr() == ("", "")


def test_without_a_terminal_there_are_lines(
    bench: type[Bench], language_model: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    made = bench(STARTED, WAITING, WAITING, FINISHED)
    made.model(language_model).run(text="Hi", show_progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    first, last = shown.err.splitlines()  # the second answer says nothing new
    assert first.startswith("quill/quill-2/quill: IN_PROGRESS after ")
    assert last.startswith("quill/quill-2/quill: finished after ")


def test_a_job_shows_its_waiting(
    bench: type[Bench], language_model: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    job = bench(STARTED, FINISHED).model(language_model).run_async(text="Hi")
    told: list[tuple[Job[Any]]] = []
    assert job.wait(progress=True, on_poll=noting(told)).data == "Hola"
    assert "finished after" in capsys.readouterr().err
    assert [polled.completed for (polled,) in told] == [True]


def test_uploads_are_shown_with_those_of_a_run_and_alone(
    bench: type[Bench], capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[str, int, int]] = []
    bench(storage).model(LISTENER).run(source_audio=b"RIFF....WAVE", show_progress=True, on_upload=noting(told))
    assert capsys.readouterr().err == "64cc: uploading source_audio, 12 bytes of 12 bytes\n"
    assert told == [("source_audio", 12, 12)]
    bench(storage).client.upload(b"x" * 2048, show_progress=True)
    assert capsys.readouterr().err == "upload: uploading file, 2.0 KiB of 2.0 KiB\n"


def test_on_a_terminal_a_line_moves_and_is_gone_at_the_end(
    bench: type[Bench], language_model: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    bench(STARTED, WAITING, FINISHED).model(language_model).run(text="Hi", show_progress=True)
    shown = stderr.getvalue()
    assert "quill/quill-2/quill: finished" in shown
    assert shown.endswith("\x1b[1A\x1b[2K")  # rich has wiped its line


@pytest.mark.parametrize("is_notebook", [True, False])
def test_a_moving_line_is_on_stderr_but_for_notebooks(is_notebook: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = {name: Terminal() for name in ("stdout", "stderr")}
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    monkeypatch.setenv("TERM", "xterm")
    if is_notebook:
        monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    bars = open_bars()
    bars.start()
    bars.show("m", "halfway")
    bars.stop()
    assert {name: "halfway" in stream.getvalue() for name, stream in streams.items()} == {
        "stdout": is_notebook,
        "stderr": not is_notebook,
    }


def test_without_rich_a_terminal_gets_lines_too(
    bench: type[Bench], language_model: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr("typedrun.progress.find_spec", nothing)
    bench(STARTED, FINISHED).model(language_model).run(text="Hi", show_progress=True)
    assert stderr.getvalue().startswith("quill/quill-2/quill: finished after ")


def test_a_word_of_the_backend_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    class Job:
        status = "\x1b]0;owned\x07[bold]" + "x" * 100
        completed = False

    with Progress("model\x1b[2J") as shown:
        shown.polled(Job())
    assert "\x1b" not in capsys.readouterr().err


def test_lines_come_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter(range(100))
    with Progress("m", now=lambda: next(moments)) as shown:
        for sent in range(10):
            shown.uploaded("a", sent * 2**20, 9 * 2**20)
    lines = capsys.readouterr().err.splitlines()
    assert 2 < len(lines) < 10
    assert lines[-1] == "m: uploading a, 9.0 MiB of 9.0 MiB"
