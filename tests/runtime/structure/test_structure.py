"""JSON ⇄ generated classes: what is kept, what is sent, what an error says. The classes are written as the generator does."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import repeat
from pathlib import Path
from types import ModuleType
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.narrowing import Decoded, importable_from, is_dict
from tests.strategies import odd_values
from typedrun.enums import OpenStrEnum
from typedrun.errors import DecodingError, OddReplyWarning
from typedrun.remotefile import RemoteFile
from typedrun.structure import OpenIntEnum, converter, decode, encode, raw_fields, resolve, unknown_fields
from typedrun.unset import UNSET, Unset

FILES = {
    "__init__.py": """
from importlib import import_module
MODULES = {"Item": "item", "Colour": "item", "Page": "page", "Tree": "page", "Cat": "item", "Dog": "item", "Pet": "page"}
def __getattr__(name):
    if name not in MODULES:
        raise AttributeError(name)
    return getattr(import_module(f".{MODULES[name]}", __name__), name)
""",
    "item.py": """
from __future__ import annotations
from datetime import datetime
from typing import Any, Literal
from attrs import define, field
from typedrun.enums import OpenStrEnum
from typedrun.structure import ApiObject, track_defaults
from typedrun.unset import UNSET, Unset

class Colour(OpenStrEnum):
    RED = "red"

@define(kw_only=True, repr=False, field_transformer=track_defaults)
class Item(ApiObject):
    id: str
    created_at: datetime | Unset = field(default=UNSET, metadata={"wire": "createdAt"})
    colour: Colour = Colour.RED
    size: int | Unset | None = UNSET
    tags: list[str] = field(factory=list[str])
    kind: Literal["item"] = "item"

@define(kw_only=True, repr=False)
class Cat(ApiObject):
    kind: Literal["cat"] = "cat"
    lives: int

@define(kw_only=True, repr=False)
class Dog(ApiObject):
    kind: Literal["dog"] = "dog"
    name: str
""",
    "page.py": """
from __future__ import annotations
from typing import TYPE_CHECKING, TypeAlias
from attrs import define, field
from typedrun.structure import ApiObject
if TYPE_CHECKING:
    from shop.item import Item

@define(kw_only=True, repr=False)
class Page(ApiObject):
    items: list[Item]
    by_name: dict[str, Item] = field(factory=dict[str, "Item"], metadata={"rest": True})

