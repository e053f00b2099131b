import logging
import pickle
import traceback
from contextlib import suppress

import pytest
from attrs import evolve

from typedrun import errors
from typedrun.core.course import Terms, begin
from typedrun.core.request import Auth, KeyField, Kind, Request, Stage
from typedrun.core.retry import Policy
from typedrun.sending.driver import Driver
from typedrun.settings import Hooks, RequestSent, ResponseReceived, RetryPlanned, Secret, Settings, Timeout
from typedrun.testing import Answer, Fault, ScriptedNetwork, VirtualClock

KEY = "canary-7d1f"
BACKEND, RUN_URL = "https://platform.example.com", "https://models.example.com/api/v2/execute"
SETTINGS = Settings(backend_url=BACKEND, run_url=RUN_URL, api_key=Secret(KEY, ("TEAM_API_KEY", "AIXPLAIN_API_KEY")))
GET = Request("GET", f"{BACKEND}/v2/models/x", model="x")
RUN = Request("POST", f"{RUN_URL}/x", body=b'{"text":"hi"}', kind=Kind.UNSAFE, model="x")
OK = Answer(json={"data": 1})


def network(*outcomes: Answer | Fault) -> ScriptedNetwork:
    return ScriptedNetwork(outcomes)


def driver(script: ScriptedNetwork, settings: Settings = SETTINGS, roll: float = 0.5) -> Driver:
    return Driver(settings, transport=script, clock=script.clock, roll=lambda: roll)


def test_a_reply_comes_back_with_its_body() -> None:
    script = network(Answer(json={"a": 1}, headers={"X-Request-Id": "r-1"}))
    reply = driver(script).send(GET)
    assert (reply.status, reply.body, reply.request_id) == (200, b'{"a": 1}', "r-1")


@pytest.mark.parametrize(
    ("kind", "run_retries", "seconds"),
    [(Kind.SAFE, 0, 30.0), (Kind.KEYED, 0, 30.0), (Kind.UNSAFE, 0, 5.0), (Kind.UNSAFE, 1, 5.0)],
)
def test_a_run_takes_no_connection_that_was_idle_as_long_as_that_of_a_question_may(
    kind: Kind, run_retries: int, seconds: float
) -> None:
    rules = driver(network(), evolve(SETTINGS, keep_alive=30.0, keep_alive_for_runs=5.0)).rules
    course = begin(evolve(RUN, kind=kind), rules, Terms(run_retries=run_retries), now=0.0)
    assert course.limits().keep_alive == seconds


def test_headers_of_a_request() -> None:
    script = network(OK)
    settings = evolve(SETTINGS, headers={"X-Team": "search"})
    driver(script, settings).send(evolve(RUN, headers={"x-user-id": "u1", "Accept": "text/plain"}))
    headers = dict(script.received[0].headers)
    assert headers.pop("User-Agent").startswith("typedrun/")
    assert headers == {
        "x-api-key": KEY,
        "X-Team": "search",
        "Accept": "text/plain",
        "Accept-Encoding": "gzip",
        "Content-Type": "application/json",
        "x-user-id": "u1",
    }


def test_a_stream_asks_for_events_without_compression() -> None:
    script = network(Answer(blocks=(b"data: 1\n\n",)))
    driver(script).open_stream(evolve(RUN, accept="text/event-stream")).close()
    headers = script.received[0].headers
    assert (headers["Accept"], headers["Accept-Encoding"]) == ("text/event-stream", "identity")


def test_a_callers_header_replaces_ours_in_any_spelling() -> None:
    script = network(OK)
    driver(script).send(evolve(GET, headers={"USER-AGENT": "mine/1", "accept": "text/plain"}))
    headers = script.received[0].headers
    assert (headers["USER-AGENT"], headers["accept"]) == ("mine/1", "text/plain")
    assert not {"User-Agent", "Accept"} & set(headers)


