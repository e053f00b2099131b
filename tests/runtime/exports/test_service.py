"""The service for agents: its tools, its budget, its jobs, and the one folder that it reads."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from tests.runtime.conftest import Bench, Step
from typedrun.errors import FileUploadError, ValidationError
from typedrun.exports.folder import Folder
from typedrun.exports.service import MOST_TOOLS, NoSuch, Outcome, Service, Watch
from typedrun.job import Job
from typedrun.marketplaces.cancellations import Cancellation, CancelOutcome
from typedrun.marketplaces.tokens import write_token
from typedrun.model import Model
from typedrun.testing import Answer
from typedrun.testing.network import Received

POLL = "https://models.test/sdk/runs/r-1"
STARTED = Answer(json={"status": "IN_PROGRESS", "completed": False, "data": POLL, "url": POLL})
RUNNING = Answer(json={"status": "IN_PROGRESS", "completed": False})
FINISHED = Answer(json={"status": "SUCCESS", "completed": True, "data": "Hola", "usedCredits": 0.25})


class Shop:
    """A catalog of a few models."""

    def __init__(self, models: list[Model[Any]]) -> None:
        self.models = models

    def find(self, wanted: str) -> Model[Any]:
        for model in self.models:
            if wanted in (model.id, model.path):
                return model
        raise NoSuch(f"no model {wanted!r}; did you mean quill/quill-2/quill?")

    def __iter__(self) -> Iterator[Model[Any]]:
        return iter(self.models)


@pytest.fixture
def stand(language_model: dict[str, Any], translator: dict[str, Any], bench: type[Bench]) -> Callable[..., Any]:
    """Makes a service whose backend is a script; `sent` of the bench is what reached it."""

    def make(*script: Step, chosen: int = 1, limit: float | None = None, **options: Any) -> tuple[Service, Any]:
        one = bench(*script)
        translator["pricing"] = {"price": 0.2, "unitType": "REQUEST"}
        models = [one.model(translator), one.model(language_model)]
        budget = None if limit is None else one.client.budget(limit, unpriced="refuse")
        return Service(one.client, Shop(models), chosen=models[:chosen], budget=budget, **options), one

    return make


def call(service: Service, name: str, watch: Watch | None = None, **arguments: Any) -> Any:
    """Call a tool; its answer fits its output schema."""
    outcome = service.call(name, arguments, watch or Watch())
    tool = next((tool for tool in service.tools if tool.name == name), None)
    if tool is not None and not outcome.is_error:
        jsonschema.validate(outcome.structured, tool.output_schema, Draft202012Validator)
    return outcome


def text(outcome: Outcome) -> str:
    return str(outcome.content[0]["text"])


# --- tools


def test_chosen_models_are_tools_and_the_rest_is_behind_general_ones(stand: Callable[..., Any]) -> None:
    service, _ = stand()
    general = ["search_models", "describe_model", "run_model", "get_job", "cancel_job"]
    assert [tool.name for tool in service.tools] == ["Babel", *general]
    for tool in service.tools:
        Draft202012Validator.check_schema(tool.input_schema)
        Draft202012Validator.check_schema(tool.output_schema)


def test_nothing_but_the_chosen_models_runs_where_that_is_asked_for(stand: Callable[..., Any]) -> None:
    service, one = stand(only_chosen=True)
    assert [tool.name for tool in service.tools] == ["Babel", "get_job", "cancel_job"]
    assert call(service, "run_model", model="quill/quill-2/quill", arguments={"text": "x"}).is_error
    assert one.sent == []


def test_no_more_models_are_tools_than_a_language_model_can_choose_from(bench: type[Bench]) -> None:
    one = bench()
    models = [one.model({"id": f"64{number:022}", "name": f"Model {number}"}) for number in range(MOST_TOOLS + 5)]
    service = Service(one.client, Shop(models), chosen=models)
    assert len(service.tools) == MOST_TOOLS + 5
    assert {tool.name for tool in service.tools} >= {"Model_0", f"Model_{MOST_TOOLS - 1}", "run_model"}
    assert json.loads(text(call(service, "search_models", query=f"model {MOST_TOOLS + 1}")))["total"] == 1


def test_chosen_models_beyond_that_are_reached_and_no_others(translator: dict[str, Any], bench: type[Bench]) -> None:
    one = bench(FINISHED)
    models = [one.model({"id": f"64{number:022}", "name": f"Model {number}"}) for number in range(MOST_TOOLS + 5)]
    service = Service(one.client, Shop([*models, one.model(translator)]), chosen=models, only_chosen=True)
    assert call(service, "search_models").structured["total"] == MOST_TOOLS + 5
    assert call(service, "run_model", model=models[-1].id, arguments={"text": "x"}).structured["data"] == "Hola"
    refused = call(service, "run_model", model=translator["id"], arguments={"text": "x"})
    assert "is not offered" in text(refused)
    assert len(one.sent) == 1


def test_a_model_that_is_chosen_twice_is_told(translator: dict[str, Any], bench: type[Bench]) -> None:
    one = bench()
    with pytest.raises(ValidationError, match="listed twice"):
        Service(one.client, Shop([]), chosen=[one.model(translator), one.model(translator)])


def test_models_are_found_by_their_words_and_functions(stand: Callable[..., Any]) -> None:
    service, one = stand()
    found = call(service, "search_models", query="WRITES quill").structured
    assert found == {
        "total": 1,
        "models": [
            {
                "model": "quill/quill-2/quill",
                "name": "Quill",
                "function": "text-generation",
                "supplier": "Quill Labs",
                "description": "Quill: text generation. Writes.",
            }
        ],
    }
    assert call(service, "search_models", function="translation").structured["models"][0]["price"] == {
        "price": 0.2,
        "unit": "REQUEST",
    }
    assert call(service, "search_models", limit=1, offset=1).structured["total"] == 2
    assert "did you mean 'translation'" in text(call(service, "search_models", function="translations"))
    assert one.sent == []


def test_a_description_tells_the_arguments(stand: Callable[..., Any]) -> None:
    service, _ = stand()
    told = call(service, "describe_model", model="quill/quill-2/quill").structured
    assert told["input_schema"]["required"] == ["text"]
    assert "did you mean quill/quill-2/quill" in text(call(service, "describe_model", model="quil"))


# --- runs


def test_a_model_runs_as_a_tool_and_by_name(stand: Callable[..., Any]) -> None:
    service, _ = stand(FINISHED, FINISHED)
    outcome = call(service, "Babel", text="Hello", targetlanguage=None)
    assert outcome.content == [{"type": "text", "text": "Hola"}]
    assert outcome.structured == {"data": "Hola", "cost": 0.25}
    assert (
        call(service, "run_model", model="64bbbbbbbbbbbbbbbbbbbbbb", arguments={"text": "x"}).structured["data"]
        == "Hola"
    )


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("Babel", {"txt": "Hello"}, "did you mean 'text'"),
        ("Babel", {"text": "Hello", "timeout": 9999}, "timeout"),
        ("Babels", {"text": "Hello"}, "did you mean 'Babel'"),
        ("run_model", {"model": "64bbbbbbbbbbbbbbbbbbbbbb", "arguments": {"extra_headers": {}}}, "extra_headers"),
        ("run_model", {"arguments": []}, "'model' is missing; 'arguments' must be an object"),
        ("search_models", {"limit": 0, "quary": "x"}, "did you mean 'query'"),
        ("search_models", {"limit": True}, "'limit' must be a whole number"),
        ("get_job", {"job": "https://evil.test/x"}, "This is no job"),
        ("get_job", {"job": "job_nothing"}, "This is no job"),
        ("upload_file", {"path": "a.wav"}, "There is no tool"),
    ],
)
def test_what_is_wrong_with_a_call_is_told_and_nothing_is_sent(
    name: str, arguments: dict[str, Any], said: str, stand: Callable[..., Any]
) -> None:
    service, one = stand()
    outcome = service.call(name, arguments, Watch())
    assert outcome.is_error
    assert said in text(outcome)
    assert one.sent == []


def test_an_error_of_the_backend_is_told_without_the_key(stand: Callable[..., Any]) -> None:
    service, _ = stand(Answer(status=401, json={"error": "no such key canary-0123456789"}))
    outcome = call(service, "Babel", text="Hello")
    assert outcome.is_error
    assert "canary" not in text(outcome)


def test_nothing_outside_the_budget_is_ever_run(stand: Callable[..., Any]) -> None:
    service, one = stand(FINISHED, FINISHED, limit=0.4)
    assert not call(service, "Babel", text="Hello").is_error  # 0.25 as reported
    for name, arguments in (
        ("Babel", {"text": "Hello"}),  # 0.2 of 0.15 that are left
        ("run_model", {"model": "64bbbbbbbbbbbbbbbbbbbbbb", "arguments": {"text": "x"}}),
        ("run_model", {"model": "64bbbbbbbbbbbbbbbbbbbbbb", "arguments": {"text": "x"}, "background": True}),
        ("run_model", {"model": "quill/quill-2/quill", "arguments": {"text": "x"}}),  # no price
    ):
        outcome = service.call(name, arguments, Watch())
        assert outcome.is_error
        assert "was not run" in text(outcome)
    assert len(one.sent) == 1


def test_the_budget_holds_for_calls_at_once(stand: Callable[..., Any]) -> None:
    service, one = stand(*[FINISHED] * 20, limit=0.5)
    threads = [threading.Thread(target=service.call, args=("Babel", {"text": "x"}, Watch())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(one.sent) <= 2


# --- jobs


QUILL: dict[str, Any] = {"model": "quill/quill-2/quill", "arguments": {"text": "x"}}


def test_a_run_in_the_background_is_a_job_that_can_be_asked_for(stand: Callable[..., Any]) -> None:
    service, _ = stand(STARTED, RUNNING, FINISHED)
    started = call(service, "run_model", **QUILL, background=True).structured
    assert started["status"] == "IN_PROGRESS"
    assert call(service, "get_job", job=started["job"]).structured["status"] == "IN_PROGRESS"
    assert call(service, "get_job", job=started["job"]).structured["data"] == "Hola"


def requested(_job: Job[Any]) -> Cancellation:
    return Cancellation(CancelOutcome.REQUESTED)


def test_a_job_is_cancelled_where_the_backend_can(stand: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    service, one = stand(STARTED)
    started = call(service, "run_model", **QUILL, background=True).structured
    assert (
        "goes on at the backend, and is billed" in call(service, "cancel_job", job=started["job"]).structured["status"]
    )
    assert len(one.sent) == 1
    monkeypatch.setattr(Job, "cancel", requested)
    assert call(service, "cancel_job", job=started["job"]).structured["status"].endswith("the backend says: requested")


def test_an_agent_cannot_choose_what_is_asked_with_the_key(stand: Callable[..., Any]) -> None:
    address = "https://models.test/sdk/users/me"
    service, one = stand(STARTED, RUNNING)
    forged = write_token("aixplain", {"url": address}, "quill/quill-2/quill")
    name = call(service, "run_model", **QUILL, background=True).structured["job"]
    seal = name.rpartition(".")[2]
    for job in (address, forged, f"{forged}.", f"{forged}.{seal}", name[:-1], f"{name}ä", "\ud800"):
        for tool in ("get_job", "cancel_job"):
            assert "This is no job" in text(call(service, tool, job=job))
    assert len(one.sent) == 1


def test_a_job_of_an_earlier_process_with_the_same_key_is_asked_for(stand: Callable[..., Any]) -> None:
    earlier, _ = stand(STARTED)
    job = call(earlier, "run_model", **QUILL, background=True).structured["job"]
    later, _ = stand(FINISHED)
    assert call(later, "get_job", job=job).structured["data"] == "Hola"


def test_a_run_that_takes_too_long_is_told_as_a_job(stand: Callable[..., Any]) -> None:

    def slow(request: Received) -> Answer:
        return STARTED if request.method == "POST" else RUNNING

    service, one = stand(slow)
    outcome = call(service, "run_model", **QUILL)
    assert outcome.is_error
    token = text(outcome).partition("get_job for '")[2].rstrip("'")
    assert call(service, "get_job", job=token).structured["status"] == "IN_PROGRESS"
    del one


def test_a_cancelled_call_asks_no_further(stand: Callable[..., Any]) -> None:
    service, one = stand(STARTED, RUNNING, RUNNING, RUNNING)
    watch = Watch()
    watch.cancel()
    assert "goes on at the backend" in text(call(service, "run_model", watch, **QUILL))
    assert len(one.sent) == 2
    assert watch.said == "in progress"


# --- files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An allowed folder beside a secret, with links to everywhere."""
    (tmp_path / "secret.txt").write_text("canary")
    allowed = tmp_path / "allowed"
    (allowed / "inner").mkdir(parents=True)
    (allowed / "a.wav").write_bytes(b"RIFF")
    (allowed / "inner" / "b.wav").write_bytes(b"RIFF")
    (allowed / "good link.wav").symlink_to("a.wav")
    (allowed / "bad link.txt").symlink_to(tmp_path / "secret.txt")
    (allowed / "up").symlink_to(tmp_path)
    (allowed / "loop").symlink_to("loop")
    os.mkfifo(allowed / "pipe")
    return allowed


