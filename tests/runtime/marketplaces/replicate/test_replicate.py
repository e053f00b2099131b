"""Replicate's wire: what is sent, what the answers mean, who sees the key. The network is scripted; nothing waits."""

import json
from typing import Any, ClassVar

import pytest

from tests.narrowing import attribute, is_list, present
from typedrun import errors
from typedrun.aio.client import AsyncClient
from typedrun.client import Client
from typedrun.core.request import Stage
from typedrun.marketplaces.cancellations import CancelOutcome
from typedrun.model import Model
from typedrun.parameters import Parameter
from typedrun.testing import Answer, Fault, ScriptedNetwork

KEY = "r8_canary-0123456789"
API = "https://api.replicate.com"
RUN = "meta/llama"
VERSION = "5c7d" * 16
ID = "gm3qorzdhgbfurvjtvhg6dckhu"


class Replicate(Client):
    marketplace: ClassVar[str] = "replicate"


class AsyncReplicate(AsyncClient):
    marketplace: ClassVar[str] = "replicate"


def prediction(status: str = "processing", **members: Any) -> dict[str, Any]:
    here = f"{API}/v1/predictions/{ID}"
    urls = {
        "get": here,
        "cancel": f"{here}/cancel",
        "stream": f"https://streaming.api.replicate.com/v1/predictions/{ID}",
    }
    return {"id": ID, "model": RUN, "version": VERSION, "status": status, "output": None, "urls": urls} | members


DONE = prediction("succeeded", output=["Hi", " there"], logs="50%\n", metrics={"predict_time": 1.5})


def client(*outcomes: Answer | Fault) -> tuple[Replicate, ScriptedNetwork]:
    network = ScriptedNetwork(outcomes)
    return Replicate(KEY, transport=network, clock=network.clock), network


def model(*outcomes: Answer | Fault, **fields: Any) -> tuple[Any, ScriptedNetwork]:
    made, network = client(*outcomes)
    return made.Model(id=RUN, path=RUN, version="", **fields), network


def events(*frames: tuple[str, str]) -> Answer:
    blocks = tuple(f"event: {name}\nid: {n}\ndata: {data}\n\n".encode() for n, (name, data) in enumerate(frames))
    return Answer(blocks=blocks, headers={"content-type": "text/event-stream"})


# --- what is sent


def test_an_official_model_runs_by_its_name_and_waits_as_the_published_client_does() -> None:
    llama, network = model(Answer(status=201, json=DONE))
    result = llama.run(prompt="Hello")
    sent = network.received[0]
    assert (sent.method, sent.url) == ("POST", f"{API}/v1/models/meta/llama/predictions")
    assert sent.json == {"input": {"prompt": "Hello"}}
    assert (sent.headers["Authorization"], sent.headers["Prefer"]) == (f"Bearer {KEY}", "wait")
    assert "Cancel-After" not in sent.headers
    assert (result.data, result.request_id, result.logs) == (["Hi", " there"], ID, "50%\n")
    assert (result.metrics, result.run_time) == ({"predict_time": 1.5}, 1.5)


def test_a_pinned_version_is_asked_for() -> None:
    made, network = client(Answer(status=201, json=DONE))
    made.Model(id=RUN, version=VERSION).run(prompt="Hello")
    assert network.received[0].url == f"{API}/v1/predictions"
    assert network.received[0].json == {"input": {"prompt": "Hello"}, "version": VERSION}


def test_a_deployment_and_a_webhook_are_controls() -> None:
    llama, network = model(Answer(status=201, json=DONE))
    llama.run(
        prompt="x", deployment="acme/mine", webhook="https://acme.example/hook", webhook_events_filter=["completed"]
    )
    assert network.received[0].url == f"{API}/v1/deployments/acme/mine/predictions"
    assert network.received[0].json == {
        "input": {"prompt": "x"},
        "webhook": "https://acme.example/hook",
        "webhook_events_filter": ["completed"],
    }


@pytest.mark.parametrize(
    ("controls", "prefer", "life"),
    [
        ({"prefer_wait": False}, None, None),
        ({"prefer_wait": 7}, "wait=7", None),
        ({"timeout": 20}, "wait=16", None),
        ({"timeout": 1}, None, None),
        ({"timeout": None}, "wait", None),
        ({"timeout": 90, "cancel_on_timeout": True}, None, "90s"),
        ({"timeout": 2, "cancel_on_timeout": True}, None, "5s"),
        ({"cancel_after": 7.2}, "wait", "8s"),
    ],
    ids=str,
)
def test_the_first_request_is_held_no_longer_than_the_caller_waits(
    controls: dict[str, Any], prefer: str | None, life: str | None
) -> None:
    llama, network = model(Answer(status=201, json=DONE))
    llama.run(prompt="x", **controls)
    headers = network.received[0].headers
    assert (headers.get("Prefer"), headers.get("Cancel-After")) == (prefer, life)


