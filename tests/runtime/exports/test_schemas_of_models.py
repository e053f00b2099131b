"""Models whose parameters have schemas: what they say of themselves, and what they take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.narrowing import fits, present
from tests.strategies import examples, schema_parameters, values_near
from typedrun.call import prepare
from typedrun.client import Client
from typedrun.errors import ParameterError
from typedrun.exports.arguments import check_arguments
from typedrun.exports.commandline import complete_word, read_words
from typedrun.exports.curl import curl_of
from typedrun.exports.jsonschema import ANTHROPIC, OPENAI, PLAIN, Dialect, model_schema
from typedrun.model import Model
from typedrun.parameters import Parameter
from typedrun.testing import ScriptedNetwork, VirtualClock

CLIENT = Client("canary-0123456789", transport=ScriptedNetwork([], VirtualClock()))
"""Nothing here is sent."""
QUIET = settings(max_examples=examples(0.5), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def model_of(*parameters: Parameter) -> Model[Any]:
    return Model(CLIENT, id="m/one", name="One", params=parameters)


def is_accepted(model: Model[Any], arguments: dict[str, Any]) -> bool:
    try:
        prepare(model, arguments)
    except ParameterError:
        return False
    return True


@QUIET
@given(data=st.data())
def test_what_the_schema_accepts_the_client_accepts_and_the_other_way_round(data: st.DataObject) -> None:
    model = model_of(data.draw(schema_parameters("prompt")), data.draw(schema_parameters("image_url")))
    schema = model.json_schema()
    Draft202012Validator.check_schema(schema)
    near = {each.name: values_near(each.schema) for each in model.params or ()}
    arguments = data.draw(st.fixed_dictionaries({}, optional=near))
    assert fits(schema, arguments) == is_accepted(model, arguments)


@QUIET
@given(data=st.data(), dialect=st.sampled_from([PLAIN, OPENAI, ANTHROPIC]))
def test_what_a_vendors_schema_accepts_the_client_accepts(data: st.DataObject, dialect: Dialect) -> None:
    model = model_of(data.draw(schema_parameters("prompt")))
    schema = model_schema(model, dialect)
    assume(schema is not None)
    assert schema is not None
    Draft202012Validator.check_schema(schema)
    value = data.draw(values_near(present(model.params)[0].schema))
    if fits(schema, {"prompt": value}):
        assert value is None or is_accepted(model, {"prompt": value})


SIZE: dict[str, Any] = {
    "anyOf": [{"type": "object", "properties": {"width": {"type": "integer"}}}, {"enum": ["square", "wide"]}]
}
STRENGTH: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
LORAS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"path": {"type": "string", "format": "uri"}, "scale": STRENGTH},
        "required": ["path"],
    },
}


@pytest.fixture
def model() -> Any:
    return model_of(
        Parameter(name="prompt", required=True, schema={"type": "string"}),
        Parameter(name="size", schema=SIZE, default_values=("square",)),
        Parameter(name="strength", schema=STRENGTH, default_values=(0.5,)),
        Parameter(name="loras", schema=LORAS),
        Parameter(name="key", schema={"type": "string", "format": "password"}),
    )


def test_every_problem_of_a_call_is_in_one_error(model: Any) -> None:
    with pytest.raises(ParameterError) as refused:
        prepare(model, {"size": "sqare", "strength": 2, "loras": [{"pth": "x"}, {"path": "a.bin"}], "key": 4711})
    said = str(refused.value)
    assert [line.partition(" ")[0] for line in refused.value.problems].count("Parameter") >= 5
    for part in (
        "Required parameter 'prompt' is missing",
        "did you mean 'square'?",
        "2 is out of range: it takes at least 0 and at most 1",
        "Parameter 'loras[0]' has an invalid value. Its member 'path' is missing",
        "It has no member 'pth': did you mean 'path'?",
        "Parameter 'loras': 'a.bin' is a plain text and no URL",
        "Parameter 'key' has invalid type",
    ):
        assert part in said
    assert "4711" not in said


def test_a_default_that_nobody_asked_for_is_the_servers(model: Any) -> None:
    assert model.inputs.size == "square"
    assert prepare(model, {"prompt": "A"}).payload == {"prompt": "A"}
    assert prepare(model, {"prompt": "A", "size": "square", "strength": None}).payload == {
        "prompt": "A",
        "size": "square",
    }
    own = model.with_inputs(strength=1)
    assert prepare(own.with_inputs(), {"prompt": "A"}).payload == {"prompt": "A", "strength": 1}
    own.inputs.reset("strength")
    assert prepare(own, {"prompt": "A"}).payload == {"prompt": "A"}


def test_a_member_named_data_waives_nothing() -> None:
    one = model_of(
        Parameter(name="data", schema={}), Parameter(name="prompt", required=True, schema={"type": "string"})
    )
    with pytest.raises(ParameterError, match="'prompt' is missing"):
        prepare(one, {"data": 1})


def test_inputs_take_what_the_schema_takes_and_show_no_secret(model: Any) -> None:
    model = model.with_inputs(key="hunter2")
    assert "hunter2" not in repr(model.inputs)
    with pytest.raises(ParameterError, match="out of range"):
        model.inputs.strength = 3
    info = model.inputs.get_parameter_info("strength")
    assert info is not None
    assert info["schema"] == STRENGTH


def test_words_of_a_command_line_are_read_by_the_schema(model: Model[Any], tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"x")
    words = ["prompt=5", "size=square", "strength=0.5", 'loras:=[{"path": "https://a.test/b"}]', "key=hunter2"]
    assert read_words(model, words) == {
        "prompt": "5",
        "size": "square",
        "strength": 0.5,
        "loras": [{"path": "https://a.test/b"}],
        "key": "hunter2",
    }
    assert read_words(model, ["prompt=A", 'size={"width": 5}'])["size"] == {"width": 5}
    picture = model_of(Parameter(name="images", schema={"type": "array", "items": {"type": "string", "format": "uri"}}))
    found = read_words(picture, ["images=https://a.test/b", f"images@{tmp_path / 'a.bin'}"])
    assert found == {"images": ["https://a.test/b", tmp_path / "a.bin"]}
    for wrong, said in (
        ("strength=2", "out of range"),
        ("size=sqare", "did you mean 'square'"),
        ("images=x", "images@FILE"),
    ):
        with pytest.raises(ParameterError, match=said):
            read_words(
                picture if wrong.startswith("images") else model, ["prompt=A", wrong][wrong.startswith("images") :]
            )


def test_the_words_that_a_shell_may_complete(model: Any) -> None:
    assert complete_word(model, "size=s") == ["size=square"]
    assert "strength=" in complete_word(model, "str")


def test_arguments_from_outside_name_no_file_of_this_machine(model: Any) -> None:
    check_arguments(model, {"prompt": "A", "loras": [{"path": "https://a.test/b"}]})
    with pytest.raises(ParameterError, match="no file of this machine is read"):
        check_arguments(model, {"prompt": "A", "loras": [{"path": "/etc/passwd"}]})


def test_a_command_of_curl_shows_files_by_name_and_no_secret() -> None:
    rep = type("Replicate", (Client,), {"marketplace": "replicate"})("canary-0123456789")
    made = Model[Any](
        rep,
        id="m/one",
        version="",
        params=(
            Parameter(name="loras", schema=LORAS),
            Parameter(name="key", schema={"type": "string", "format": "password"}),
        ),
    )
    shown = curl_of(made, {"loras": [{"path": Path("a.bin")}], "key": "hunter2"})
    assert '"path": "<address of a.bin>"' in shown
    assert "# loras: a.bin is uploaded first" in shown
    assert "hunter2" not in shown


def test_a_default_of_generated_code_is_read_as_json_and_nobody_changes_it() -> None:
    one: Any = model_of(Parameter(name="pads", schema={"type": "array"}, default_values=((1, (2,)),)))
    assert one.inputs.pads == [1, [2]]
    one.inputs.pads.append(3)
    assert one.inputs.pads == [1, [2]]
    assert one.json_schema()["properties"]["pads"]["default"] == [1, [2]]


def test_people_see_types_ranges_and_options(model: Any) -> None:
    shown = model._repr_html_()
    for part in ("number 0…1", "object | string", "square, wide", "secret", "list of object"):
        assert part in shown
