"""Whatever a newer backend sends as a model, a deployed client reads it."""

import json
import pickle
from collections.abc import Callable
from typing import Any

from hypothesis import example, given

from tests.strategies import odd_models
from typedrun.call import prepare
from typedrun.client import Client
from typedrun.inputs import wire_values
from typedrun.model import from_document

CLIENT = Client("key")


@given(document=odd_models())
def test_any_document_becomes_a_model_that_can_be_looked_at(document: dict[str, Any]) -> None:
    model = from_document(document, CLIENT)
    assert model.id == document["id"]
    assert dict(model.raw) == document
    looks: tuple[Callable[[Any], object], ...] = (
        repr,
        str,
        lambda one: one.as_tool(),
        lambda one: (one.is_sync_only, one.is_async_capable, one.inputs.copy()),
    )
    for look in looks:
        look(model)
    assert {model.supports_tool_calling, model.supports_structured_output} <= {True, False, None}
    json.dumps(model.get_parameters())
    assert pickle.loads(pickle.dumps(model)).id == model.id


@given(document=odd_models())
@example({"id": "m", "params": [{"name": "loud", "dataType": "text", "defaultValues": [False]}]})
@example(
    {"id": "m", "params": [{"name": "loud", "dataType": "text", "dataSubType": "number", "defaultValues": [False]}]}
)
def test_the_catalogs_own_values_are_sent_as_they_are(document: dict[str, Any]) -> None:
    model: Any = from_document(document | {"status": "onboarded"}, CLIENT)
    call = prepare(model, {"data": "waives what is missing", "validate": True})
    sent = {name: value for name, value in wire_values(model.inputs).items() if value is not None and name != "data"}
    assert {name: value for name, value in call.values.items() if name != "data"} == sent
    assert prepare(model.with_inputs(), {"data": "waives what is missing", "validate": True}).values == call.values


def test_parameters_are_read_once_and_travel_unread() -> None:
    document: dict[str, Any] = {"id": "m", "name": "M", "params": [{"name": "text", "required": True}]}
    unread = from_document(document, Client(api_key="k"))
    sent = pickle.loads(pickle.dumps(unread))
    assert unread.params is unread.params is unread.parameters
    assert [parameter.name for parameter in sent.params or ()] == ["text"]
    told = from_document(document, Client(api_key="k"))
    told.params = ()
    assert told.params == ()
    assert from_document({"id": "m"}, Client(api_key="k")).params is None