@pytest.mark.parametrize(
    "wrong",
    [
        {"prefer_wait": 61},
        {"prefer_wait": "yes"},
        {"cancel_after": 4},
        {"webhook_events_filter": "completed"},
        {"webhook_events_filter": ["finished"]},
        {"deployment": "acme"},
        {"webhook": "acme.example"},
    ],
    ids=str,
)
def test_a_wrong_control_is_told_before_anything_is_sent(wrong: dict[str, Any]) -> None:
    llama, network = model()
    with pytest.raises(errors.ParameterError, match=next(iter(wrong))):
        llama.run(prompt="x", **wrong)
    assert network.received == []


# --- what the answers mean


def test_an_unfinished_prediction_is_asked_for_until_it_is_over() -> None:
    seen: list[Any] = []

    def look(job: Any) -> None:
        seen.append(job.raw["status"])

    llama, network = model(
        Answer(status=202, json=prediction("starting")), Answer(json=prediction()), Answer(json=DONE)
    )
    assert llama.run(prompt="x", on_poll=look).data == ["Hi", " there"]
    assert [request.url for request in network.received[1:]] == [f"{API}/v1/predictions/{ID}"] * 2
    assert seen == ["processing", "succeeded"]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"status": "failed", "error": "CUDA out of memory"}, "CUDA out of memory"),
        ({"status": "canceled"}, "the run was canceled"),
        ({"status": "aborted"}, "the run was aborted"),
    ],
    ids=["failed", "canceled", "aborted"],
)
@pytest.mark.parametrize("is_late", [False, True], ids=["at once", "polled"])
def test_a_prediction_that_ends_badly_is_an_error_in_its_words(members: Any, words: str, is_late: bool) -> None:
    answers = [Answer(status=201, json=prediction())] if is_late else []
    llama, _ = model(*answers, Answer(json=prediction(**members)))
    with pytest.raises(errors.OperationFailedError, match=words) as caught:
        llama.run(prompt="x")
    assert caught.value.request_id == ID


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (422, {"detail": "version is required"}, errors.InvalidRequestError, "version is required"),
        (
            422,
            {
                "title": "Input validation failed",
                "invalid_fields": [{"type": "x", "field": "seed", "description": "no"}],
            },
            errors.InvalidRequestError,
            "Input validation failed: seed: no",
        ),
        (402, {"title": "Insufficient credit", "detail": "Add credit"}, errors.BillingError, "Add credit"),
        (404, {"detail": "Not found", "status": 404}, errors.NotFoundError, "Not found"),
        (401, {"detail": "No token."}, errors.AuthenticationError, "No token. Next: set REPLICATE_API_TOKEN"),
    ],
    ids=["detail", "fields", "credit", "unknown", "key"],
)
def test_a_refusal_is_an_error_in_the_services_words(status: int, body: Any, kind: Any, words: str) -> None:
    llama, network = model(Answer(status=status, json=body))
    with pytest.raises(kind, match=words):
        llama.run(prompt="x")
    assert len(network.received) == 1


def test_a_throttled_client_learns_from_the_sentence_when_to_come_again() -> None:
    said = {"detail": "Request was throttled. Your rate limit resets in ~30s."}
    llama, _ = model(*[Answer(status=429, json=said)] * 5)
    with pytest.raises(errors.RateLimitError) as caught:
        llama.run(prompt="x")
    assert caught.value.retry_after == 30.0


@pytest.mark.parametrize(
    "lost",
    [Fault(Stage.NO_REPLY), Answer(status=500, json={}), Answer(status=504, json={})],
    ids=["reset", "500", "504"],
)
def test_a_run_that_may_have_started_is_never_sent_again(lost: Any) -> None:
    llama, network = model(lost)
    for start in (llama.run, llama.run_async, llama.run_stream):
        network = ScriptedNetwork([lost])
        llama.session.driver._transport = network
        with pytest.raises(errors.OutcomeUnknown):
            start(prompt="x")
        assert len(network.received) == 1


