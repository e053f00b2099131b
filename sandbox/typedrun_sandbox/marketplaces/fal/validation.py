"""What is wrong with the input of a run, in the words of the service (those of pydantic)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_text
from typedrun_sandbox.marketplaces.fal.catalog import CatalogModel
from typedrun_sandbox.marketplaces.fal.errors import model_error
from typedrun_sandbox.schemas.check import Finding, check


def check_input(model: CatalogModel, given: JSONObject) -> None:
    """Check an input by the model's schema; names that the schema does not have pass.

    Raises:
        Refusal: 422 with each finding.
    """
    detail: list[JSON] = list(_said(check(model.input_schema, given, model.document)))
    if detail:
        raise model_error(detail)


def _said(findings: Iterable[Finding]) -> Iterator[JSONObject]:
    """One object per finding; of a union, those of each branch."""
    for finding in findings:
        if finding.branches:
            yield from _said(finding.branches)
        else:
            yield _one(finding)


def _one(finding: Finding) -> JSONObject:
    kind, sentence, limit_name = _words(finding)
    place: list[JSON] = ["body", *finding.place]
    if finding.rule == "required":
        place.append(finding.limit)
    context: JSONObject = {"ctx": {limit_name: finding.limit}} if limit_name else {}
    return {"loc": place, "msg": sentence(finding), "type": kind, "input": finding.found, **context}


def _words(finding: Finding) -> tuple[str, Callable[[Finding], str], str]:
    if finding.rule == "type":
        wanted = as_text(finding.limit) or as_text(next(iter(as_list(finding.limit)), ""))
        kind, sentence = _TYPES.get(wanted, ("type_error", "Input has the wrong type"))
        return kind, lambda _: sentence, ""
    return _RULES.get(finding.rule, ("value_error", lambda _: "Value error", ""))


_TYPES: Mapping[str, tuple[str, str]] = {
    "string": ("string_type", "Input should be a valid string"),
    "integer": ("int_type", "Input should be a valid integer"),
    "number": ("float_type", "Input should be a valid number"),
    "boolean": ("bool_type", "Input should be a valid boolean"),
    "array": ("list_type", "Input should be a valid list"),
    "object": ("model_attributes_type", "Input should be a valid dictionary or object to extract fields from"),
    "null": ("none_required", "Input should be None"),
}
"""Type of JSON Schema → the library's name for the error, and its sentence."""


def _limited(words: str, unit: str = "") -> Callable[[Finding], str]:
    return lambda finding: f"{words} {finding.limit}{unit}"


def _options(finding: Finding) -> str:
    shown = [repr(option) for option in as_list(finding.limit)]
    return (
        f"Input should be {', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else f"Input should be {shown[0]}"
    )


_RULES: Mapping[str, tuple[str, Callable[[Finding], str], str]] = {
    "required": ("missing", lambda _: "Field required", ""),
    "enum": ("literal_error", _options, "expected"),
    "minimum": ("greater_than_equal", _limited("Input should be greater than or equal to"), "ge"),
    "maximum": ("less_than_equal", _limited("Input should be less than or equal to"), "le"),
    "exclusiveMinimum": ("greater_than", _limited("Input should be greater than"), "gt"),
    "exclusiveMaximum": ("less_than", _limited("Input should be less than"), "lt"),
    "multipleOf": ("multiple_of", _limited("Input should be a multiple of"), "multiple_of"),
    "minLength": ("string_too_short", _limited("String should have at least", " characters"), "min_length"),
    "maxLength": ("string_too_long", _limited("String should have at most", " characters"), "max_length"),
    "minItems": ("too_short", _limited("List should have at least", " items after validation"), "min_length"),
    "maxItems": ("too_long", _limited("List should have at most", " items after validation"), "max_length"),
    "pattern": ("string_pattern_mismatch", _limited("String should match pattern"), "pattern"),
    "format": ("url_parsing", lambda _: "Input should be a valid URL", ""),
    "additionalProperties": ("extra_forbidden", lambda _: "Extra inputs are not permitted", ""),
}
"""Keyword of JSON Schema → the library's name for the error, its sentence, and the name of the limit in `ctx`."""
