import base64
import pickle
from typing import Any

import pytest

from tests.narrowing import attribute
from typedrun import errors
from typedrun.aio.job import AsyncJob
from typedrun.errors.runs import UnfinishedRun
from typedrun.job import Job, resume_job
from typedrun.marketplaces.aixplain import MARKETPLACE
from typedrun.marketplaces.aixplain.answers import read_result
from typedrun.marketplaces.aixplain.wire import AixplainWire
from typedrun.results import ModelResult
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings
from typedrun.testing import Answer, Fault, ScriptedNetwork

KEY = "canary-91ab"
BACKEND, RUN_URL = "https://platform.example.com", "https://models.example.com/api/v2/execute"
POLL_URL = "https://models.example.com/api/v1/data/a90c-2078"
SETTINGS = Settings(backend_url=BACKEND, run_url=RUN_URL, api_key=Secret(KEY, ("TEAM_API_KEY", "AIXPLAIN_API_KEY")))
WIRE = AixplainWire(BACKEND, RUN_URL, MARKETPLACE.routes)
STARTED: dict[str, Any] = {"status": "IN_PROGRESS", "completed": True, "data": POLL_URL, "requestId": "r-1"}
PENDING = Answer(json={"completed": False})
DONE = {
    "completed": True,
    "status": "SUCCESS",
    "data": 0,
    "usedCredits": 0.05,
    "details": [{"score": 1}],
}


def started(
    *outcomes: Answer | Fault, answer: dict[str, Any] = STARTED, label: str = "openai/gpt"
) -> tuple[Job[Any], ScriptedNetwork]:
    network = ScriptedNetwork(outcomes)
    return Job[Any](
        Driver(SETTINGS, transport=network, clock=network.clock, wire=WIRE),
        WIRE.going_on(read_result(answer)),
        label=label,
    ), network


def test_a_started_job_knows_where_and_who_it_is() -> None:
    job, network = started()
    assert (job.id, job.url, job.status, job.completed, job.data) == ("a90c-2078", POLL_URL, "IN_PROGRESS", False, None)
    assert job.request_id == "r-1"
    assert network.received == []
    assert repr(job) == "Job(id='a90c-2078', status='IN_PROGRESS', completed=False, model='openai/gpt')"


def known(job: Job[Any] | AsyncJob[Any]) -> UnfinishedRun:
    """Either kind of job is what errors know of one: a checker says so."""
    return job


@pytest.mark.parametrize("kind", [Job, AsyncJob])
@pytest.mark.parametrize("name", ["token", "poll", "wait", "cancel"])
def test_what_an_error_tells_of_a_job_both_kinds_can(kind: type[Job[Any] | AsyncJob[Any]], name: str) -> None:
    assert name in vars(UnfinishedRun)
    assert callable(getattr(kind, name))


@pytest.mark.parametrize(
    ("data", "url", "id_"),
    [
        ("api/v1/data/x1", "https://models.example.com/api/v1/data/x1", "x1"),
        ("/sdk/runs/x2/result", "https://platform.example.com/sdk/runs/x2/result", "x2"),
        ("some-token", "https://models.example.com/api/v1/data/some-token", "some-token"),
    ],
)
def test_relative_poll_addresses_are_completed(data: str, url: str, id_: str) -> None:
    job, network = started(Answer(json=DONE), answer=STARTED | {"data": data})
    job.poll()
    assert (job.url, job.id) == (url, id_)
    assert network.received[0].url == url


def test_poll_asks_once_and_takes_the_answer_over() -> None:
    job, network = started(PENDING, Answer(json=DONE))
    assert job.poll() is job
    assert not job.completed
    job.poll()
    assert (job.completed, job.status, job.data, job.used_credits, job.details) == (
        True,
        "SUCCESS",
        0,
        0.05,
        [{"score": 1}],
    )
    assert job.request_id == "r-1"
    job.poll()  # a finished job is not asked again
    assert [request.method for request in network.received] == ["GET", "GET"]
    assert network.received[0].headers["x-api-key"] == KEY


