"""Judged changes between two snapshots and between two API schemas."""

import json
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.narrowing import Decoded, is_list
from tests.strategies import NO_NAN, json_values, odd_parameters
from typedrun_codegen.diffs.apis import JUDGEMENTS as API_JUDGEMENTS
from typedrun_codegen.diffs.apis import diff_apis
from typedrun_codegen.diffs.catalogs import diff_catalogs
from typedrun_codegen.diffs.changes import JUDGEMENTS, Change, Level
from typedrun_codegen.diffs.report import FailOn, Report, as_json, as_markdown, as_table, worst_first
from typedrun_codegen.diffs.sources import compare
from typedrun_codegen.ir.api import ApiSpec
from typedrun_codegen.ir.catalog import CatalogSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, UsageProblem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.marketplaces.aixplain.adapter import read_catalog
from typedrun_codegen.readers.api import read_api
from typedrun_codegen.snapshots.store import snapshot_files

Edit = Callable[[dict[str, JSON]], object]

TEXT: dict[str, JSON] = {"name": "text", "required": True, "dataType": "text", "dataSubType": "text"}


def plain(_color: str, text: str) -> str:
    return text


def parameter(name: str, **fields: JSON) -> dict[str, JSON]:
    return {"name": name, "required": False, "dataType": "text", "dataSubType": "text", **fields}


def options(*values: str) -> list[JSON]:
    return [{"value": value, "label": value} for value in values]


def model(*parameters: dict[str, JSON], **fields: JSON) -> dict[str, JSON]:
    return {
        "id": "a1",
        "name": "Lighthouse",
        "path": "acme/lighthouse/acme",
        "status": "onboarded",
        "function": {"id": "text-generation", "name": "Text Generation"},
        "vendor": {"id": 1, "name": "Acme", "code": "acme"},
        "connectionType": ["synchronous", "asynchronous"],
        "supportsStreaming": True,
        "pricing": {"price": 0.5, "unitType": "TOKEN"},
        "params": [TEXT, *parameters],
        **fields,
    }


FUNCTIONS: JSON = {
    "items": [
        {"id": "text-generation", "name": "Text Generation", "output": [{"code": "data", "dataType": "text"}]},
        {"id": "translation", "name": "Translation", "output": [{"code": "data", "dataType": "text"}]},
    ]
}


def catalog(*models: dict[str, JSON], functions: JSON = FUNCTIONS, suppliers: JSON = None) -> CatalogSpec:
    entries = tuple(ModelEntry(f"models/m{number}.json", "", value) for number, value in enumerate(models))
    return read_catalog(Snapshot(Path("catalog"), entries, functions=functions, suppliers=suppliers)).catalog


def changes(old: dict[str, JSON], new: dict[str, JSON]) -> list[tuple[str, str, str]]:
    return [(each.level, each.kind, each.parameter) for each in diff_catalogs(catalog(old), catalog(new))]


# --- models


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"name": "Lantern"}, ("compatible", "model-renamed"), id="name"),
        pytest.param({"path": "acme/lantern/acme"}, ("risky", "path-changed"), id="path"),
        pytest.param({"vendor": {"code": "other"}}, ("risky", "supplier-changed"), id="supplier"),
        pytest.param({"function": {"id": "translation"}}, ("breaking", "function-changed"), id="function"),
        pytest.param({"version": {"id": "2"}}, ("risky", "version-changed"), id="version"),
        pytest.param({"status": "disabled"}, ("risky", "status-changed"), id="status"),
        pytest.param({"supportsStreaming": False}, ("breaking", "streaming-lost"), id="streaming lost"),
        pytest.param({"connectionType": ["synchronous"]}, ("risky", "asynchronous-lost"), id="asynchronous lost"),
        pytest.param({"connectionType": ["asynchronous"]}, ("risky", "synchronous-lost"), id="synchronous lost"),
        pytest.param({"pricing": {"price": 0.6, "unitType": "TOKEN"}}, ("risky", "price-raised"), id="dearer"),
        pytest.param({"pricing": {"price": 0.4, "unitType": "TOKEN"}}, ("compatible", "price-lowered"), id="cheaper"),
        pytest.param({"pricing": {"price": 0.5, "unitType": "CHAR"}}, ("risky", "price-changed"), id="other unit"),
        pytest.param({"pricing": None}, ("risky", "price-changed"), id="no price"),
        pytest.param({"params": None}, ("breaking", "parameters-unlisted"), id="parameters unknown"),
        pytest.param({"description": "New."}, ("compatible", "documentation-changed"), id="description"),
        pytest.param({"updatedAt": "2026-01-01"}, ("compatible", "documentation-changed"), id="update"),
    ],
)
def test_a_changed_model_is_judged(fields: dict[str, JSON], expected: tuple[str, str]) -> None:
    found = [
        each for each in changes(model(), model(**fields)) if each[1] != "documentation-changed" or len(fields) == 1
    ]
    assert (*expected, "") in found
    backwards = {kind for _, kind, _ in changes(model(**fields), model())}
    assert backwards, "the way back is a change too"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({"supportsStreaming": None}, {"supportsStreaming": True}, id="streaming was possible already"),
        pytest.param({"connectionType": None}, {"connectionType": ["synchronous"]}, id="unknown is no promise"),
        pytest.param({}, {"somethingNew": 1}, id="an unknown key"),
        pytest.param({"pricing": {"price": "0.5"}}, {"pricing": {"price": 0.5}}, id="the same price in another form"),
    ],
)
def test_what_callers_cannot_notice_is_no_change(old: dict[str, JSON], new: dict[str, JSON]) -> None:
    assert changes(model(**old), model(**new)) == []


