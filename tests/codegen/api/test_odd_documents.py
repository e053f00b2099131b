"""Whatever stands where a schema belongs: a problem with a pointer or a type, never a crash, always Python."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from typedrun_codegen.package.api import build_api

REF = "#/components/schemas/"
NAMES = ("A", "B", "C")
WORDS = (
    *("type", "properties", "allOf", "oneOf", "anyOf", "enum", "const", "items", "prefixItems", "additionalProperties"),
    *(
        "patternProperties",
        "$ref",
        "$dynamicRef",
        "required",
        "nullable",
        "discriminator",
        "default",
        "title",
        "format",
    ),
)
odd = st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.sampled_from(["", "a", "class", "string"])
references = st.sampled_from([f"{REF}{name}" for name in (*NAMES, "Gone")] + ["#", "#x", "gone.json#/A", "http://["])
kinds = st.sampled_from(
    ["string", "integer", "number", "object", "array", "null", ["string", "null"], ["object", "array"]]
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=3)
    maps = st.dictionaries(st.sampled_from(["a", "kind", "$ref", "propertyName", "mapping"]), inner, max_size=3)
    return st.dictionaries(st.sampled_from(WORDS), kinds | references | lists | maps | inner, max_size=4)


schemas = st.recursive(odd, nested, max_leaves=14)


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, schemas)))
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
