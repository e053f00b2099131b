"""One rule for the Python name of a parameter: generated signatures have it, and models that are met at run time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.runtime.conftest import Bench
from typedrun.call import prepare
from typedrun.errors import ParameterError
from typedrun.names import python_name
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
    assert python_name(wire) == parameter_name(wire) == expected
    assert expected.isidentifier()


def test_a_generated_spelling_goes_out_under_the_wire_name(bench: type[Bench]) -> None:
    wires = ("3d-model", "größe", "模型", "_x", "controls")
    params = [{"name": wire, "dataType": "text"} for wire in wires]
    model = bench().model({"id": "1", "name": "m", "params": params})
    call = prepare(model, {python_name(wire): wire for wire in wires})
    assert call.payload == {wire: wire for wire in wires}


@pytest.mark.parametrize("value", ["yes", 1])
def test_stream_is_true_or_false(bench: type[Bench], value: Any) -> None:
    model = bench().model({"id": "1", "name": "m", "params": []})
    with pytest.raises(ParameterError, match="Run control 'stream' must be True or False, got"):
        prepare(model, {"stream": value})
