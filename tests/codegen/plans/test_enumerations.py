"""Enumerations of a package: which suppliers are found by their ids."""

from __future__ import annotations

from pathlib import Path

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_codegen.marketplaces.aixplain.adapter import read_catalog
from typedrun_codegen.plans.enumerations import plan_enums
from typedrun_codegen.text.names import const_name

LISTED: JSON = [
    {"id": 10, "name": "Ten", "code": "ten"},
    {"id": 9, "name": "Nine", "code": "nine"},
    {"id": 8, "name": "Not a member", "code": "eight"},
    {"name": "Without an id", "code": "bare"},
]


def test_members_that_have_an_id_are_found_by_it_in_the_order_of_numbers() -> None:
    catalog = read_catalog(Snapshot(Path("catalog"), (), suppliers=LISTED)).catalog
    codes = {code: const_name(code) for code in ("ten", "nine", "bare")}
    enums = plan_enums(catalog, {"Function": {}, "Supplier": codes, "Language": {}, "License": {}})
    (supplier,) = (enum for enum in enums if enum.name == "Supplier")
    assert supplier.ids == ('"9": "nine"', '"10": "ten"')
    assert [assigned for assigned, _ in supplier.members] == ['BARE = "bare"', 'NINE = "nine"', 'TEN = "ten"']