# --- jobs


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(json=prediction("canceled")), CancelOutcome.CANCELLED),
        (Answer(json=prediction()), CancelOutcome.REQUESTED),
        (Answer(json=DONE), CancelOutcome.ALREADY_COMPLETED),
        (Answer(status=404, json={"detail": "Not found"}), CancelOutcome.NOT_FOUND),
    ],
    ids=str,
)
def test_cancelling_tells_what_the_service_said(answer: Answer, outcome: CancelOutcome) -> None:
    llama, network = model(Answer(status=201, json=prediction("starting")), answer)
    job = llama.run_async(prompt="x")
    assert "Prefer" not in network.received[0].headers
    assert job.cancel().outcome is outcome
    assert (network.received[1].method, network.received[1].url) == ("POST", f"{API}/v1/predictions/{ID}/cancel")
    assert network.received[1].body == b""


def test_a_token_is_enough_for_another_client_and_refused_by_one_of_another_marketplace() -> None:
    llama, _ = model(Answer(status=201, json=prediction()))
    token = llama.run_async(prompt="x").token()
    other, network = client(Answer(json=DONE))
    assert other.job(token).wait().request_id == ID
    assert network.received[0].url == f"{API}/v1/predictions/{ID}"
    with pytest.raises(errors.ValidationError, match="names a run at 'replicate'"):
        Client("test-key").job(token)


@pytest.mark.parametrize("text", [ID, f"{API}/v1/predictions/{ID}"], ids=["id", "address"])
def test_a_run_is_found_by_its_id_or_address(text: str) -> None:
    made, network = client(Answer(json=DONE))
    assert made.job(text).wait().completed
    assert network.received[0].url == f"{API}/v1/predictions/{ID}"


@pytest.mark.parametrize(
    "text", ["no id", "job_!", "https://evil.example/v1/predictions/x", "https://api.replicate.com@evil.example/"]
)
def test_a_place_that_is_none_or_foreign_is_not_asked(text: str) -> None:
    made, network = client()
    with pytest.raises((errors.ValidationError, errors.UntrustedURLError)):
        made.job(text)
    assert network.received == []


def test_an_answer_cannot_send_the_questions_elsewhere() -> None:
    hostile = prediction() | {"urls": {"get": "https://evil.example/p", "cancel": "https://evil.example/c"}}
    llama, network = model(Answer(status=201, json=hostile))
    with pytest.raises(errors.UntrustedURLError):
        llama.run(prompt="x")
    assert len(network.received) == 1


def test_a_run_that_is_out_of_time_is_cancelled_when_asked() -> None:
    llama, network = model(*[Answer(json=prediction())] * 4, Answer(json=prediction("canceled")))
    with pytest.raises(errors.TimeoutError) as caught:
        llama.run(prompt="x", timeout=1, wait_time=0.4, cancel_on_timeout=True)
    assert network.received[-1].url.endswith("/cancel")
    assert sum(request.url.endswith("/cancel") for request in network.received) == 1
    assert "said: cancelled" in caught.value.__notes__[0]


# --- streams


def test_a_stream_is_a_second_request_with_events_by_name() -> None:
    llama, network = model(
        Answer(status=201, json=prediction("starting")),
        events(("logs", "loading"), ("output", "Hi"), ("news", "?"), ("output", " there"), ("done", "{}")),
    )
    with llama.run_stream(prompt="x") as stream:
        assert [chunk.data for chunk in stream] == ["Hi", " there"]
    result = stream.final()
    assert (result.data, result.logs, result.request_id) == ("Hi there", "loading", ID)
    assert [request.method for request in network.received] == ["POST", "GET"]
    assert network.received[1].headers["Authorization"] == f"Bearer {KEY}"
    assert network.received[1].headers["Accept"] == "text/event-stream"


def test_a_stream_of_files_gives_their_addresses() -> None:
    files = ["https://replicate.delivery/a.png", "https://replicate.delivery/b.png"]
    llama, _ = model(
        Answer(status=201, json=prediction()), events(*[("output", file) for file in files], ("done", "{}"))
    )
    assert llama.run_stream(prompt="x").final().data == files