@pytest.mark.parametrize("status", [200, 401])
def test_a_reply_that_quotes_the_key_is_read_without_it(status: int) -> None:
    quoting = Answer(status=status, json={"message": "no", "subscription": {"apiKey": KEY}})
    try:
        shown = str(driver(network(quoting)).send(GET).body)
    except errors.AuthenticationError as error:
        shown = str(error.response_data)
    assert KEY not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (Auth.KEY, "x-api-key", KEY),
        (KeyField("Authorization", "token "), "Authorization", f"token {KEY}"),
        (KeyField("Authorization", "Token "), "Authorization", f"Token {KEY}"),
    ],
)
def test_the_key_travels_as_the_endpoint_wants_it(auth: Auth | KeyField, header: str, value: str) -> None:
    script = network(OK)
    driver(script).send(evolve(GET, auth=auth))
    assert script.received[0].headers[header] == value


def test_without_auth_neither_key_nor_own_headers_are_sent() -> None:
    script = network(OK)
    settings = evolve(SETTINGS, headers={"Authorization": "Bearer other"})
    driver(script, settings).send(Request("PUT", "https://storage.example/x?sig=1", body=b"x", auth=Auth.NONE))
    assert KEY not in str(dict(script.received[0].headers))
    assert "Authorization" not in script.received[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/api/v1/data/x",
        "http://platform.example.com/x",
        "https://platform.example.com:444/x",
        "https://user:pw@platform.example.com/x",
    ],
)
def test_a_foreign_url_is_refused_before_anything_is_sent(url: str) -> None:
    script = network()
    with pytest.raises(errors.UntrustedURLError) as caught:
        driver(script).send(evolve(GET, url=url))
    assert script.received == []
    host = url.split("/")[2].rpartition("@")[2]
    assert host in str(caught.value)
    assert "pw" not in str(caught.value)


# --- retries

NEVER_SENT = Fault(Stage.NEVER_SENT, "connection refused")
RESET = Fault(Stage.NO_REPLY, "connection reset")
BUSY = Answer(status=503, headers={"Retry-After": "2"})
RETRIED_BY_ALL = {
    "refused": NEVER_SENT,
    "429": Answer(status=429),
    "497": Answer(status=497),
    "503 with Retry-After": BUSY,
}
UNKNOWN_FOR_RUNS = {
    "reset": RESET,
    "silence": Fault(Stage.NO_REPLY, "timed out", after=1e6),
    "cut reply": Answer(json={"data": 1}, is_cut=True),
    "500": Answer(status=500, json={"message": "oops"}),
    "502": Answer(status=502, body=b"<html>Bad Gateway</html>"),
    "503": Answer(status=503),
    "504": Answer(status=504),
}


@pytest.mark.parametrize("outcome", RETRIED_BY_ALL.values(), ids=RETRIED_BY_ALL)
@pytest.mark.parametrize("request_", [GET, RUN], ids=["get", "run"])
def test_what_was_surely_not_executed_is_sent_again(outcome: Answer | Fault, request_: Request) -> None:
    assert driver(network(outcome, outcome, OK)).send(request_).body == b'{"data": 1}'


@pytest.mark.parametrize("outcome", UNKNOWN_FOR_RUNS.values(), ids=UNKNOWN_FOR_RUNS)
def test_a_read_is_sent_again_after_every_passing_trouble(outcome: Answer | Fault) -> None:
    settings = evolve(SETTINGS, timeout=Timeout(idle=5, total=None))
    assert driver(network(outcome, OK), settings).send(GET).body == b'{"data": 1}'


@pytest.mark.parametrize("outcome", UNKNOWN_FOR_RUNS.values(), ids=UNKNOWN_FOR_RUNS)
def test_a_run_that_may_have_been_executed_is_not_sent_again(outcome: Answer | Fault) -> None:
    script = network(outcome)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        driver(script).send(RUN)
    assert caught.value.maybe_billed
    assert not caught.value.is_retry_safe
    assert (caught.value.model, caught.value.url) == ("x", f"{RUN_URL}/x")
    assert "run_retries=" in str(caught.value)
    assert len(script.received) == 1


@pytest.mark.parametrize("outcome", UNKNOWN_FOR_RUNS.values(), ids=UNKNOWN_FOR_RUNS)
def test_run_retries_is_the_leave_to_send_it_again(outcome: Answer | Fault) -> None:
    script = network(outcome, OK)
    assert driver(script).send(RUN, run_retries=1, run_retry_wait=3.0).body == b'{"data": 1}'
    assert script.clock.sleeps == [3.0]
    script = network(outcome, outcome, outcome)
    with pytest.raises(errors.OutcomeUnknown):
        driver(script, evolve(SETTINGS, timeout=Timeout(total=None))).send(RUN, run_retries=2)
    assert len(script.received) == 3


