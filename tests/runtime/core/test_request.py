from math import inf

import pytest

from typedrun.core.request import Kind, Request, patience


def test_a_request_shows_no_body() -> None:
    request = Request("POST", "https://models.example.com/x", body=b"a prompt", kind=Kind.UNSAFE)
    assert "a prompt" not in repr(request)


@pytest.mark.parametrize(("accept", "streams"), [("text/event-stream", True), ("application/json", False)])
def test_a_request_streams_when_it_asks_for_events(accept: str, streams: bool) -> None:
    assert Request("POST", "https://models.example.com/x", accept=accept).streams is streams


def test_patience_is_the_idle_limit_or_what_is_left() -> None:
    assert [patience(10.0, 100.0, now) for now in (0.0, 95.0, 99.5, 100.0, 200.0)] == [10.0, 5.0, 0.5, 0.0, 0.0]
    assert patience(10.0, None, 1e9) == 10.0
    assert (
        patience(inf, None, 0.0) == patience(inf, inf, 0.0) == patience(1e9, 1e10, 0.0) == 2e6
    )  # a system call counts no further
