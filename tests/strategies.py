"""Every Hypothesis strategy of the tests."""

from __future__ import annotations

import string
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import settings
from hypothesis import strategies as st

from tests.narrowing import is_dict
from typedrun.core.request import Kind, Stage
from typedrun.core.retry import KINDS, Circumstances, Policy, Tally
from typedrun.kinds import ANY, ROWS, row_for
from typedrun.parameters import Parameter

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


def examples(times: float) -> int:
    """So many times the examples that the profile of this run asks for (conftest.py)."""
    return max(1, round(times * settings().max_examples))


FINITE = st.floats(allow_nan=False, allow_infinity=False)
NO_NAN = st.floats(allow_nan=False)
ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""Lone surrogates included."""


def json_values(
    max_leaves: int = 8, numbers: st.SearchStrategy[float] = FINITE, texts: st.SearchStrategy[str] | None = None
) -> st.SearchStrategy[JSON]:
    """Anything that JSON can carry, and with other numbers what Python's `json` writes beside it."""
    words = st.text(max_size=40) if texts is None else texts
    leaves: st.SearchStrategy[JSON] = st.none() | st.booleans() | st.integers() | numbers | words
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=max_leaves,
    )


def literal_values() -> st.SearchStrategy[Any]:
    """What a literal of generated code can be: as JSON, with tuples for lists, and longer texts."""
    leaves = st.none() | st.booleans() | st.integers() | FINITE | st.text(max_size=400)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
        max_leaves=12,
    )


def odd_values() -> st.SearchStrategy[Any]:
    """What may stand in a reply in place of what was promised."""
    return st.recursive(
        st.none() | st.booleans() | st.sampled_from([0, 2, 2.5, "", "text", "SUCCESS", "2026-01-01"]),
        lambda part: st.lists(part, max_size=2) | st.dictionaries(st.sampled_from(["id", "name", "price", "x"]), part),
    )


def bodies(names: Sequence[str], values: st.SearchStrategy[JSON], most: int = 6) -> st.SearchStrategy[dict[str, JSON]]:
    """Objects with some of these names, and others."""
    return st.dictionaries(st.sampled_from(names) | st.text(max_size=5), values, max_size=most)


# --- retries and polling


def seconds(most: float = 1000.0) -> st.SearchStrategy[float]:
    """A length of time."""
    return st.floats(min_value=0.0, max_value=most, allow_nan=False)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """How often, and how long at most, a client tries."""
    return Policy(
        retries=draw(st.integers(0, 5)),
        resends=draw(st.integers(0, 5)),
        first_wait=draw(seconds(5.0)),
        longest_wait=draw(seconds(60.0)),
        longest_retry_after=draw(seconds(120.0)),
        resend_wait=draw(seconds(10.0)),
    )


@st.composite
def circumstances(draw: st.DrawFn, kinds: tuple[Kind, ...] = KINDS) -> Circumstances:
    """What a decision about another try depends on."""
    return Circumstances(
        kind=draw(st.sampled_from(kinds)),
        stage=draw(st.sampled_from(list(Stage))),
        tally=Tally(draw(st.integers(0, 6)), draw(st.integers(0, 6))),
        retry_after=draw(st.none() | seconds()),
        left=draw(st.none() | seconds()),
        has_budget=draw(st.booleans()),
        roll=draw(st.floats(0.0, 1.0, exclude_max=True)),
    )


# --- addresses

HOSTS = (
    "example.com",
    "EXAMPLE.com",
    "example.com.",
    "evil.example",
    "sub.example.com",
    "127.0.0.1",
    "[::1]",
    "example.com.evil",
)


@st.composite
def urls(draw: st.DrawFn) -> str:
    """An address, well-formed or nearly."""
    scheme = draw(st.sampled_from(["https", "HTTPS", "http", "ftp", ""]))
    user = draw(st.sampled_from(["", "", "", "user@", "a:b@", "example.com@"]))
    port = draw(st.sampled_from(["", "", ":443", ":80", ":8443", ":x"]))
    path = draw(st.sampled_from(["", "/", "/a/b", "/a?b=c#d", "\\a", "/a b"]))
    return f"{scheme}{'://' if scheme else ''}{user}{draw(st.sampled_from(HOSTS))}{port}{path}"