def test_models_that_come_and_go() -> None:
    other = model(id="b2", name="Buoy", path="acme/buoy/acme")
    gone = diff_catalogs(catalog(model(), other), catalog(model()))
    assert [(each.level, each.kind, each.subject) for each in gone] == [
        ("breaking", "model-removed", "acme/buoy/acme (b2)")
    ]
    assert gone[0].call == 'aix.models["acme/buoy/acme"]'
    come = diff_catalogs(catalog(model()), catalog(other, model()))
    assert [(each.level, each.kind) for each in come] == [("compatible", "model-added")]


def test_a_model_that_came_back_under_another_id_is_one_model() -> None:
    found = changes(model(), model(parameter("extra"), id="z9"))
    assert found == [("breaking", "model-id-changed", ""), ("compatible", "parameter-added", "extra")]


def test_the_order_of_models_does_not_matter() -> None:
    one, other = model(), model(id="b2", path="acme/buoy/acme")
    assert diff_catalogs(catalog(one, other), catalog(other, one)) == ()


def test_a_functions_output_concerns_its_models() -> None:
    functions: Decoded = deepcopy(FUNCTIONS)
    functions["items"][0]["output"][0]["dataType"] = "number"
    found = diff_catalogs(catalog(model()), catalog(model(), functions=functions))
    assert [(each.level, each.kind, each.what) for each in found] == [
        ("breaking", "output-changed", "result.data changed from text to number")
    ]


def test_enumeration_members_are_judged() -> None:
    old: JSON = [{"id": 1, "code": "acme"}, {"id": 2, "code": "gone"}]
    new: JSON = [{"id": 1, "code": "acme"}, {"id": 3, "code": "new"}]
    found = diff_catalogs(catalog(suppliers=old), catalog(suppliers=new))
    assert [(each.level, each.subject, each.what, each.call) for each in found] == [
        ("breaking", "enumeration Supplier", '"gone" removed', 'Supplier("gone")'),
        ("compatible", "enumeration Supplier", '"new" added', 'Supplier("new")'),
    ]


# --- parameters