def test_wait_gives_the_finished_result() -> None:
    job, network = started(PENDING, PENDING, Answer(json=DONE))
    polls = list[bool]()
    result = job.wait(on_poll=lambda job: polls.append(job.completed))
    assert type(result) is ModelResult
    assert (result.data, result.completed, result.request_id, result.url) == (0, True, "r-1", POLL_URL)
    assert polls == [False, False, True]
    assert network.clock.sleeps == pytest.approx([0.5, 0.55])
    assert job.result() == result


def test_result_waits_if_need_be() -> None:
    job, _ = started(PENDING, Answer(json=DONE))
    assert job.result().data == 0


def test_a_run_that_finished_at_once_asks_nothing() -> None:
    job, network = started(answer={"status": "SUCCESS", "completed": True, "data": "now"})
    assert job.wait().data == job.result().data == "now"
    assert job.poll().data == "now"
    assert network.received == []
    assert job.id == ""
    with pytest.raises(errors.ValidationError, match="finished at once"):
        job.token()


@pytest.mark.parametrize("ask", [Job[Any].poll, Job[Any].wait, Job[Any].result], ids=["poll", "wait", "result"])
def test_a_failed_run_raises_the_suppliers_words(ask: Any) -> None:
    failed = {"status": "FAILED", "completed": True, "error": "err.supplier_error", "supplierError": "no such voice"}
    job, network = started(Answer(json=failed))
    for _ in range(2):  # again, without asking again
        with pytest.raises(errors.OperationFailedError, match="no such voice") as caught:
            ask(job)
        assert caught.value.response_data == failed
        assert (caught.value.model, caught.value.request_id) == ("openai/gpt", "r-1")
    assert (job.status, job.completed, job.error_message) == ("FAILED", True, "no such voice")
    assert len(network.received) == 1


def test_a_spent_budget_hands_the_job_over_and_it_goes_on() -> None:
    job, network = started(*[PENDING] * 8, Answer(json=DONE))
    with pytest.raises(errors.TimeoutError, match="timed out after 5 seconds") as caught:
        job.wait(timeout=5)
    assert caught.value.job is job
    assert isinstance(caught.value, TimeoutError)
    assert network.clock.now() <= 5
    assert job.wait().data == 0


def test_a_budget_spent_on_failures_says_what_they_were() -> None:
    network = ScriptedNetwork(lambda request: Answer(status=503, json={"message": "maintenance"}))
    job = Job[Any](
        Driver(SETTINGS, transport=network, clock=network.clock, wire=WIRE), WIRE.going_on(read_result(STARTED))
    )
    with pytest.raises(errors.TimeoutError) as caught:
        job.wait(timeout=20)
    assert "maintenance" in str(caught.value.__cause__)


def test_waiting_without_limit_goes_on_for_days() -> None:
    job, network = started(*[PENDING] * 3000, Answer(json=DONE))
    assert job.wait(timeout=None).data == 0
    assert network.clock.now() > 86400


def test_an_answer_cannot_send_the_next_question_elsewhere() -> None:
    job, network = started(
        Answer(
            json={"status": "IN_PROGRESS", "data": "https://evil.example/api/v1/data/x", "url": "https://evil.example/"}
        ),
        Answer(json=DONE),
    )
    job.wait()
    assert {request.url for request in network.received} == {POLL_URL}


def test_a_foreign_poll_url_is_refused_by_name() -> None:
    job, network = started(answer=STARTED | {"data": "https://evil.example/api/v1/data/x"})
    with pytest.raises(errors.UntrustedURLError, match=r"https://evil\.example"):
        job.wait()
    assert network.received == []


@pytest.mark.parametrize(
    "answer",
    [{"status": "IN_PROGRESS"}, {"data": "Once upon a time"}, {"data": "x" * 100_000}],
    ids=["none", "text", "much"],
)
def test_an_unfinished_answer_without_an_address_says_so(answer: dict[str, Any]) -> None:
    job, _ = started(answer=answer)
    for ask in (job.poll, job.wait, job.result):
        with pytest.raises(errors.DecodingError, match="not where to ask"):
            ask()