Tree: TypeAlias = "str | list[Tree]"
Pet: TypeAlias = "Cat | Dog"
""",
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    root = tmp_path / "shop"
    root.mkdir()
    for name, text in FILES.items():
        (root / name).write_text(text)
    importable_from(tmp_path, monkeypatch)
    import shop  # type: ignore[import-not-found]  # written just now

    yield shop
    for name in [name for name in sys.modules if name == "shop" or name.startswith("shop.")]:
        del sys.modules[name]  # and the next import gives other classes of the same names


ITEM = {
    "id": "1",
    "createdAt": "2024-01-02T03:04:05Z",
    "colour": "blue",
    "size": None,
    "later": {"x": [1]},
    "kind": "item",
}


def test_what_came_in_goes_out(shop: ModuleType) -> None:
    item = decode(ITEM, shop.Item)
    assert encode(item) == ITEM
    assert (item.colour, item.size, item.tags) == ("blue", None, [])
    assert item.unknown_fields == {"later": {"x": [1]}}


def test_unknown_fields_can_be_changed(shop: ModuleType) -> None:
    item = shop.Item(id="1")
    unknown_fields(item)["beta"] = True
    assert encode(item) == {"id": "1", "kind": "item", "beta": True}


def test_a_default_set_later_is_sent(shop: ModuleType) -> None:
    item = shop.Item(id="1")
    item.tags.append("x")
    assert encode(item) == {"id": "1", "kind": "item", "tags": ["x"]}
    assert encode(shop.Item(id="1", colour=shop.Colour.RED))["colour"] == "red"


def pickled(one: object) -> object:
    return pickle.loads(pickle.dumps(one))


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, pickled],
    ids=["copy", "deepcopy", "pickle"],
)
def test_copies_keep_everything(shop: ModuleType, duplicate: Any) -> None:
    item = decode(ITEM, shop.Item)
    assert duplicate(item) == item
    assert encode(duplicate(item)) == ITEM
    assert encode(duplicate(shop.Item(id="1"))) == {"id": "1", "kind": "item"}


def test_repr_shows_what_has_a_value(shop: ModuleType) -> None:
    assert (
        repr(decode({"id": "1", "later": 2}, shop.Item))
        == "Item(id='1', colour=<Colour.RED: 'red'>, tags=[], kind='item', 'later': 2)"
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "Page: a required field is missing @ $.items"),
        ([], "Page: expected Page (an object), got a list of 0 @ $"),
        ({"items": [{"id": "1"}, {"id": 2}]}, "Page: expected str, got 2 @ $.items[1].id"),
        ({"items": [{"id": "1", "size": True}]}, "Page: expected int | null, got True @ $.items[0].size"),
        (
            {"items": [{"id": "1", "createdAt": "soon"}]},
            "Page: expected a date and time (RFC 3339), got 'soon' @ $.items[0].createdAt",
        ),
        ({"items": [], "x": {"id": None}}, "Page: expected str, got null @ $.x.id"),
        ({"items": [{"id": "1", "colour": 3}]}, "Page: expected Colour, got 3 @ $.items[0].colour"),
    ],
)
def test_errors_end_in_a_path_and_name_the_class(shop: ModuleType, value: Any, message: str) -> None:
    with pytest.raises(DecodingError) as caught:
        decode(value, shop.Page)
    assert caught.value.message == message


def test_a_server_may_leave_out_what_it_promised(shop: ModuleType) -> None:
    payload = {"items": [{"id": None, "colour": None}, {"size": 1}], "x": {"id": "1", "tags": None}}
    page = decode(payload, shop.Page, strict=False)
    assert (page.items[0].id, page.items[1].id) == (None, UNSET)
    assert encode(page) == payload


def test_one_odd_value_does_not_lose_a_reply(shop: ModuleType) -> None:
    payload = {"items": [{"id": 3, "createdAt": ""}, {"id": "2", "tags": ["a", 5], "later": 1}]}
    with pytest.warns(
        OddReplyWarning, match=r"Page: kept as it came: expected str, got 3 @ Item\.id; .*Item\.createdAt"
    ) as told:
        page = decode(payload, shop.Page, strict=False)
    assert len(told) == 1
    assert (page.items[0].id, page.items[0].created_at, page.items[1].tags) == (3, "", ["a", 5])
    assert encode(page) == payload
    with pytest.raises(DecodingError, match=r"Page: expected str, got 3 @ \$\.items\[0\]\.id"):
        decode(payload, shop.Page)


NO_PAGES: list[Decoded] = [[], "x", {"items": 3}]


@pytest.mark.parametrize("payload", NO_PAGES, ids=["list", "text", "odd inside"])
def test_a_reply_that_is_something_else_is_an_error_and_one_inside_is_not(shop: ModuleType, payload: Any) -> None:
    if is_dict(payload):
        with pytest.warns(OddReplyWarning, match=r"expected a list, got 3 @ Page\.items"):
            assert decode(payload, shop.Page, strict=False).items == 3
    else:
        with pytest.raises(DecodingError, match="expected Page"):
            decode(payload, shop.Page, strict=False)


def test_the_class_of_a_union_is_the_one_that_fits_though_another_could_be_put_up_with(shop: ModuleType) -> None:
    pets = resolve("list[Pet]", "shop")
    with pytest.warns(OddReplyWarning, match="expected int, got 'x' @ Cat.lives"):
        cat, dog = decode([{"kind": "cat", "lives": "x"}, {"kind": "dog"}], pets, strict=False)
    assert (type(cat).__name__, cat.lives, type(dog).__name__) == ("Cat", "x", "Dog")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-01T00:00:00.123456789Z", datetime(2024, 1, 1, 0, 0, 0, 123456, UTC)),
        ("2024-01-01t00:00:00z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60.5+00:00", datetime(2017, 1, 1, 0, 0, 0, 500000, UTC)),
        ("2024-01-01T00:00:00", datetime(2024, 1, 1)),  # noqa: DTZ001  # that it has no zone is the point
    ],
)
def test_moments_as_servers_write_them(text: str, expected: datetime) -> None:
    assert decode(text, datetime) == expected


@pytest.mark.parametrize("text", ["-_-_", "+/+/", "+/\r\n+/"])
def test_base64_in_both_alphabets_and_in_lines(text: str) -> None:
    assert decode(text, bytes) == b"\xfb\xff\xbf"


@pytest.mark.parametrize("text", ["aGk=", "aGk"])
def test_base64_with_and_without_its_end(text: str) -> None:
    assert decode(text, bytes) == b"hi"


@pytest.mark.parametrize("value", ["abc", None, {}, 3], ids=["text", "null", "object", "number"])
def test_a_list_is_a_list(value: Any) -> None:
    with pytest.raises(DecodingError, match="expected a list, got"):
        decode(value, list[str])


def test_a_long_value_is_shown_short(shop: ModuleType) -> None:
    with pytest.raises(DecodingError) as caught:
        decode({"id": ["x" * 10_000]}, shop.Item)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"b": "private", "a": ["private"]}, "an object with a, b"),
        ({}, "an object with no fields"),
        ({str(number): "private" for number in range(8)}, "an object with 0, 1, 2, 3, 4, 5"),
        (["private", "private"], "a list of 2"),
        (None, "null"),
        ("x" * 58, repr("x" * 58)),
        ("x" * 59, f"'{'x' * 56}…"),
    ],
    ids=str,
)
def test_an_error_tells_what_came_without_its_values(value: object, told: str) -> None:
    with pytest.raises(DecodingError) as caught:
        decode(value, int)
    assert str(caught.value) == f"int: expected int, got {told} @ $"


def test_a_union_of_classes_by_constant_or_required_keys(shop: ModuleType) -> None:
    pet = resolve("Pet", "shop")
    assert type(decode({"kind": "dog", "name": "Rex"}, pet)) is shop.Dog
    assert type(decode({"lives": 9}, pet)) is shop.Cat
    assert encode(decode({"kind": "bird", "wings": 2}, pet)) == {"kind": "bird", "wings": 2}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, "a required field is missing @ $.lives"),
        ({"lives": "x"}, "expected int, got 'x' @ $.lives"),
        ({"kind": "dog", "name": 1}, "expected str, got 1 @ $.name"),
        ("x", "expected Cat | Dog, got 'x' @ $"),
    ],
)
def test_an_object_that_no_class_of_a_union_takes_is_told_by_the_likeliest(
    shop: ModuleType, value: object, message: str
) -> None:
    with pytest.raises(DecodingError) as caught:
        decode(value, resolve("Pet", "shop"))
    assert str(caught.value).endswith(f": {message}")


class Hue(OpenStrEnum):
    RED = "red"


class Size(OpenIntEnum):
    LARGE = 2


ADDRESS = "https://files.test/a.png"


@pytest.mark.parametrize(
    ("value", "types", "decoded"),
    [
        ("red", (str, Hue, Literal["red"]), "red"),
        ("red", (str, Hue), Hue.RED),
        ("blue", (str, Hue), "blue"),
        ("red", (str, UUID, Hue), Hue.RED),
        (2, (int, Size), Size.LARGE),
        (3, (int, Size), 3),
        ("blue", (Literal["x"], Hue), Hue("blue")),
        ("x", (Literal["x"], Hue), "x"),
        (1, (float, int), 1),
        (5, (int, float, Literal[1]), 5),
        (1.5, (float, int), 1.5),
        (True, (bool, int), True),
        (True, (bool, Literal[1]), True),
        (1, (int, Literal[True]), 1),
        ("2026-01-02T03:04:05Z", (str, datetime), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02", (str, date), date(2026, 1, 2)),
        ("soon", (str, UUID, date, datetime), "soon"),
        (str(UUID(int=1)), (str, UUID), UUID(int=1)),
        (ADDRESS, (str, RemoteFile), RemoteFile(ADDRESS)),
        (ADDRESS.upper(), (str, RemoteFile), RemoteFile(ADDRESS.upper())),
        ("data: none", (str, RemoteFile), "data: none"),
        ({"url": ADDRESS}, (str, RemoteFile), RemoteFile(ADDRESS)),
        ([1], (list[int], list[str]), [1]),
        ({"a": 1}, (dict[str, int], dict[str, str]), {"a": 1}),
    ],
    ids=str,
)
def test_a_value_of_a_union_is_what_says_most_of_it_wherever_that_stands(
    value: object, types: tuple[Any, ...], decoded: object
) -> None:
    union: Any = types[0]
    for one in types[1:]:
        union |= one
    found: object = decode(value, union)
    assert (found, type(found)) == (decoded, type(decoded))


def test_a_recursive_alias(shop: ModuleType) -> None:
    tree: Decoded = ["a", ["b", []]]
    assert encode(decode(tree, resolve("Tree", "shop"))) == tree
    with pytest.raises(DecodingError):
        decode(["a", [1]], resolve("Tree", "shop"))


def test_lists_and_maps_of_classes_can_be_decoded_directly(shop: ModuleType) -> None:
    items: Any = decode([{"id": "1"}], resolve("list[Item]", "shop"))
    assert [one.id for one in items] == ["1"]
    assert decode(None, resolve("Item | None", "shop")) is None


def test_raw_fields_are_what_was_given(shop: ModuleType) -> None:
    assert raw_fields(shop.Item(id="1", size=None)) == {"id": "1", "size": None, "kind": "item"}
    with pytest.raises(TypeError, match="got int"):
        raw_fields(3)


def test_many_threads_may_see_a_type_first(shop: ModuleType) -> None:
    with ThreadPoolExecutor(8) as pool:
        payloads = [{"items": [{"id": str(n)}]} for n in range(64)]
        values: list[Any] = list(pool.map(decode, payloads, repeat(shop.Page)))
    assert [one.items[0].id for one in values] == [str(n) for n in range(64)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    )
)
def test_any_json_survives_where_anything_is_allowed(value: Any) -> None:
    assert encode(decode(value, Any)) == value


PAGE: dict[str, Any] = {
    "results": [
        {
            "id": "1",
            "name": "one",
            "status": "onboarded",
            "function": {"id": "translation", "name": "Translation"},
            "vendor": {"id": 1, "name": "Acme", "code": "acme"},
            "pricing": {"price": 1e-05, "unitType": "TOKEN", "unitTypeScale": None},
            "connectionType": ["synchronous", "new"],
            "createdAt": "2026-01-01T00:00:00.000Z",
            "attributes": [{"name": "a", "code": 1}],
            "params": [
                {"name": "text", "required": True, "dataType": "text", "dataSubType": "new", "values": []},
                {"name": "to", "availableOptions": [{"value": "en", "label": "English"}, "de", 1], "description": "x"},
            ],
        }
    ],
    "total": 1,
}
ANSWER: dict[str, Any] = {
    "status": "SUCCESS",
    "completed": True,
    "data": "x",
    "details": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}],
    "runTime": 1,
    "usage": {"prompt_tokens": 1, "completion_tokens": 2.0, "total_tokens": 3},
}


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every key of every object, every position of every list."""
    keys: list[Any] = [*value] if is_dict(value) else [*range(len(value))]
    for key in keys:
        one = value[key]
        yield value, key
        if isinstance(one, dict | list):
            yield from places(one)