CASES: list[tuple[str, list[dict[str, JSON]], list[dict[str, JSON]], str, str]] = [
    ("optional added", [], [parameter("p")], "compatible", "parameter-added"),
    ("required added", [], [parameter("p", required=True)], "breaking", "required-parameter-added"),
    ("required with a default added", [], [parameter("p", required=True, defaultValues=["x"])], "compatible", "parameter-added"),
    ("fixed added", [], [parameter("p", isFixed=True, values=["x"])], "compatible", "parameter-added"),
    ("removed", [parameter("p")], [], "breaking", "parameter-removed"),
    ("became required", [parameter("p")], [parameter("p", required=True)], "breaking", "became-required"),
    ("became optional", [parameter("p", required=True)], [parameter("p")], "compatible", "became-optional"),
    ("became fixed", [parameter("p")], [parameter("p", isFixed=True, values=["x"])], "breaking", "became-fixed"),
    ("became free", [parameter("p", isFixed=True, values=["x"])], [parameter("p")], "compatible", "became-free"),
    (
        "became free and required",
        [parameter("p", required=True, isFixed=True, values=["x"])],
        [parameter("p", required=True)],
        "breaking",
        "became-required",
    ),
    (
        "fixed to another value",
        [parameter("p", isFixed=True, values=["x"])],
        [parameter("p", isFixed=True, values=["y"])],
        "risky",
        "fixed-value-changed",
    ),
    ("integer to number", [parameter("p", dataType="integer")], [parameter("p", dataType="number")], "compatible", "type-widened"),
    ("number to integer", [parameter("p", dataType="number")], [parameter("p", dataType="integer")], "breaking", "type-narrowed"),
    ("text to number", [parameter("p")], [parameter("p", dataSubType="number")], "breaking", "type-changed"),
    ("text to anything", [parameter("p")], [parameter("p", dataType="json")], "compatible", "type-widened"),
    ("free text to options", [parameter("p")], [parameter("p", availableOptions=options("a"))], "breaking", "type-narrowed"),
    ("options to free text", [parameter("p", availableOptions=options("a"))], [parameter("p")], "compatible", "type-widened"),
    (
        "option added",
        [parameter("p", availableOptions=options("a"))],
        [parameter("p", availableOptions=options("a", "b"))],
        "compatible",
        "option-added",
    ),
    (
        "option removed",
        [parameter("p", availableOptions=options("a", "b"))],
        [parameter("p", availableOptions=options("b"))],
        "breaking",
        "option-removed",
    ),
    ("default changed", [parameter("p", defaultValues=["a"])], [parameter("p", defaultValues=["b"])], "risky", "default-changed"),
    ("default added", [parameter("p")], [parameter("p", defaultValues=["b"])], "risky", "default-changed"),
    (
        "default of a required one removed",
        [parameter("p", required=True, defaultValues=["b"])],
        [parameter("p", required=True)],
        "breaking",
        "became-required",
    ),
    ("one to many", [parameter("p")], [parameter("p", multipleValues=True)], "breaking", "multiplicity-widened"),
    ("many to one", [parameter("p", multipleValues=True)], [parameter("p")], "breaking", "multiplicity-narrowed"),
    (
        "another way to say number",
        [parameter("p", dataType="text", dataSubType="number")],
        [parameter("p", dataType="number", dataSubType="number")],
        "compatible",
        "wire-form-changed",
    ),
    ("described", [parameter("p")], [parameter("p", description="New.")], "compatible", "parameter-documentation-changed"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "level", "kind"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_a_changed_parameter_is_judged(
    old: list[dict[str, JSON]], new: list[dict[str, JSON]], level: str, kind: str
) -> None:
    assert changes(model(*old), model(*new)) == [(level, kind, "p")]


def test_a_renamed_parameter_is_recognised_by_what_it_says() -> None:
    old = parameter("sourcelanguage", dataType="label", availableOptions=options("en", "fi"))
    found = diff_catalogs(catalog(model(old)), catalog(model({**old, "name": "source_language"})))
    assert [(each.kind, each.parameter, each.what) for each in found] == [
        ("parameter-renamed", "sourcelanguage", "sourcelanguage is called source_language now")
    ]
    assert found[0].call == 'aix.models["acme/lighthouse/acme"].run(sourcelanguage=…)'


def test_two_equal_newcomers_are_not_taken_for_a_rename() -> None:
    kinds = [kind for _, kind, _ in changes(model(parameter("a")), model(parameter("b"), parameter("c")))]
    assert kinds == ["parameter-removed", "parameter-added", "parameter-added"]


def test_a_change_says_where_it_stands_and_what_it_does() -> None:
    (change,) = diff_catalogs(
        catalog(model(parameter("tone", availableOptions=options("warm", "cold")))),
        catalog(model(parameter("tone", availableOptions=options("cold")))),
    )
    assert change == Change(
        level="breaking",
        kind="option-removed",
        subject="acme/lighthouse/acme (a1)",
        parameter="tone",
        what='no longer accepts "warm"',
        reason="calls that pass it are refused",
        call='aix.models["acme/lighthouse/acme"].run(tone=…)',
        old=["warm"],
        new=None,
        where="models/m0.json#/params/1",
        model="a1",
    )


# --- anything a backend may send

ANYTHING = json_values(6, NO_NAN)
PARAMETERS = odd_parameters(st.sampled_from(["a", "b", "A", "class"]), ANYTHING)


def with_parameters(params: JSON, fields: dict[str, JSON]) -> dict[str, JSON]:
    return {**model(), **fields, "params": params}


MODELS = st.builds(
    with_parameters,
    st.lists(PARAMETERS | ANYTHING, max_size=4) | ANYTHING,
    st.dictionaries(st.sampled_from(sorted(model())), ANYTHING, max_size=2),
)


@settings(deadline=None)
@given(st.lists(MODELS, max_size=2))
def test_whatever_a_backend_sends_does_not_differ_from_itself(models: list[dict[str, JSON]]) -> None:
    assert diff_catalogs(catalog(*models), catalog(*deepcopy(models))) == ()


@settings(deadline=None)
@given(st.lists(MODELS, max_size=2), st.lists(MODELS, max_size=2))
def test_whatever_a_backend_sends_can_be_compared_and_printed(
    old: list[dict[str, JSON]], new: list[dict[str, JSON]]
) -> None:
    found = report(*diff_catalogs(catalog(*old), catalog(*new)))
    assert len(list(as_table(found, plain))) == 2 * len(found.changes) + 1
    assert all("\n" not in line for line in as_markdown(found))
    json.dumps(as_json(found))


# --- API schemas

STRING: dict[str, JSON] = {"type": "string"}
MAYBE: dict[str, JSON] = {"type": ["string", "null"]}
ID: JSON = {"name": "id", "in": "path", "required": True, "schema": STRING}

API: dict[str, JSON] = {
    "openapi": "3.1.0",
    "security": [{"k": []}],
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/things/{id}": {
            "get": {
                "operationId": "getThing",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
                },
            },
            "put": {
                "operationId": "putThing",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Draft"}}}},
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"204": {"description": "done"}},
            },
            "post": {
                "operationId": "extendThing",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Extra"}}}},
                "parameters": [ID],
                "responses": {"204": {"description": "done"}},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {"type": "object", "required": ["id"], "properties": {"id": STRING, "size": {"type": "integer"}, "note": MAYBE, "name": {"$ref": "#/components/schemas/Name"}}},
            "Draft": {"type": "object", "required": ["id"], "properties": {"id": STRING, "size": {"type": "integer"}, "note": MAYBE, "word": {"$ref": "#/components/schemas/Word"}}},
            "Extra": {"type": "object", "properties": {"id": STRING}, "additionalProperties": {"type": "number"}},
            "Name": STRING,
            "Word": STRING,
            "Color": {"type": "string", "enum": ["red", "green"]},
        },
        "securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "x-key"}},
    },
}  # fmt: skip


