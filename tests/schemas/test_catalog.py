"""schemas/aixplain/catalog: the snapshot's format, its references, and every variant that the wire is known to have."""

from __future__ import annotations

import hashlib
import json
import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.documents import api_schema
from tests.narrowing import is_dict, is_list

SCHEMAS = Path(__file__).parents[2] / "schemas" / "aixplain"
ROOT = SCHEMAS / "catalog"
FILES = sorted((ROOT / "models").iterdir())
LISTINGS = ("functions", "suppliers", "languages", "licenses")

Entry = dict[str, Any]
MODELS: dict[str, Entry] = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in FILES}
LISTED: dict[str, Any] = {name: json.loads((ROOT / f"{name}.json").read_text(encoding="utf-8")) for name in LISTINGS}
MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
COMPONENTS = api_schema()["components"]

ABSENT = object()
RUN_CONTROLS = {"timeout", "wait_time", "stream", "session_id", "extra"}
OWN_ATTRIBUTES = {"id", "name", "data", "model"}

each_model = pytest.mark.parametrize("name", MODELS)


def path_of(model: Entry) -> str | None:
    """The model's path by the rule of `assetInfo`: a null instanceId does not count."""
    info = model.get("assetInfo")
    if is_dict(info):
        return info.get("instanceId") or info.get("assetPath")
    return model.get("path")


def parameters(model: Entry) -> list[dict[str, Any]]:
    params = model.get("params")
    return params if is_list(params) else []


def part(node: Entry, name: str) -> Entry:
    """A member that is an object; of any other, nothing."""
    found = node.get(name)
    return found if is_dict(found) else {}


def names(model: Entry) -> list[str]:
    return [parameter["name"] for parameter in parameters(model)]


def entries(parameter: Entry, key: str) -> list[Any]:
    """What stands under `values`, `defaultValues` or `availableOptions`."""
    return parameter.get(key) or []


def choices(parameter: Entry, key: str) -> list[Any]:
    """The same, unwrapped; a value that is missing is ABSENT."""
    return [entry.get("value", ABSENT) if is_dict(entry) else entry for entry in entries(parameter, key)]


def violations(value: object, schema: dict[str, Any]) -> list[str]:
    validator: Any = Draft202012Validator({**schema, "components": COMPONENTS})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


# --- format