# --- parameters

WIRE_NAMES = ("text", "temperature", "max tokens", "3d_format", "from", "timeout", "größe", "模型", "score-threshold")

VALUES_OF_KINDS: dict[str, st.SearchStrategy[object]] = {
    "text": st.text(max_size=20),
    "number": st.integers(-1000, 1000) | st.floats(-1e6, 1e6),
    "integer": st.integers(-1000, 1000),
    "boolean": st.booleans(),
    "json": st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), min_size=1, max_size=3),
}
"""What a caller may give for a kind of parameter."""


@st.composite
def calls(draw: st.DrawFn) -> dict[str, tuple[str, object]]:
    """A call: wire name → kind and value of each parameter."""
    names = draw(st.lists(st.sampled_from(WIRE_NAMES), unique=True, min_size=1, max_size=4))
    chosen: dict[str, tuple[str, object]] = {}
    for name in names:
        kind = draw(st.sampled_from(sorted(VALUES_OF_KINDS)))
        chosen[name] = (kind, draw(VALUES_OF_KINDS[kind]))
    return chosen


# --- schemas of parameters

TEXTS = ("", "a", "red", "blue", "5", "true", "https://a.test/b.png", "data:text/plain,x", "b.png", "größe")


ANYTHING = json_values(3) | st.sampled_from(TEXTS) | st.integers(-4, 4)


def _optional(draw: st.DrawFn, words: dict[str, st.SearchStrategy[JSON]]) -> dict[str, JSON]:
    """Some of these words."""
    return {name: draw(value) for name, value in words.items() if draw(st.integers(0, 3)) == 0}


@st.composite
def _scalar_schemas(draw: st.DrawFn) -> dict[str, JSON]:
    limits: dict[str, st.SearchStrategy[JSON]] = {
        name: st.integers(-3, 3) for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    }
    kind = draw(st.sampled_from(["string", "file", "enum", "const", "integer", "number", "boolean", "odd", "any"]))
    if kind == "string":
        lengths: dict[str, st.SearchStrategy[JSON]] = {"minLength": st.integers(0, 2), "maxLength": st.integers(0, 6)}
        return {"type": "string", **_optional(draw, {**lengths, "pattern": st.sampled_from(["^[a-z]*$", "[0-9]"])})}
    if kind == "file":
        return {"type": "string", "format": draw(st.sampled_from(["uri", "file"]))}
    if kind == "enum":
        listed: list[JSON] = draw(
            st.lists(st.sampled_from(["red", "blue", 1, 2.0, True, None, "5"]), min_size=1, max_size=3)
        )
        typed = {"type": "string"} if all(isinstance(one, str) for one in listed) else {}
        return {**typed, "enum": listed}
    if kind == "integer":
        return {"type": "integer", **_optional(draw, {**limits, "multipleOf": st.sampled_from([2, 3])})}
    plain: dict[str, dict[str, JSON]] = {
        "const": {"const": draw(st.sampled_from(["red", 1, False]))},
        "number": {"type": "number", **_optional(draw, {**limits, "multipleOf": st.sampled_from([0.5, 2])})},
        "boolean": {"type": "boolean"},
        "odd": {"type": draw(st.sampled_from(["NamedEmbedding", "null"]))},
        "any": {},
    }
    return plain[kind]


@st.composite
def _object_schemas(draw: st.DrawFn, inner: st.SearchStrategy[dict[str, JSON]]) -> dict[str, JSON]:
    names = draw(st.lists(st.sampled_from(["path", "scale", "width", "kind"]), unique=True, max_size=3))
    properties: dict[str, JSON] = {name: draw(inner) for name in names}
    required: list[JSON] = [name for name in names if draw(st.booleans())]
    said: dict[str, JSON] = {"type": "object", "properties": properties, "required": required}
    return said | _optional(draw, {"additionalProperties": st.booleans() | inner})


@st.composite
def _list_schemas(draw: st.DrawFn, inner: st.SearchStrategy[dict[str, JSON]]) -> dict[str, JSON]:
    limits: dict[str, st.SearchStrategy[JSON]] = {"minItems": st.integers(0, 2), "maxItems": st.integers(0, 3)}
    return {"type": "array", **_optional(draw, {"items": inner, **limits, "uniqueItems": st.booleans()})}


