"""schemas/replicate/catalog and schemas/fal/catalog: the snapshots' format, and every shape that the two catalogs are known to have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

SCHEMAS = Path(__file__).parents[2] / "schemas"

Node = dict[str, Any]


class Document(NamedTuple):
    """A model's document, and the parts that say what it takes and gives."""

    id: str
    file: Path
    value: Node
    components: Node
    taken: Node
    given: Node | None


def replicate(file: Path, value: Node) -> Document:
    components = value["latest_version"]["openapi_schema"]["components"]["schemas"]
    return Document(
        f"{value['owner']}/{value['name']}", file, value, components, components["Input"], components["Output"]
    )


def fal(file: Path, value: Node) -> Document:
    id, api = value["endpoint_id"], value["openapi"]
    body = api["paths"][f"/{id}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    answer = api["paths"][f"/{id}/requests/{{request_id}}"]["get"]["responses"]["200"]["content"]["application/json"]
    components = api["components"]["schemas"]
    return Document(id, file, value, components, target(body, components), target(answer["schema"], components))


def target(schema: Node, components: Node) -> Node:
    return components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def read(name: str, as_document: Callable[[Path, Node], Document]) -> tuple[Document, ...]:
    files = sorted((SCHEMAS / name / "catalog" / "models").glob("*.json"))
    return tuple(as_document(file, json.loads(file.read_text(encoding="utf-8"))) for file in files)


REPLICATE, FAL = read("replicate", replicate), read("fal", fal)
ALL = {"replicate": REPLICATE, "fal": FAL}


def nodes(schema: Any) -> Iterator[Node]:
    """Every schema in a schema, itself first; references are not followed."""
    if isinstance(schema, dict):
        schema = cast("Node", schema)
        yield schema
        for word in ("items", "additionalProperties"):
            yield from nodes(schema.get(word))
        for word in ("anyOf", "oneOf", "allOf"):
            for member in schema.get(word, ()):
                yield from nodes(member)
        for member in schema.get("properties", {}).values():
            yield from nodes(member)


def items(schema: Node) -> Node:
    found: Node = schema.get("items") or {}
    return found


def inputs(documents: tuple[Document, ...]) -> Iterator[tuple[Document, str, Node]]:
    for document in documents:
        for name, schema in document.taken.get("properties", {}).items():
            yield document, name, schema


def words(documents: tuple[Document, ...]) -> Iterator[Node]:
    """Every schema that says something of an input or an output, those of shared types included."""
    for document in documents:
        for schema in document.components.values():
            yield from nodes(schema)
        yield from nodes(document.given)


# --- format


@pytest.mark.parametrize("document", [*REPLICATE, *FAL], ids=lambda document: document.id)
def test_a_file_is_pretty_printed_and_every_reference_leads_somewhere(document: Document) -> None:
    text = document.file.read_bytes().decode("utf-8")
    assert text == json.dumps(document.value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    for name in re.findall(r'"\$ref": "([^"]*)"', text):
        assert name.removeprefix("#/components/schemas/") in document.components


@pytest.mark.parametrize("name", ALL)
def test_the_manifest_lists_exactly_the_files_and_says_that_they_are_a_sample(name: str) -> None:
    listed = {
        document.file.name: {"id": document.id, "sha256": hashlib.sha256(document.file.read_bytes()).hexdigest()}
        for document in ALL[name]
    }
    manifest = json.loads((SCHEMAS / name / "catalog" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == {"format": 1, "backend": name, "sample": True, "models": listed}
    assert len(listed) >= 30
    assert "a sample that was written for tests" in (SCHEMAS / name / "README.md").read_text(encoding="utf-8")


# --- shapes of Replicate


def an_output(test: Callable[[Node], object]) -> bool:
    return any(test(document.given) for document in REPLICATE if document.given is not None)


def an_input(test: Callable[[Node], object]) -> bool:
    return any(test(schema) for _, _, schema in inputs(REPLICATE))


def is_iterator(schema: Node, of: Callable[[Node], object], *, joins: bool) -> bool:
    joined = schema.get("x-cog-array-display") == "concatenate"
    return schema.get("x-cog-array-type") == "iterator" and joined is joins and bool(of(schema["items"]))


def is_file(schema: Node) -> bool:
    return schema.get("type") == "string" and schema.get("format") == "uri"


def enumerations(of: type) -> bool:
    named = (
        document.components[schema["allOf"][0]["$ref"].rpartition("/")[2]]
        for document, _, schema in inputs(REPLICATE)
        if "allOf" in schema
    )
    return any(all(isinstance(option, of) for option in found["enum"]) for found in named)


REPLICATE_SHAPES: dict[str, Callable[[], object]] = {
    "range": lambda: an_input(lambda s: "minimum" in s and "maximum" in s),
    "half a range": lambda: an_input(lambda s: "minimum" in s and "maximum" not in s),
    "ge and le": lambda: an_input(lambda s: "ge" in s and "le" in s),
    "enumeration of texts by reference": lambda: enumerations(str),
    "enumeration of numbers by reference": lambda: enumerations(int),
    "enumeration in place": lambda: an_input(lambda s: s.get("type") == "string" and "enum" in s),
    "numbers written as texts in an enumeration": lambda: an_input(
        lambda s: s.get("type") == "integer" and isinstance(s.get("enum", [0])[0], str)
    ),
    "option that stands there twice": lambda: an_input(lambda s: len(set(o := s.get("enum", []))) < len(o)),
    "order": lambda: an_input(lambda s: s.get("x-order") == 9),
    "no order": lambda: an_input(lambda s: "x-order" not in s),
    "file": lambda: an_input(is_file),
    "list of files": lambda: an_input(lambda s: s.get("type") == "array" and is_file(s["items"])),
    "secret": lambda: an_input(lambda s: s.get("x-cog-secret") and s["format"] == "password"),
    "password that is not marked": lambda: an_input(
        lambda s: s.get("format") == "password" and "x-cog-secret" not in s
    ),
    "list of texts": lambda: an_input(lambda s: s.get("type") == "array" and s["items"] == {"type": "string"}),
    "list of options": lambda: an_input(lambda s: "$ref" in items(s)),
    "object": lambda: an_input(lambda s: s.get("type") == "object"),
    "text or texts": lambda: an_input(lambda s: "anyOf" in s),
    "nullable": lambda: an_input(lambda s: s.get("nullable")),
    "null in a union": lambda: an_input(lambda s: {"type": "null"} in s.get("anyOf", ())),
    "default of null": lambda: an_input(lambda s: s.get("default", 0) is None),
    "lengths of texts": lambda: an_input(lambda s: "maxLength" in s) and an_input(lambda s: "minLength" in s),
    "uint8": lambda: an_input(lambda s: s.get("format") == "uint8"),
    "uint32": lambda: an_input(lambda s: s.get("format") == "uint32"),
    "double": lambda: an_input(lambda s: s.get("format") == "double"),
    "no description": lambda: an_input(lambda s: not s.get("description")),
    "no title": lambda: an_input(lambda s: "title" not in s and "allOf" not in s),
    "no input": lambda: any(document.taken["properties"] == {} for document in REPLICATE),
    "nothing required": lambda: any("required" not in document.taken for document in REPLICATE),
    "names that are no Python names": lambda: (
        {"lambda", "from", "top-k", "größe", "3d"} <= {n for _, n, _ in inputs(REPLICATE)}
    ),
    "names of run controls": lambda: {"stream", "timeout"} <= {name for _, name, _ in inputs(REPLICATE)},
    "equal inputs": lambda: (
        len({json.dumps(d.taken, sort_keys=True) for d in REPLICATE if d.id.endswith("-painter")}) == 1
    ),
    "text": lambda: an_output(lambda s: s.get("type") == "string" and "format" not in s),
    "file given": lambda: an_output(is_file),
    "files given": lambda: an_output(
        lambda s: s.get("type") == "array" and is_file(s["items"]) and "x-cog-array-type" not in s
    ),
    "number": lambda: an_output(lambda s: s.get("type") == "number"),
    "integer": lambda: an_output(lambda s: s.get("type") == "integer"),
    "yes or no": lambda: an_output(lambda s: s.get("type") == "boolean"),
    "text stream": lambda: an_output(lambda s: is_iterator(s, lambda i: i == {"type": "string"}, joins=True)),
    "texts one after another": lambda: an_output(
        lambda s: is_iterator(s, lambda i: i == {"type": "string"}, joins=False)
    ),
    "files one after another": lambda: an_output(lambda s: is_iterator(s, is_file, joins=False)),
    "lists of files one after another": lambda: an_output(
        lambda s: is_iterator(s, lambda i: i["type"] == "array", joins=False)
    ),
    "object given": lambda: an_output(lambda s: "properties" in s),
    "object by reference": lambda: an_output(lambda s: "$ref" in s),
    "objects by reference": lambda: an_output(lambda s: "$ref" in items(s)),
    "object in place": lambda: an_output(lambda s: "properties" in items(s)),
    "map": lambda: an_output(lambda s: "anyOf" in items(s).get("additionalProperties", {})),
    "field without a type": lambda: an_output(
        lambda s: any("type" not in f and "$ref" not in f for f in s.get("properties", {}).values())
    ),
    "field that may be null": lambda: an_output(
        lambda s: any(f.get("nullable") for f in s.get("properties", {}).values())
    ),
    "vectors": lambda: an_output(lambda s: s.get("items") == {"type": "number"}),
    "union": lambda: an_output(lambda s: "anyOf" in s),
    "anything": lambda: an_output(lambda s: s == {"title": "Output"}),
    "list of anything": lambda: an_output(lambda s: s.get("items") == {}),
    "list of objects described in place": lambda: an_output(lambda s: "properties" in items(s)),
    "output that may be null": lambda: an_output(lambda s: s.get("nullable")),
    "official without a version": lambda: any(
        d.value["is_official"] and d.value["latest_version"]["id"] == "hidden" for d in REPLICATE
    ),
    "official with a version": lambda: any(
        d.value["is_official"] and len(d.value["latest_version"]["id"]) == 64 for d in REPLICATE
    ),
    "versioned": lambda: any(
        not d.value["is_official"] and re.fullmatch("[0-9a-f]{64}", d.value["latest_version"]["id"]) for d in REPLICATE
    ),
    "no info": lambda: any("info" not in d.value["latest_version"]["openapi_schema"] for d in REPLICATE),
    "training": lambda: any("TrainingInput" in d.components for d in REPLICATE),
    "the well-known ones": lambda: (
        {"black-forest-labs/flux-schnell", "meta/meta-llama-3-8b-instruct"} <= {d.id for d in REPLICATE}
    ),
}


@pytest.mark.parametrize("shape", REPLICATE_SHAPES)
def test_the_sample_of_replicate_shows(shape: str) -> None:
    assert REPLICATE_SHAPES[shape]()


# --- shapes of fal


def fal_input(test: Callable[[Node], object]) -> bool:
    return any(test(schema) for _, _, schema in inputs(FAL))


def fal_word(test: Callable[[Node], object]) -> bool:
    return any(test(schema) for schema in words(FAL))


def fal_given(test: Callable[[Node], object]) -> bool:
    return any(test(document.given) for document in FAL if document.given is not None)


def metadata(test: Callable[[Node], object]) -> bool:
    return any(test(document.value.get("metadata", {})) for document in FAL)


def depth(document: Document, schema: Node, seen: frozenset[str] = frozenset()) -> int:
    """Objects within objects."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in seen:
        return 0
    schema, seen = target(schema, document.components), seen | {name} if name else seen
    below = [
        *schema.get("properties", {}).values(),
        *schema.get("anyOf", ()),
        *([schema["items"]] if schema.get("items") else []),
    ]
    return ("properties" in schema) + max((depth(document, member, seen) for member in below), default=0)


def has_id_of(segments: int) -> bool:
    return any(document.id.count("/") == segments - 1 for document in FAL)


FAL_SHAPES: dict[str, Callable[[], object]] = {
    **{f"id of {count} segments": partial(has_id_of, count) for count in (2, 3, 4, 5, 6)},
    "id with capitals": lambda: any(d.id.lower() != d.id for d in FAL),
    "objects in objects": lambda: max(depth(d, d.taken) for d in FAL) >= 5,
    "recursion": lambda: any(
        name in re.findall(r"schemas/(\w+)", json.dumps(schema)) for d in FAL for name, schema in d.components.items()
    ),
    "object or name, with an object as default": lambda: fal_input(
        lambda s: len(s.get("anyOf", ())) == 2 and isinstance(s.get("default"), dict)
    ),
    "object or name, with a name as default": lambda: fal_input(
        lambda s: "$ref" in s.get("anyOf", [{}])[0] and isinstance(s.get("default"), str)
    ),
    "object or object": lambda: fal_input(lambda s: all("$ref" in m for m in s.get("anyOf", [{}])) and "anyOf" in s),
    "union of whole inputs": lambda: any("anyOf" in d.taken for d in FAL) and any("oneOf" in d.taken for d in FAL),
    "discriminator": lambda: (
        fal_word(lambda s: "mapping" in s.get("discriminator", {}))
        and fal_word(lambda s: s.get("discriminator") and "mapping" not in s["discriminator"])
    ),
    "constant": lambda: fal_word(lambda s: "const" in s),
    "list of objects": lambda: fal_input(lambda s: "$ref" in items(s)),
    "list of unions": lambda: fal_input(lambda s: "anyOf" in items(s)),
    "file by address": lambda: any(n.endswith("_url") and s == {**s, "type": "string"} for _, n, s in inputs(FAL)),
    "files by address": lambda: any(n.endswith("_urls") and s["type"] == "array" for _, n, s in inputs(FAL)),
    "exclusiveMinimum": lambda: (
        fal_input(lambda s: "exclusiveMinimum" in s)
        and fal_word(lambda s: s.get("exclusiveMinimum") == 0 and s["type"] == "integer")
    ),
    "exclusiveMaximum": lambda: fal_word(lambda s: "exclusiveMaximum" in s),
    "multipleOf": lambda: fal_word(lambda s: "multipleOf" in s),
    "pattern": lambda: fal_word(lambda s: "pattern" in s),
    "counts of items": lambda: fal_word(lambda s: "minItems" in s and "maxItems" in s),
    "order": lambda: any("x-fal-order-properties" in d.taken for d in FAL),
    "no order": lambda: any("properties" in d.taken and "x-fal-order-properties" not in d.taken for d in FAL),
    "null in a union": lambda: fal_word(lambda s: {"type": "null"} in s.get("anyOf", ())),
    "enumeration without a type": lambda: fal_input(lambda s: "enum" in s and "type" not in s),
    "enumeration of numbers": lambda: fal_input(lambda s: s.get("type") == "integer" and "enum" in s),
    "enumeration of one": lambda: fal_input(lambda s: len(s.get("enum", ())) == 1),
    "map": lambda: fal_word(lambda s: s.get("additionalProperties") == {"type": "integer"}),
    "any object": lambda: fal_word(lambda s: s.get("additionalProperties") is True),
    "anything": lambda: fal_input(lambda s: "type" not in s and "anyOf" not in s and "enum" not in s),
    "content": lambda: fal_word(lambda s: s.get("format") == "binary"),
    "no input": lambda: any(d.taken.get("properties") == {} for d in FAL),
    "names that are no Python names": lambda: {"class", "from"} <= {name for _, name, _ in inputs(FAL)},
    "names of run controls": lambda: {"stream", "timeout"} <= {name for _, name, _ in inputs(FAL)},
    "object given": lambda: fal_given(lambda s: "properties" in s),
    "number": lambda: fal_given(lambda s: s.get("type") == "number"),
    "text": lambda: fal_given(lambda s: s.get("type") == "string"),
    "list given": lambda: fal_given(lambda s: s.get("type") == "array"),
    "lists in a list": lambda: fal_given(lambda s: items(s).get("type") == "array"),
    "union given": lambda: fal_given(lambda s: "anyOf" in s),
    "anything given": lambda: fal_given(lambda s: s.keys() == {"title"}),
    "map given": lambda: fal_given(lambda s: s.get("additionalProperties") is True),
    "a file and nothing else": lambda: fal_given(lambda s: s.get("title") == "Image"),
    "deprecated": lambda: metadata(lambda m: m.get("status") == "deprecated"),
    "training": lambda: metadata(lambda m: m.get("kind") == "training"),
    "stream": lambda: metadata(lambda m: m.get("stream_url", "").endswith("/stream")),
    "group": lambda: metadata(lambda m: "group" in m),
    "no metadata": lambda: any("metadata" not in d.value for d in FAL),
    "price": lambda: any(d.value.get("pricing", {}).get("unit_price") == 0.025 for d in FAL),
    "price of nothing": lambda: any(d.value.get("pricing", {}).get("unit_price") == 0 for d in FAL),
    "no price": lambda: any("pricing" not in d.value for d in FAL),
    "the well-known one": lambda: any(d.id == "fal-ai/flux/dev" for d in FAL),
}


@pytest.mark.parametrize("shape", FAL_SHAPES)
def test_the_sample_of_fal_shows(shape: str) -> None:
    assert FAL_SHAPES[shape]()
