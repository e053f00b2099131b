"""The ledger: a line for each billed call, whole whoever else writes."""

import json
import multiprocessing
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.narrowing import present
from tests.runtime.conftest import Step, script_of
from typedrun.client import Client
from typedrun.core.request import Stage
from typedrun.errors import LedgerError, OperationFailedError, OutcomeUnknown, StreamInterrupted, ValidationError
from typedrun.llm.responses import ModelResponse
from typedrun.model import from_document
from typedrun.money import ledger
from typedrun.testing import Answer, Fault, ScriptedNetwork, VirtualClock

KEY = "canary-0123456789"
PRICED = {"pricing": {"price": 0.1, "unitType": "REQUEST", "unitTypeScale": None}}
STARTED = {
    "status": "IN_PROGRESS",
    "completed": False,
    "data": "https://platform.test/sdk/runs/j-1",
    "requestId": "r-1",
}


class Maker(Protocol):
    def __call__(self, *script: Step, **fields: Any) -> tuple[Client, Any]: ...


def finished(**fields: Any) -> Answer:
    return Answer(
        json={"status": "SUCCESS", "completed": True, "data": "Hola", "requestId": "r-1", "usedCredits": 0.25} | fields
    )


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "spend.jsonl"


@pytest.fixture
def keeping(book: Path, language_model: dict[str, Any]) -> Maker:
    """A client that keeps a ledger, and a model of it."""

    def make(*script: Step, **fields: Any) -> tuple[Client, Any]:
        clock = VirtualClock()
        network = ScriptedNetwork(script_of(*script), clock)
        addresses = ("https://platform.test", None, "https://models.test/api/v2/execute")
        client = Client(KEY, *addresses, ledger=book, transport=network, clock=clock)
        model: Any = from_document(language_model | PRICED | fields, client)
        return client, model

    return make


def lines(book: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in book.read_text("utf-8").splitlines()]


def test_a_run_adds_one_line(keeping: Maker, book: Path) -> None:
    client, model = keeping(finished())
    with client.tags(job="nightly", attempt=1), client.tags(attempt=2):
        model.run(text="x")
    (line,) = lines(book)
    assert line.pop("time").endswith("Z")
    assert line == {
        "model": "quill/quill-2/quill",
        "cost": 0.25,
        "basis": "reported",
        "units": 1,
        "unit": "request",
        "kind": "run",
        "request_id": "r-1",
        "job": None,
        "tags": {"job": "nightly", "attempt": 2},
    }


def test_a_job_adds_its_line_when_it_is_over(keeping: Maker, book: Path) -> None:
    client, model = keeping(Answer(json=STARTED), Answer(json={"status": "IN_PROGRESS"}), finished(requestId=None))
    with client.tags(who="me"):
        job = model.run_async(text="x")
    job.poll()
    assert lines(book) == []
    job.poll()
    (line,) = lines(book)
    assert (line["kind"], line["job"], line["request_id"], line["tags"]) == ("job", "j-1", "r-1", {"who": "me"})


def test_a_job_that_another_process_started_is_written_down_and_counted_once(keeping: Maker, book: Path) -> None:
    _, model = keeping(Answer(json=STARTED), finished())
    job = model.run_async(text="x")
    other, _ = keeping(finished())
    other.job(job.token()).wait()
    job.wait()
    assert len(lines(book)) == 2
    entries, broken = ledger.read(book)
    assert ([entry.cost for entry in entries], broken) == ([0.25], [])


def test_a_stream_adds_its_line_at_its_end(keeping: Maker, book: Path) -> None:
    events = ('{"data": "Hola", "finish_reason": "stop"}', '{"usage": {"total_tokens": 12}}', "[DONE]")
    blocks = tuple(f"data: {event}\n\n".encode() for event in events)
    _, model = keeping(Answer(blocks=blocks), pricing={"price": 0.001, "unitType": "TOKEN"})
    with model.run_stream(text="x") as stream:
        for _ in stream:
            pass
    (line,) = lines(book)
    assert (line["kind"], line["cost"], line["basis"], line["units"], line["unit"]) == (
        "stream",
        0.012,
        "usage",
        12,
        "token",
    )


