"""Parameters: which of them are arguments, and which must be given."""

from __future__ import annotations

import pytest

from typedrun_codegen.ir.catalog import ParameterSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.values import TEXT


@pytest.mark.parametrize(
    ("fixed", "required", "values", "default", "is_argument", "must_be_given"),
    [
        pytest.param(False, True, (), None, True, True, id="required"),
        pytest.param(False, True, (), "en", True, False, id="required, with a default"),
        pytest.param(False, False, (), None, True, False, id="optional"),
        pytest.param(True, True, ("en",), None, False, False, id="fixed to a value"),
        pytest.param(True, True, (), "en", False, False, id="fixed to its default"),
        pytest.param(True, False, (), None, False, False, id="fixed to nothing, not needed"),
        pytest.param(True, True, (), None, True, True, id="fixed, the value forgotten"),
        pytest.param(True, True, ("en", "fi"), None, True, True, id="fixed, to which of two is not said"),
    ],
)
def test_a_fixed_parameter_is_an_argument_only_where_the_catalog_forgets_its_value(
    fixed: bool, required: bool, values: tuple[JSON, ...], default: JSON, is_argument: bool, must_be_given: bool
) -> None:
    said = ParameterSpec(
        name="x", type=TEXT, rule="text", fixed=fixed, required=required, values=values, default=default
    )
    assert (said.is_argument, said.must_be_given) == (is_argument, must_be_given)
