"""Records are attrs classes that attrs has no part in until it is asked; nobody should notice."""

import copy
import inspect
import pickle
import subprocess
import sys
from functools import cached_property

import attrs
import cattrs
import pytest

from typedrun.records import define, evolve, field, frozen


@frozen()
class Point:
    x: int
    y: int = 0
    note: str = field(default="", eq=False, repr=False)


@frozen()
class Other:
    x: int
    y: int = 0


def _stars(_: object) -> str:
    return "***"


@define()
class Open:
    inner: object = None
    key: str = field(default="secret", repr=_stars)


@frozen(eq=False)
class Thing:
    x: int = 0


@frozen()
class Own:
    x: int

    def __repr__(self) -> str:
        return "mine"

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 7


def test_records_compare_by_their_fields_and_their_class() -> None:
    assert Point(1, 2, "a") == Point(1, 2, "b")
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Other(1, 2)
    assert Point(1, 2) != (1, 2)
    assert len({Point(1, 2), Point(1, 2, "b"), Point(2, 2)}) == 2


def test_records_that_change_have_no_hash_and_things_are_themselves() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Open())
    one, other = Thing(), Thing()
    assert one != other
    assert len({one, other}) == 2


def test_records_show_their_fields_as_each_says() -> None:
    assert repr(Point(1)) == "Point(x=1, y=0)"
    assert repr(Open(Point(1))) == "Open(inner=Point(x=1, y=0), key=***)"
    circle = Open()
    circle.inner = circle
    assert repr(circle) == "Open(inner=..., key=***)"


def test_what_a_record_says_of_itself_stays() -> None:
    assert (repr(Own(1)), Own(1) == Own(2), hash(Own(1))) == ("mine", True, 7)


def test_records_are_attrs_classes() -> None:
    assert attrs.evolve(Point(1), y=3) == Point(1, 3)
    assert attrs.asdict(Point(1)) == {"x": 1, "y": 0, "note": ""}
    assert pickle.loads(pickle.dumps(Point(1, 2))) == Point(1, 2)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        Point(1).x = 2  # type: ignore[misc]  # that is what is tested


@frozen(kw_only=True)
class Late:
    names: list[str] = field(factory=list[str])
    size: int

    def __attrs_post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("less than nothing")

    @cached_property
    def double(self) -> int:
        return 2 * self.size


@define()
class Wide(Open):
    size: int = 3

    def __repr__(self) -> str:
        return f"{super().__repr__()}!"


@attrs.frozen
class OfAttrs:
    x: int
    y: int = 0
    note: str = attrs.field(default="", eq=False, repr=False)


def test_attrs_finds_what_it_would_have_made_itself() -> None:
    assert attrs.has(Point)
    assert [repr(one) for one in attrs.fields(Point)] == [repr(one) for one in attrs.fields(OfAttrs)]
    assert inspect.signature(Point) == inspect.signature(OfAttrs)
    assert [one.name for one in attrs.fields(Wide)] == ["inner", "key", "size"]
    assert attrs.fields_dict(Late)["size"].kw_only
    assert cattrs.structure({"x": 1, "note": "a"}, Point) == Point(1, 0, "a")

    @attrs.define
    class OfAUser(Open):
        more: str = "more"

    assert attrs.asdict(OfAUser(1)) == {"inner": 1, "key": "secret", "more": "more"}


def test_nobody_who_does_not_ask_loads_attrs() -> None:
    code = """
import sys
from typedrun.records import evolve, field, frozen
@frozen()
class Point:
    x: int
    rest: list = field(factory=list)
assert evolve(Point(1), x=2) == Point(2) != Point(1) and repr(Point(1)) == "Point(x=1, rest=[])"
assert not {"attr", "attrs"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_record_is_made_as_its_fields_say() -> None:
    one, other = Late(size=1), Late(size=1)
    assert one.names is not other.names
    with pytest.raises(ValueError, match="less than nothing"):
        Late(size=-1)
    with pytest.raises(TypeError, match=r"Point\.__init__\(\) missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]  # that is what is tested
    with pytest.raises(AttributeError):
        Open().other = 1  # type: ignore[attr-defined]  # as above
    assert repr(Wide(1)) == "Wide(inner=1, key=***, size=3)!"


def test_copies_and_pickles_hold_the_fields_alone() -> None:
    late = Late(size=4, names=["a"])
    assert late.double == 8
    for again in (pickle.loads(pickle.dumps(late)), copy.copy(late), copy.deepcopy(late), evolve(late, size=4)):
        assert again == late
        assert not vars(again)
    assert evolve(late, size=5).double == 10