def put(path: str, value: JSON) -> Edit:
    def edit(document: dict[str, JSON]) -> None:
        *parents, last = path.split("#")
        place: Decoded = document
        for name in parents:
            place = place[int(name)] if is_list(place) else place[name]
        if is_list(place):
            place.append(value)
        elif value == "DELETE":
            del place[last]
        else:
            place[last] = value

    return edit


SCHEMAS = "components#schemas"
BODY = "paths#/things/{id}#put#requestBody"
API_CASES = [
    ("answer lost a field", put(f"{SCHEMAS}#Thing#properties#size", "DELETE"), "breaking", "api-field-removed"),
    ("answer gained a field", put(f"{SCHEMAS}#Thing#properties#new", {"type": "string"}), "compatible", "api-field-added"),
    ("answer may lack it now", put(f"{SCHEMAS}#Thing#required", []), "risky", "api-answer-became-optional"),
    ("answer always holds it", put(f"{SCHEMAS}#Thing#required", ["id", "size"]), "compatible", "api-answer-became-required"),
    ("answer may be null", put(f"{SCHEMAS}#Thing#properties#size#type", ["integer", "null"]), "risky", "api-answer-widened"),
    ("answer of another type", put(f"{SCHEMAS}#Thing#properties#size#type", "string"), "breaking", "api-answer-changed"),
    ("request field required", put(f"{SCHEMAS}#Draft#required", ["id", "size"]), "breaking", "api-became-required"),
    ("request field optional", put(f"{SCHEMAS}#Draft#required", []), "compatible", "api-became-optional"),
    ("request takes more", put(f"{SCHEMAS}#Draft#properties#size#type", "number"), "compatible", "api-request-widened"),
    ("request takes another type", put(f"{SCHEMAS}#Draft#properties#size#type", "string"), "breaking", "api-request-changed"),
    ("enumeration grew", put(f"{SCHEMAS}#Color#enum#2", "blue"), "compatible", "api-value-added"),
    ("enumeration shrank", put(f"{SCHEMAS}#Color#enum", ["red"]), "breaking", "api-value-removed"),
    ("type removed", put(f"{SCHEMAS}#Color", "DELETE"), "breaking", "api-type-removed"),
    ("type added", put(f"{SCHEMAS}#Shape", {"type": "string", "enum": ["round"]}), "compatible", "api-type-added"),
    ("operation removed", put("paths#/things/{id}#put", "DELETE"), "breaking", "api-operation-removed"),
    ("operation renamed", put("paths#/things/{id}#get#operationId", "fetchThing"), "breaking", "api-operation-renamed"),
    ("operation deprecated", put("paths#/things/{id}#get#deprecated", True), "risky", "api-operation-deprecated"),
    (
        "required query parameter",
        put("paths#/things/{id}#get#parameters#2", {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}),
        "breaking",
        "api-required-parameter-added",
    ),
    (
        "optional query parameter",
        put("paths#/things/{id}#get#parameters#2", {"name": "q", "in": "query", "schema": {"type": "string"}}),
        "compatible",
        "api-parameter-added",
    ),
    ("parameter moved", put("paths#/things/{id}#get#parameters#1#in", "header"), "breaking", "api-parameter-moved"),
    ("described", put(f"{SCHEMAS}#Thing#description", "New."), "compatible", "api-documentation-changed"),
    ("enumeration became an object", put(f"{SCHEMAS}#Color", {"type": "object", "properties": {"hex": {"type": "string"}}}), "breaking", "api-type-kind-changed"),
    ("request takes null no more", put(f"{SCHEMAS}#Draft#properties#note#type", "string"), "breaking", "api-request-narrowed"),
    ("answer is null no more", put(f"{SCHEMAS}#Thing#properties#note#type", "string"), "compatible", "api-answer-narrowed"),
    ("field with a default", put(f"{SCHEMAS}#Draft#properties#size#default", 3), "risky", "api-default-changed"),
    ("parameter with a default", put("paths#/things/{id}#get#parameters#1#schema#default", 3), "risky", "api-default-changed"),
    ("parameter removed", put("paths#/things/{id}#get#parameters", [ID]), "breaking", "api-parameter-removed"),
    ("operation added", put("paths#/things/{id}#delete", {"operationId": "dropThing", "parameters": [ID], "responses": {"204": {"description": "done"}}}), "compatible", "api-operation-added"),
    ("another form of body", put(f"{BODY}#content#text/plain", {"schema": {"type": "string"}}), "compatible", "api-body-form-added"),
    ("body must be sent", put(f"{BODY}#required", True), "breaking", "api-became-required"),
    ("another answer", put("paths#/things/{id}#get#responses#202", {"description": "later"}), "risky", "api-answer-added"),
    ("one answer less", put("paths#/things/{id}#get#responses", {}), "compatible", "api-answer-removed"),
]  # fmt: skip
EXACT_CASES: list[tuple[str, Edit, list[tuple[str, str, str, str]]]] = [
    (
        "required field added",
        put(f"{SCHEMAS}#Draft", {"type": "object", "required": ["id", "tone"], "properties": {"id": STRING, "tone": STRING, "size": {"type": "integer"}, "note": MAYBE, "word": {"$ref": "#/components/schemas/Word"}}}),
        [("breaking", "api-required-field-added", "tone", "required field added")],
    ),
    (
        "required field with a default added",
        put(f"{SCHEMAS}#Draft", {"type": "object", "required": ["id", "tone"], "properties": {"id": STRING, "tone": {**STRING, "default": "warm"}, "size": {"type": "integer"}, "note": MAYBE, "word": {"$ref": "#/components/schemas/Word"}}}),
        [("compatible", "api-field-added", "tone", "optional field added")],
    ),
    (
        "answers always hold a new field",
        put(f"{SCHEMAS}#Thing", {"type": "object", "required": ["id", "tone"], "properties": {"id": STRING, "tone": STRING, "size": {"type": "integer"}, "note": MAYBE, "name": {"$ref": "#/components/schemas/Name"}}}),
        [("compatible", "api-field-added", "tone", "optional field added")],
    ),
    (
        "a body that must be sent where there was none",
        put("paths#/things/{id}#get#requestBody", {"required": True, "content": {"application/json": {"schema": STRING}}}),
        [("breaking", "api-became-required", "", "required now"), ("compatible", "api-body-form-added", "", "takes application/json bodies")],
    ),
    (
        "a body that may be sent where there was none",
        put("paths#/things/{id}#get#requestBody", {"content": {"application/json": {"schema": STRING}}}),
        [("compatible", "api-body-form-added", "", "takes application/json bodies")],
    ),
    (
        "no body any more",
        put(BODY, "DELETE"),
        [("breaking", "api-body-form-removed", "", "application/json bodies are no longer taken")],
    ),
    (
        "further properties of a request take less",
        put(f"{SCHEMAS}#Extra#additionalProperties", {"type": "integer"}),
        [("breaking", "api-request-narrowed", "", "type of further properties narrowed: number → integer")],
    ),
    (
        "further properties of a request take more",
        put(f"{SCHEMAS}#Extra#additionalProperties#type", ["number", "null"]),
        [("compatible", "api-request-widened", "", "type of further properties widened: number → number or null")],
    ),
    (
        "the key goes elsewhere",
        put("components#securitySchemes", {"k": {"type": "apiKey", "in": "header", "name": "x-other"}}),
        [("breaking", "api-credentials-changed", "", "where the key goes changed")],
    ),
    (
        "an operation asks for another key",
        put("paths#/things/{id}#put#security", [{"other": []}]),
        [("breaking", "api-security-narrowed", "", "needs other now, k before")],
    ),
    (
        "an operation asks for a second key",
        put("paths#/things/{id}#put#security", [{"k": [], "other": []}]),
        [("breaking", "api-security-narrowed", "", "needs k and other now, k before")],
    ),
    (
        "an operation takes either key",
        put("paths#/things/{id}#put#security", [{"k": []}, {"other": []}]),
        [("compatible", "api-security-widened", "", "needs k or other now, k before")],
    ),
    (
        "an operation is open",
        put("paths#/things/{id}#put#security", []),
        [("compatible", "api-security-widened", "", "needs nothing now, k before")],
    ),
    ("an operation says what it needed before", put("paths#/things/{id}#put#security", [{"k": []}]), []),
    (
        "the document asks for another key",
        put("security", [{"other": []}]),
        [("breaking", "api-security-narrowed", "", "needs other now, k before")],
    ),
    (
        "the API is elsewhere",
        put("servers", [{"url": "https://new.test"}]),
        [("breaking", "api-server-changed", "", "at https://new.test now, at the document's server before")],
    ),
    (
        "reserved characters stay as they are",
        put("paths#/things/{id}#get#parameters#1#allowReserved", True),
        [("risky", "api-parameter-escaping-changed", "limit", "reserved characters are no longer escaped")],
    ),
    (
        "a parameter is JSON",
        put("paths#/things/{id}#get#parameters#1", {"name": "limit", "in": "query", "content": {"application/json": {"schema": {"type": "integer"}}}}),
        [("breaking", "api-parameter-moved", "limit", "sent in the query (JSON) now")],
    ),
    (
        "a part of a body is written otherwise",
        put(f"{BODY}#content#application/json#encoding", {"note": {"contentType": "text/plain", "explode": False}}),
        [("breaking", "api-body-part-changed", "note", "'note' of a application/json body is written as text/plain, explode: false, no longer as its type says")],
    ),
    (
        "an answer's text becomes a named enumeration",
        put(f"{SCHEMAS}#Thing#properties#id", {"$ref": "#/components/schemas/Color"}),
        [("compatible", "api-answer-narrowed", "id", "type narrowed: text → Color")],
    ),
    (
        "a request's text becomes a named enumeration",
        put(f"{SCHEMAS}#Draft#properties#id", {"$ref": "#/components/schemas/Color"}),
        [("breaking", "api-request-narrowed", "id", "type narrowed: text → Color")],
    ),
    (
        "a text in an answer becomes one of several that have no name",
        put(f"{SCHEMAS}#Thing#properties#id", {**STRING, "enum": ["a", "b"]}),
        [("compatible", "api-answer-narrowed", "id", "type narrowed: text → id"), ("compatible", "api-type-added", "", "type added")],
    ),
    (
        "a name for texts of answers lists them",
        put(f"{SCHEMAS}#Name", {**STRING, "enum": ["a", "b"]}),
        [("compatible", "api-answer-narrowed", "", 'type narrowed: text → one of "a", "b"')],
    ),
    (
        "a name for texts of requests lists them",
        put(f"{SCHEMAS}#Word", {**STRING, "enum": ["a", "b"]}),
        [("breaking", "api-request-narrowed", "", 'type narrowed: text → one of "a", "b"')],
    ),
    (
        "further properties are refused",
        put(f"{SCHEMAS}#Draft#additionalProperties", False),
        [("breaking", "api-closed", "", "further properties are no longer allowed")],
    ),
    (
        "answers have no further properties",
        put(f"{SCHEMAS}#Thing#additionalProperties", False),
        [("compatible", "api-answer-closed", "", "further properties are no longer allowed")],
    ),
    (
        "further properties that were undeclared have a type",
        put(f"{SCHEMAS}#Draft#additionalProperties", {"type": "integer"}),
        [("breaking", "api-request-narrowed", "", "type of further properties narrowed: any JSON value → integer")],
    ),
]  # fmt: skip


