"""JSON text -> values, with and without a faster parser in front of the standard one."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedrun.core.jsontext import decode_text, make_parser, parse_object


def strict_loads(text: str | bytes) -> Any:
    """A parser as strict as orjson: UTF-8 without mark, and no NaN."""

    def refuse(constant: str) -> float:
        raise ValueError(constant)

    return json.loads(text.decode() if isinstance(text, bytes) else text, parse_constant=refuse)


PARSERS = [pytest.param(make_parser(None), id="standard"), pytest.param(make_parser(strict_loads), id="faster first")]


@pytest.mark.parametrize("parse", PARSERS)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    space=st.sampled_from(["", " ", "\r\n\t"]),
)
def test_any_document_is_read_from_text_and_bytes(parse: Any, value: Any, space: str) -> None:
    text = space + json.dumps(value) + space
    assert parse(text) == parse(text.encode()) == value


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    ("body", "value"),
    [(b'\xef\xbb\xbf{"a":1}', {"a": 1}), (b'"\xff"', "\ufffd"), (b'"\\ud800"', "\ud800"), (b"[1e400]", [math.inf])],
    ids=["mark", "invalid UTF-8", "lone surrogate", "too large a number"],
)
def test_what_a_strict_parser_refuses_is_read_all_the_same(parse: Any, body: bytes, value: object) -> None:
    assert parse(body) == value


@pytest.mark.parametrize("parse", PARSERS)
def test_bare_nan_is_read_as_a_float(parse: Any) -> None:
    assert math.isnan(parse(b'{"a": NaN}')["a"])


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("text", ["", " ", "{", '{"a":1} x', '{"a":1}{"b":2}', "nothing", "1" * 5000])
def test_what_is_no_json_is_a_value_error(parse: Any, text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":1}', {"a": 1}),
        ('  {"a":1} \n', {"a": 1}),
        ("[1]", None),
        ("1", None),
        ('{"a":', None),
        ("", None),
        ('{"a":' * 99999, None),
    ],
    ids=["object", "white space", "list", "number", "cut", "empty", "nested too deeply"],
)
def test_only_objects_are_objects(text: str, value: object) -> None:
    assert parse_object(text) == value


def test_text_is_decoded_without_mark_and_without_failing() -> None:
    assert decode_text("\ufeffé".encode()) == "é"
    assert decode_text(b"\xff") == "\ufffd"
