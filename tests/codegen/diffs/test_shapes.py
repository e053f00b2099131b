"""Judged changes of models that describe themselves by JSON Schema: nested objects, limits, unions, typed outputs, versions."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from typedrun_codegen.diffs.catalogs import diff_catalogs
from typedrun_codegen.diffs.changes import JUDGEMENTS, Change
from typedrun_codegen.ir.catalog import CatalogSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.marketplaces import marketplace, shipped_snapshot
from typedrun_codegen.snapshots.store import read_snapshot

Schema = dict[str, JSON]
Schemas = dict[str, Schema]


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> Schemas:
    return {
        "Input": {
            "type": "object",
            "required": ["prompt"],
            "properties": {
                "prompt": {"type": "string", "maxLength": 100},
                "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
                "style": {"type": "string", "enum": ["ink", "oil"], "default": "ink"},
                "size": {"anyOf": [ref("Size"), {"type": "string", "enum": ["square", "wide"]}], "default": "square"},
                "frames": {"type": "array", "items": ref("Frame"), "maxItems": 9},
            },
        },
        "Size": {
            "type": "object",
            "required": ["width"],
            "properties": {"width": {"type": "integer", "maximum": 4096}, "height": {"type": "integer", "default": 512}},
        },
        "Frame": {"type": "object", "required": ["at"], "properties": {"at": {"type": "number"}, "size": ref("Size")}},
        "Output": {
            "type": "object",
            "required": ["images", "seed"],
            "properties": {
                "images": {"type": "array", "items": ref("Image")},
                "seed": {"type": "integer"},
                "mood": ref("Mood"),
            },
        },
        "Image": {"type": "object", "required": ["label"], "properties": {"label": {"type": "string"}, "score": {"type": "number"}}},
        "Mood": {"type": "string", "enum": ["calm", "wild"]},
    }  # fmt: skip


def replicate(found: Schemas, version: str = "a" * 64, **fields: JSON) -> Schema:
    api: JSON = {"openapi": "3.0.2", "components": {"schemas": dict(found)}}
    latest: JSON = {"id": version, "openapi_schema": api}
    return {"owner": "acme", "name": "lighthouse", "is_official": False, "latest_version": latest, **fields}


def fal(found: Schemas, status: str = "active", category: str = "llm", price: float | None = None) -> Schema:
    def content(name: str) -> JSON:
        return {"content": {"application/json": {"schema": ref(name)}}}

    paths: JSON = {
        "/acme/lighthouse": {"post": {"requestBody": content("Input"), "responses": {}}},
        "/acme/lighthouse/requests/{request_id}": {"get": {"responses": {"200": content("Output")}}},
    }
    priced: Schema = {"unit_price": price, "unit": "image", "currency": "USD", "endpoint_id": "acme/lighthouse"}
    return {
        "endpoint_id": "acme/lighthouse",
        "metadata": {"status": status, "category": category, "display_name": "Lighthouse"},
        "openapi": {"openapi": "3.0.4", "components": {"schemas": dict(found)}, "paths": paths},
        **({} if price is None else {"pricing": priced}),
    }


def changes(old: Schema, new: Schema, backend: str = "replicate") -> list[Change]:
    read = marketplace(backend).reader().read_catalog
    sides = (read(Snapshot(Path("catalog"), (ModelEntry("models/m.json", "", side),))) for side in (old, new))
    catalogs: list[CatalogSpec] = []
    for side in sides:
        assert side.problems == ()
        catalogs.append(side.catalog)
    return list(diff_catalogs(*catalogs))


def brief(found: list[Change]) -> list[tuple[str, str, str]]:
    return [(each.level, each.kind, each.parameter) for each in found]


Edit = Callable[[Schemas], object]


def put(path: str, value: JSON) -> Edit:
    """Another value at a place: `Size.properties.width`; `DELETE` takes it away."""

    def edit(found: Schemas) -> None:
        *parents, last = path.split(".")
        place: JSON = found  # type: ignore[assignment]  # schemas are JSON
        for name in parents:
            assert isinstance(place, dict)
            place = place[name]
        assert isinstance(place, dict)
        if value == "DELETE":
            del place[last]
        else:
            place[last] = value

    return edit


I, S, O, M = "Input.properties", "Size.properties", "Output.properties", "Image.properties"  # noqa: E741  # columns below

CASES: list[tuple[Edit, list[tuple[str, str, str]]]] = [
    # parameters, judged as ever
    (put(f"{I}.steps.maximum", 30), [("risky", "range-narrowed", "steps")]),
    (put(f"{I}.steps.maximum", 80), [("compatible", "range-widened", "steps")]),
    (put(f"{I}.steps.default", 10), [("risky", "default-changed", "steps")]),
    (put(f"{I}.steps", {"type": "string"}), [("breaking", "type-changed", "steps"), ("risky", "default-changed", "steps"), ("compatible", "range-widened", "steps")]),
    (put(f"{I}.style.enum", ["ink"]), [("breaking", "option-removed", "style")]),
    (put(f"{I}.style.enum", ["ink", "oil", "clay"]), [("compatible", "option-added", "style")]),
    (put(f"{I}.style", "DELETE"), [("breaking", "parameter-removed", "style")]),
    (put(f"{I}.seed", {"type": "integer"}), [("compatible", "parameter-added", "seed")]),
    (put("Input.required", ["prompt", "frames"]), [("breaking", "became-required", "frames")]),
    (put(f"{I}.size.anyOf", [ref("Size")]), [("breaking", "type-narrowed", "size"), ("risky", "default-changed", "size")]),
    # their limits
    (put(f"{I}.prompt.maxLength", 50), [("risky", "limits-tightened", "prompt")]),
    (put(f"{I}.prompt.maxLength", 200), [("compatible", "limits-loosened", "prompt")]),
    (put(f"{I}.prompt.maxLength", "DELETE"), [("compatible", "limits-loosened", "prompt")]),
    (put(f"{I}.prompt.minLength", 2), [("risky", "limits-tightened", "prompt")]),
    (put(f"{I}.prompt.pattern", "^a"), [("risky", "limits-tightened", "prompt")]),
    (put(f"{I}.frames.maxItems", 4), [("risky", "limits-tightened", "frames")]),
    # what they hold: Size stands in two of them
    (put(f"{S}.width", "DELETE"), [("breaking", "input-field-removed", "size"), ("breaking", "input-field-removed", "frames")]),
    (put(f"{S}.depth", {"type": "integer"}), [("compatible", "input-field-added", "size"), ("compatible", "input-field-added", "frames")]),
    (put("Frame.required", ["at", "size"]), [("breaking", "input-became-required", "frames")]),
    (put("Frame.required", []), [("compatible", "input-became-optional", "frames")]),
    (put("Frame.properties.at", {"type": "integer"}), [("breaking", "input-narrowed", "frames")]),
    (put("Frame.properties.at", {"type": "boolean"}), [("breaking", "input-changed", "frames")]),
    (put(f"{S}.height.default", 256), [("risky", "input-default-changed", "size"), ("risky", "input-default-changed", "frames")]),
    (put(f"{S}.height", {"type": "number", "default": 512}), [("compatible", "input-widened", "size"), ("compatible", "input-widened", "frames")]),
    (lambda found: [put("Frame.properties.url", {"type": "string"})(found), put("Frame.required", ["at", "url"])(found)], [("breaking", "input-required-field-added", "frames")]),
    # results
    (put(f"{O}.seed", "DELETE"), [("breaking", "output-field-removed", "")]),
    (put(f"{O}.prompt", {"type": "string"}), [("compatible", "output-field-added", "")]),
    (put("Output.required", ["images"]), [("risky", "output-became-optional", "")]),
    (put("Image.required", ["label", "score"]), [("compatible", "output-became-required", "")]),
    (put(f"{M}.label", {"type": "integer"}), [("breaking", "output-changed", "")]),
    (put(f"{M}.score", {"type": "integer"}), [("compatible", "output-narrowed", "")]),
    (put(f"{O}.seed", {"type": "number"}), [("risky", "output-widened", "")]),
    (put("Output", {"type": "string"}), [("breaking", "output-changed", "")]),
    (put("Output", {}), [("breaking", "output-unlisted", "")]),
    (put("Mood.enum", ["calm"]), [("breaking", "output-value-removed", "")]),
    (put("Mood.enum", ["calm", "wild", "odd"]), [("compatible", "output-value-added", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), CASES)
def test_a_changed_schema_is_judged(edit: Edit, expected: list[tuple[str, str, str]]) -> None:
    now = schemas()
    edit(now)
    found = brief(changes(replicate(schemas()), replicate(now)))
    assert [each for each in found if not each[1].endswith("documentation-changed")] == expected


def test_an_output_that_is_told_from_now_on_is_risky() -> None:
    before = schemas() | {"Output": {}}
    assert brief(changes(replicate(before), replicate(schemas()))) == [("risky", "output-listed", "")]


def test_a_new_version_with_the_same_schema_is_no_change() -> None:
    old, new = replicate(schemas()), replicate(schemas(), "b" * 64)
    assert changes(old, new) == []
    assert changes(old, replicate(schemas(), "hidden", is_official=True)) == []


def test_a_new_version_with_another_schema_is_judged_by_the_schema_alone() -> None:
    now = schemas()
    put(f"{O}.seed", "DELETE")(now)
    assert [each.kind for each in changes(replicate(schemas()), replicate(now, "b" * 64))] == ["output-field-removed"]


def test_a_change_says_where_it_is() -> None:
    now = schemas()
    put("Size.properties.width.type", "string")(now)
    put(f"{M}.score", "DELETE")(now)
    found = changes(replicate(schemas()), replicate(now))
    assert [each.what for each in found if each.level == "breaking"] == [
        "result.data.images[].score: field removed",
        "size.width: type changed: integer → text",
        "frames[].size.width: type changed: integer → text",
    ]
    assert {each.subject for each in found} == {"acme/lighthouse"}
    assert {each.model for each in found} == {"acme/lighthouse"}


def test_limits_inside_an_object_are_risky_where_something_is_sent() -> None:
    now = schemas()
    put("Size.properties.width.maximum", 1024)(now)
    put("Size.properties.height.minimum", 1)(now)
    put("Image.properties.score.maximum", 1)(now)
    made = changes(replicate(schemas()), replicate(now))
    assert ("risky", "input-limits-changed", "size") in brief(made)
    assert {level for level, kind, _ in brief(made) if kind.startswith("output-")} == {"compatible"}
    assert [each.what for each in made if each.kind == "input-limits-changed" and each.parameter == "size"] == [
        "size.width: limits changed: At most 4096. → At most 1024.",
        "size.height: limits changed: none → At least 1.",
    ]


def test_objects_that_may_hold_themselves_are_compared_once() -> None:
    tree = schemas()
    put("Frame.properties.inner", {"type": "array", "items": ref("Frame")})(tree)
    now = deepcopy(tree)
    put("Frame.properties.at", "DELETE")(now)
    kinds = [each.what for each in changes(replicate(tree), replicate(now)) if each.kind == "input-field-removed"]
    assert kinds == ["frames[].at: field removed"]


def union(*members: str) -> Schemas:
    forms: Schemas = {
        "ByUrl": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}, "n": {"type": "integer"}}},
        "ByText": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}, "n": {"type": "integer"}}},
        "Both": {"type": "object", "properties": {"text": {"type": "string"}, "url": {"type": "string"}, "n": {"type": "integer"}}},
    }  # fmt: skip
    return {**schemas(), "Input": {"anyOf": [ref(name) for name in members]}, **forms}


def test_parameters_that_no_longer_go_together_are_breaking() -> None:
    old, new = fal(union("Both")), fal(union("ByUrl", "ByText"))
    (gone,) = [each for each in changes(old, new, "fal") if each.kind == "variant-removed"]
    assert (gone.level, gone.what) == ("breaking", "no longer takes n, text, url together")
    (come,) = [each for each in changes(new, old, "fal") if each.kind == "variant-added"]
    assert (come.level, come.what) == ("compatible", "takes n, text, url together")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({}, {"status": "deprecated"}, ["model-deprecated"], id="deprecated"),
        pytest.param({"status": "deprecated"}, {}, ["model-reinstated"], id="no longer deprecated"),
        pytest.param({}, {"category": "vision"}, ["category-changed"], id="listed elsewhere"),
        pytest.param({"price": 0.1}, {"price": 0.2}, ["price-raised"], id="price"),
    ],
)
def test_what_an_endpoint_says_of_itself_is_judged(old: Schema, new: Schema, expected: list[str]) -> None:
    found = changes(fal(schemas(), **old), fal(schemas(), **new), "fal")  # type: ignore[arg-type]  # as the table says
    assert [each.kind for each in found if each.kind in {*expected, "model-deprecated", "function-changed"}] == expected


@pytest.mark.parametrize("backend", ["replicate", "fal"])
def test_a_sample_does_not_differ_from_itself(backend: str) -> None:
    snapshot = read_snapshot(shipped_snapshot(backend))
    catalogs = [marketplace(backend).reader().read_catalog(snapshot).catalog for _ in range(2)]
    assert diff_catalogs(*catalogs) == ()


def test_every_judgement_of_objects_and_outputs_has_a_case() -> None:
    cases = {kind for _, expected in CASES for _, kind, _ in expected}
    others = {
        *("input-documentation-changed", "output-documentation-changed", "input-limits-changed"),
        *("input-closed", "input-opened", "output-closed", "output-opened"),
        "output-listed",
    }
    known = {kind for kind in JUDGEMENTS if kind.startswith(("input-", "output-", "limits-"))}
    assert known - cases == others
