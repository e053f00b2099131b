"""Whatever stands where a schema belongs: a problem with a pointer or a type, never a crash, always Python."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import odd_schemas
from typedrun_codegen.package.api import build_api

NAMES = ("A", "B", "C")


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, odd_schemas(NAMES))))
def test_any_schemas_become_types_or_problems(found: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "openapi.json"
        path.write_text(
            json.dumps({"openapi": "3.1.0", "paths": {}, "components": {"schemas": found}}), encoding="utf-8"
        )
        built = build_api(path, {}, package="made", prefix="")
    for name, text in built.files.items():
        compile(text, name, "exec")
    assert all(one.title and one.next_step and one.location.pointer for one in built.problems)