@pytest.mark.parametrize(
    ("ending", "kind", "words"),
    [
        (
            [("error", '{"detail": "out of memory"}'), ("done", '{"reason": "error"}')],
            errors.OperationFailedError,
            "out of memory",
        ),
        ([("error", "out of memory")], errors.OperationFailedError, "out of memory"),
        ([("done", '{"reason": "canceled"}')], errors.OperationFailedError, "canceled"),
    ],
    ids=["error", "words", "canceled"],
)
def test_a_stream_that_ends_badly_says_so_after_its_pieces(ending: Any, kind: Any, words: str) -> None:
    llama, _ = model(Answer(status=201, json=prediction()), events(("output", "Hi"), *ending))
    stream = llama.run_stream(prompt="x")
    assert next(stream).data == "Hi"
    with pytest.raises(kind, match=words):
        next(stream)
    assert stream.partial.data == "Hi"


# A stream is read apart from its run: to read it again starts nothing.


def frames(*numbers: int, cut: bool = True, ids: bool = True, end: bool = False) -> Answer:
    """Some of the output events `0`, `1` …, and the end of the stream or of the connection."""
    blocks = [f"event: output\n{f'id: 17:{n}' if ids else ''}\ndata: {n}\n\n".encode() for n in numbers]
    last = [b"event: done\nid: 17:end\ndata: {}\n\n"] if end else [b"event: output\nid: 17:x\ndata: ha"]
    return Answer(
        blocks=(*blocks, *last), headers={"content-type": "text/event-stream"}, is_cut=cut and not end, between=0.01
    )


@pytest.mark.parametrize("broke", [True, False], ids=["connection", "early end"])
@pytest.mark.parametrize("further", [(2, 3), (0, 1, 2, 3)], ids=["goes on", "begins anew"])
def test_a_stream_that_broke_is_read_on_behind_its_last_event(broke: bool, further: tuple[int, ...]) -> None:
    """Whether the service heeds `Last-Event-ID` or not: no piece comes twice."""
    llama, network = model(
        Answer(status=201, json=prediction()),
        frames(0, 1, cut=broke),
        frames(*further[:-1]),
        frames(*(further if 0 in further else further[-1:]), end=True),
    )
    with llama.run_stream(prompt="x") as stream:
        assert [chunk.data for chunk in stream] == ["0", "1", "2", "3"]
    assert (stream.outcome, stream.final().data) == ("completed", "0123")
    first, *again = [one.headers.get("Last-Event-ID") for one in network.received[1:]]
    assert (first, again) == (None, ["17:1", "17:2"])
    assert [one.method for one in network.received] == ["POST", "GET", "GET", "GET"], "the run was sent once"
    assert network.clock.now() >= 1.0, "it is not asked for at once"


def test_a_stream_that_brings_nothing_more_ends_after_some_tries_and_names_the_job() -> None:
    llama, network = model(Answer(status=201, json=prediction()), frames(0), *[frames()] * 5)
    stream = llama.run_stream(prompt="x")
    assert next(stream).data == "0"
    with pytest.raises(
        errors.StreamInterrupted, match=r"the run goes on\. Next: wait for it with stream\.job"
    ) as caught:
        next(stream)
    assert len(network.received) == 2 + 3
    assert present(caught.value.partial).data == "0"
    assert stream.outcome == "truncated"
    assert llama.session.client.job(stream.job.token()).id == ID


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(frames(0, ids=False), id="events without ids"),
        pytest.param(Answer(body=b"<html>busy"), id="no stream"),
    ],
)
def test_what_cannot_be_read_on_is_not_asked_for_again(broken: Answer) -> None:
    llama, network = model(Answer(status=201, json=prediction()), broken)
    with pytest.raises(errors.TypedrunError), llama.run_stream(prompt="x") as stream:
        list(stream)
    assert len(network.received) == 2


def test_a_stream_has_the_job_of_its_run() -> None:
    llama, network = model(
        Answer(status=201, json=prediction(logs="loading\n")),
        events(("output", "Hi"), ("done", "{}")),
        Answer(json=prediction("canceled")),
        Answer(json=DONE),
    )
    with llama.run_stream(prompt="x") as stream:
        job = stream.job
        assert (job.id, job.logs, job.label) == (ID, "loading\n", RUN)
        stream.final()
    assert job.cancel().status == "canceled"
    assert network.received[2].url == f"{API}/v1/predictions/{ID}/cancel"
    assert llama.session.client.job(job.token()).wait().metrics == {"predict_time": 1.5}


