"""Every Hypothesis strategy of the tests."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import strategies as st

from typedrun.core.request import Kind, Stage
from typedrun.core.retry import KINDS, Circumstances, Policy, Tally

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


def json_values(max_leaves: int = 8) -> st.SearchStrategy[JSON]:
    """Anything that JSON can carry."""
    leaves: st.SearchStrategy[JSON] = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=40)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=max_leaves,
    )


# -- retries and polling -------------------------------------------------------------------------------------------------


def seconds(most: float = 1000.0) -> st.SearchStrategy[float]:
    """A length of time."""
    return st.floats(min_value=0.0, max_value=most, allow_nan=False)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """How often, and how long at most, a client tries."""
    return Policy(
        retries=draw(st.integers(0, 5)),
        resends=draw(st.integers(0, 5)),
        first_wait=draw(seconds(5.0)),
        longest_wait=draw(seconds(60.0)),
        longest_retry_after=draw(seconds(120.0)),
        resend_wait=draw(seconds(10.0)),
    )


@st.composite
def circumstances(draw: st.DrawFn, kinds: tuple[Kind, ...] = KINDS) -> Circumstances:
    """What a decision about another try depends on."""
    return Circumstances(
        kind=draw(st.sampled_from(kinds)),
        stage=draw(st.sampled_from(list(Stage))),
        tally=Tally(draw(st.integers(0, 6)), draw(st.integers(0, 6))),
        retry_after=draw(st.none() | seconds()),
        left=draw(st.none() | seconds()),
        has_budget=draw(st.booleans()),
        roll=draw(st.floats(0.0, 1.0, exclude_max=True)),
    )


# -- addresses -----------------------------------------------------------------------------------------------------------

HOSTS = (
    "example.com",
    "EXAMPLE.com",
    "example.com.",
    "evil.example",
    "sub.example.com",
    "127.0.0.1",
    "[::1]",
    "example.com.evil",
)


@st.composite
def urls(draw: st.DrawFn) -> str:
    """An address, well-formed or nearly."""
    scheme = draw(st.sampled_from(["https", "HTTPS", "http", "ftp", ""]))
    user = draw(st.sampled_from(["", "", "", "user@", "a:b@", "example.com@"]))
    port = draw(st.sampled_from(["", "", ":443", ":80", ":8443", ":x"]))
    path = draw(st.sampled_from(["", "/", "/a/b", "/a?b=c#d", "\\a", "/a b"]))
    return f"{scheme}{'://' if scheme else ''}{user}{draw(st.sampled_from(HOSTS))}{port}{path}"


# -- parameters ----------------------------------------------------------------------------------------------------------

WIRE_NAMES = ("text", "temperature", "max tokens", "3d_format", "from", "timeout", "größe", "模型", "score-threshold")

VALUES_OF_KINDS: dict[str, st.SearchStrategy[object]] = {
    "text": st.text(max_size=20),
    "number": st.integers(-1000, 1000) | st.floats(-1e6, 1e6),
    "integer": st.integers(-1000, 1000),
    "boolean": st.booleans(),
    "json": st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), min_size=1, max_size=3),
}
"""What a caller may give for a kind of parameter."""


@st.composite
def calls(draw: st.DrawFn) -> dict[str, tuple[str, object]]:
    """A call: wire name → kind and value of each parameter."""
    names = draw(st.lists(st.sampled_from(WIRE_NAMES), unique=True, min_size=1, max_size=4))
    chosen: dict[str, tuple[str, object]] = {}
    for name in names:
        kind = draw(st.sampled_from(sorted(VALUES_OF_KINDS)))
        chosen[name] = (kind, draw(VALUES_OF_KINDS[kind]))
    return chosen
