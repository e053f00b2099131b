"""What holds for whatever comes: retries, polling, origins, inputs, and a call on its way to the wire and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import typedrun.errors as errors
from tests.strategies import calls, circumstances, examples, policies, seconds, urls
from typedrun.client import Client
from typedrun.core import polling
from typedrun.core.origins import origin_of, trust
from typedrun.core.request import Kind, Stage
from typedrun.core.retry import Circumstances, GiveUp, Policy, Retry, Verdict, decide
from typedrun.marketplaces.aixplain.controls import CONTROLS
from typedrun.model import from_document
from typedrun.names import python_name
from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

# --- retries


@given(policy=policies(), at=circumstances())
def test_a_request_is_not_sent_again_without_limit_nor_after_its_deadline(policy: Policy, at: Circumstances) -> None:
    step = decide(policy, at)
    if isinstance(step, Retry):
        used = (step.tally.retries - at.tally.retries, step.tally.resends - at.tally.resends)
        assert used in {(1, 0), (0, 1)}
        assert step.tally.retries <= policy.retries if used == (1, 0) else step.tally.resends <= policy.resends
        assert at.has_budget
        assert at.left is None or step.after < at.left
        assert step.after >= (at.retry_after or 0.0)
        assert step.after <= max(policy.longest_wait, policy.resend_wait, policy.longest_retry_after)


@given(policy=policies(), at=circumstances(kinds=(Kind.UNSAFE,)))
def test_a_run_that_may_have_been_accepted_is_never_sent_again(policy: Policy, at: Circumstances) -> None:
    assume(at.stage in {Stage.NO_REPLY, Stage.SERVER_ERROR, Stage.STREAM_BEGAN})
    step = decide(policy, at)
    assert isinstance(step, GiveUp)
    assert step.verdict in {Verdict.UNKNOWN, Verdict.INTERRUPTED}


@given(policy=policies(), at=circumstances(), longer=seconds())
def test_more_time_never_turns_a_retry_into_an_end(policy: Policy, at: Circumstances, longer: float) -> None:
    if isinstance(decide(policy, at), Retry) and at.left is not None:
        assert isinstance(decide(policy, evolve(at, left=at.left + longer)), Retry)


# --- polling


@given(
    budget=st.none() | seconds(900.0), wait_time=seconds(5.0), took=seconds(3.0), retry_after=st.none() | seconds(90.0)
)
def test_waiting_asks_at_once_and_ends_with_its_budget(
    budget: float | None, wait_time: float, took: float, retry_after: float | None
) -> None:
    now, waits, asked = 100.0, list[float](), 0
    state = polling.begin(now, budget=budget, wait_time=wait_time)
    seen: polling.Seen = None
    for _ in range(60):
        state, step = polling.next_step(state, seen, now)
        if isinstance(step, polling.Ask):
            asked += 1
            now += took if step.within is None else min(took, step.within)
            seen = polling.Pending(retry_after)
        elif isinstance(step, polling.Wait):
            assert step.seconds > 0
            waits.append(step.seconds)
            now += step.seconds
            seen = None
        else:
            assert isinstance(step, polling.OutOfTime)
            assert budget is not None
            break
    assert asked >= 1
    if budget is not None:
        assert now <= 100.0 + budget + 1.0 + 1e-6
    assert all(wait <= max(polling.LONGEST_WAIT, retry_after or 0.0) + 1e-9 for wait in waits)


@given(now=seconds(), error=st.sampled_from([errors.AuthenticationError("no"), errors.OperationFailedError("no")]))
def test_what_the_backend_decided_ends_the_waiting(now: float, error: errors.TypedrunError) -> None:
    state = polling.begin(0.0)
    _, step = polling.next_step(state, polling.Lost(error), now)
    assert step == polling.Failed(error)


# --- origins


@given(trusted=urls(), url=urls())
def test_the_key_goes_to_the_trusted_scheme_host_and_port_alone(trusted: str, url: str) -> None:
    if trust([trusted]).trusts(url):
        ours, theirs = urlsplit(trusted), urlsplit(url)
        assert (ours.scheme.lower(), _host(ours.hostname)) == (theirs.scheme.lower(), _host(theirs.hostname))
        default = {"http": 80, "https": 443}[ours.scheme.lower()]
        assert (ours.port or default) == (theirs.port or default)
        assert "@" not in url


def _host(name: str | None) -> str:
    return (name or "").lower().rstrip(".")


@given(url=urls())
def test_an_origin_is_its_own_origin_and_has_nothing_but_scheme_host_and_port(url: str) -> None:
    origin = origin_of(url)
    if origin is not None:
        assert origin_of(origin) == origin
        assert urlsplit(origin).path == ""
        assert trust([url]).trusts(f"{origin}/anything")


# --- a call on its way

DATA_TYPES = {"text": "text", "number": "number", "integer": "integer", "boolean": "boolean", "json": "json"}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, Client]]:
    with (
        Sandbox(bundled_snapshot(), settings=Settings(token_seconds=0.0, validate=False)) as sandbox,
        sandbox.client(Client) as client,
    ):
        yield sandbox, client


@settings(max_examples=examples(0.5))
@given(call=calls())
def test_a_call_arrives_on_the_wire_and_comes_back_as_it_was_meant(
    served: tuple[Sandbox, Client], call: dict[str, tuple[str, object]]
) -> None:
    sandbox, client = served
    model = from_document(
        {
            "id": "69b7e5f1b2fe44704ab0e7d0",
            "name": "M",
            "params": [{"name": name, "dataType": DATA_TYPES[kind]} for name, (kind, _) in call.items()],
        },
        client,
    )
    sandbox.reply("69b7e5f1b2fe44704ab0e7d0", lambda body: dict(body))
    arguments = {python_name(name, CONTROLS): value for name, (_, value) in call.items()}
    arrived = model.run(**arguments).data
    assert {name: _as_meant(kind, arrived[name]) for name, (kind, _) in call.items()} == {
        name: value for name, (_, value) in call.items()
    }


def _as_meant(kind: str, value: object) -> object:
    """A value as the wire spells it, read again: numbers and booleans may be sent as texts."""
    if kind in {"number", "integer", "boolean", "json"} and isinstance(value, str):
        return json.loads(value)
    return value


@settings(max_examples=examples(0.5))
@given(call=calls())
def test_inputs_give_back_what_was_assigned(
    served: tuple[Sandbox, Client], call: dict[str, tuple[str, object]]
) -> None:
    _, client = served
    params = [{"name": name, "dataType": DATA_TYPES[kind]} for name, (kind, _) in call.items()]
    model = from_document({"id": "m", "name": "M", "params": params}, client)
    for name, (_, value) in call.items():
        model.inputs[name] = value
        assert model.inputs[name] == value
        assert model.inputs[python_name(name, CONTROLS)] == value
    model.inputs.reset_all_parameters()
    assert all(model.inputs[name] is None for name in call)
