"""What is wrong with a call, before any byte of it is sent."""

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from typedrun.call.objections import raise_for_problems
from typedrun.checks.misfits import python_value, value_problem
from typedrun.checks.validation import find_problems, wire_value
from typedrun.errors import ParameterError, ValidationError
from typedrun.parameters import Parameter
from typedrun.transfers.attachments import is_local_media
from typedrun.wording import closest, unknown_name_problem


def parameter(data_type: str | None, sub_type: str | None = None, **fields: Any) -> Parameter:
    return Parameter(name=fields.pop("name", "x"), data_type=data_type, data_sub_type=sub_type, **fields)


def is_accepted(one: Parameter, value: object, *, accepts_messages: bool = False) -> bool:
    return not value_problem(one, value, accepts_messages=accepts_messages)


TAKEN: list[tuple[str | None, str | None, list[Any], list[Any]]] = [
    (None, None, [1, "a", {}, [], object()], []),
    ("text", "text", ["a", ""], [1, True, {}, ["a"]]),
    ("text", "json", ['"a"', {}, [], (1,), 1, True], ["a", object()]),
    ("text", "number", [1, 0.5, "0.5", 10**400], [{}, [], float("nan"), True, "hot"]),
    ("text", "integer", [1, "1", 2.0, "9" * 400], [{}, 1.5, "9" * 5000]),
    ("text", "boolean", [True, "true"], [1, [], "yes"]),
    ("text", "novel", ["a"], [1]),
    ("json", None, [{}, [], 1, "[1]"], ["a"]),
    ("number", None, [1, 0.5, "1"], [True, "one", {}]),
    ("integer", "integer", [1, "1"], [{}, 1.5]),
    ("boolean", None, [True, "true"], ["yes", 1]),
    ("array", None, [[], (1,)], ["a", {}]),
    ("label", "label", ["en", 3], [{}, []]),
    ("audio", "audio", ["https://a/b.wav", b"RIFF", Path("a.wav")], [3, 0.5]),
    ("image", None, ["data:image/png;base64,AA", {"url": "u"}], [3]),
    ("tensor", None, [[], [[1]]], [1, "a", {}]),
    ("hologram", "cube", [1, object()], []),
]


@pytest.mark.parametrize(("data_type", "sub_type", "accepted", "refused"), TAKEN)
def test_what_a_type_takes(
    data_type: str | None, sub_type: str | None, accepted: list[Any], refused: list[Any]
) -> None:
    one = parameter(data_type, sub_type)
    assert [value for value in accepted if not is_accepted(one, value)] == []
    assert [value for value in refused if is_accepted(one, value)] == []


def test_the_text_of_a_language_model_that_is_a_list_takes_texts_and_conversations() -> None:
    listed = parameter("array", "text", name="text")
    several = parameter("text", "text", name="text", multiple_values=True)
    anything = parameter("json", name="text")
    for one in (listed, several, anything):
        assert is_accepted(one, ["a", "b"], accepts_messages=True)
        assert is_accepted(one, [{"role": "user", "content": "Hi"}], accepts_messages=True)
    assert is_accepted(anything, [1, 2], accepts_messages=True)
    assert not is_accepted(parameter("text", "text", name="text"), ["a"], accepts_messages=True)


def test_none_always_means_send_nothing() -> None:
    assert is_accepted(parameter("boolean"), None)


def test_several_values_are_taken_where_the_catalog_says_so() -> None:
    assert is_accepted(parameter("text", "text", multiple_values=True), ["a", "b"])
    assert not is_accepted(parameter("text", "text", multiple_values=True), ["a", 1])


def test_the_text_of_a_language_model_may_be_a_conversation() -> None:
    messages = [{"role": "user", "content": "Hi"}]
    text = parameter("text", "text", name="text")
    assert is_accepted(text, messages, accepts_messages=True)
    assert not is_accepted(text, messages)
    assert not is_accepted(parameter("text", "text", name="prompt"), messages, accepts_messages=True)


@pytest.mark.parametrize(
    ("options", "given", "sent"),
    [
        (("1", "2"), 1, "1"),
        (("1", "2"), 2.0, "2"),
        ((1, 2), "1", 1),
        (("true", "false"), True, "true"),
        (("True", "False"), True, "True"),
        (("1", "0"), True, "1"),
        (("1", "0"), False, "0"),
        (("0.5",), 0.5, "0.5"),
        (("en",), "en", "en"),
        ((), True, "true"),
        ((), 0.5, 0.5),
        ((), "0.5", "0.5"),
        ((), 0, 0),
    ],
)
def test_a_value_goes_out_in_the_wires_spelling(options: tuple[Any, ...], given: Any, sent: Any) -> None:
    found = wire_value(parameter("text", "number", available_options=options), given)
    assert (found, type(found)) == (sent, type(sent))


def test_a_member_of_any_string_enumeration_is_an_option() -> None:
    class Effort(str, enum.Enum):  # noqa: UP042  # the older kind, which prints as `Effort.LOW`
        LOW = "low"

    found = wire_value(parameter("label", available_options=("low", "high")), Effort.LOW)
    assert (found, type(found)) == ("low", str)


