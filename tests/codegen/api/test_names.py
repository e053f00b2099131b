"""Names are for ever: whatever else the document gains, loses or reorders, what existed keeps its name."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.strategies import SCHEMA_NAMES
from typedrun_codegen.ir.api import AliasSpec, AnyNamed, Leaf, Notes
from typedrun_codegen.ir.problems import Location
from typedrun_codegen.plans.api_names import ApiNames
from typedrun_codegen.text.api_annotations import RESERVED_CLASSES
from typedrun_codegen.text.names import snake_name


def named(*words: str) -> AnyNamed:
    key = "#/components/schemas/" + "/".join(words)
    return AliasSpec(key=key, words=words, owner=key, notes=Notes(), location=Location("d", key[1:]), type=Leaf("str"))


def names_of(types: list[AnyNamed], locked: dict[str, str]) -> dict[str, str]:
    names = ApiNames(locked)
    names.classes(types, RESERVED_CLASSES)
    return names.recorded


@given(
    before=st.sets(SCHEMA_NAMES, max_size=12),
    added=st.sets(SCHEMA_NAMES, max_size=12),
    removed=st.sets(SCHEMA_NAMES, max_size=4),
    seed=st.integers(),
)
def test_classes_keep_their_names(before: set[str], added: set[str], removed: set[str], seed: int) -> None:
    first = names_of([named(name) for name in sorted(before)], {})
    after = sorted((before | added) - removed)
    random.Random(seed).shuffle(after)
    second = names_of([named(name) for name in after], first)
    assert {key: second[key] for key in first if key in second} == {
        key: name for key, name in first.items() if key in second
    }
    assert len({name.lower() for name in second.values()}) == len(second)


@given(before=st.sets(SCHEMA_NAMES, max_size=10), added=st.sets(SCHEMA_NAMES, max_size=10))
@example(before={"B", "b_"}, added={"B_"})
def test_fields_keep_their_names(before: set[str], added: set[str]) -> None:
    first = ApiNames({})
    old = first.local("#/A", before, snake_name, frozenset())
    second = ApiNames(first.recorded)
    new = second.local("#/A", before | added, snake_name, frozenset())
    assert all(new[wire] == old[wire] for wire in before)
    assert len(set(new.values())) == len(new)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 99))
def test_a_package_changes_only_where_its_document_does(make: Any, seed: int) -> None:
    kinds = [
        {"properties": {"a": {"type": "string", "enum": ["x", "y"]}}},
        {"enum": ["p-q", "p_q"]},
        {"anyOf": [{"properties": {"t": {"const": "1"}}}, {"properties": {"t": {"const": "2"}}}]},
    ]
    schemas = [(f"S-{index}", kinds[index % 3]) for index in range(9)]
    first = make.build(document(dict(schemas)))
    mixed = [*schemas, ("S_1", kinds[0]), ("s 2", kinds[1])]
    random.Random(seed).shuffle(mixed)
    second = make.build(document(dict(mixed)), first.names)
    assert {key: second.names[key] for key in first.names} == first.names
    for path in first.files.keys() - {"types/__init__.py"}:
        assert second.files[path] == first.files[path]


def document(schemas: dict[str, Any]) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


def test_the_same_document_gives_the_same_bytes(make: Any) -> None:
    schemas = {
        "B": {"properties": {"a": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/A"}]}}},
        "A": {"enum": ["x", "y"]},
    }
    assert make.build(document(schemas)).files == make.build(document(schemas)).files