def read(document: dict[str, JSON], folder: Path, name: str) -> ApiSpec:
    (folder / name).write_text(json.dumps(document))
    return read_api(folder / name, name)


@pytest.mark.parametrize(("edit", "level", "kind"), [pytest.param(*case[1:], id=case[0]) for case in API_CASES])
def test_a_changed_api_schema_is_judged(edit: Edit, level: str, kind: str, tmp_path: Path) -> None:
    changed = deepcopy(API)
    edit(changed)
    found = diff_apis(read(API, tmp_path, "old.json"), read(changed, tmp_path, "new.json"))
    assert (level, kind) in [(each.level, each.kind) for each in found]
    assert all(each.reason and each.what and each.subject for each in found)


@pytest.mark.parametrize(("edit", "expected"), [pytest.param(*case[1:], id=case[0]) for case in EXACT_CASES])
def test_a_changed_api_schema_gives_these_changes_and_no_others(
    edit: Edit, expected: list[tuple[str, str, str, str]], tmp_path: Path
) -> None:
    changed = deepcopy(API)
    edit(changed)
    found = diff_apis(read(API, tmp_path, "old.json"), read(changed, tmp_path, "new.json"))
    assert sorted((each.level, each.kind, each.parameter, each.what) for each in found) == expected


def test_what_was_refused_and_is_taken_is_compatible(tmp_path: Path) -> None:
    closed = deepcopy(API)
    put(f"{SCHEMAS}#Draft#additionalProperties", False)(closed)
    found = diff_apis(read(closed, tmp_path, "old.json"), read(API, tmp_path, "new.json"))
    assert [(each.level, each.kind, each.what) for each in found] == [
        ("compatible", "api-opened", "further properties are allowed")
    ]