def outcome(value: Any, type_: Any, *, strict: bool, has_places: bool) -> Any:
    try:
        made = converter(strict=strict, has_places=has_places).structure(value, type_)
    except Exception:  # noqa: BLE001  # the two differ in what they know of an error
        return "an error"
    return made, repr(made), encode(made)


@given(sample=st.sampled_from([("Page", PAGE), ("RunResult", ANSWER)]), strict=st.booleans(), data=st.data())
def test_the_quick_way_reads_what_the_careful_way_reads(
    sample: tuple[str, Any], strict: bool, data: st.DataObject
) -> None:
    name, document = sample[0], copy.deepcopy(sample[1])
    for _ in range(data.draw(st.integers(0, 3))):
        spots = list(places(document))
        holder, key = spots[data.draw(st.integers(0, len(spots) - 1))]
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[key]
        else:
            holder[key] = data.draw(odd_values())
        if not document:
            break
    type_ = resolve(name, "aixplain_models.api.types")
    quick, careful = (outcome(document, type_, strict=strict, has_places=one) for one in (False, True))
    if strict or quick != "an error":  # replies are read carefully when something does not fit, and keep it
        assert quick == careful


def test_integer_enumerations_keep_unknown_values() -> None:
    class Level(OpenIntEnum):
        LOW = 1

    assert (decode(1, Level), decode(5, Level), Level(5).is_known, str(Level(5))) == (Level.LOW, 5, False, "5")
    with pytest.raises(DecodingError, match="expected Level"):
        decode(True, Level)


def test_unset_is_false_and_one_of_a_kind() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET is Unset.UNSET


def test_importing_the_module_imports_no_cattrs() -> None:
    program = "import sys, typedrun.structure; print('cattrs' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )
