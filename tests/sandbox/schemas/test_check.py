"""What is found wrong with a value, judged by the jsonschema package."""

from __future__ import annotations

import pytest

from tests.narrowing import fits
from typedrun_sandbox.jsontypes import JSON, JSONObject
from typedrun_sandbox.schemas.check import check
from typedrun_sandbox.schemas.references import meant

RULES: dict[str, JSONObject] = {
    "type": {"type": "integer"},
    "types": {"type": ["string", "null"]},
    "enum": {"enum": [1, "a", None]},
    "const": {"const": 1},
    "range": {"minimum": 1, "exclusiveMaximum": 3},
    "open": {"exclusiveMinimum": 1, "maximum": 3},
    "step": {"multipleOf": 0.5},
    "text": {"minLength": 2, "maxLength": 3, "pattern": "^a"},
    "list": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "number"}},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
    "object": {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string"}},
        "additionalProperties": False,
    },
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "any": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]},
    "all": {"allOf": [{"type": "integer"}, {"minimum": 2}]},
    "reference": {"$ref": "#/$defs/count"},
    "nothing": {},
}


VALUES: list[JSON] = [
    None,
    True,
    False,
    0,
    1,
    1.0,
    1.5,
    2,
    3,
    4,
    "",
    "a",
    "ab",
    "abc",
    "abcd",
    "b",
    [],
    [1],
    ["x"],
    ["x", 1],
    [1, 2, 3],
    {},
    {"a": "x"},
    {"a": 1},
    {"a": "x", "b": 1},
    {"b": 2},
]
ROOT: JSONObject = {"$defs": {"count": {"type": "integer", "minimum": 1}}}


@pytest.mark.parametrize("name", RULES)
def test_a_value_fits_when_the_judge_says_so(name: str) -> None:
    for value in VALUES:
        assert (check(RULES[name], value, ROOT) == []) is fits({**RULES[name], **ROOT}, value), value


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e308, 5e-324, 10**18, "x" * 10_000, [[[["deep"]]]]], ids=type)
def test_any_value_can_be_checked(value: JSON) -> None:
    for rules in RULES.values():
        check(rules, value, ROOT)


def test_a_finding_says_where_what_and_which_limit() -> None:
    schema: JSONObject = {
        "type": "object",
        "properties": {"sizes": {"type": "array", "items": {"type": "integer", "maximum": 4}}},
    }
    (finding,) = check(schema, {"sizes": [1, 9]}, schema)
    assert (finding.place, finding.rule, finding.limit, finding.found) == (("sizes", 1), "maximum", 4, 9)


def test_null_passes_where_a_schema_says_nullable() -> None:
    assert check({"type": "string", "nullable": True}, None, {}) == []
    assert [finding.rule for finding in check({"type": "string"}, None, {})] == ["type"]


@pytest.mark.parametrize(
    ("text", "fits"), [("https://a/b", True), ("data:image/png;base64,AA", True), ("a.png", False)]
)
def test_a_uri_is_a_web_or_data_address(text: str, fits: bool) -> None:
    assert (check({"type": "string", "format": "uri"}, text, {}) == []) is fits


def test_a_reference_that_leads_in_a_circle_ends() -> None:
    circle: JSONObject = {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    assert "$ref" in meant(circle, {"$ref": "#/$defs/a"})
    assert check({"$ref": "#/$defs/a"}, 1, circle) == []
