"""One rule for the Python name of a parameter: generated signatures have it, and models that are met at run time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.conftest import Bench
from typedrun.call import prepare
from typedrun.client import Client
from typedrun.errors import ParameterError
from typedrun.marketplaces.aixplain.controls import CONTROLS
from typedrun.model import Model
from typedrun.names import python_name
from typedrun.parameters import Parameter
from typedrun_codegen.text.names import parameter_name


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("text", "text"),
        ("maxTokens", "maxTokens"),
        ("max-tokens", "max_tokens"),
        ("top p", "top_p"),
        ("class", "class_"),
        ("self", "self_"),
        ("cls", "cls_"),
        ("controls", "controls_"),
        ("timeout", "timeout_"),
        ("extra", "extra_"),
        ("None", "None_"),
        ("_x", "x"),
        ("x_", "x_"),
        ("3d-model", "parameter_3d_model"),
        ("größe", "grosse"),
        ("模型", "u6a21_u578b"),
        ("", "parameter"),
    ],
)
def test_a_wire_name_has_one_python_spelling(wire: str, expected: str) -> None:
    assert python_name(wire, CONTROLS) == parameter_name(wire, CONTROLS) == expected
    assert expected.isidentifier()


def test_a_generated_spelling_goes_out_under_the_wire_name(bench: type[Bench]) -> None:
    wires = ("3d-model", "größe", "模型", "_x", "controls")
    params = [{"name": wire, "dataType": "text"} for wire in wires]
    model = bench().model({"id": "1", "name": "m", "params": params})
    call = prepare(model, {python_name(wire, CONTROLS): wire for wire in wires})
    assert call.payload == {wire: wire for wire in wires}


@pytest.mark.parametrize("value", ["yes", 1])
def test_stream_is_true_or_false(bench: type[Bench], value: Any) -> None:
    model = bench().model({"id": "1", "name": "m", "params": []})
    with pytest.raises(ParameterError, match="Run control 'stream' must be True or False, got"):
        prepare(model, {"stream": value})


OWN = {
    "aixplain": {"identifier", "session_id", "agent_name"},
    "fal": {"mode", "priority", "start_timeout", "webhook"},
    "replicate": {"prefer_wait", "cancel_after", "webhook", "webhook_events_filter", "deployment"},
}
"""Run controls that not every marketplace has."""


@pytest.mark.parametrize("marketplace", OWN)
@pytest.mark.parametrize("has_client", [False, True])
def test_a_run_control_takes_its_name_from_the_parameters_of_its_own_marketplace_alone(
    marketplace: str, has_client: bool
) -> None:
    client = type("Theirs", (Client,), {"marketplace": marketplace})("canary-names") if has_client else None
    kind = type("Theirs", (Model,), {"marketplace": marketplace})
    words = {"timeout", "prompt"}.union(*OWN.values())
    model: Any = kind(client, id="x", params=tuple(Parameter(name=word) for word in sorted(words)))
    spelt = {word: f"{word}_" if word in OWN[marketplace] | {"timeout"} else word for word in words}
    assert model.json_schema()["properties"].keys() == set(spelt.values())
    assert model.build_run_payload(**dict.fromkeys(spelt.values(), "v")) == dict.fromkeys(words, "v")
    assert model.build_run_payload(**dict.fromkeys(words, "v")).keys() == words - OWN[marketplace] - {"timeout"}
