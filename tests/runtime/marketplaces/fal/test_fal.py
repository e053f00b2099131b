"""fal's wire: the queue and its four words, direct runs, streams, files, who sees which key. The network is scripted; nothing waits."""

from typing import Any, ClassVar

import pytest

from typedrun import errors
from typedrun.client import Client
from typedrun.core.request import Stage
from typedrun.marketplaces.cancellations import CancelOutcome
from typedrun.marketplaces.fal import MARKETPLACE
from typedrun.testing import Answer, Fault, ScriptedNetwork

KEY = "canary-4f1c:0123456789"
RUN = "fal-ai/flux/dev"
REQUEST = "764cabcf-b745-4b3e-ae38-1200304cf45b"
HERE = f"https://queue.fal.run/fal-ai/flux/requests/{REQUEST}"
SUBMITTED = {
    "status": "IN_QUEUE",
    "request_id": REQUEST,
    "response_url": HERE,
    "status_url": f"{HERE}/status",
    "cancel_url": f"{HERE}/cancel",
    "queue_position": 2,
}
QUEUED = Answer(status=202, json={"status": "IN_QUEUE", "queue_position": 1})
WORKING = Answer(status=202, json={"status": "IN_PROGRESS", "logs": [{"message": "step 1", "level": "INFO"}]})
COMPLETED = {
    "status": "COMPLETED",
    "logs": [{"message": "step 1"}, {"message": "done\n"}],
    "metrics": {"inference_time": 2.5},
}
OUTPUT = {"images": [{"url": "https://v3.fal.media/files/x.png"}], "seed": 7}


class Fal(Client):
    marketplace: ClassVar[str] = "fal"


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FAL_RUN_HOST", "FAL_QUEUE_RUN_HOST", "FAL_REST_HOST", "FAL_API_HOST"):
        monkeypatch.delenv(name, raising=False)


def client(*outcomes: Answer | Fault) -> tuple[Fal, ScriptedNetwork]:
    network = ScriptedNetwork(outcomes)
    return Fal(KEY, transport=network, clock=network.clock), network


def model(*outcomes: Answer | Fault) -> tuple[Any, ScriptedNetwork]:
    made, network = client(*outcomes)
    return made.Model(id=RUN, path=RUN), network


# --- the queue


def test_a_run_is_submitted_asked_for_and_fetched_where_the_answers_say() -> None:
    seen: list[Any] = []

    def look(job: Any) -> None:
        seen.append((job.raw.get("status"), job.logs))

    flux, network = model(Answer(json=SUBMITTED), QUEUED, WORKING, Answer(json=COMPLETED), Answer(json=OUTPUT))
    result = flux.run(prompt="a fox", on_poll=look)
    assert [(sent.method, sent.url) for sent in network.received] == [
        ("POST", f"https://queue.fal.run/{RUN}"),
        *[("GET", f"{HERE}/status?logs=1")] * 3,
        ("GET", HERE),
    ]
    assert network.received[0].json == {"prompt": "a fox"}
    assert {sent.headers["Authorization"] for sent in network.received} == {f"Key {KEY}"}
    assert (result.data, result.request_id) == (OUTPUT, REQUEST)
    assert (result.logs, result.metrics, result.run_time) == ("step 1\ndone\n", {"inference_time": 2.5}, 2.5)
    assert seen[:2] == [("IN_QUEUE", ""), ("IN_PROGRESS", "step 1\n")]


def test_controls_travel_where_the_service_looks_for_them() -> None:
    flux, network = model(Answer(json=SUBMITTED))
    flux.run_async(prompt="x", priority="low", start_timeout=30, webhook="https://acme.example/hook?a=1")
    sent = network.received[0]
    assert sent.url == f"https://queue.fal.run/{RUN}?fal_webhook=https%3A%2F%2Facme.example%2Fhook%3Fa%3D1"
    assert (sent.headers["X-Fal-Queue-Priority"], sent.headers["X-Fal-Request-Timeout"]) == ("low", "30.0")


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "sync"},
        {"priority": "high"},
        {"start_timeout": 1},
        {"webhook": "acme"},
        {"priority": "low", "mode": "direct"},
    ],
    ids=str,
)
def test_a_wrong_control_is_told_before_anything_is_sent(wrong: dict[str, Any]) -> None:
    flux, network = model()
    with pytest.raises(errors.ParameterError, match=next(iter(wrong))):
        flux.run(prompt="x", **wrong)
    assert network.received == []