def test_an_alias_that_contains_itself_is_compared(tmp_path: Path) -> None:
    def of(name: str) -> dict[str, JSON]:
        changed = deepcopy(API)
        tree: JSON = {"anyOf": [STRING, {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}]}
        put(f"{SCHEMAS}#{name}", tree)(changed)
        put(f"{SCHEMAS}#Thing#properties#size", {"$ref": f"#/components/schemas/{name}"})(changed)
        return changed

    found = diff_apis(read(of("Tree"), tmp_path, "old.json"), read(of("Bush"), tmp_path, "new.json"))
    assert {each.kind for each in found} == {"api-type-added", "api-type-removed"}  # the same values by another name


def test_a_required_field_that_is_new_fails_a_build(tmp_path: Path) -> None:
    config = project(tmp_path, model())
    (tmp_path / "old.json").write_text(json.dumps(API))
    _, edit, _ = EXACT_CASES[0]
    changed = deepcopy(API)
    edit(changed)
    (tmp_path / "schemas" / "api.json").write_text(json.dumps(changed))
    assert compare(config, str(tmp_path / "old.json"), never).fails("breaking")


def test_every_judgement_of_an_api_schema_has_a_case() -> None:
    cases = {kind for *_, kind in API_CASES} | {kind for *_, expected in EXACT_CASES for _, kind, *_ in expected}
    others = {"api-operation-moved", "api-opened"}  # which have tests of their own
    assert {f"api-{kind}" for kind in API_JUDGEMENTS} - cases == others