@st.composite
def _dressed(draw: st.DrawFn, inner: st.SearchStrategy[dict[str, JSON]]) -> dict[str, JSON]:
    """A schema as some documents write it: nullable, alone in an `allOf`, one of a union."""
    schema = draw(inner)
    form = draw(st.sampled_from(["nullable", "allOf", "anyOf", "oneOf", "types"]))
    if form == "nullable":
        return {**schema, "nullable": True}
    if form == "types" and isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {form: [schema, *draw(st.lists(inner, max_size=2))]} if form in {"anyOf", "oneOf"} else {"allOf": [schema]}


def value_schemas() -> st.SearchStrategy[dict[str, JSON]]:
    """JSON Schemas of a parameter's value, in the dialects that catalogs are written in."""
    return st.recursive(
        _scalar_schemas(), lambda inner: _object_schemas(inner) | _list_schemas(inner) | _dressed(inner), max_leaves=5
    )


def values_near(schema: object) -> st.SearchStrategy[JSON]:
    """Values that a schema describes, or nearly."""
    said: dict[str, JSON] = schema if is_dict(schema) else {}
    anything = ANYTHING
    forms = said.get("anyOf") or said.get("oneOf") or said.get("allOf")
    if isinstance(forms, list):
        return st.one_of([values_near(form) for form in forms]) | st.none()
    types = said.get("type")
    type_ = types[0] if isinstance(types, list) else types
    if isinstance(listed := said.get("enum", [said["const"]] if "const" in said else None), list):
        return st.sampled_from(listed) | anything
    if type_ == "object":
        properties = said.get("properties")
        known = properties if isinstance(properties, dict) else {}
        members = {name: values_near(one) for name, one in known.items()} | {"scael": anything}
        return st.fixed_dictionaries({}, optional=members) | anything
    if type_ == "array":
        return st.lists(values_near(said.get("items")), max_size=3) | anything
    near: dict[object, st.SearchStrategy[JSON]] = {
        "string": st.sampled_from(TEXTS),
        "integer": st.integers(-4, 4) | st.sampled_from([1.0, 1.5]),
        "number": st.integers(-4, 4) | st.floats(-4, 4) | st.sampled_from([0.5, -0.0]),
        "boolean": st.booleans(),
    }
    return near.get(type_, anything) | st.none() | anything


# --- money


def _as_float(amount: Decimal) -> float:
    return float(amount)


AMOUNTS = st.decimals(min_value=0, max_value=5, places=3).map(_as_float)
"""What a run may cost."""

# --- bytes of a connection

_SSE_WORDS = (
    *(
        "data",
        "data:",
        "data: ",
        "event: ",
        "id: ",
        "id",
        "retry: ",
        "retry:1_0",
        "12",
        "²",
        ":",
        " ",
        "x",
        "long text",
    ),
    *("[DONE]", "\x00", "é", "🦊", "\u2028", "\x85", "\ufeff"),
)
_SSE_ENDS = (b"\n", b"\n\n", b"\r", b"\r\n", b"\r\n\r\n")
_NO_UTF_8 = (b"\xff", b"\xe2\x82", b"\xf0\x9f")


def _joined(pieces: Sequence[bytes]) -> bytes:
    return b"".join(pieces)


def event_streams() -> st.SearchStrategy[bytes]:
    """Server-sent events, or nearly."""
    words = st.sampled_from([word.encode() for word in _SSE_WORDS])
    pieces = words | st.sampled_from(_SSE_ENDS) | st.sampled_from(_NO_UTF_8) | st.binary(max_size=4)
    return st.lists(pieces, max_size=40).map(_joined)


CUTS = st.lists(st.integers(0, 200), max_size=12)
"""Where a stream is split."""