INVALID = {"detail": [{"loc": ["body", "image", "url"], "msg": "field required", "type": "missing"}]}


@pytest.mark.parametrize(
    ("completed", "result", "words", "code"),
    [
        (
            {"error": "no face", "error_type": "no_face"},
            Answer(status=422, json=INVALID),
            "image.url: field required",
            "missing",
        ),
        ({"error": "no face", "error_type": "no_face"}, Answer(status=500, json={"detail": "CUDA"}), "CUDA", None),
        ({"error": "no face", "error_type": "no_face"}, Answer(json={}), "no face", "no_face"),
        ({"error_type": "no_face"}, Answer(json={}), "the run was COMPLETED", "no_face"),
        (
            {},
            Answer(status=422, json=INVALID, headers={"X-Fal-Retryable": "false"}),
            "image.url: field required",
            "missing",
        ),
        (
            {"error": "late", "error_type": "startup_timeout"},
            Answer(status=504, json={"detail": "too late", "error_type": "startup_timeout"}),
            "too late",
            "startup_timeout",
        ),
    ],
    ids=["422", "500", "words", "a kind and no words", "silent", "start timeout"],
)
def test_a_run_that_completed_badly_fails_in_the_words_of_its_result(
    completed: Any, result: Answer, words: str, code: str | None
) -> None:
    flux, network = model(Answer(json=SUBMITTED), Answer(json=COMPLETED | completed), result)
    with pytest.raises(errors.OperationFailedError, match=words) as caught:
        flux.run(prompt="x")
    assert (caught.value.code, caught.value.request_id) == (code, REQUEST)
    assert len(network.received) == 3
    if result.headers:
        assert caught.value.details == {"retryable": False}


def test_a_result_that_cannot_be_fetched_is_fetched_later() -> None:
    flux, network = model(
        Answer(json=SUBMITTED), Answer(json=COMPLETED), Answer(status=502), Answer(json=COMPLETED), Answer(json=OUTPUT)
    )
    assert flux.run(prompt="x").data == OUTPUT
    assert sum(sent.method == "POST" for sent in network.received) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(status=200, json={"status": "OK"}), CancelOutcome.CANCELLED),
        (Answer(status=202, json={"status": "CANCELLATION_REQUESTED"}), CancelOutcome.REQUESTED),
        (Answer(status=400, json={"status": "ALREADY_COMPLETED"}), CancelOutcome.ALREADY_COMPLETED),
        (Answer(status=404, json={"status": "NOT_FOUND"}), CancelOutcome.NOT_FOUND),
        (Answer(status=202), CancelOutcome.REQUESTED),
    ],
    ids=["ok", "requested", "completed", "not found", "no words"],
)
def test_cancelling_tells_which_of_the_four_answers_came(answer: Answer, outcome: CancelOutcome) -> None:
    flux, network = model(Answer(json=SUBMITTED), answer)
    job = flux.run_async(prompt="x")
    said = job.cancel()
    assert said.outcome is outcome
    assert job.completed is (outcome is CancelOutcome.CANCELLED)
    assert said.raw == (answer.json or {})
    assert (network.received[1].method, network.received[1].url) == ("PUT", f"{HERE}/cancel")


def test_a_cancelled_run_that_is_forgotten_has_failed() -> None:
    flux, _ = model(Answer(json=SUBMITTED), Answer(json={"status": "OK"}), Answer(status=404, json={"detail": "x"}))
    job = flux.run_async(prompt="x")
    job.cancel()
    with pytest.raises(errors.OperationFailedError, match="cancelled"):
        job.wait()


@pytest.mark.parametrize("text", ["token", f"{HERE}/status", HERE], ids=["token", "status", "response"])
def test_a_run_is_picked_up_by_another_client(text: str) -> None:
    flux, _ = model(Answer(json=SUBMITTED))
    token = flux.run_async(prompt="x").token()
    other, network = client(Answer(json=COMPLETED), Answer(json=OUTPUT))
    job = other.job(token if text == "token" else text)
    assert job.id == REQUEST
    assert job.wait().data == OUTPUT
    assert [sent.url for sent in network.received] == [f"{HERE}/status?logs=1", HERE]


