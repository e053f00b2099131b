import http.client
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import FIELD_NAMES, FIELD_VALUES
from typedrun.core.head import Closed, Fields, Head, read_head, write_head


def head(data: bytes) -> Head:
    return read_head(io.BytesIO(data).readline)


def test_status_and_fields_come_out_as_they_were_spelt() -> None:
    found = head(b"HTTP/1.1 200 Fine by me\r\nContent-Type: text/plain;  a=b \r\nX-a:1\r\nx-A:\t2\t\r\n\r\nbody")
    assert found == Head(1, 200, "Fine by me", [("Content-Type", "text/plain;  a=b"), ("X-a", "1"), ("x-A", "2")])


@pytest.mark.parametrize(
    ("line", "minor", "status", "reason"),
    [
        (b"HTTP/1.0 404 Not Found", 0, 404, "Not Found"),
        (b"HTTP/1.1 204", 1, 204, ""),
        (b"HTTP/1.1 599 ", 1, 599, ""),
        (b"HTTP/1.2 200 OK", 1, 200, "OK"),
        (b"HTTP/1.1 101 Switching", 1, 101, "Switching"),
        (b"HTTP/1.1 200 caf\xe9", 1, 200, "café"),
    ],
)
def test_status_lines(line: bytes, minor: int, status: int, reason: str) -> None:
    for end in (b"\r\n", b"\n"):
        assert head(line + end + end) == Head(minor, status, reason, [])


@pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_interim_replies_are_skipped_with_their_fields(status: bytes) -> None:
    assert head(b"HTTP/1.1 " + status + b"\r\nLink: x\r\n\r\n" + b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n").fields == [
        ("A", "b")
    ]


def test_a_folded_line_continues_the_one_before() -> None:
    assert head(b"HTTP/1.1 200 OK\r\n\tlost\r\nA: b\r\n  c: d\r\nE: f\r\n\r\n").fields == [("A", "b c: d"), ("E", "f")]


def test_lines_that_are_no_fields_say_nothing() -> None:
    assert head(b"HTTP/1.1 200 OK\r\nnonsense\r\n: no name\r\nA : b\r\n\r\n").fields == [("A", "b")]


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1. 200 OK\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 99 OK\r\n\r\n",
        b"HTTP/1.1 099 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 ²00 OK\r\n\r\n".encode("latin-1"),
        b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: b",
        b"HTTP/1.1 200 OK\r\nA: b\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 60_000 + b"\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 100,
    ],
    ids=lambda data: data[:24].decode("latin-1").strip() or "empty line",
)
def test_what_is_no_http_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        head(data)


def test_the_number_of_fields_is_not_bounded_by_itself() -> None:
    assert len(head(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"\r\n").fields) == 1000


def test_a_head_as_long_as_may_be_is_read_and_one_byte_more_is_refused() -> None:
    line = b"A: " + b"b" * 1019 + b"\r\n"
    longest = b"HTTP/1.1 200 OK\r\n" + line * 300
    assert len(head(longest + b"\r\n").fields) == 300
    with pytest.raises(ValueError, match="its header fields are longer than 307200 bytes"):
        head(longest.replace(b"A: ", b"AB: ", 1) + b"\r\n")


def test_a_line_as_long_as_may_be_is_read_and_one_byte_more_is_refused() -> None:
    longest = b"A: " + b"b" * 65_531
    assert head(b"HTTP/1.1 200 OK\r\n" + longest + b"\r\n\r\n").fields == [("A", "b" * 65_531)]
    with pytest.raises(ValueError, match="a header line is longer than 65536 bytes"):
        head(b"HTTP/1.1 200 OK\r\n" + longest + b"b\r\n\r\n")
    line = b"HTTP/1.1 200 " + b"b" * 65_521
    assert head(line + b"\r\nA: b\r\n\r\n") == Head(1, 200, "b" * 65_521, [("A", "b")])
    with pytest.raises(ValueError, match="it has no status line"):
        head(line + b"b\r\nA: b\r\n\r\n")


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_nothing_at_all_is_a_closed_connection(data: bytes) -> None:
    with pytest.raises(Closed):
        head(data)


@given(st.lists(st.tuples(FIELD_NAMES, FIELD_VALUES), max_size=20))
def test_fields_are_those_that_the_standard_library_reads(fields: list[tuple[str, str]]) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields).encode() + b"\r\n"
    assert head(b"HTTP/1.1 200 OK\r\n" + lines).fields == http.client.parse_headers(io.BytesIO(lines)).items()


@given(st.binary(max_size=200))
def test_no_bytes_make_it_stumble(data: bytes) -> None:
    for start in (b"", b"HTTP/1.1 200 OK\r\n"):
        with suppress(Closed, ValueError):
            assert head(start + data).status >= 101


# --- heads of requests, fields of replies


def test_a_request_is_written_line_by_line() -> None:
    assert write_head("POST", "/v1/run?a=b", "example.com:8080", {"X-Api-Key": "k", "Empty": ""}) == (
        b"POST /v1/run?a=b HTTP/1.1\r\nHost: example.com:8080\r\nX-Api-Key: k\r\nEmpty: \r\n\r\n"
    )


def test_a_host_of_the_callers_goes_before_that_of_the_address() -> None:
    assert write_head("GET", "/", "a", {"host": "b"}) == b"GET / HTTP/1.1\r\nhost: b\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "target", "host", "fields"),
    [
        ("GET /x HTTP/1.1\r\nA: b\r\n\r\nPOST", "/", "a", {}),
        ("GET", "/ x", "a", {}),
        ("GET", "/\r\nA: b", "a", {}),
        ("GET", "", "a", {}),
        ("GET", "/", "a\r\nA: b", {}),
        ("GET", "/", "a", {"A": "b\r\nC: d"}),
        ("GET", "/", "a", {"A": "b\r\n"}),
        ("GET", "/", "a", {"A": "b\nC: d"}),
        ("GET", "/", "a", {"A": "b\x00"}),
        ("GET", "/", "a", {"A": "ŧ"}),
        ("GET", "/", "a", {"A: b\r\nC": "d"}),
        ("GET", "/", "a", {"A b": "c"}),
        ("GET", "/", "a", {"": "c"}),
        ("GET", "/", "a", {"A": "b\r\n\r\nGET / HTTP/1.1\r\nC: d"}),
    ],
)
def test_nothing_can_begin_another_field_or_another_request(
    method: str, target: str, host: str, fields: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"^a head that cannot be sent$"):
        write_head(method, target, host, fields)


def test_fields_are_found_in_any_spelling_and_repeated_ones_are_one() -> None:
    fields = Fields([("Retry-After", "3"), ("X-A", "1"), ("x-a", "2")])
    assert (fields["retry-AFTER"], fields.get("X-a"), fields.get("B"), fields.get("B", "")) == ("3", "1, 2", None, "")
    assert ("RETRY-after" in fields, "B" in fields, list(fields), len(fields)) == (
        True,
        False,
        ["Retry-After", "X-A"],
        2,
    )
    assert fields == {"Retry-After": "3", "X-A": "1, 2"}
    assert (fields.first(["b", "x-a", "retry-after"]), fields.first(["b"])) == ("1, 2", None)
    with pytest.raises(KeyError):
        fields["B"]