_LINES = st.sampled_from(
    [
        *(
            b"Content-Type: text/event-stream",
            b"X-a:1",
            b"x-A:\t 2 \t",
            b"Empty:",
            b"Latin: caf\xe9",
            b"Colons: a:b: c",
        ),
        *(b" folded", b"\t", b"no colon", b": no name", b"Space : before", b"Nul: \x00", b"Bell: \x07", b"T-\xe9: x"),
    ]
)
_STARTS = st.sampled_from(
    [
        *(b"HTTP/1.1 200 OK", b"HTTP/1.1 204 ", b"HTTP/1.1 599", b"HTTP/1.0 404 Not  Found", b"HTTP/1.1 200 caf\xe9"),
        *(b"HTTP/1.2 200 OK", b"HTTP/1.1 0200 OK", b"HTTP/1.1  200 OK", b"HTTP/2 200 OK", b"http/1.1 200 OK", b""),
    ]
)
_ENDS = st.sampled_from([*(9 * [b"\r\n"]), b"\n"])
_SIZES = st.sampled_from(
    [*(6 * [b"%x"]), b"%X", b"00%x", b"%x;note=1", b'%x ; a="b"', b"%x ", b" %x", b"+%x", b"0x%x", b"%x\t"]
)


@st.composite
def heads(draw: st.DrawFn) -> bytes:
    """Interim replies, a status line and fields, with what may be wrong with them."""
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", b"HTTP/1.1 100 \r\n\r\n"]))
    lines = [draw(_STARTS), *draw(st.lists(_LINES, max_size=6))]
    return interim + b"".join(line + draw(_ENDS) for line in lines) + draw(_ENDS)


@st.composite
def odd_codings(draw: st.DrawFn) -> bytes:
    """A chunked body, perhaps with a byte too many, too few or another."""
    coded = b""
    for piece in draw(st.lists(st.binary(min_size=1, max_size=20), max_size=6)):
        coded += draw(_SIZES) % len(piece) + draw(_ENDS) + piece + draw(_ENDS)
    coded += b"0\r\n" + draw(st.sampled_from([b"", b"X-Cost: 3\r\n", b"a: b\r\nc: d\r\n"])) + b"\r\n"
    at = draw(st.integers(0, len(coded)))
    added = draw(st.sampled_from([*(6 * [b""]), b"0", b"\n", b"\x00"]))
    return coded[:at] + added + coded[at + draw(st.sampled_from([0, 0, 0, 1])) :]


@st.composite
def coded_bodies(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A body and one of its codings in chunks."""
    sizes = st.sampled_from(["%x", "%X", "00%x", "%x;note=1", "%x ; note", "%x "])
    ends = st.sampled_from([b"\r\n", b"\r\n", b"\n"])
    trailers = st.sampled_from([b"", b"X-Cost: 3\r\n", b"a: b\r\nc: d\r\n"])
    pieces = draw(st.lists(st.binary(min_size=1, max_size=40), max_size=12))
    coded = b""
    for piece in pieces:
        coded += (draw(sizes) % len(piece)).encode() + draw(ends) + piece + draw(ends)
    return b"".join(pieces), coded + b"0" + draw(ends) + draw(trailers) + b"\r\n"


FIELD_NAMES = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12)
FIELD_VALUES = st.text(string.ascii_letters + string.digits + string.punctuation + " ", max_size=30).map(str.strip)
TOKENS = st.text(string.ascii_letters + string.digits + "-_!#", min_size=1, max_size=8)
LATIN = st.text(st.characters(codec="latin-1"), max_size=12)
"""Names and values of header fields: plain ones, and what may be tried."""

# --- models of catalogs

DATA_TYPES = st.sampled_from(["text", "number", "integer", "boolean", "json", "label", "audio", "array", "new-type"])
_MODEL_FIELDS = (
    *("name", "description", "serviceName", "status", "host", "developer", "vendor", "supplier", "function"),
    *("functionType", "type", "pricing", "version", "createdAt", "updatedAt", "supportsStreaming", "supportsBYOC"),
    *("connectionType", "attributes", "path", "assetInfo"),
)


def odd_parameters(
    names: st.SearchStrategy[str], anything: st.SearchStrategy[JSON]
) -> st.SearchStrategy[dict[str, Any]]:
    """Entries of `params` as a newer backend may write them: every word may hold anything."""
    listed = st.lists(st.fixed_dictionaries({"value": anything}), max_size=3)
    return st.fixed_dictionaries(
        {"name": names},
        optional={
            **dict.fromkeys(("required", "isFixed", "multipleValues"), st.booleans() | anything),
            **dict.fromkeys(("dataType", "dataSubType"), DATA_TYPES | anything),
            **dict.fromkeys(("availableOptions", "defaultValues", "values"), listed | anything),
            "description": anything,
        },
    )


def odd_models() -> st.SearchStrategy[dict[str, Any]]:
    """Models as a newer backend may describe them."""
    anything = json_values(numbers=NO_NAN)
    parameters = st.lists(odd_parameters(st.text(max_size=8), anything) | anything, max_size=4)
    return st.fixed_dictionaries(
        {"id": st.text(min_size=1, max_size=8)},
        optional={**dict.fromkeys(_MODEL_FIELDS, anything), "params": anything | parameters},
    )


_NASTY = (
    *('"""; import os; os.system("true") #', "'''", 'ends with "', "ends with \\", "{{ 7 * 7 }}", "{% for x in y %}"),
    *("{# comment #}", "line\nbreak\r\nand\ttab", "\u2028\u2029\u0085\x0c", "nul\x00byte", "lone \ud800 surrogate"),
    *(
        "right \u202e to left \u200f\u200b\ufeff",
        "# type: ignore",
        "%s {0} {} $x",
        "a" * 300,
        "__import__('os')",
        "None",
    ),
    *("self", "class", "timeout", "", " "),
)
NASTY = list(_NASTY)
"""Texts that try to become code."""


