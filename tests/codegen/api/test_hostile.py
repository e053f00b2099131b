"""No text of a document becomes code, wherever it stands."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from typedrun_codegen.package.api import build_api
from typedrun_codegen.package.guard import find_foreign_code

TEXTS = (
    '"""\nimport os; os.system("x")\n"""',
    "'; import os #",
    "x\\",
    'a"""',
    "]\nexec('x')\n[",
    "a\rexec('x')",
    "{{ 7*7 }}{% raw %}",
    "\x00x",
    "\u2028\u202eexec",
    "__import__('os')",
    "${x} %s {x}",
    "\ud800",
    "# -*- coding: rot13 -*-",
    "coding:utf-7 +AAo-raise SystemExit +AAo-",
    "x" * 5000,
)


def hostile(text: str) -> dict[str, Any]:
    """A document with one text in every place that has a text."""
    schema: dict[str, Any] = {
        "type": "object",
        "title": text,
        "description": text,
        "required": [text],
        "properties": {
            text: {"type": "integer", "description": text},
            "a": {"type": "string", "description": text, "default": text, "pattern": text, "example": text},
            "b": {"type": "string", "enum": ["x", text]},
            "c": {"const": text},
            "d": {"type": "array", "items": {"type": "string"}, "default": [text]},
            "e": {"type": "object", "additionalProperties": {"type": "string"}, "default": {text: text}},
            "f": {"enum": [text, 1]},
            "g": {"type": "string", "format": text},
            "h": {
                "oneOf": [{"title": text, "properties": {"t": {"const": text}}}, {"properties": {"t": {"const": "2"}}}],
                "discriminator": {"propertyName": text},
            },
            "i": {"default": {text: [text]}},
        },
    }
    operation: dict[str, Any] = {
        "operationId": text,
        "tags": [text],
        "summary": text,
        "description": text,
        "parameters": [
            {"name": text, "in": "query", "description": text, "schema": {"type": "string", "default": text}},
            {"name": text, "in": "header", "schema": {"enum": [text, "y"]}},
        ],
        "requestBody": {
            "description": text,
            "content": {
                text: {"schema": schema},
                "multipart/form-data": {"schema": schema, "encoding": {text: {"contentType": text}}},
            },
        },
        "responses": {
            "200": {"description": text, "content": {"application/json": {"schema": schema}, text: {}}},
            text: {"description": text},
        },
        "servers": [{"url": text}],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": text, "version": text, "description": text},
        "servers": [{"url": text, "variables": {text: {"default": text}}}],
        "tags": [{"name": text}],
        "paths": {f"/{text}/{{{text}}}": {"post": operation}},
        "components": {
            "schemas": {text: schema, "Ok": {"$ref": "#/components/schemas/Plain"}, "Plain": schema},
            "securitySchemes": {text: {"type": "apiKey", "in": "header", "name": text}},
        },
    }


def assert_sound(files: dict[str, str]) -> None:
    assert find_foreign_code(files, "made") == ()
    for path, text in files.items():
        if path.endswith(".py"):
            # As bytes, since a first line may choose the encoding in which Python reads a file.
            assert ast.dump(ast.parse(text.encode("utf-8"), path)) == ast.dump(ast.parse(text))
            compile(text.encode("utf-8"), path, "exec")


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_text_of_a_document_stays_text(make: Any, text: str) -> None:
    built = make.build(hostile(text))
    assert_sound(built.files)
    assert all(name.isidentifier() and name.isascii() for name in built.names.values())


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(text=st.text(min_size=1, max_size=40))
def test_any_text_stays_text(make: Any, text: str) -> None:
    assert_sound(make.build(hostile(text)).files)


def test_a_hostile_package_can_be_imported(make: Any) -> None:
    package = make.package(hostile('"""\nraise SystemExit\n"""'))
    assert package.Client("key", "https://example.com")
    for name in package.types.MODULES if hasattr(package, "types") else ():
        getattr(package.types, name)


def test_a_label_cannot_leave_its_comment(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text('{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"A": {"enum": ["x", "y"]}}}}')
    built = build_api(path, {}, package="made", prefix="", source="a\nimport os")
    assert_sound(built.files)
