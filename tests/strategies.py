"""Every Hypothesis strategy of the tests."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import strategies as st

from tests.narrowing import is_dict
from typedrun.core.request import Kind, Stage
from typedrun.core.retry import KINDS, Circumstances, Policy, Tally

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


def json_values(max_leaves: int = 8) -> st.SearchStrategy[JSON]:
    """Anything that JSON can carry."""
    leaves: st.SearchStrategy[JSON] = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=40)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=max_leaves,
    )


# -- retries and polling -------------------------------------------------------------------------------------------------


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


# -- addresses -----------------------------------------------------------------------------------------------------------

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


# -- parameters ----------------------------------------------------------------------------------------------------------

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


# -- schemas of parameters -----------------------------------------------------------------------------------------------

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