def test_what_on_poll_raises_reaches_the_caller() -> None:
    job, _ = started(PENDING)

    def stop(job: Job[Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        job.wait(on_poll=stop)


# --- saved and picked up again


def test_a_token_is_enough_to_go_on_elsewhere() -> None:
    job, _ = started()
    elsewhere = ScriptedNetwork([Answer(json=DONE)])
    resumed = resume_job(Driver(SETTINGS, transport=elsewhere, clock=elsewhere.clock, wire=WIRE), job.token())
    assert (resumed.url, resumed.label, resumed.request_id, resumed.completed) == (POLL_URL, "openai/gpt", "r-1", False)
    assert resumed.wait().data == 0


@pytest.mark.parametrize("text", [POLL_URL, "api/v1/data/a90c-2078", "a90c-2078"])
def test_a_poll_address_is_as_good_as_a_token(text: str) -> None:
    network = ScriptedNetwork([Answer(json=DONE)])
    assert resume_job(Driver(SETTINGS, transport=network, wire=WIRE), text).url == POLL_URL


def test_a_token_holds_no_secret() -> None:
    job, _ = started(answer=STARTED | {"data": f"https://user:hunter2@models.example.com/api/v1/data/x?sig={KEY}#f"})
    text = job.token()
    plain = base64.urlsafe_b64decode(text.removeprefix("job_") + "==").decode()
    assert KEY not in plain
    assert "hunter2" not in plain
    assert text.isascii()
    assert "=" not in text


def test_a_harmless_query_stays_in_the_token() -> None:
    job, _ = started(answer=STARTED | {"data": f"{POLL_URL}?region=eu"})
    network = ScriptedNetwork([])
    assert resume_job(Driver(SETTINGS, transport=network, wire=WIRE), job.token()).url == f"{POLL_URL}?region=eu"


@pytest.mark.parametrize("text", ["job_", "job_!!!", "job_bm9uc2Vuc2U", "job_W10", "no token"])
def test_a_damaged_token_is_refused(text: str) -> None:
    with pytest.raises(errors.ValidationError, match="neither a job token nor a poll address"):
        resume_job(Driver(SETTINGS, transport=ScriptedNetwork([]), wire=WIRE), text)


@pytest.mark.parametrize("text", ["https://evil.example/api/v1/data/x", "http://models.example.com/api/v1/data/x"])
def test_a_foreign_address_is_refused_when_it_is_picked_up(text: str) -> None:
    with pytest.raises(errors.UntrustedURLError):
        resume_job(Driver(SETTINGS, transport=ScriptedNetwork([]), wire=WIRE), text)


def test_a_job_pickles_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    job, _ = started(PENDING)
    with pytest.raises(errors.TimeoutError) as caught:
        job.wait(timeout=0)
    packed = pickle.dumps(caught.value)
    assert KEY.encode() not in packed
    monkeypatch.setenv("TEAM_API_KEY", "theirs")
    loaded = pickle.loads(packed).job
    assert (loaded.url, loaded.label, loaded.completed) == (POLL_URL, "openai/gpt", False)
    assert loaded.token() == job.token()


@pytest.mark.parametrize(
    "raised", [KeyboardInterrupt(), SystemExit(1), TimeoutError("mine"), ValueError("mine")], ids=repr
)
def test_whatever_ends_the_waiting_carries_the_token(raised: BaseException) -> None:
    job, network = started(PENDING, Answer(json=DONE))

    def interrupt(_job: Job[Any]) -> None:
        raise raised

    with pytest.raises(type(raised)) as caught:
        job.wait(on_poll=interrupt)
    assert caught.value is raised
    token = attribute(caught.value, "job_token")
    assert f"aix.job({token!r})" in raised.__notes__[0]
    again = resume_job(Driver(SETTINGS, transport=network, clock=network.clock, wire=WIRE), token)
    assert again.wait().data == 0


def test_a_refused_question_carries_the_token() -> None:
    job, _ = started(Answer(status=401, json={"message": "Unauthorized"}))
    with pytest.raises(errors.AuthenticationError) as caught:
        job.wait()
    assert caught.value.job_token == job.token()  # type: ignore[attr-defined]  # documented in docs/errors.md


def test_a_job_that_is_not_there_was_cancelled_by_nobody() -> None:
    job, _ = started(*[Answer(status=404, json={"message": "no such run"})] * 20)
    with pytest.raises(errors.TimeoutError, match="goes on at the backend"):
        job.wait(timeout=5)
    assert not job.completed