def test_an_llm_run_adds_a_line(keeping: Maker, book: Path) -> None:
    client, _ = keeping(finished())
    client.LLM("a" * 24, "Quill", function="text-generation").run("x")
    assert [(line["model"], line["cost"]) for line in lines(book)] == [("a" * 24, 0.25)]


@pytest.mark.parametrize(
    "outcome",
    [
        Answer(status=401, json={}),
        Fault(Stage.NEVER_SENT),
        pytest.param(Fault(Stage.NEVER_SENT, "timed out", after=400), id="its time was over before it could be sent"),
    ],
)
def test_a_run_that_was_not_executed_adds_none(keeping: Maker, book: Path, outcome: Any) -> None:
    _, model = keeping(lambda _request: outcome)
    with pytest.raises(Exception, match=r"."):
        model.run(text="x", timeout=5)
    assert lines(book) == []


def test_a_run_with_an_unknown_outcome_adds_what_it_may_have_cost(keeping: Maker, book: Path) -> None:
    _, model = keeping(Fault(Stage.NO_REPLY))
    with pytest.raises(OutcomeUnknown):
        model.run(text="x")
    assert [(line["cost"], line["basis"]) for line in lines(book)] == [(0.1, "possible")]


def test_a_tag_that_is_no_value_is_refused(keeping: Maker) -> None:
    client, _ = keeping()
    with pytest.raises(ValidationError, match="Tag 'job' must be a text"):
        client.tags(job=["nightly"])  # type: ignore[arg-type]


# --- a ledger that cannot be written


def test_without_a_place_for_the_ledger_nothing_is_sent(keeping: Maker, book: Path) -> None:
    client, model = keeping(finished())
    book.mkdir()
    with pytest.raises(LedgerError, match=r"was not run, .* Nothing was sent"):
        model.run(text="x")
    assert client.driver._transport.received == []  # type: ignore[union-attr]  # the scripted network's


def test_a_full_disk_does_not_lose_the_result(keeping: Maker, book: Path) -> None:
    _, model = keeping(finished(), finished(data="Adiós"), finished())
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    model.run(text="x")
    resource.setrlimit(resource.RLIMIT_FSIZE, (book.stat().st_size + 40, limits[1]))
    try:
        with pytest.raises(LedgerError, match=r"could not be added .* only 40 of \d+ bytes") as unwritten:
            model.run(text="x")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert present(unwritten.value.result).data == "Adiós"
    assert '"cost": 0.25' in str(unwritten.value)
    model.run(text="x")  # there is room again: the line that was cut short spoils no other
    entries, broken = ledger.read(book)
    assert ([entry.cost for entry in entries], broken) == ([0.25, 0.25], [2])


@pytest.mark.parametrize(
    ("models", "counted"),
    [
        (["m", "m"], ["m"]),
        (["m", ""], ["m"]),
        (["", "m"], ["m"]),
        (["", "m", ""], ["m"]),
        (["", ""], [""]),
        (["m", "other"], ["m", "other"]),
    ],
)
def test_a_job_of_an_unknown_model_is_counted_with_the_one_of_its_name(
    book: Path, models: list[str], counted: list[str]
) -> None:
    line = {"time": "2026-11-28T00:00:00Z", "cost": 0.5, "basis": "reported", "kind": "job", "job": "j-1"}
    run = {"time": "2026-11-28T00:00:00Z", "cost": 0.1, "basis": "reported", "kind": "run", "model": "m"}
    each = [line | {"model": model} for model in models]
    book.write_text("".join(json.dumps(one) + "\n" for one in (run, *each, run)), "utf-8")
    entries, broken = ledger.read(book)
    assert ([entry.model for entry in entries], broken) == (["m", *counted, "m"], [])


@pytest.mark.parametrize(("said", "kind"), [({"kind": "job"}, "job"), ({}, "run"), ({"kind": None}, "run")])
def test_a_line_that_names_no_kind_is_of_a_run(book: Path, said: dict[str, Any], kind: str) -> None:
    line = {"time": "2026-11-28T00:00:00Z", "model": "m", "cost": 0.5, "basis": "reported"}
    book.write_text(json.dumps(line | said) + "\n", "utf-8")
    entries, broken = ledger.read(book)
    assert ([entry.kind for entry in entries], broken) == ([kind], [])