@pytest.mark.parametrize(
    "file", [*FILES, ROOT / "manifest.json", *(ROOT / f"{name}.json" for name in LISTINGS)], ids=str
)
def test_a_file_is_pretty_printed_and_key_sorted(file: Path) -> None:
    text = file.read_bytes().decode("utf-8")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_the_manifest_lists_exactly_the_model_files_with_their_hashes() -> None:
    listed = {
        file.name: {"id": MODELS[file.name]["id"], "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in FILES
    }
    assert {"format": 1, "backend": "aixplain", "sample": True, "models": listed} == MANIFEST


@each_model
def test_a_file_is_named_after_the_path_and_the_id(name: str) -> None:
    model = MODELS[name]
    words = re.sub(r"[^a-z0-9.]+", "-", (path_of(model) or model["name"]).lower()).strip("-")
    assert name == f"{words[:60].strip('-')}--{model['id']}.json"


def test_ids_are_unique_and_hexadecimal() -> None:
    ids = [model["id"] for model in MODELS.values()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[0-9a-f]{24}", value) for value in ids)


def test_paths_are_unique() -> None:
    paths = Counter(path_of(model) for model in MODELS.values() if path_of(model))
    assert [path for path, count in paths.items() if count > 1] == []


def test_the_catalog_is_large_enough_to_mean_something() -> None:
    assert len(MODELS) >= 40


# --- content


@each_model
def test_a_model_is_what_the_api_schema_calls_a_model(name: str) -> None:
    assert violations(MODELS[name], {"$ref": "#/components/schemas/Model"}) == []


@pytest.mark.parametrize(
    ("listing", "schema"),
    [
        ("functions", {"$ref": "#/components/schemas/FunctionPage"}),
        ("suppliers", {"type": "array", "items": {"$ref": "#/components/schemas/Supplier"}}),
        ("languages", {"type": "array", "items": {"$ref": "#/components/schemas/Language"}}),
        ("licenses", {"type": "array", "items": {"$ref": "#/components/schemas/License"}}),
    ],
)
def test_a_listing_is_what_the_api_schema_says(listing: str, schema: dict[str, Any]) -> None:
    assert violations(LISTED[listing], schema) == []


@each_model
def test_the_function_of_a_model_is_listed(name: str) -> None:
    function = MODELS[name]["function"]
    assert function is None or function["id"] in {entry["id"] for entry in LISTED["functions"]["items"]}


def supplier_words(model: Entry) -> Iterator[object]:
    """Every word by which a model names its supplier."""
    for said in (model.get("vendor"), model.get("supplier")):
        if is_dict(said):
            yield from (said[key] for key in ("id", "code") if said.get(key) is not None)
        elif said is not None:
            yield said


@each_model
def test_the_supplier_of_a_model_is_listed(name: str) -> None:
    listed = {entry[key] for entry in LISTED["suppliers"] for key in ("id", "code")}
    words = set(supplier_words(MODELS[name]))
    assert words
    assert words <= listed


@each_model
def test_a_default_or_preset_is_one_of_the_options(name: str) -> None:
    for parameter in parameters(MODELS[name]):
        options = choices(parameter, "availableOptions")
        given = [
            value for key in ("values", "defaultValues") for value in choices(parameter, key) if value is not ABSENT
        ]
        assert not options or all(value in options for value in given), parameter["name"]


@each_model
def test_parameter_names_of_a_model_are_unique(name: str) -> None:
    assert max(Counter(names(MODELS[name])).values(), default=1) == 1


def test_most_parameters_are_described() -> None:
    every = [parameter for model in MODELS.values() for parameter in parameters(model) if not parameter.get("isFixed")]
    described = [parameter for parameter in every if parameter.get("description")]
    assert len(described) >= 0.9 * len(every)


def test_the_listings_are_of_useful_size_and_their_keys_are_unique() -> None:
    functions = LISTED["functions"]
    assert len(functions["items"]) == functions["total"] == functions["pageTotal"] >= 60
    for rows, key, least in (
        (functions["items"], "id", 60),
        (LISTED["suppliers"], "id", 80),
        (LISTED["suppliers"], "code", 80),
        (LISTED["languages"], "value", 121),
        (LISTED["licenses"], "id", 13),
    ):
        values = [row[key] for row in rows]
        assert len(values) == len(set(values)) >= least


def test_functions_describe_themselves_and_their_outputs() -> None:
    for function in LISTED["functions"]["items"]:
        assert function["metaData"]["description"].endswith("."), function["id"]
        assert function["output"], function["id"]


def test_the_example_of_the_front_page_can_be_written() -> None:
    (model,) = (model for model in MODELS.values() if path_of(model) == "openai/gpt-5.4/openai")
    assert [parameter["name"] for parameter in parameters(model) if parameter["required"]] == ["text"]
    assert "temperature" in names(model)
    assert model["supportsStreaming"] is True


# --- variants

ModelTest = Callable[[Entry], object]
ParameterTest = Callable[[dict[str, Any]], object]


def field(key: str, *values: object) -> ModelTest:
    """The key has one of the values; ABSENT stands for no such key."""
    return lambda model: any(model.get(key, ABSENT) == value for value in values)


def kind(data_type: str, sub_type: str | None = None) -> ParameterTest:
    return lambda p: p.get("dataType") == data_type and (sub_type is None or p.get("dataSubType") == sub_type)


def named(word: str) -> ParameterTest:
    return lambda p: p["name"] == word


def function(identifier: str) -> ModelTest:
    return lambda model: part(model, "function").get("id") == identifier


def is_language_model_of(code: str) -> ModelTest:
    """A text-generation model whose supplier or developer is this one."""
    return lambda model: (
        function("text-generation")(model)
        and code in {part(model, "vendor").get("code"), (model.get("developer") or "").lower()}
    )


def pricing_with(*keys: str) -> ModelTest:
    return lambda model: set(keys) == set(part(model, "pricing"))


def attribute_keys(model: Entry) -> set[str]:
    """Which of `code` and `value` the entries of a list of attributes use."""
    attributes = model.get("attributes")
    return {key for entry in attributes for key in entry if key != "name"} if is_list(attributes) else set()


def version_id(model: Entry) -> str:
    return str(part(model, "version").get("id") or "")


MODEL_VARIANTS: dict[str, ModelTest] = {
    # connection types
    "synchronous only": field("connectionType", ["synchronous"]),
    "asynchronous only": field("connectionType", ["asynchronous"]),
    "both connection types": field("connectionType", ["synchronous", "asynchronous"]),
    "connectionType null": lambda m: m.get("connectionType", ABSENT) is None,
    "connectionType absent": field("connectionType", ABSENT),
    # streaming
    "supportsStreaming true": lambda m: m.get("supportsStreaming") is True,
    "supportsStreaming false": lambda m: m.get("supportsStreaming") is False,
    "supportsStreaming null": lambda m: m.get("supportsStreaming", ABSENT) is None,
    "supportsStreaming absent": field("supportsStreaming", ABSENT),
    # params
    "params absent": field("params", ABSENT),
    "params null": lambda m: m.get("params", ABSENT) is None,
    "params an empty object": field("params", {}),
    "params an empty list": field("params", []),
    # supplier and vendor
    "supplier as object": lambda m: isinstance(m.get("supplier"), dict) and "code" in m["supplier"],
    "supplier with an id alone": lambda m: isinstance(m.get("supplier"), dict) and set(m["supplier"]) == {"id"},
    "supplier with a text id": lambda m: isinstance(m.get("supplier"), dict) and isinstance(m["supplier"]["id"], str),
    "supplier as text": lambda m: isinstance(m.get("supplier"), str),
    "supplier as number": lambda m: isinstance(m.get("supplier"), int),
    "vendor absent": field("vendor", ABSENT),
    # pricing
    "price per unit": pricing_with("price", "unitType", "unitTypeScale"),
    "price in a currency": pricing_with("price", "currency"),
    "price as a value": pricing_with("currency", "value"),
    "price by plan": field("pricing", {"id": "free"}),
    "pricing null": lambda m: m.get("pricing", ABSENT) is None,
    "price as text": lambda m: isinstance(part(m, "pricing").get("price"), str),
    "price in scientific notation": lambda m: part(m, "pricing").get("price") == 1e-05,
    "price as a whole number": lambda m: type(part(m, "pricing").get("price")) is int,
    "unit CHAR": lambda m: part(m, "pricing").get("unitType") == "CHAR",
    "unit TOKEN": lambda m: part(m, "pricing").get("unitType") == "TOKEN",
    "unit REQUEST per SECOND": lambda m: part(m, "pricing").get("unitTypeScale") == "SECOND",
    # version
    "version of nulls": field("version", {"name": None, "id": None}),
    "version with name and id": lambda m: isinstance(m.get("version"), dict) and bool(m["version"].get("name")),
    "version with an id alone": lambda m: isinstance(m.get("version"), dict) and set(m["version"]) == {"id"},
    "version id as a word": lambda m: version_id(m).isalpha(),
    "version id as an address": lambda m: version_id(m).startswith("https://"),
    "version as text": lambda m: isinstance(m.get("version"), str),
    "version null": lambda m: m.get("version", ABSENT) is None,
    # paths
    "assetInfo with instanceId": lambda m: isinstance(m.get("assetInfo"), dict) and bool(m["assetInfo"].get("instanceId")),
    "assetInfo with assetPath alone": lambda m: isinstance(m.get("assetInfo"), dict) and "instanceId" not in m["assetInfo"],
    "assetInfo with a null instanceId": lambda m: (
        isinstance(m.get("assetInfo"), dict) and m["assetInfo"].get("instanceId", ABSENT) is None
    ),
    "assetInfo of another type": lambda m: isinstance(m.get("assetInfo"), str),
    "path at the top level": lambda m: isinstance(m.get("path"), str),
    "no path at all": lambda m: path_of(m) is None,
    "path with a capital letter": lambda m: any(letter.isupper() for letter in path_of(m) or ""),
    "path beyond ASCII": lambda m: not (path_of(m) or "").isascii(),
    # attributes
    "attributes as a map": lambda m: isinstance(m.get("attributes"), dict) and bool(m["attributes"]),
    "attributes as an empty map": field("attributes", {}),
    "attributes as a list with code": lambda m: attribute_keys(m) == {"code"},
    "attributes as a list with value": lambda m: attribute_keys(m) == {"value"},
    "attributes as a mixed list": lambda m: attribute_keys(m) == {"code", "value"},
    "attributes null": lambda m: m.get("attributes", ABSENT) is None,
    "attributes absent": field("attributes", ABSENT),
    "context length as a number": lambda m: (
        isinstance(m.get("attributes"), dict) and isinstance(m["attributes"].get("max_context_length"), int)
    ),
    "context length as text": lambda m: (
        isinstance(m.get("attributes"), dict) and isinstance(m["attributes"].get("max_context_length"), str)
    ),
    # function and kind
    "function without a name": lambda m: isinstance(m.get("function"), dict) and "name" not in m["function"],
    "function null": lambda m: m.get("function", ABSENT) is None,
    "function with a misspelt name": lambda m: part(m, "function").get("name") == "Utilites",
    "function id that is no identifier": function("other-(multipurpose)"),
    "functionType absent": field("functionType", ABSENT),
    **{
        f"functionType {word}": field("functionType", word)
        for word in ("ai", "utility", "search", "connector", "connection", "mcpserver", "metric", "segmentor", "reconstructor")
    },
    "status other than onboarded": lambda m: m.get("status") not in {"onboarded", None},
    "a subscription": lambda m: isinstance(m.get("subscription"), dict),
    "a parent": lambda m: isinstance(m.get("parentModelId"), str),
    "code of a utility": lambda m: isinstance(m.get("code"), str),
    "ways to authenticate": lambda m: isinstance(m.get("authentication_methods"), list),
    # texts and names
    "description null": lambda m: m.get("description", ABSENT) is None,
    "description absent": field("description", ABSENT),
    "description of several lines": lambda m: "\n" in (m.get("description") or ""),
    "name beyond ASCII": lambda m: not m["name"].isascii(),
    "name without a Latin word": lambda m: not any(c.isascii() and c.isalpha() for c in m["name"]),
    "name that starts with a digit": lambda m: m["name"][0].isdigit(),
    "name with dashes": lambda m: "-" in m["name"],
    "parameters that differ in case only": lambda m: len({n.casefold() for n in names(m)}) < len(names(m)),
    # who and what
    **{
        f"language model of {code}": is_language_model_of(code)
        for code in ("openai", "anthropic", "google", "meta", "mistralai", "qwen", "deepseek", "nvidia", "xai", "cohere")
    },
    **{
        f"function {word}": function(word)
        for word in (
            "translation", "speech-recognition", "speech-synthesis", "text-to-image-generation", "video-generation",
            "text-to-video-generation", "text-embedding", "image-embedding", "ocr", "text-classification",
            "zero-shot-classification", "sentiment-analysis", "language-identification", "named-entity-recognition",
            "text-summarization", "search", "utilities", "guardrails", "image-label-detection",
            "speaker-diarization-audio", "subtitling", "text-generation-metric", "text-content-moderation",
        )
    },
}  # fmt: skip

PARAMETER_VARIANTS: dict[str, ParameterTest] = {
    # kinds
    **{
        f"{data_type}/{sub_type}": kind(data_type, sub_type)
        for data_type, sub_type in (
            ("text", "text"), ("text", "number"), ("text", "json"), ("text", "boolean"), ("label", "label"),
            ("integer", "integer"), ("integer", "number"),
        )
    },
    **{
        data_type: kind(data_type)
        for data_type in (
            "number", "integer", "float", "boolean", "json", "array", "audio", "image", "video", "document", "tensor",
            "embedding",
        )
    },
    "dataType absent": lambda p: "dataType" not in p,
    "dataType of a newer backend": lambda p: p.get("dataType") == "pointcloud",
    "dataSubType null": lambda p: p.get("dataSubType", ABSENT) is None,
    # required and fixed
    "required true": lambda p: p.get("required") is True,
    "required null": lambda p: p.get("required", ABSENT) is None,
    "fixed with one value": lambda p: p.get("isFixed") and len(p["values"]) == 1,
    "fixed with several values": lambda p: p.get("isFixed") and len(p["values"]) > 1,
    "fixed without a value": lambda p: p.get("isFixed") and not p["values"],
    "fixed and required": lambda p: p.get("isFixed") and p["required"],
    "isFixed absent": lambda p: "isFixed" not in p,
    # defaults
    "defaultValues null": lambda p: p.get("defaultValues", ABSENT) is None,
    "defaultValues absent": lambda p: "defaultValues" not in p,
    "a bare text as default": lambda p: any(isinstance(entry, str) for entry in entries(p, "defaultValues")),
    "a bare number as default": lambda p: any(type(entry) in {int, float} for entry in entries(p, "defaultValues")),
    "a bare truth value as default": lambda p: any(type(entry) is bool for entry in entries(p, "defaultValues")),
    "a number as text for a number": lambda p: (
        p.get("dataSubType") == "number" and any(isinstance(value, str) for value in choices(p, "defaultValues"))
    ),
    "a number as text for a float": lambda p: (
        p.get("dataType") == "float" and any(isinstance(value, str) for value in choices(p, "defaultValues"))
    ),
    "a default without its value": lambda p: ABSENT in choices(p, "defaultValues"),
    "a true value as text": lambda p: "false" in choices(p, "defaultValues"),
    # options
    "options with labels of their own": lambda p: any(
        option["value"] != option["label"] for option in p.get("availableOptions", [])
    ),
    "numeric options as text": lambda p: (
        p.get("dataSubType") in {"number", "integer"} and any(isinstance(v, str) for v in choices(p, "availableOptions"))
    ),
    "numeric options as numbers": lambda p: any(type(value) is int for value in choices(p, "availableOptions")),
    "availableOptions absent": lambda p: "availableOptions" not in p,
    # lists
    "several values": lambda p: p.get("multipleValues") is True,
    "several values out of options": lambda p: p.get("multipleValues") is True and bool(p["availableOptions"]),
    "several files": lambda p: p.get("multipleValues") is True and p["dataType"] in {"image", "audio"},
    "multipleValues absent": lambda p: "multipleValues" not in p,
    "description absent": lambda p: "description" not in p,
    # names
    **{f"named {word}": named(word) for word in ("class", "from", "import", "lambda", "async")},
    **{f"named {word}": named(word) for word in sorted(RUN_CONTROLS | OWN_ATTRIBUTES | {"self"})},
    "named with a digit first": lambda p: p["name"][0].isdigit(),
    "named with a dash": lambda p: "-" in p["name"],
    "named with a space": lambda p: " " in p["name"],
    "named beyond ASCII": lambda p: not p["name"].isascii(),
    "named in camel case": lambda p: re.search("[a-z][A-Z]", p["name"]),
}  # fmt: skip


@pytest.mark.parametrize("variant", MODEL_VARIANTS)
def test_some_model_shows_the_variant(variant: str) -> None:
    assert any(MODEL_VARIANTS[variant](model) for model in MODELS.values())


@pytest.mark.parametrize("variant", PARAMETER_VARIANTS)
def test_some_parameter_shows_the_variant(variant: str) -> None:
    assert any(PARAMETER_VARIANTS[variant](parameter) for model in MODELS.values() for parameter in parameters(model))


def test_one_model_name_is_offered_by_several_suppliers() -> None:
    suppliers = {m["vendor"]["code"] for m in MODELS.values() if m["name"] == "Llama 3.3 70B Instruct"}
    assert len(suppliers) >= 3


def test_one_supplier_offers_two_models_of_one_name() -> None:
    offered = Counter((str(part(model, "vendor").get("code")), model["name"]) for model in MODELS.values())
    assert max(offered.values()) >= 2


def test_some_parameter_names_are_python_keywords() -> None:
    assert {name for model in MODELS.values() for name in names(model) if keyword.iskeyword(name)} >= {"from", "class"}


def test_language_models_come_from_at_least_seven_suppliers() -> None:
    codes = {m["vendor"]["code"] for m in MODELS.values() if function("text-generation")(m)}
    assert len(codes) >= 7
