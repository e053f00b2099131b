"""The result classes as people hold them: by attribute, by item, copied, pickled, printed."""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from typedrun.core.reply import Reply
from typedrun.enums import ResponseStatus
from typedrun.marketplaces.aixplain.answers import read_result
from typedrun.marketplaces.aixplain.wire import read_answer
from typedrun.results import Detail, Message, ModelResult, StreamChunk, Usage

ANSWER: dict[str, Any] = {
    "status": "SUCCESS",
    "completed": True,
    "data": "fox",
    "details": [
        {"index": 0, "message": {"role": "assistant", "content": "fox", "mood": "red"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 4, "completion_tokens": "5", "total_tokens": 9, "cached": 2},
    "rawData": {"supplier": 1},
}


def result() -> ModelResult[str]:
    return read_result(ANSWER)


def attribute(value: object, name: str) -> object:
    return getattr(value, name)  # a field that type checkers do not know


def test_unknown_fields_of_the_wire_are_attributes_and_stay_in_raw() -> None:
    found = result()
    assert attribute(found, "rawData") == {"supplier": 1}
    assert found.raw is ANSWER
    assert attribute(found.choices[0].message, "mood") == "red"
    assert found.usage is not None
    assert attribute(found.usage, "cached") == 2


@pytest.mark.parametrize(
    "value",
    [result(), Usage(), Message(), Detail(), StreamChunk(ResponseStatus.IN_PROGRESS)],
    ids=lambda value: type(value).__name__,
)
def test_a_misspelt_attribute_is_an_attribute_error_that_names_it(value: object) -> None:
    with pytest.raises(AttributeError, match="no attribute 'dato'"):
        attribute(value, "dato")
    assert not hasattr(value, "__deepcopy__")


@pytest.mark.parametrize(
    "duplicate",
    list[Callable[[Any], Any]]([copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))]),
    ids=["copy", "deepcopy", "pickle"],
)
def test_results_survive_copying_and_pickling(duplicate: Any) -> None:
    twin = duplicate(result())
    assert twin == result()
    assert attribute(twin, "rawData") == {"supplier": 1}


def test_a_result_prints_what_matters_and_not_the_raw_answer() -> None:
    text = repr(result())
    assert "data='fox'" in text
    assert "rawData" not in text


def test_results_are_made_by_hand_with_status_and_completed_alone() -> None:
    found = ModelResult[Any](status="IN_PROGRESS", completed=False, url="https://models.example.com/api/v1/data/x")
    assert (found.data, found.details, found.usage, found.choices, dict(found.raw)) == (None, None, None, [], {})


def test_choices_are_the_details_of_a_language_model_only() -> None:
    assert [choice.message.content for choice in result().choices] == ["fox"]
    assert read_result({"status": "SUCCESS", "details": {"action": "NONE"}}).choices == []
    assert read_result({"status": "SUCCESS", "details": [{"score": 1}]}).choices == []


def test_usage_reads_like_a_mapping_too() -> None:
    usage = result().usage
    assert usage is not None
    assert usage["completion_tokens"] == 5
    assert usage["cached"] == 2
    assert dict(usage) == {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9, "cached": 2}
    assert (usage.get("total_tokens"), usage.get("nothing"), usage.get("nothing", 0)) == (9, None, 0)
    with pytest.raises(KeyError):
        usage["nothing"]


def test_results_with_equal_content_are_equal_whatever_they_were_read_from() -> None:
    assert Usage(1, 2, 3, {"a": 1}) == Usage(1, 2, 3)
    assert result() != ModelResult(status="SUCCESS", completed=True)


def test_a_result_is_written_back_under_its_wire_names() -> None:
    written = result().to_dict()
    assert (written["data"], written["rawData"], written["runTime"]) == ("fox", {"supplier": 1}, None)
    assert read_result(written) == result()
    assert read_result(json.loads(result().to_json())) == result()
    assert ModelResult(status="SUCCESS", completed=True, run_time=1.5).to_dict()["runTime"] == 1.5


@pytest.mark.parametrize(
    ("answer", "request_id"), [({}, "header"), ({"requestId": "body"}, "body"), ({"request_id": "body"}, "body")]
)
def test_the_headers_name_the_exchange_where_the_answer_does_not(answer: dict[str, Any], request_id: str) -> None:
    body = json.dumps({"status": "SUCCESS", **answer}).encode()
    assert read_answer(Reply(200, {"X-Request-Id": "header"}, body), model="m").request_id == request_id


def test_reasoning_is_read_under_the_names_of_the_wire_too() -> None:
    blocks = [{"type": "reasoning.text", "text": "hm"}]
    payload: dict[str, Any] = {
        "status": "SUCCESS",
        "details": [{"message": {"content": "x", "reasoning_details": blocks}}],
    }
    message = read_result(payload).choices[0].message
    assert (message.reasoning_content, message.reasoning, message.reasoning_details) == ("hm", None, blocks)
    said: dict[str, Any] = {"status": "SUCCESS", "details": [{"message": {"content": "x", "reasoning": "hm"}}]}
    message = read_result(said).choices[0].message
    assert (message.reasoning_content, message.reasoning) == ("hm", "hm")