@pytest.mark.parametrize("place", ["https://evil.example/stream", None], ids=["foreign", "none"])
def test_a_stream_that_cannot_be_followed_leaves_the_job_and_no_key_elsewhere(place: str | None) -> None:
    started = prediction("starting")
    started["urls"] = {**started["urls"], "stream": place}
    llama, network = model(Answer(status=201, json=started))
    with pytest.raises((errors.UntrustedURLError, errors.ValidationError)) as caught:
        llama.run_stream(prompt="x")
    assert len(network.received) == 1
    other, _ = client(Answer(json=DONE))
    assert other.job(attribute(caught.value, "job_token")).wait().completed


def test_ctrl_c_while_a_stream_is_opened_leaves_the_job() -> None:
    def play(request: Any) -> Answer:
        if request.method == "GET":
            raise KeyboardInterrupt
        return Answer(status=201, json=prediction("starting"))

    network = ScriptedNetwork(play)
    made = Replicate(KEY, transport=network, clock=network.clock)
    with pytest.raises(KeyboardInterrupt) as caught:
        made.Model(id=RUN, version="").run_stream(prompt="x")
    other, _ = client(Answer(json=DONE))
    token: Any = getattr(caught.value, "job_token", "")
    assert other.job(token).wait().completed


def test_a_client_of_another_address_does_not_trust_the_hosted_streams() -> None:
    network = ScriptedNetwork(
        [
            Answer(
                status=201,
                json=prediction("starting")
                | {
                    "urls": {
                        "get": "http://127.0.0.1:9/v1/predictions/x",
                        "stream": "https://streaming.api.replicate.com/x",
                    }
                },
            )
        ]
    )
    made = Replicate(KEY, "http://127.0.0.1:9", transport=network, clock=network.clock)
    with pytest.raises(errors.UntrustedURLError):
        made.Model(id=RUN, version="").run_stream(prompt="x")


# --- files and the catalog


def test_a_file_is_one_form_to_the_files_api() -> None:
    made, network = client(Answer(status=201, json={"id": "f1", "urls": {"get": f"{API}/v1/files/f1"}}))
    assert made.upload(b"ID3\x04" + bytes(300)) == f"{API}/v1/files/f1"
    sent = network.received[0]
    assert (sent.method, sent.url) == ("POST", f"{API}/v1/files")
    boundary = sent.headers["Content-Type"].partition("boundary=")[2]
    head, _, body = sent.body.partition(b"\r\n\r\n")
    assert head.startswith(
        f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="upload"'.encode()
    )
    assert body == b"ID3\x04" + bytes(300) + f"\r\n--{boundary}--\r\n".encode()


SCHEMA = {
    "components": {
        "schemas": {
            "Input": {
                "required": ["prompt"],
                "properties": {
                    "size": {"allOf": [{"$ref": "#/components/schemas/size"}], "default": "1:1", "x-order": 1},
                    "prompt": {"type": "string", "description": "What to draw.", "x-order": 0},
                },
            },
            "size": {"enum": ["1:1", "16:9"], "type": "string"},
            "Output": {"type": "array", "items": {"type": "string", "format": "uri"}},
        }
    }
}


def document(name: str, **members: Any) -> dict[str, Any]:
    return {"owner": "acme", "name": name, "latest_version": {"id": VERSION, "openapi_schema": SCHEMA}} | members


def test_a_model_is_looked_up_by_its_name_and_checked_by_its_schema() -> None:
    made, network = client(Answer(json=document("draw")))
    draw = made.Model.get("acme/draw")
    assert network.received[0].url == f"{API}/v1/models/acme/draw"
    assert (draw.id, draw.path, draw.version, draw.supports_streaming) == ("acme/draw", "acme/draw", VERSION, False)
    assert [parameter.name for parameter in draw.params or ()] == ["prompt", "size"]
    with pytest.raises(errors.ParameterError, match="size"):
        draw.run(prompt="x", size="2:1")
    with pytest.raises(errors.ParameterError, match="prompt"):
        draw.run(size="1:1")