def refuse(path: str, line: bytes) -> None:
    raise OSError(28, "No space left on device")


def test_a_stream_tells_of_an_unwritten_line_after_its_last_chunk(
    keeping: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = (b'data: {"data": "Hola", "finish_reason": "stop"}\n\ndata: [DONE]\n\n',)
    _, model = keeping(Answer(blocks=blocks))
    monkeypatch.setattr(ledger, "append", refuse)
    came = list[str]()
    with pytest.raises(LedgerError, match="No space left") as unwritten, model.run_stream(text="x") as stream:
        came.extend(chunk.data for chunk in stream)
    assert "".join(came) == present(unwritten.value.result).data == "Hola"
    assert stream.final().data == "Hola"


def test_an_error_of_the_run_is_not_hidden_by_one_of_the_ledger(
    keeping: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = {"status": "FAILED", "completed": True, "supplierError": "no", "usedCredits": 0.5}
    _, model = keeping(Answer(json=failed), Answer(blocks=(b'data: {"data": "Ho"}\n\n',)))
    monkeypatch.setattr(ledger, "append", refuse)
    with pytest.raises(OperationFailedError) as error:
        model.run(text="x")
    assert "No space left" in error.value.__notes__[0]
    stream = model.run_stream(text="x")
    with pytest.raises(LedgerError) as unwritten:
        list(stream)
    assert present(unwritten.value.result).data == "Ho"
    with pytest.raises(StreamInterrupted):
        list(stream)


def test_an_llm_response_is_not_lost_either(keeping: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = keeping(finished())
    monkeypatch.setattr(ledger, "append", refuse)
    with pytest.raises(LedgerError) as unwritten:
        client.LLM("a" * 24, "Quill", function="text-generation").run("x")
    assert isinstance(unwritten.value.result, ModelResponse)
    assert unwritten.value.result["data"] == "Hola"


# --- many writers


def test_many_threads_and_processes_share_a_ledger(keeping: Maker, book: Path) -> None:
    _, model = keeping(lambda _request: finished(data="x" * 5000))

    def work() -> None:
        for _ in range(25):
            model.run(text="x")

    def several() -> None:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    context: Any = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
    processes: list[Any] = [context.Process(target=several) for _ in range(3)]
    for process in processes:
        process.start()
    several()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    whole = [line for line in book.read_text("utf-8").splitlines() if line]  # `_is_cut`: a blank one may come between
    assert [json.loads(line)["cost"] for line in whole] == [0.25] * 400


def test_a_ledger_stays_where_it_was_when_the_program_changes_folder(
    language_model: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    clock = VirtualClock()
    client = Client(KEY, ledger="spend.jsonl", transport=ScriptedNetwork([finished()], clock), clock=clock)
    monkeypatch.chdir(tmp_path / "elsewhere")
    from_document(language_model, client).run(text="x")
    assert len(lines(tmp_path / "spend.jsonl")) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_can_be_a_ledger(book: Path) -> None:
    os.mkfifo(book)
    reader = os.open(book, os.O_RDONLY | os.O_NONBLOCK)
    ledger.append(str(book), b"{}\n")
    assert os.read(reader, 100) == b"{}\n"
    os.close(reader)


def test_lines_that_are_none_are_numbered(book: Path) -> None:
    good = ledger.Entry("2026-11-27T08:00:00.000000Z", "m", 0.5, "reported").to_line()
    book.write_bytes(
        good
        + b"{}\n\n[1]\nnot json\n"
        + good.replace(b"0.5", b"NaN")
        + b'{"time": "yesterday", "model": "m", "basis": "usage"}\n'
        + good.replace(b"0.5", b"-0.5")
        + good.replace(b"0.5", b"1e308")
        + good[:30]
    )
    entries, broken = ledger.read(book)
    assert ([entry.model for entry in entries], broken) == (["m"], [2, 4, 5, 6, 7, 8, 9, 10])


def test_the_key_is_in_no_line(keeping: Maker, book: Path) -> None:
    _, model = keeping(finished(), Fault(Stage.NO_REPLY))
    model.run(text="secret words")
    with pytest.raises(OutcomeUnknown):
        model.run(text="secret words")
    assert KEY not in book.read_text()
    assert "secret words" not in book.read_text()