def test_the_leave_to_send_a_run_again_says_nothing_of_reads() -> None:
    script = network(Answer(status=500), OK)
    assert driver(script).send(GET, run_retries=1, run_retry_wait=30.0).body == b'{"data": 1}'
    assert 0 < script.clock.sleeps[0] < 30


def test_an_unknown_outcome_keeps_what_the_backend_said() -> None:
    script = network(Answer(status=500, json={"message": "kaputt", "error": "err.x"}, headers={"x-request-id": "r-9"}))
    with pytest.raises(errors.OutcomeUnknown, match="kaputt") as caught:
        driver(script).send(RUN)
    assert (caught.value.status_code, caught.value.code, caught.value.request_id) == (500, "err.x", "r-9")
    assert caught.value.response_data["message"] == "kaputt"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.InvalidRequestError),
        (401, errors.AuthenticationError),
        (402, errors.BillingError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (408, errors.APIError),
        (422, errors.InvalidRequestError),
    ],
)
def test_a_refusal_raises_its_error_after_one_try(status: int, error: type[errors.APIError]) -> None:
    script = network(Answer(status=status, json={"message": "no"}))
    with pytest.raises(error) as caught:
        driver(script).send(RUN)
    assert caught.value.status_code == status
    assert len(script.received) == 1


def test_the_error_after_all_attempts_shows_each_and_its_wait() -> None:
    script = network(NEVER_SENT, BUSY, RESET, Answer(status=502), Answer(status=500, json={"message": "still down"}))
    with pytest.raises(errors.ServerError, match="still down") as caught:
        driver(script).send(GET)
    failures = [attempt.failure for attempt in caught.value.attempts]
    assert failures == ["connection refused", "HTTP 503", "connection reset", "HTTP 502", "HTTP 500"]
    assert [attempt.waited for attempt in caught.value.attempts] == [0.125, 2.0, 0.5, 1.0, None]
    assert "5 attempts, waited 0.12 s, 2 s, 0.5 s, 1 s" in str(caught.value)


def test_a_retry_after_beyond_a_minute_is_raised_and_not_slept() -> None:
    script = network(Answer(status=429, headers={"Retry-After": "7200"}))
    with pytest.raises(errors.RateLimitError) as caught:
        driver(script).send(GET)
    assert caught.value.retry_after == 7200
    assert script.clock.sleeps == []
    assert "7200 s" in caught.value.__notes__[0]


def test_a_retry_after_past_the_deadline_is_raised_at_once() -> None:
    script = network(BUSY)
    with pytest.raises(errors.ServerError):
        driver(script, evolve(SETTINGS, timeout=Timeout(total=1.5))).send(GET)
    assert script.clock.now() == 0


def test_retries_of_a_call_can_be_turned_off() -> None:
    script = network(RESET)
    with pytest.raises(errors.TransportError):
        driver(script).send(GET, retries=0)


def test_a_host_that_answers_nothing_is_soon_bothered_once_a_call() -> None:
    script = ScriptedNetwork(lambda request: RESET)
    patient = driver(script)
    for _ in range(8):
        with pytest.raises(errors.TransportError):
            patient.send(GET)
    assert len(script.received) == 8 + 10


def test_the_retry_budget_of_one_host_is_not_anothers() -> None:
    script = ScriptedNetwork(lambda request: RESET if "platform" in request.url else BUSY)
    patient = driver(script)
    for _ in range(4):
        with pytest.raises(errors.TransportError):
            patient.send(GET)
    script.received.clear()
    with pytest.raises(errors.ServerError):
        patient.send(RUN)
    assert len(script.received) == 5


# --- limits


def test_the_total_limit_ends_a_trickling_reply() -> None:
    script = network(Answer(blocks=(b"x",) * 100, between=1.0))
    with pytest.raises(errors.TimeoutError):
        driver(script, evolve(SETTINGS, timeout=Timeout(total=10))).send(GET)
    assert script.clock.now() == 10