@pytest.mark.parametrize(
    ("output", "answer", "data"),
    [
        (SCHEMA["components"]["schemas"]["Output"], ["https://replicate.delivery/a.png"], "a.png"),
        ({"type": "string", "format": "uri"}, "https://replicate.delivery/a.png", "a.png"),
        (
            {
                "type": "array",
                "items": {"type": "string"},
                "x-cog-array-type": "iterator",
                "x-cog-array-display": "concatenate",
            },
            ["Hi", " there"],
            "Hi there",
        ),
        ({"type": "object"}, {"n": 1}, {"n": 1}),
    ],
    ids=["files", "file", "text", "object"],
)
def test_outputs_of_a_model_that_was_looked_up_are_files_and_texts(output: Any, answer: Any, data: Any) -> None:
    schemas = {**SCHEMA["components"]["schemas"], "Output": output}
    known = document("draw", latest_version={"id": VERSION, "openapi_schema": {"components": {"schemas": schemas}}})
    made, _ = client(Answer(json=known), Answer(json=prediction("succeeded", output=answer)))
    draw: Any = made.Model.get("acme/draw")
    found: Any = draw.run(prompt="x").data
    files = found if is_list(found) else [found]
    names = [getattr(one, "url", one) for one in files]
    assert names == (["https://replicate.delivery/a.png"] if data == "a.png" else [data])


def test_an_official_model_is_not_pinned() -> None:
    made, _ = client(Answer(json=document("draw", is_official=True)))
    assert made.Model.get("acme/draw").version == ""


def test_pages_follow_by_their_cursor() -> None:
    following = f"{API}/v1/models?cursor=abc"
    made, network = client(
        Answer(json={"results": [document("a"), document("b")], "next": following}),
        Answer(json={"results": [document("c")], "next": None}),
    )
    assert [found.name for found in made.Model.search().all()] == ["a", "b", "c"]
    assert network.received[1].url == following


def test_words_are_searched_for_and_other_filters_refused() -> None:
    made, network = client(Answer(json={"models": [{"model": document("fox"), "metadata": {}}]}))
    page = made.Model.search("a fox")
    assert (len(page), page.has_more, page[0].id) == (1, False, "acme/fox")
    assert network.received[0].url == f"{API}/v1/search?query=a+fox&limit=20"
    with pytest.raises(errors.ParameterError, match="no filter 'functions'"):
        made.Model.search(functions="translation")


def test_the_key_is_in_no_error_and_no_token() -> None:
    llama, _ = model(Answer(status=422, json={"detail": f"bad key {KEY}"}))
    with pytest.raises(errors.InvalidRequestError) as caught:
        llama.run(prompt="x")
    assert KEY not in str(caught.value) + json.dumps(caught.value.response_data)


# --- versions that are named


def described(version: str, *inputs: str, **members: Any) -> dict[str, Any]:
    schema = {"components": {"schemas": {"Input": {"properties": {name: {"type": "string"} for name in inputs}}}}}
    newest = {"id": version, "openapi_schema": schema}
    return {"owner": "meta", "name": "llama", "description": "A llama", "latest_version": newest, **members}


def test_a_version_that_is_named_is_asked_for_with_its_own_inputs() -> None:
    """Also of an official model, whose runs name none otherwise."""
    older = described("0ld" * 8, "text")["latest_version"]
    made, network = client(
        Answer(json=described(VERSION, "prompt", is_official=True)), Answer(json=older), Answer(status=201, json=DONE)
    )
    model = made.Model.get(f"meta/llama:{'0ld' * 8}")
    model.run(text="Hello")
    asked = [one.url.removeprefix(API) for one in network.received]
    assert asked == ["/v1/models/meta/llama", f"/v1/models/meta/llama/versions/{'0ld' * 8}", "/v1/predictions"]
    assert network.received[2].json == {"input": {"text": "Hello"}, "version": "0ld" * 8}
    assert (model.id, model.description, [one.name for one in present(model.params)]) == (
        "meta/llama",
        "A llama",
        ["text"],
    )


class Llama(Model[Any]):
    id = path = RUN
    version = VERSION
    params = (Parameter(name="prompt", required=True, schema={"type": "string"}),)
    output_type = str


class Index:
    package, is_sample = "typedrun", False

    def find(self, id_or_path: str) -> type[Any] | None:
        return Llama if id_or_path == RUN else None


class Generated(Client):
    marketplace: ClassVar[str] = "replicate"
    registry = Index()  # type: ignore[assignment]  # as much of one as is needed


def test_another_version_than_that_of_the_class_is_no_news_and_no_instance_of_it() -> None:
    answers = [Answer(json=described(VERSION, "prompt")), Answer(json=described("0ld", "text")["latest_version"])]
    network = ScriptedNetwork(answers)
    model = Generated(KEY, transport=network, clock=network.clock).Model.get("meta/llama:0ld")  # a warning is an error
    assert not isinstance(model, Llama)
    assert (model.version, model.id) == ("0ld", RUN)