def test_a_request_that_the_queue_does_not_name_has_the_name_in_its_address() -> None:
    flux, _ = model(Answer(json={name: value for name, value in SUBMITTED.items() if name != "request_id"}))
    assert flux.run_async(prompt="x").id == REQUEST


@pytest.mark.parametrize("which", ["status_url", "response_url"])
def test_an_answer_cannot_send_the_key_elsewhere(which: str) -> None:
    flux, network = model(
        Answer(json=SUBMITTED | {which: "https://evil.example/x"}), Answer(json=COMPLETED), Answer(json=OUTPUT)
    )
    with pytest.raises(errors.UntrustedURLError):
        flux.run(prompt="x")
    assert all("evil" not in sent.url for sent in network.received)


@pytest.mark.parametrize(
    "lost", [Fault(Stage.NO_REPLY), Answer(status=500), Answer(status=504)], ids=["reset", "500", "504"]
)
@pytest.mark.parametrize("start", ["run", "direct", "run_async", "run_stream"])
def test_a_run_that_may_have_started_is_never_sent_again(lost: Any, start: str) -> None:
    flux, network = model(lost)
    with pytest.raises(errors.OutcomeUnknown):
        flux.run(prompt="x", mode="direct") if start == "direct" else getattr(flux, start)(prompt="x")
    assert len(network.received) == 1


# --- direct runs and streams


def test_a_direct_run_is_one_request() -> None:
    flux, network = model(Answer(json=OUTPUT, headers={"X-Fal-Request-Id": "d-1"}))
    result = flux.run(prompt="x", mode="direct")
    assert (result.data, result.request_id) == (OUTPUT, "d-1")
    assert [sent.url for sent in network.received] == [f"https://fal.run/{RUN}"]
    with pytest.raises(errors.ParameterError, match="no job"):
        flux.run_async(prompt="x", mode="direct")


def test_a_start_that_was_too_late_for_its_caller_is_no_unknown_outcome() -> None:
    late = {"detail": "Request timed out", "error_type": "request_timeout"}
    flux, network = model(Answer(status=504, json=late, headers={"X-Fal-Request-Timeout-Type": "user"}))
    with pytest.raises(errors.ServerError) as caught:
        flux.run(prompt="x", mode="direct", start_timeout=2)
    assert not isinstance(caught.value, errors.OutcomeUnknown)
    assert caught.value.code == "request_timeout"
    assert len(network.received) == 1


def frames(*events: str) -> tuple[bytes, ...]:
    return tuple(f"data: {event}\n\n".encode() for event in events)


EVENTS = {"content-type": "text/event-stream"}


def test_a_stream_ends_with_its_reply_and_its_last_object_is_the_answer() -> None:
    flux, network = model(
        Answer(blocks=frames('{"images": [], "seed": 7}', '{"images": [1], "seed": 7}'), headers=EVENTS)
    )
    with flux.run_stream(prompt="x") as stream:
        assert [chunk.raw["images"] for chunk in stream] == [[], [1]]
    assert stream.final().data == {"images": [1], "seed": 7}
    assert network.received[0].url == f"https://fal.run/{RUN}/stream"


def test_the_last_event_may_lack_its_blank_line() -> None:
    flux, _ = model(Answer(blocks=(b'data: {"n": 1}\n\ndata: {"n": 2}\n',), headers=EVENTS))
    assert flux.run_stream(prompt="x").final().data == {"n": 2}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(blocks=frames('{"n": 1}'), headers=EVENTS, is_cut=True), errors.StreamInterrupted),
        (Answer(blocks=frames('{"n": 1}', '{"error": "no face"}'), headers=EVENTS), errors.OperationFailedError),
        (Answer(blocks=(), headers=EVENTS), errors.StreamInterrupted),
    ],
    ids=["cut", "error", "nothing"],
)
def test_a_stream_that_breaks_never_looks_whole(answer: Answer, kind: Any) -> None:
    flux, _ = model(answer)
    with pytest.raises(kind):
        flux.run_stream(prompt="x").final()


# --- files

TOKEN = Answer(
    json={
        "token": "t0k3n-of-the-storage",
        "token_type": "Bearer",
        "base_url": "https://v3.fal.media",
        "expires_at": "2030-01-01",
    }
)
STORED = "https://v3.fal.media/files/b/x.png"