def test_a_run_past_its_deadline_is_a_timeout_and_an_unknown_outcome() -> None:
    script = network(Answer(after=20))
    slow = driver(script)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        slow.send(RUN, deadline=slow.deadline(5))
    assert isinstance(caught.value, errors.TimeoutError)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.maybe_billed
    assert script.clock.now() == 5


@pytest.mark.parametrize(
    ("seconds", "end"), [(5.0, 5.0), (3600.0, 700.0), (None, 600.0)], ids=["sooner", "later", "none"]
)
def test_a_calls_own_deadline_takes_the_place_of_the_total(seconds: float | None, end: float) -> None:
    script = network(Answer(blocks=(b"x",) * 10, between=70.0))
    client = driver(script)
    with suppress(errors.OutcomeUnknown):
        client.send(RUN, deadline=client.deadline(seconds))
    assert script.clock.now() == end


def test_a_deadline_that_has_passed_sends_nothing() -> None:
    script = network()
    late = driver(script)
    with pytest.raises(errors.TimeoutError):
        late.send(RUN, deadline=late.deadline(0))


def test_a_reply_beyond_the_size_limit_is_not_read() -> None:
    script = network(Answer(blocks=(b"x" * 1000,) * 1000))
    with pytest.raises(errors.DecodingError, match="5000 bytes"):
        driver(script, evolve(SETTINGS, max_reply_bytes=5000)).send(GET)
    assert script.replies[0].is_closed


def test_a_stream_has_no_total_limit_of_its_own() -> None:
    script = network(Answer(blocks=(b"x",) * 100, between=50.0))
    live = driver(script).open_stream(RUN)
    assert b"".join(live.blocks()) == b"x" * 100


def test_a_silent_stream_raises_after_the_idle_limit() -> None:
    script = network(Answer(blocks=(b"a", b"b"), between=400.0))
    live = driver(script).open_stream(RUN)
    with pytest.raises(errors.TimeoutError):
        list(live.blocks())
    assert script.clock.now() == 300


def test_a_closed_stream_ends_quietly() -> None:
    live = driver(network(Answer(blocks=(b"a", b"b", b"c")))).open_stream(RUN)
    blocks = live.blocks()
    assert next(blocks) == b"a"
    live.close()
    assert list(blocks) == []


def test_a_broken_stream_raises_what_broke_it() -> None:
    live = driver(network(Answer(blocks=(b"a",), is_cut=True))).open_stream(RUN)
    blocks = live.blocks()
    assert next(blocks) == b"a"
    with pytest.raises(errors.TransportError, match="cut short"):
        next(blocks)


# --- redirects


def redirect(location: str, status: int = 307) -> Answer:
    return Answer(status=status, headers={"Location": location})


@pytest.mark.parametrize("location", [f"{BACKEND}/elsewhere", "/elsewhere"])
def test_a_read_follows_a_redirect_within_its_origin(location: str) -> None:
    script = network(redirect(location), OK)
    reply = driver(script).send(GET)
    assert reply.url == script.received[1].url == f"{BACKEND}/elsewhere"


@pytest.mark.parametrize(
    "location", ["https://evil.example/x", "http://platform.example.com/x", "//evil.example/x", "ftp://x"]
)
@pytest.mark.parametrize("request_", [GET, RUN], ids=["get", "run"])
def test_no_redirect_leaves_the_origin(location: str, request_: Request) -> None:
    script = network(redirect(location))
    with pytest.raises(errors.UntrustedURLError, match="redirected"):
        driver(script).send(request_)
    assert len(script.received) == 1


def test_a_body_is_not_sent_to_a_redirected_address() -> None:
    script = network(redirect(f"{RUN_URL}/y"))
    with pytest.raises(errors.APIError, match="/api/v2/execute/y"):
        driver(script).send(RUN)
    assert len(script.received) == 1


def test_redirects_in_a_circle_end() -> None:
    script = ScriptedNetwork(lambda request: redirect("/again"))
    with pytest.raises(errors.APIError, match="More than 5 redirects"):
        driver(script).send(GET)
    assert len(script.received) == 6


# --- hooks, logs, secrets


def test_hooks_are_told_of_each_try() -> None:
    told: list[object] = []
    settings = evolve(SETTINGS, hooks=Hooks(told.append, told.append, told.append))
    script = network(RESET, Answer(json=1, headers={"x-request-id": "r"}, after=0.5))
    driver(script, settings).send(evolve(GET, url=f"{GET.url}?token=secret"))
    assert told == [
        RequestSent("GET", GET.url, "x", 1),
        RetryPlanned("GET", GET.url, "x", 1, "connection reset", 0.125),
        RequestSent("GET", GET.url, "x", 2),
        ResponseReceived("GET", GET.url, "x", 2, 200, 0.5, "r"),
    ]


def test_a_hook_that_raises_reaches_the_caller_and_leaves_no_open_reply() -> None:
    def refuse(response: ResponseReceived) -> None:
        raise KeyboardInterrupt

    script = network(OK)
    with pytest.raises(KeyboardInterrupt):
        driver(script, evolve(SETTINGS, hooks=Hooks(on_response=refuse))).send(GET)
    assert script.replies[0].is_closed


def test_debug_lines_name_the_exchange_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    script = network(RESET, Answer(json="a body", headers={"x-request-id": "r-1"}))
    with caplog.at_level(logging.DEBUG, "typedrun"):
        driver(script).send(evolve(GET, url=f"{GET.url}?signature=abc", body=b"a prompt"))
    assert [record.message for record in caplog.records] == [
        f"GET {GET.url} failed (connection reset), next try in 0.12 s",
        f"GET {GET.url} -> 200 in 0.000 s, request id r-1",
    ]


def test_the_key_is_in_no_output(caplog: pytest.LogCaptureFixture) -> None:
    """Errors, their tracebacks with local variables, pickles, reprs, logs: for every way in which a request can end."""
    outcomes = [
        *RETRIED_BY_ALL.values(),
        *UNKNOWN_FOR_RUNS.values(),
        redirect("https://evil.example/x"),
        redirect("/y"),
    ]
    outcomes += [
        Answer(status=401, json={"message": f"key {KEY} is unknown", "key": KEY}),
        Answer(json=1, blocks=(b"x" * 99,) * 99),
    ]
    settings = evolve(SETTINGS, max_reply_bytes=1000, retry=Policy(retries=1))
    shown: list[str] = [repr(settings), repr(settings.api_key), str(settings.api_key)]
    with caplog.at_level(logging.DEBUG):
        for outcome in outcomes:
            script = ScriptedNetwork(lambda request, outcome=outcome: outcome)  # type: ignore[misc]  # bound here
            client = driver(script, settings)
            with pytest.raises(errors.TypedrunError) as caught:
                client.send(RUN)
            error = caught.value
            ours = traceback.TracebackException.from_exception(error, capture_locals=True)
            frames = [
                frame for frame in ours.stack if "/typedrun/" in frame.filename and "/testing/" not in frame.filename
            ]
            shown += [
                str(error),
                repr(error),
                str(vars(error)),
                str(pickle.dumps(error)),
                str(pickle.dumps(client)),
                repr(client),
            ]
            shown += ["".join(ours.format_exception_only()), str([frame.locals for frame in frames])]
            assert KEY in str(dict(script.received[0].headers)) if script.received else True
    assert caplog.records
    assert KEY not in "".join([*shown, caplog.text])


def test_a_pickled_driver_reads_its_key_where_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pickle.dumps(Driver(evolve(SETTINGS, hooks=Hooks(on_request=lambda _: None))))
    monkeypatch.setenv("TEAM_API_KEY", "the-other-process's")
    loaded = pickle.loads(packed)
    assert loaded.settings.api_key.reveal() == "the-other-process's"
    assert (loaded.settings.backend_url, loaded.settings.run_url) == (BACKEND, RUN_URL)
    monkeypatch.delenv("TEAM_API_KEY")
    monkeypatch.delenv("AIXPLAIN_API_KEY", raising=False)
    with pytest.raises(errors.ConfigurationError, match="TEAM_API_KEY"):
        pickle.loads(packed).send(GET)


def test_the_clock_is_the_machines_unless_told_otherwise() -> None:
    real = Driver(SETTINGS)
    before = real.clock.now()
    real.sleep(0.001)
    assert real.clock.now() > before
    assert isinstance(VirtualClock().now(), float)