def hostile_models() -> st.SearchStrategy[dict[str, Any]]:
    """Models whose words all try to become code."""
    texts = st.sampled_from(NASTY) | st.text(alphabet=st.characters(exclude_categories=()), max_size=20)
    scalars = texts | st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats()
    options = st.lists(scalars | st.fixed_dictionaries({"value": scalars, "label": texts}), max_size=4)
    kinds = st.sampled_from(["text", "label", "number", "integer", "boolean", "json", "array", "image", "hologram"])
    parameters = st.fixed_dictionaries(
        {"name": texts},
        optional={
            "required": st.booleans() | st.none(),
            "isFixed": st.booleans(),
            "multipleValues": st.booleans() | st.none(),
            **dict.fromkeys(("dataType", "dataSubType"), kinds | texts | st.none()),
            **dict.fromkeys(("values", "defaultValues"), options | st.none()),
            "availableOptions": options | scalars,
            "description": texts,
        },
    )
    return st.fixed_dictionaries(
        {"name": texts, "params": st.lists(parameters, max_size=5)},
        optional={
            **dict.fromkeys(("description", "path", "host", "updatedAt"), texts),
            "function": st.fixed_dictionaries({"id": texts, "name": texts}) | texts,
            "vendor": st.fixed_dictionaries({"id": scalars, "name": texts, "code": texts}) | scalars,
            "version": st.fixed_dictionaries({"id": texts}) | texts,
            "pricing": st.fixed_dictionaries({"price": scalars, "unitType": texts, "currency": texts}) | scalars,
            "connectionType": st.lists(texts, max_size=2) | texts,
            "supportsStreaming": st.booleans() | st.none() | texts,
            "attributes": st.dictionaries(texts, scalars, max_size=2),
            "assetInfo": st.fixed_dictionaries({"instanceId": texts, "assetPath": texts}) | scalars,
        },
    )


# --- names

NAMED_MODELS = st.tuples(
    st.sampled_from(["GPT-5.4", "gpt 5.4", "Gpt54", "GPT 5 4", "文本", "class", "", "run", "inputs", "by_function"])
    | st.text(max_size=4),
    st.sampled_from(["openai", "OpenAI", "open-ai", "by_function", "models"]),
    st.none() | st.sampled_from(["groq", "aws"]),
    st.none() | st.sampled_from(["a/b", "a/b/c"]),
)
"""Name, supplier, host and path of a model, of which many are nearly alike."""
WIRES = st.lists(st.text(alphabet="aA-_ 1é", min_size=1, max_size=4), unique=True, max_size=8)
SCHEMA_NAMES = st.text(alphabet="abAB-_ .1é", min_size=1, max_size=5)

# --- API schemas

_SCHEMA_WORDS = (
    *("type", "properties", "allOf", "oneOf", "anyOf", "enum", "const", "items", "prefixItems", "additionalProperties"),
    *("patternProperties", "$ref", "$dynamicRef", "$dynamicAnchor", "$defs", "$id", "required", "nullable"),
    *("discriminator", "default", "title", "format"),
)


