"""What is wrong with the input of a prediction, in the words of the service (those of the gojsonschema library)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_text, type_word
from typedrun_sandbox.marketplaces.replicate.catalog import CatalogModel
from typedrun_sandbox.marketplaces.replicate.errors import invalid
from typedrun_sandbox.schemas.check import Finding, check

MEMBERS = frozenset({"input", "version", "webhook", "webhook_events_filter", "stream", "webhook_completed"})
"""What the body of a new prediction may have."""

EVENTS = ("start", "output", "logs", "completed")


def check_body(body: JSONObject) -> None:
    """Check the members of a new prediction's body.

    Raises:
        Refusal: 422 with each of them.
    """
    wrong = [] if "input" in body else [("required", "", "input is required")]
    wrong += [
        ("additional_property_not_allowed", "", f"Additional property {name} is not allowed")
        for name in body
        if name not in MEMBERS
    ]
    given = body.get("input", {})
    if not isinstance(given, dict):
        wrong.append(("invalid_type", "input", f"Invalid type. Expected: object, given: {type_word(given)}"))
    wrong += [
        ("enum", f"webhook_events_filter.{index}", f"webhook_events_filter.{index} must be one of: {_listed(EVENTS)}")
        for index, event in enumerate(as_list(body.get("webhook_events_filter")))
        if event not in EVENTS
    ]
    if wrong:
        raise invalid(wrong)


def check_input(model: CatalogModel, given: JSONObject) -> None:
    """Check an input by the model's schema; names that the schema does not have pass.

    Raises:
        Refusal: 422 with each finding.
    """
    found = check(model.input_schema, given, model.document)
    if found:
        raise invalid([_said(finding) for finding in found])


def _said(finding: Finding) -> tuple[str, str, str]:
    place = ".".join(map(str, ("input", *finding.place)))
    kind, sentence = _SENTENCES.get(finding.rule, ("invalid", lambda _: "Must be valid"))
    return kind, place, sentence(finding)


def _type_sentence(finding: Finding) -> str:
    wanted = "/".join(map(as_text, as_list(finding.limit))) or as_text(finding.limit)
    return f"Invalid type. Expected: {wanted}, given: {type_word(finding.found)}"


def _listed(options: tuple[JSON, ...] | list[JSON]) -> str:
    return ", ".join(json.dumps(option, ensure_ascii=False) for option in options)


def _enum_sentence(finding: Finding) -> str:
    place = ".".join(map(str, ("input", *finding.place)))
    return f"{place} must be one of the following: {_listed(as_list(finding.limit))}"


def _limited(words: str) -> Callable[[Finding], str]:
    return lambda finding: f"{words} {finding.limit}"


_SENTENCES: Mapping[str, tuple[str, Callable[[Finding], str]]] = {
    "required": ("required", lambda finding: f"{as_text(finding.limit)} is required"),
    "type": ("invalid_type", _type_sentence),
    "enum": ("enum", _enum_sentence),
    "minimum": ("number_gte", _limited("Must be greater than or equal to")),
    "maximum": ("number_lte", _limited("Must be less than or equal to")),
    "exclusiveMinimum": ("number_gt", _limited("Must be greater than")),
    "exclusiveMaximum": ("number_lt", _limited("Must be less than")),
    "multipleOf": ("multiple_of", _limited("Must be a multiple of")),
    "minLength": ("string_gte", _limited("String length must be greater than or equal to")),
    "maxLength": ("string_lte", _limited("String length must be less than or equal to")),
    "pattern": ("pattern", lambda finding: f"Does not match pattern '{as_text(finding.limit)}'"),
    "format": ("format", lambda finding: f"Does not match format '{as_text(finding.limit)}'"),
    "minItems": ("array_min_items", _limited("Array must have at least")),
    "maxItems": ("array_max_items", _limited("Array must have at most")),
    "additionalProperties": (
        "additional_property_not_allowed",
        lambda finding: f"Additional property {as_text(finding.limit)} is not allowed",
    ),
    "anyOf": ("number_any_of", lambda _: "Must validate at least one schema (anyOf)"),
    "oneOf": ("number_one_of", lambda _: "Must validate one and only one schema (oneOf)"),
}
"""Keyword of JSON Schema → the library's name for the error, and its sentence."""
