"""`model.inputs`: every documented way to read, set and reset the values of parameters."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from tests.runtime.conftest import Bench
from typedrun.errors import ParameterError
from typedrun.inputs import InputsProxy, TypedInputs, wire_values
from typedrun.model import InputsOf, Model
from typedrun.parameters import Parameter
from typedrun.testing import Answer


@pytest.fixture
def model(bench: type[Bench], language_model: dict[str, Any]) -> Any:
    return bench().model(language_model)


@pytest.fixture
def inputs(model: Any) -> InputsProxy:
    found: InputsProxy = model.inputs
    return found


NAMES = ["text", "temperature", "effort", "json_mode", "tools"]


def test_a_default_reads_as_python_wants_it_and_is_sent_as_the_catalog_wrote_it(inputs: InputsProxy) -> None:
    assert inputs.temperature == inputs["temperature"] == 0.7
    assert wire_values(inputs)["temperature"] == "0.7"


def test_values_are_set_by_dot_and_by_item(inputs: InputsProxy) -> None:
    inputs.temperature = 0.2
    inputs["text"] = "Hi"
    assert (inputs["temperature"], inputs.text) == (0.2, "Hi")


def test_it_behaves_like_a_dictionary(inputs: InputsProxy) -> None:
    assert len(inputs) == 5
    assert list(inputs) == list(inputs.keys()) == NAMES
    assert list(inputs.values()) == [None, 0.7, None, None, None]
    assert list(inputs.items())[1] == ("temperature", 0.7)
    assert "text" in inputs
    assert "nope" not in inputs
    assert 3 not in inputs
    assert (inputs.get("temperature"), inputs.get("nope"), inputs.get("nope", 1)) == (0.7, None, 1)
    assert inputs == inputs.copy()


def test_a_copy_is_independent(inputs: InputsProxy) -> None:
    for copied in (inputs.copy(), inputs.get_all_parameters()):
        copied["temperature"] = 9
    assert inputs.temperature == 0.7


def test_update_takes_keywords_or_a_mapping(inputs: InputsProxy) -> None:
    inputs.update(temperature=0.1, text="a")
    inputs.update({"effort": "low"})
    assert (inputs.temperature, inputs.text, inputs.effort) == (0.1, "a", "low")


@pytest.mark.parametrize("wrong", [{"nope": 1}, {"effort": "extreme"}])
def test_an_update_that_fails_changes_nothing(inputs: InputsProxy, wrong: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ParameterError)):
        inputs.update(temperature=0.1, **wrong)
    assert inputs.temperature == 0.7


def test_the_longer_names_say_the_same(inputs: InputsProxy) -> None:
    assert inputs.has_parameter("text")
    assert not inputs.has_parameter("nope")
    assert inputs.get_parameter_names() == NAMES
    assert inputs.get_required_parameters() == inputs.required == ["text"]


def test_parameter_info_tells_everything(inputs: InputsProxy) -> None:
    inputs.effort = "high"
    info = inputs.get_parameter_info("effort")
    assert info is not None
    assert (info["name"], info["required"], info["data_type"], info["value"], info["default"]) == (
        "effort", False, "text", "high", None,
    )  # fmt: skip
    assert info["available_options"] == [{"value": "low", "label": "Low"}, {"value": "high", "label": "High"}]
    assert inputs.get_parameter_info("nope") is None


@pytest.mark.parametrize(
    "reset",
    list[Callable[[InputsProxy], None]](
        [
            lambda inputs: inputs.reset_parameter("temperature"),
            lambda inputs: inputs.reset("temperature"),
            lambda inputs: inputs.reset_all_parameters(),
            lambda inputs: inputs.reset(),
            lambda inputs: inputs.clear(),
        ]
    ),
    ids=["reset_parameter", "reset-one", "reset_all_parameters", "reset", "clear"],
)
def test_a_reset_goes_back_to_the_catalogs_default(inputs: InputsProxy, reset: Callable[[InputsProxy], None]) -> None:
    inputs.temperature = 0.1
    reset(inputs)
    assert inputs.temperature == 0.7
    assert wire_values(inputs)["temperature"] == "0.7"


def test_resetting_one_leaves_the_others(inputs: InputsProxy) -> None:
    inputs.text = "kept"
    inputs.reset_parameter("temperature")
    assert inputs.text == "kept"


def test_none_removes_a_value(inputs: InputsProxy) -> None:
    inputs.temperature = None
    assert inputs.temperature is None


def test_a_wrong_value_is_refused_where_it_is_assigned(inputs: InputsProxy) -> None:
    with pytest.raises(
        ValueError,
        match=r"Invalid value type for input 'tools'.*Expected a JSON value, got 'all'.*model quill/quill-2/quill",
    ):
        inputs.tools = "all"
    with pytest.raises(ParameterError, match="'extreme' is not an option; options are 'low', 'high'"):
        inputs["effort"] = "extreme"


def test_an_unknown_name_is_an_error_of_the_kind_the_access_has(inputs: InputsProxy) -> None:
    with pytest.raises(AttributeError, match="has no parameter 'temprature': did you mean 'temperature'"):
        print(inputs.temprature)
    with pytest.raises(AttributeError, match="did you mean 'temperature'"):
        inputs.temprature = 1
    with pytest.raises(KeyError, match="it has text, temperature"):
        inputs["zebra"] = 1
    with pytest.raises(KeyError):
        inputs.reset_parameter("zebra")


def test_validate_lists_what_a_call_would_be_told(inputs: InputsProxy) -> None:
    assert inputs.validate() == ["Required parameter 'text' is missing"]
    assert inputs.validate({"text": "a"}) == []


def test_repr_shows_names_and_values(inputs: InputsProxy) -> None:
    assert repr(inputs) == (
        "InputsProxy({'text': None, 'temperature': 0.7, 'effort': None, 'json_mode': None, 'tools': None})"
    )


def test_the_console_completes_parameters(inputs: InputsProxy) -> None:
    assert {*NAMES, "reset_parameter"} <= set(dir(inputs))


def test_assigning_a_mapping_updates_and_keeps_the_rest(model: Any) -> None:
    before = model.inputs
    model.inputs = {"text": "Hi", "effort": "low"}
    assert model.inputs is before
    assert (before.text, before.temperature) == ("Hi", 0.7)
    assert model.actions["run"].inputs is before


def test_inputs_of_another_model_can_be_assigned(bench: type[Bench], model: Any, language_model: Any) -> None:
    other = bench().model(language_model)
    other.inputs.temperature = 0.3
    model.inputs = other.inputs
    assert model.inputs.temperature == 0.3


class OddInputs(TypedInputs):
    class_: str | None
    items_: str | None


class Odd(Model[str]):
    id = "64cccccccccccccccccccccc"
    params = (Parameter(name="class"), Parameter(name="max-tokens"), Parameter(name="items"), Parameter(name="timeout"))
    # As generated classes have it: every name that differs.
    wire_names: ClassVar[Mapping[str, str]] = {
        "class_": "class",
        "maximum": "max-tokens",
        "items_": "items",
        "timeout_": "timeout",
    }
    inputs = InputsOf(OddInputs)


def test_a_name_that_python_cannot_say_has_a_spelling_and_its_wire_name() -> None:
    inputs: Any = Odd().inputs
    inputs.class_ = "a"
    inputs["maximum"] = 5
    inputs["items_"] = "i"
    inputs["timeout_"] = 1
    assert wire_values(inputs) == {"class": "a", "max-tokens": 5, "items": "i", "timeout": 1}
    assert inputs["class"] == "a"
    assert next(iter(inputs.items())) == ("class", "a")


def test_a_model_without_a_class_of_its_own_has_the_spellings_of_the_rule() -> None:
    inputs: Any = Model[Any](id="64cccccccccccccccccccccd", params=Odd.params).inputs
    inputs.class_, inputs.max_tokens, inputs.timeout_ = "a", 5, 1
    assert wire_values(inputs) == {"class": "a", "max-tokens": 5, "items": None, "timeout": 1}


def test_two_instances_do_not_share_values() -> None:
    one, other = Odd(), Odd()
    one.inputs["class"] = "a"
    assert other.inputs["class"] is None


def test_it_is_mutable_and_therefore_not_hashable(inputs: InputsProxy) -> None:
    with pytest.raises(TypeError):
        hash(inputs)


def test_a_copy_of_a_model_has_inputs_of_its_own(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(Answer(json={"status": "SUCCESS", "completed": True}))
    model = made.model(language_model)
    model.inputs.effort = "high"
    own = model.with_inputs(temperature=0.1)
    assert type(own) is type(model)
    assert (own.inputs.temperature, own.inputs.effort) == (0.1, "high")
    assert model.inputs.temperature == 0.7
    model.inputs.effort = "low"
    own.run(text="Hi")
    assert made.sent[0].json == {"text": "Hi", "temperature": 0.1, "effort": "high"}
    with pytest.raises(KeyError, match="did you mean 'temperature'"):
        model.with_inputs(temprature=1)


def test_a_value_that_is_set_on_the_model_itself_is_refused(model: Any) -> None:
    for name in ("temperature", "temprature"):
        with pytest.raises(AttributeError, match=r"set on its inputs: model\.inputs\.temperature = …"):
            setattr(model, name, 1)
    model.note = "mine"
    assert model.note == "mine"
