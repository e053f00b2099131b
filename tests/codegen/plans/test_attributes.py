"""What a model's module says of its parameters, line by line."""

from __future__ import annotations

import pytest

from tests.codegen.conftest import Workshop
from typedrun_codegen.text.docstrings import WIDTH


@pytest.mark.parametrize(("length", "is_one_line"), [(100, True), (101, False)])
def test_a_name_stands_on_one_line_as_long_as_it_fits(workshop: Workshop, length: int, is_one_line: bool) -> None:
    name = "x" * length
    lines = workshop.build([workshop.model(params=[workshop.param(name)])]).files["models/acme/echo.py"].splitlines()
    line = f'            name="{name}",'
    assert (len(line) <= WIDTH, line in lines) == (is_one_line, is_one_line)
    assert max(map(len, lines)) <= WIDTH