@pytest.mark.parametrize("path", ["a.wav", "inner/b.wav", "inner/../a.wav", "good link.wav", "./a.wav"])
def test_files_of_the_folder_are_read(path: str, folder: Path) -> None:
    with Folder(folder).open(path) as file:
        assert file.read() == b"RIFF"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt", "bad link.txt", "up/secret.txt", "inner/../../secret.txt", "/etc/passwd", "loop", "missing.wav", ".", "",
        "inner", "pipe", "a.wav\0.txt", "~/x", "/proc/self/environ", "../allowed2/x",
    ],
)  # fmt: skip
def test_nothing_else_is_read(path: str, folder: Path) -> None:
    with pytest.raises(FileUploadError) as refused:
        Folder(folder).open(path)
    assert "canary" not in str(refused.value)


def test_a_folder_beside_that_begins_with_the_same_letters_is_outside(folder: Path) -> None:
    beside = folder.with_name("allowed2")
    beside.mkdir()
    (beside / "x").write_text("canary")
    with pytest.raises(FileUploadError, match="outside the allowed folder"):
        Folder(folder).open(str(beside / "x"))


def test_a_link_that_is_put_there_meanwhile_leads_nowhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = Path.resolve

    def then_swap(path: Path, strict: bool = False) -> Path:
        real = resolve(path, strict=strict)
        if real == folder / "a.wav":
            real.unlink()
            real.symlink_to(folder.parent / "secret.txt")
        return real

    allowed = Folder(folder)
    monkeypatch.setattr(Path, "resolve", then_swap)
    with pytest.raises(FileUploadError, match=r"no file 'a\.wav' in the allowed folder"):
        allowed.open("a.wav")


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileUploadError, match="is no folder"):
        Folder(tmp_path / "missing")


def test_a_file_is_uploaded_and_its_address_told(folder: Path, stand: Callable[..., Any]) -> None:
    place = Answer(json={"uploadUrl": "https://storage.test/put?sig=1", "downloadUrl": "https://storage.test/a.wav"})
    service, one = stand(place, Answer(status=200), folder=Folder(folder))
    outcome = call(service, "upload_file", path="a.wav")
    assert not outcome.is_error, outcome
    assert outcome.structured == {"url": "https://storage.test/a.wav"}
    assert outcome.content[0]["type"] == "resource_link"
    refused = call(service, "upload_file", path="../secret.txt")
    assert refused.is_error
    assert "outside the allowed folder" in text(refused)
    assert len(one.sent) == 2
