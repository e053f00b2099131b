"""Enumerations that survive a newer backend."""

import copy
import json
import pickle
from typing import Any

import pytest

from typedrun import enums
from typedrun.enums import AssetStatus, FunctionType, OpenStrEnum, SortBy, SortOrder, find_member

FIXED = [
    kind
    for kind in vars(enums).values()
    if isinstance(kind, type) and issubclass(kind, OpenStrEnum) and kind is not OpenStrEnum
]


def test_a_member_is_its_wire_value_everywhere() -> None:
    status = AssetStatus("onboarded")
    assert status == "onboarded"
    assert (str(status), f"{status}", json.dumps(status)) == ("onboarded", "onboarded", '"onboarded"')
    assert status is AssetStatus.ONBOARDED
    by_value: dict[str, int] = {status: 1}
    assert by_value["onboarded"] == 1


@pytest.mark.parametrize("kind", FIXED, ids=lambda kind: kind.__name__)
def test_an_unknown_value_is_kept(kind: type[OpenStrEnum]) -> None:
    unknown = kind("brand-new")
    assert isinstance(unknown, kind)
    assert (unknown.value, str(unknown), unknown.is_known) == ("brand-new", "brand-new", False)
    assert unknown not in list(kind)
    assert pickle.loads(pickle.dumps(unknown)) == copy.deepcopy(unknown) == unknown


def test_an_unknown_value_is_not_remembered() -> None:
    before = len(AssetStatus._value2member_map_)
    for number in range(100):
        AssetStatus(f"status-{number}")
    assert len(AssetStatus._value2member_map_) == before


def test_only_text_is_a_value() -> None:
    wrong: Any = 7
    with pytest.raises(ValueError, match="7 is not a valid AssetStatus"):
        AssetStatus(wrong)


def test_known_members_say_so() -> None:
    assert AssetStatus.DRAFT.is_known
    assert SortBy.CREATION_DATE.is_known


def test_older_names_are_aliases() -> None:
    for kind, older, name in ((SortBy, "CREATION_DATE", "CREATED_AT"), (SortOrder, "DESCENDING", "DESC")):
        assert getattr(kind, older) is getattr(kind, name)


@pytest.mark.parametrize(("order", "direction"), [(SortOrder.ASC, 1), (SortOrder.DESC, -1)])
def test_a_sort_order_has_the_direction_that_the_wire_wants(order: SortOrder, direction: int) -> None:
    assert order.direction == direction


def test_function_types_are_the_wire_values() -> None:
    assert {"ai", "utility", "connector", "connection", "mcpserver"} <= set(FunctionType)


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("onboarded", AssetStatus.ONBOARDED),
        ("IN_PROGRESS", AssetStatus.IN_PROGRESS),
        ("in-progress", AssetStatus.IN_PROGRESS),
        ("nope", None),
    ],
)
def test_a_member_is_found_in_any_spelling(text: str, member: AssetStatus | None) -> None:
    assert find_member(AssetStatus, text) is member
