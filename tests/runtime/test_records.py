"""Records are attrs classes whose showing, comparing and hashing are shared; nobody should notice."""

import pickle

import attrs
import pytest

from typedrun.records import define, field, frozen


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
    others: list[object] = [Point(1, 3), Other(1, 2), (1, 2)]
    assert not any(Point(1, 2) == other for other in others)
    assert all(Point(1, 2) != other for other in others)
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