def test_a_file_goes_to_the_storage_with_the_storages_own_token() -> None:
    made, network = client(TOKEN, Answer(json={"access_url": STORED}))
    assert made.upload(b"\x89PNG\r\n\x1a\n" + bytes(20)) == STORED
    asked, sent = network.received
    assert asked.url == "https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3"
    assert (sent.method, sent.url) == ("POST", "https://v3.fal.media/files/upload")
    assert (sent.headers["Authorization"], sent.headers["Content-Type"]) == ("Bearer t0k3n-of-the-storage", "image/png")
    assert (sent.headers["X-Fal-File-Name"], sent.body[:4]) == ("upload", b"\x89PNG")
    assert KEY not in str(dict(sent.headers))


def test_a_large_file_goes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typedrun.marketplaces.fal.uploads._LARGE", 10)
    monkeypatch.setattr("typedrun.marketplaces.fal.uploads._PART", 8)
    parts = [Answer(json={}, headers={"etag": f'"{number}"'}) for number in (1, 2, 3)]
    made, network = client(TOKEN, Answer(json={"access_url": STORED, "uploadId": "u1"}), *parts, Answer(json={}))
    told: list[tuple[int, int]] = []

    def tell(sent: int, whole: int) -> None:
        told.append((sent, whole))

    assert made.upload(bytes(range(20)), progress=tell) == STORED
    begin, *sent, end = network.received[1:]
    assert begin.url == "https://v3.fal.media/files/upload/multipart"
    assert [request.url for request in sent] == [f"{STORED}/multipart/u1/{number}" for number in (1, 2, 3)]
    assert b"".join(request.body for request in sent) == bytes(range(20))
    assert end.json == {"parts": [{"partNumber": number, "etag": f'"{number}"'} for number in (1, 2, 3)]}
    assert told == [(8, 20), (16, 20), (20, 20)]
    assert all(KEY not in str(dict(request.headers)) for request in network.received[1:])


def test_a_storage_that_does_not_take_a_file_has_a_second_way() -> None:
    to, address = "https://storage.example/put?sig=s", "https://storage.example/x.png"
    made, network = client(
        TOKEN, Answer(status=413, json={}), Answer(json={"upload_url": to, "file_url": address}), Answer()
    )
    assert made.upload(b"\x89PNG\r\n\x1a\n" + bytes(20)) == address
    assert network.received[2].json == {"file_name": "upload", "content_type": "image/png"}
    assert (network.received[3].method, network.received[3].url) == ("PUT", to)
    assert "Authorization" not in network.received[3].headers


@pytest.mark.parametrize(
    "answer", [Answer(status=401, json={"detail": "no"}), Answer(status=403, json={})], ids=["401", "403"]
)
def test_a_refused_key_does_not_try_the_second_way(answer: Answer) -> None:
    made, network = client(answer)
    with pytest.raises(errors.FileUploadError):
        made.upload(b"ID3" + bytes(20))
    assert len(network.received) == 1


def test_the_storages_token_is_in_no_error() -> None:
    echo = Answer(status=400, json={"detail": "bad token t0k3n-of-the-storage"})
    made, _ = client(TOKEN, echo, Answer(status=400, json={"detail": "no"}))
    with pytest.raises(errors.FileUploadError) as caught:
        made.upload(b"ID3" + bytes(20))
    assert "bad token ***" in caught.value.__notes__[0]
    assert "t0k3n" not in str(caught.value)


def test_a_part_is_not_sent_to_another_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typedrun.marketplaces.fal.uploads._LARGE", 10)
    evil = Answer(json={"access_url": "https://evil.example/f", "uploadId": "u1"})
    made, network = client(TOKEN, evil, Answer(status=500), *[Answer(status=500)] * 8)
    with pytest.raises(errors.FileUploadError):
        made.upload(bytes(range(20)))
    assert all("evil" not in request.url for request in network.received)


# --- the catalog and addresses


def document(endpoint: str) -> dict[str, Any]:
    schema = {
        "required": ["prompt"],
        "properties": {
            "image_url": {"type": "string"},
            "prompt": {"type": "string", "maxLength": 5},
            "size": {
                "anyOf": [{"$ref": "#/components/schemas/Size"}, {"enum": ["square"], "type": "string"}],
                "default": "square",
            },
        },
        "x-fal-order-properties": ["prompt", "size"],
    }
    post = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}}}
    size = {"type": "object", "properties": {"width": {"type": "integer", "exclusiveMinimum": 0}}}
    return {
        "endpoint_id": endpoint,
        "metadata": {"display_name": "Flux", "category": "text-to-image", "description": "Draws."},
        "openapi": {"paths": {f"/{endpoint}": {"post": post}}, "components": {"schemas": {"In": schema, "Size": size}}},
    }


def test_a_model_is_looked_up_by_its_id_and_checked_by_its_schema() -> None:
    made, network = client(Answer(json={"models": [document(RUN)], "next_cursor": None, "has_more": False}))
    flux: Any = made.Model.get(RUN)
    assert network.received[0].url == "https://api.fal.ai/v1/models?endpoint_id=fal-ai%2Fflux%2Fdev&expand=openapi-3.0"
    assert (flux.id, flux.name, flux.path, str(flux.function)) == (RUN, "Flux", RUN, "text-to-image")
    assert [parameter.name for parameter in flux.params or ()] == ["prompt", "size", "image_url"]
    wrongs: list[dict[str, Any]] = [
        {"prompt": "too long"},
        {"prompt": "x", "size": {"width": 0}},
        {"prompt": "x", "size": "round"},
    ]
    wrongs.append({"prompt": "x", "zebra": 1})
    for wrong in wrongs:
        with pytest.raises(errors.ParameterError):
            flux.run(**wrong)
    assert len(network.received) == 1


def test_a_parameter_that_is_named_like_a_control_has_an_underscore() -> None:
    known = document(RUN)
    schema = known["openapi"]["components"]["schemas"]["In"]
    schema["properties"]["mode"] = {"type": "string", "enum": ["fast", "slow"]}
    made, network = client(Answer(json={"models": [known]}), Answer(json=OUTPUT))
    flux: Any = made.Model.get(RUN)
    assert flux.run(prompt="x", mode="direct", mode_="slow").data == OUTPUT
    assert (network.received[1].url, network.received[1].json) == (
        f"https://fal.run/{RUN}",
        {"prompt": "x", "mode": "slow"},
    )


def test_an_unknown_endpoint_is_not_found() -> None:
    made, _ = client(Answer(json={"models": [], "has_more": False}))
    with pytest.raises(errors.NotFoundError):
        made.Model.get("fal-ai/none")


def test_pages_follow_by_their_cursor() -> None:
    made, network = client(
        Answer(json={"models": [document("a/b")], "next_cursor": "c2", "has_more": True}),
        Answer(json={"models": [document("a/c")], "next_cursor": None, "has_more": False}),
    )
    assert [found.id for found in made.Model.search("fox", functions="text-to-image").all()] == ["a/b", "a/c"]
    assert (
        network.received[0].url
        == "https://api.fal.ai/v1/models?q=fox&category=text-to-image&limit=20&expand=openapi-3.0"
    )
    assert network.received[1].url.endswith("&cursor=c2")


@pytest.mark.parametrize(
    ("variables", "given", "run", "further"),
    [
        ({}, None, "https://fal.run", ("https://queue.fal.run", "https://rest.fal.ai")),
        (
            {"FAL_RUN_HOST": "falrun.com"},
            None,
            "https://falrun.com",
            ("https://queue.falrun.com", "https://rest.fal.ai"),
        ),
        (
            {
                "FAL_RUN_HOST": "127.0.0.1:9/run",
                "FAL_QUEUE_RUN_HOST": "127.0.0.1:9/q",
                "FAL_REST_HOST": "127.0.0.1:9/r",
            },
            None,
            "https://127.0.0.1:9/run",
            ("https://127.0.0.1:9/q", "https://127.0.0.1:9/r"),
        ),
        (
            {},
            "http://127.0.0.1:9/run",
            "http://127.0.0.1:9/run",
            ("http://127.0.0.1:9/queue", "http://127.0.0.1:9/rest"),
        ),
        (
            {"FAL_RUN_HOST": "run.acme.example"},
            None,
            "https://run.acme.example",
            ("https://queue.run.acme.example", "https://run.acme.example"),
        ),
    ],
    ids=["hosted", "backup", "variables", "argument", "own host"],
)
def test_addresses_come_from_arguments_and_the_published_clients_variables(
    variables: dict[str, str], given: str | None, run: str, further: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = MARKETPLACE.addresses(None, None, given)
    assert (found.run_url, found.further) == (run, further)
