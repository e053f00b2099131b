"""Catalog values in every dialect that the backend has been seen to speak."""

import copy
import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.narrowing import present
from tests.strategies import json_values
from typedrun.marketplaces.aixplain.documents import (
    decode_attributes,
    decode_parameters,
    decode_path,
    decode_pricing,
    decode_vendor,
    decode_version,
    decode_words,
)
from typedrun.parameters import Attribute, Parameter, Pricing, VendorInfo, Version


@pytest.mark.parametrize(
    ("fields", "default"),
    [
        ({"defaultValues": [{"value": "0.5", "label": "Half"}]}, "0.5"),
        ({"defaultValues": ["a", "b"]}, "a"),
        ({"defaultValues": [{"label": "no value"}]}, None),
        ({"defaultValues": []}, None),
        ({"defaultValues": None}, None),
        ({}, None),
        ({"isFixed": True, "values": [{"value": "en", "label": "English"}]}, "en"),
        ({"isFixed": True, "values": ["en", "es"]}, None),
        ({"isFixed": False, "values": ["en"]}, None),
        ({"defaultValues": [{"model": "a/b"}]}, {"model": "a/b"}),
        ({"defaultValues": [{"label": "no value"}, {}, {"value": "b"}]}, "b"),
        ({"defaultValues": "0.7"}, "0.7"),
        ({"isFixed": True, "values": [{"label": "no value"}, "en"]}, "en"),
    ],
)
def test_the_default_is_the_first_or_the_only_preset(fields: dict[str, Any], default: object) -> None:
    (parameter,) = present(decode_parameters([{"name": "x", **fields}]))
    assert parameter.default == default


def test_nulls_in_a_parameter_read_as_absent() -> None:
    (parameter,) = present(
        decode_parameters([{"name": "x", "required": None, "values": None, "availableOptions": None}])
    )
    assert parameter == Parameter(name="x")


def test_a_read_parameter_is_like_one_made_by_hand() -> None:
    wire = {
        "name": "x",
        "required": True,
        "isFixed": False,
        "multipleValues": True,
        "dataType": "text",
        "values": ["a"],
    }
    (read,) = present(decode_parameters([wire]))
    made = Parameter(name="x", required=True, multiple_values=True, data_type="text", values=("a",))
    assert (type(read), read, hash(read), repr(read)) == (Parameter, made, hash(made), repr(made))
    assert pickle.loads(pickle.dumps(read)) == copy.deepcopy(read) == made
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        read.name = "y"  # type: ignore[misc]  # that is the test


KEYS = ("code", "required", "isFixed", "multipleValues", "dataType", "dataSubType", "values", "defaultValues",
        "availableOptions", "description")  # fmt: skip


@given(fields=st.dictionaries(st.sampled_from(KEYS), json_values(4)), name=st.text())
def test_a_key_that_is_missing_reads_as_null(fields: dict[str, Any], name: str) -> None:
    short = decode_parameters([{"name": name, **fields}])
    assert short == decode_parameters([{**dict.fromkeys(KEYS), "name": name, **fields, "new": 1}])


def test_options_come_bare_or_with_labels() -> None:
    bare, labelled = present(
        decode_parameters(
            [
                {"name": "a", "availableOptions": ["x", 1]},
                {"name": "b", "availableOptions": [{"value": "x"}, {"value": 1}]},
            ]
        )
    )
    assert bare.options == labelled.options == ("x", 1)


def test_several_presets_of_a_fixed_parameter_are_its_options() -> None:
    presets = [{"value": "en", "label": "English"}, {"value": "de", "label": "German"}]
    fixed, free = present(
        decode_parameters([{"name": "a", "isFixed": True, "values": presets}, {"name": "b", "values": presets}])
    )
    assert (fixed.options, fixed.default, free.options) == (("en", "de"), None, ())


@pytest.mark.parametrize(
    ("value", "expected"), [(None, None), ({}, ()), ([], ()), ([{"name": 3}, "x", {"required": True}], ())]
)
def test_params_may_be_anything(value: object, expected: object) -> None:
    assert decode_parameters(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"price": 1e-05, "unitType": "TOKEN", "unitTypeScale": None}, Pricing(1e-05, "TOKEN")),
        ({"price": 10**400, "unitType": "TOKEN"}, Pricing(None, "TOKEN")),
        ({"price": "NaN"}, Pricing()),
        ({"price": "0.25", "currency": "USD"}, Pricing(0.25, currency="USD")),
        ({"currency": "USD", "value": 3}, Pricing(3.0, currency="USD")),
        ({"id": "free"}, Pricing(id="free")),
        ({"price": "cheap"}, Pricing()),
        (None, None),
        ("free", None),
    ],
)
def test_every_form_of_a_price(value: object, expected: Pricing | None) -> None:
    assert decode_pricing(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": 1, "name": "OpenAI", "code": "openai"}, VendorInfo(1, "OpenAI", "openai")),
        ({"id": "AWS"}, VendorInfo("AWS")),
        ("openai", VendorInfo(None, "openai", "openai")),
        (17, VendorInfo(17)),
        (True, None),
        (None, None),
    ],
)
def test_every_form_of_a_supplier(value: object, expected: VendorInfo | None) -> None:
    assert decode_vendor(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"name": None, "id": "1.0"}, Version(None, "1.0")),
        ("1.0", Version(id="1.0")),
        ({}, Version()),
        (None, None),
    ],
)
def test_every_form_of_a_version(value: object, expected: Version | None) -> None:
    assert decode_version(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": "1"}, {"a": "1"}),
        ([{"name": "a", "code": "1"}, {"name": "b", "value": 2}, {"code": "lost"}, "x"], {"a": "1", "b": 2}),
        (None, None),
    ],
)
def test_attributes_come_as_a_map_or_a_list(value: object, expected: object) -> None:
    assert decode_attributes(value) == expected


def test_an_attribute_has_one_datum() -> None:
    assert [Attribute("a", code="c").datum, Attribute("a", value=0).datum] == ["c", 0]


@pytest.mark.parametrize(
    ("value", "expected"), [("synchronous", ("synchronous",)), (["a", 1, "b"], ("a", "b")), ([], ()), (None, None)]
)
def test_words_come_as_a_list_or_alone(value: object, expected: object) -> None:
    assert decode_words(value) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"assetInfo": {"instanceId": "a/b/c", "assetPath": "a/b"}, "path": "z"}, "a/b/c"),
        ({"assetInfo": {"instanceId": None, "assetPath": "a/b"}}, "a/b"),
        ({"assetInfo": {"instanceId": 7, "assetPath": ""}, "path": "z"}, "z"),
        ({"assetInfo": "odd", "path": "z"}, "z"),
        ({"path": ""}, None),
        ({"path": 7}, None),
        ({}, None),
    ],
)
def test_the_path_is_the_most_exact_one(document: dict[str, Any], expected: str | None) -> None:
    assert decode_path(document) == expected