def test_an_operation_that_moved_is_breaking(tmp_path: Path) -> None:
    changed = deepcopy(API)
    paths = changed["paths"]
    assert isinstance(paths, dict)
    paths["/v2/things/{id}"] = paths.pop("/things/{id}")
    found = diff_apis(read(API, tmp_path, "old.json"), read(changed, tmp_path, "new.json"))
    assert {(each.level, each.kind) for each in found} == {("breaking", "api-operation-moved")}


def test_equal_schemas_have_no_changes(tmp_path: Path) -> None:
    assert diff_apis(read(API, tmp_path, "old.json"), read(API, tmp_path, "new.json")) == ()


# --- sides


def never(config: Config) -> tuple[Problem, ...]:
    raise AssertionError("only `live` pulls")


def write_catalog(root: Path, *models: dict[str, JSON]) -> Path:
    for path, data in snapshot_files(models, {"functions": FUNCTIONS}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def project(root: Path, *models: dict[str, JSON]) -> Config:
    write_catalog(root / "schemas" / "catalog", *models)
    (root / "schemas" / "api.json").write_text(json.dumps(API))
    return Config(
        root=root,
        snapshot=root / "schemas" / "catalog",
        schema=root / "schemas" / "api.json",
        output=root / "generated",
        package="aixplain_models",
    )


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


def test_a_git_revision_is_the_old_side_for_catalog_and_schema(tmp_path: Path) -> None:
    config = project(tmp_path, model(parameter("tone")))
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=first")
    write_catalog(tmp_path / "schemas" / "catalog", model())
    changed = deepcopy(API)
    put(f"{SCHEMAS}#Color", "DELETE")(changed)
    (tmp_path / "schemas" / "api.json").write_text(json.dumps(changed))
    report = compare(config, "HEAD", never)
    assert [(each.kind, each.parameter) for each in report.changes] == [
        ("parameter-removed", "tone"),
        ("api-type-removed", ""),
    ]
    assert report.old == "HEAD"


def test_a_path_is_the_old_side_and_brings_its_schema(tmp_path: Path) -> None:
    old = project(tmp_path / "old", model(parameter("tone")))
    new = project(tmp_path / "new", model())
    assert old.snapshot
    report = compare(new, str(old.snapshot), never)
    assert [each.kind for each in report.changes] == ["parameter-removed"]


def test_a_list_file_and_a_schema_file_are_sides_too(tmp_path: Path) -> None:
    config = project(tmp_path, model())
    (tmp_path / "models.json").write_text(json.dumps([model(), model(id="b2", path="acme/buoy")]))
    assert [each.kind for each in compare(config, str(tmp_path / "models.json"), never).changes] == ["model-removed"]
    changed = deepcopy(API)
    put("paths#/things/{id}#put", "DELETE")(changed)
    (tmp_path / "old.json").write_text(json.dumps(changed))
    assert "api-operation-added" in [each.kind for each in compare(config, str(tmp_path / "old.json"), never).changes]


def test_the_sides_are_called_after_what_is_compared(tmp_path: Path) -> None:
    config = project(tmp_path, model())
    (tmp_path / "old.json").write_text(json.dumps(API))
    (tmp_path / "models.json").write_text(json.dumps([model()]))
    assert compare(config, str(tmp_path / "old.json"), never).new.endswith("schemas/api.json")
    assert compare(config, str(tmp_path / "models.json"), never).new.endswith("schemas/catalog")


def test_the_last_line_says_what_was_compared_with_what(tmp_path: Path) -> None:
    config = project(tmp_path, model())
    old = tmp_path / "old.json"
    old.write_text(json.dumps({**API, "servers": [{"url": "https://old.test"}]}))
    *_, last = as_table(compare(config, str(old), never), plain)
    there = tmp_path / "schemas" / "api.json"
    assert last == f"1 change from {old} to {there}: 1 breaking, 0 risky, 0 compatible"
    old.write_text(json.dumps(API))
    assert list(as_table(compare(config, str(old), never), plain)) == [f"no changes from {old} to {there}"]


def test_live_is_the_new_side(tmp_path: Path) -> None:
    config = project(tmp_path, model(parameter("tone")))
    problem = Problem("odd", config_location := ModelEntry("x", "", {}).location)

    def pull(config: Config) -> tuple[Problem, ...]:
        assert config.snapshot
        write_catalog(config.snapshot, model())
        return (problem,)

    report = compare(config, "live", pull)
    assert [(each.level, each.kind) for each in report.changes] == [("breaking", "parameter-removed")]
    assert (report.new, report.problems) == ("live", (problem,))
    assert config_location.file == "x"


def test_a_bad_entry_is_a_problem_and_the_rest_is_compared(tmp_path: Path) -> None:
    config = project(tmp_path, model())
    (tmp_path / "models.json").write_text(json.dumps([model(parameter("tone")), {"name": "no id"}]))
    report = compare(config, str(tmp_path / "models.json"), never)
    assert [each.kind for each in report.changes] == ["parameter-removed"]
    assert [problem.title for problem in report.problems] == ["this model has no id"]


@pytest.mark.parametrize(
    ("against", "title"),
    [("no-such-thing", "'no-such-thing' is neither a path nor a git revision here"), ("--help", "'--help' is neither")],
)
def test_an_unknown_side_is_refused(against: str, title: str, tmp_path: Path) -> None:
    config = project(tmp_path, model())
    git(tmp_path, "init", "--quiet")
    with pytest.raises(UsageProblem) as refused:
        compare(config, against, never)
    assert refused.value.problem.title.startswith(title)


def test_a_revision_without_the_snapshot_is_refused(tmp_path: Path) -> None:
    config = project(tmp_path, model())
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=empty")
    with pytest.raises(UsageProblem) as refused:
        compare(config, "HEAD", never)
    assert refused.value.problem.title == "HEAD has no such snapshot"


# --- reports


def report(*found: Change) -> Report:
    return Report(old="old", new="new", changes=worst_first(found))


def hostile(level: Level = "breaking") -> Change:
    name = "a|b`c`\n<script> @everyone *x* \x1b[31m\u202e"
    return Change(level=level, kind="model-removed", subject=name, parameter=name, what=name, reason="r", call=name)


def test_the_worst_comes_first_and_the_order_within_a_level_stays() -> None:
    found = [hostile("compatible"), hostile("risky"), hostile("breaking")]
    assert [each.level for each in worst_first(found)] == ["breaking", "risky", "compatible"]


@pytest.mark.parametrize(
    ("level", "fail_on", "fails"),
    [
        ("breaking", "breaking", True),
        ("risky", "breaking", False),
        ("risky", "risky", True),
        ("compatible", "risky", False),
        ("compatible", "any", True),
        ("breaking", "never", False),
    ],
)
def test_fail_on_names_the_mildest_change_that_fails(level: Level, fail_on: FailOn, fails: bool) -> None:
    assert report(hostile(level)).fails(fail_on) is fails


def test_a_table_keeps_its_lines_whatever_a_backend_wrote() -> None:
    lines = list(as_table(report(hostile()), plain))
    assert len(lines) == 3
    assert "\x1b" not in "".join(lines)
    assert lines[-1] == "1 change from old to new: 1 breaking, 0 risky, 0 compatible"


def test_a_table_is_aligned() -> None:
    changes = [
        Change(level="risky", kind="k", subject="a", parameter="long name", what="WHAT", reason="r"),
        Change(level="compatible", kind="k", subject="longer subject", parameter="p", what="WHAT", reason="r"),
    ]
    lines = [line for line in as_table(report(*changes), plain) if "WHAT" in line]
    assert len({line.index("WHAT") for line in lines}) == 1


def test_markdown_is_tables_that_a_backend_cannot_leave() -> None:
    lines = list(as_markdown(report(hostile(), hostile("compatible"))))
    text = "\n".join(lines)
    rows = [line for line in lines if line.startswith("| ") and "everyone" in line]
    assert len(rows) == 2
    assert all(row.replace("\\|", "").count("|") == 6 for row in rows)
    assert "<script>" not in text
    assert "@everyone" not in text
    assert "<details><summary>Compatible (1)</summary>" in text


def test_json_has_what_the_documentation_says() -> None:
    value: Decoded = as_json(report(hostile()))
    assert set(value) == {"format", "old", "new", "summary", "changes", "problems"}
    assert value["summary"] == {"breaking": 1, "risky": 0, "compatible": 0}
    assert set(value["changes"][0]) == {
        "level", "kind", "subject", "parameter", "what", "reason", "call", "old", "new", "where", "model",
    }  # fmt: skip
    assert json.loads(json.dumps(value)) == value


def test_every_judgement_has_a_reason() -> None:
    for kind, (level, reason) in {**JUDGEMENTS, **API_JUDGEMENTS}.items():
        assert level in {"breaking", "risky", "compatible"}, kind
        assert reason, kind