def test_each_of_several_values_is_spelt() -> None:
    several = parameter("text", "number", multiple_values=True, available_options=("1", "2"))
    assert wire_value(several, [1, 2]) == ["1", "2"]


@pytest.mark.parametrize(
    ("sub_type", "wire", "read"),
    [
        ("number", "0.7", 0.7),
        ("number", "500", 500),
        ("number", "1.0", 1.0),
        ("number", "1e-3", 0.001),
        ("number", "many", "many"),
        ("boolean", "true", True),
        ("boolean", "False", False),
        ("boolean", "maybe", "maybe"),
        ("text", "0.7", "0.7"),
        ("number", None, None),
    ],
)
def test_a_wire_value_reads_as_python_wants_it(sub_type: str, wire: Any, read: Any) -> None:
    found = python_value(parameter("text", sub_type), wire)
    assert (found, type(found)) == (read, type(read))


def test_the_message_about_a_type_names_parameter_and_types() -> None:
    assert value_problem(parameter("text", "number", name="t"), []) == (
        "Parameter 't' has invalid type. Expected a number, got list"
    )


def test_the_message_about_an_option_suggests_the_nearest() -> None:
    problem = value_problem(parameter("label", name="lang", available_options=("english", "spanish")), "englsh")
    assert problem == (
        "Parameter 'lang' has an invalid value. 'englsh' is not an option; "
        "did you mean 'english'? options are 'english', 'spanish'"
    )


def test_a_long_list_of_options_is_cut() -> None:
    options = tuple(f"o{number}" for number in range(20))
    assert str(value_problem(parameter("label", available_options=options), "zzz")).endswith("'o11' and 8 more")


PARAMETERS = (
    Parameter(name="text", required=True, data_type="text", data_sub_type="text"),
    Parameter(name="temperature", data_type="text", data_sub_type="number"),
    Parameter(name="lang", required=True, data_type="label", available_options=("en", "es")),
)


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({"text": "a", "lang": "en"}, []),
        ({"text": None, "lang": "en"}, ["text"]),
        ({}, ["text", "lang"]),
        ({"data": "anything"}, []),
        ({"data": None}, ["text", "lang"]),
        ({"data": "x", "temperature": []}, ["temperature"]),
        ({"text": 3, "lang": "de", "temperature": {}}, ["text", "temperature", "lang"]),
        ({"text": "", "lang": "en"}, []),
    ],
)
def test_every_problem_of_a_call_is_found(values: Mapping[str, Any], problems: list[str]) -> None:
    assert [name for name, _ in find_problems(PARAMETERS, values)] == problems


@pytest.mark.parametrize("fields", [{"data_type": "boolean"}, {"available_options": ("a", "b")}])
def test_the_catalogs_own_default_is_never_a_problem(fields: dict[str, Any]) -> None:
    odd = Parameter(name="x", default_values=("true",), **fields)
    assert find_problems([odd], {"x": "true"}) == []
    assert find_problems([odd], {"x": "other"}) != []


def test_all_problems_come_in_one_error() -> None:
    with pytest.raises(ParameterError) as caught:
        raise_for_problems(find_problems(PARAMETERS, {"temperature": []}), model="a/b")
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, ValidationError)
    assert str(caught.value).startswith(
        "Parameter validation failed: Required parameter 'text' is missing; "
        "Parameter 'temperature' has invalid type. Expected a number, got list; Required parameter 'lang' is missing"
    )
    assert (caught.value.model, len(caught.value.problems)) == ("a/b", 3)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("temprature", "temperature"), ("maxTokens", "max_tokens"), ("txt", "text"), ("zebra", None)],
)
def test_a_misspelt_name_finds_its_parameter(misspelt: str, meant: str | None) -> None:
    assert closest(misspelt, ["text", "temperature", "max_tokens"]) == meant


def test_an_unknown_name_lists_what_there_is() -> None:
    assert unknown_name_problem("zebra", ["text", "lang"], None) == "Unknown parameter 'zebra': there are text, lang"
    assert unknown_name_problem("txt", ["text", "lang"], "text") == "Unknown parameter 'txt': did you mean 'text'?"


@pytest.mark.parametrize(
    ("value", "is_local"),
    [
        ("https://example.com/a.wav", False),
        ("s3://bucket/a.wav", False),
        ("data:audio/wav;base64,AAAA", False),
        ("/9j/4AAQSkZJRgABAQ", False),
        ("missing.wav", False),
        (b"RIFF", True),
        (Path("a.wav"), True),
        (3, False),
        ("nul\0", False),
    ],
)
def test_what_counts_as_a_local_file(value: object, is_local: bool) -> None:
    assert is_local_media(value) is is_local


@pytest.mark.parametrize(
    ("text", "is_local"),
    [("missing.wav", True), ("C:\\sounds\\a.wav", True), ("/9j/4AAQSkZJRgABAQ", False), ("nul\0", False)],
)
def test_where_texts_may_be_paths_a_misspelt_one_is_one_too(text: str, is_local: bool) -> None:
    assert is_local_media(text, local_paths=True) is is_local
    assert not is_local_media(text)


def test_a_file_that_exists_is_local_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "sound").write_bytes(b"RIFF")
    assert is_local_media(str(tmp_path / "sound"), local_paths=True)
    assert not is_local_media(str(tmp_path / "sound"))