def odd_schemas(names: Sequence[str]) -> st.SearchStrategy[Any]:
    """What may stand where a schema belongs, with references to components of these names."""
    odd = st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.sampled_from(["", "a", "class", "string"])
    places = [f"#/components/schemas/{name}" for name in (*names, "Gone")]
    references = st.sampled_from([*places, "#", "#x", "#a", "a", "gone.json#/A", "http://["])
    kinds = st.sampled_from(
        ["string", "integer", "number", "object", "array", "null", ["string", "null"], ["object", "array"]]
    )

    def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        lists = st.lists(inner, max_size=3)
        maps = st.dictionaries(st.sampled_from(["a", "kind", "$ref", "propertyName", "mapping"]), inner, max_size=3)
        return st.dictionaries(st.sampled_from(_SCHEMA_WORDS), kinds | references | lists | maps | inner, max_size=4)

    return st.recursive(odd, nested, max_leaves=14)


# --- arguments of exported models

_WRITTEN = st.one_of(
    st.text(max_size=5),
    st.sampled_from(
        ["a", "0", "1", "1.0", " 0.7 ", "true", "False", "on", "https://a/b.wav", "data:text/plain,x", "b.wav"]
    ),
    st.integers().map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
_SCALARS = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), _WRITTEN)
ARGUMENTS = st.recursive(
    st.none() | _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)
"""What callers and models pass: values, and texts that spell them."""
_OPTIONS = st.lists(
    st.sampled_from(
        [
            "a",
            "on",
            "Off",
            "0",
            "1",
            "2.5",
            "true",
            "false",
            1,
            0,
            3,
            2.5,
            True,
            {"value": "b", "label": "B"},
            {"value": ["c"]},
        ]
    ),
    max_size=4,
)
_PAIRS = [(row.data_type, None if row.data_sub_type == ANY else row.data_sub_type) for row in ROWS] + [
    ("novel", "word")
]


@st.composite
def catalog_parameters(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """One entry of `params`, as catalogs write them."""
    data_type, sub_type = draw(st.sampled_from(_PAIRS))
    is_file = row_for(data_type, sub_type).kind == "media"
    default = draw(st.none() | st.sampled_from(["a", "1", "0.5", "true", "zebra"]))
    return {
        "name": name,
        "required": draw(st.booleans()),
        "multipleValues": draw(st.booleans()),
        "isFixed": draw(st.sampled_from([False, False, False, True])),
        "dataType": data_type,
        "dataSubType": sub_type,
        "values": draw(st.lists(st.sampled_from(["a", "b"]), max_size=2)),
        "defaultValues": [] if default is None else [default],
        "availableOptions": [] if is_file else draw(_OPTIONS),
    }


@st.composite
def catalog_models(draw: st.DrawFn) -> dict[str, Any]:
    """A model with some parameters."""
    names = draw(
        st.lists(st.sampled_from(["text", "language", "3d-model", "timeout", "größe"]), min_size=1, unique=True)
    )
    return {
        "id": "64aaaaaaaaaaaaaaaaaaaaaa",
        "name": "Quill",
        "function": {"id": draw(st.sampled_from(["text-generation", "translation"]))},
        "params": [draw(catalog_parameters(name)) for name in names],
    }


def instances(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema of the narrow dialects describes."""
    if "not" in schema:
        return st.nothing()
    if "anyOf" in schema:
        return st.one_of([instances(form) for form in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], alphabet=st.characters(max_codepoint=126)) | (
            st.none() if "null" in schema["type"] else st.nothing()
        )
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    plain = {
        "string": st.text(max_size=5),
        "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
        "integer": st.integers(),
        "boolean": st.booleans(),
        "object": st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
        "null": st.none(),
        "array": st.lists(instances(schema["items"]) if "items" in schema else st.integers(), max_size=3),
    }
    return st.one_of([plain[type_] for type_ in types])


@st.composite
def schema_parameters(draw: st.DrawFn, name: str) -> Parameter:
    """A parameter that a schema describes, perhaps with a default."""
    schema = draw(value_schemas())
    default = draw(st.none() | values_near(schema))
    defaults = () if default is None else (default,)
    return Parameter(name=name, required=draw(st.booleans()), schema=schema, default_values=defaults)
