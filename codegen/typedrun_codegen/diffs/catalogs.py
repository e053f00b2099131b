"""Two snapshots → judged changes: what a caller of the generated package will notice, and how badly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve

from typedrun_codegen.diffs.changes import JUDGEMENTS, Change, about_model, quoted, target
from typedrun_codegen.diffs.parameters import parameter_changes
from typedrun_codegen.diffs.shapes import output_changes
from typedrun_codegen.ir.api import TypeExpr
from typedrun_codegen.ir.catalog import CatalogSpec, FunctionSpec, ModelSpec, PricingSpec
from typedrun_codegen.ir.relation import words
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.text.words import plain_number

_HASH = re.compile("[0-9a-f]{64}")


def diff_catalogs(old: CatalogSpec, new: CatalogSpec) -> tuple[Change, ...]:
    """Every judged change from one catalog to another, models in the old catalog's order, then the added ones."""
    client = marketplace(new.backend).vocabulary.variable
    models = (evolve(each, call=f"{client}.{each.call}") if each.call else each for each in _models(old, new))
    return (*models, *_enumerations(old, new))


# --- models


def _models(old: CatalogSpec, new: CatalogSpec) -> Iterator[Change]:
    before, after = {model.id: model for model in old.models}, {model.id: model for model in new.models}
    outputs = _outputs(old.functions), _outputs(new.functions)
    moved = _moved([m for m in old.models if m.id not in after], [m for m in new.models if m.id not in before])
    for model in old.models:
        if model.id in after:
            yield from _model(model, after[model.id], *outputs)
        elif model.id in moved:
            yield about_model(
                moved[model.id],
                "model-id-changed",
                f"id changed from {model.id} to {moved[model.id].id}",
                model.id,
                moved[model.id].id,
            )
            yield from _model(model, moved[model.id], *outputs)
        else:
            yield about_model(model, "model-removed", "model removed", call=target(model))
    arrived = {model.id for model in moved.values()}
    for model in new.models:
        if model.id not in before and model.id not in arrived:
            yield about_model(model, "model-added", "model added", call=target(model))


def _moved(removed: Sequence[ModelSpec], added: Sequence[ModelSpec]) -> dict[str, ModelSpec]:
    """Models that vanished under one id and came back under another with the same path: old id → new model."""
    by_path = {model.path: model for model in added if model.path}
    return {model.id: by_path[model.path] for model in removed if model.path in by_path}


def _model(
    old: ModelSpec, new: ModelSpec, before: Mapping[str, TypeExpr], after: Mapping[str, TypeExpr]
) -> Iterator[Change]:
    yield from _identity(old, new)
    yield from _answer(old, new, before, after)
    yield from output_changes(old, new)
    yield from _capabilities(old, new)
    yield from _price(new, old.pricing, new.pricing)
    yield from parameter_changes(old, new)
    yield from _documentation(old, new)


def _identity(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    rows = (
        ("model-renamed", "name", old.name, new.name),
        ("path-changed", "path", old.path, new.path),
        ("supplier-changed", "supplier", old.supplier.code, new.supplier.code),
        ("version-changed", "version", _version(old), _version(new)),
        ("status-onboarded" if new.status == "onboarded" else "status-changed", "status", old.status, new.status),
    )
    for kind, noun, was, now in rows:
        if was != now:
            yield about_model(new, kind, f"{noun} changed from {quoted(was)} to {quoted(now)}", was, now)

    if old.is_deprecated != new.is_deprecated:
        kind, what = (
            ("model-deprecated", "deprecated now") if new.is_deprecated else ("model-reinstated", "not deprecated")
        )
        yield about_model(new, kind, what)


def _version(model: ModelSpec) -> str | None:
    """What a model says of its version; a hash says that something was pushed, and its schema says what of it matters."""
    version = model.version or model.version_name
    return None if version and _HASH.fullmatch(version) else version


def _answer(
    old: ModelSpec, new: ModelSpec, before: Mapping[str, TypeExpr], after: Mapping[str, TypeExpr]
) -> Iterator[Change]:
    if old.function != new.function and old.output is not None and new.output is not None:
        what = f"listed under {quoted(new.function)} now, under {quoted(old.function)} before"
        yield about_model(new, "category-changed", what, old.function, new.function)
        return
    if old.function != new.function:
        what = f"function changed from {quoted(old.function)} to {quoted(new.function)}"
        yield about_model(new, "function-changed", what, old.function, new.function)
        return
    was, now = before.get(old.function or ""), after.get(new.function or "")
    if was is not None and now is not None and was != now:
        yield about_model(
            new, "output-changed", f"result.data changed from {words(was)} to {words(now)}", words(was), words(now)
        )


def _outputs(functions: Iterable[FunctionSpec]) -> dict[str, TypeExpr]:
    return {function.id: function.output for function in functions if function.output is not None}


def _capabilities(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    if old.can_stream != new.can_stream:
        kind = "streaming-gained" if new.can_stream else "streaming-lost"
        yield about_model(
            new,
            kind,
            kind.replace("-", " "),
            old.supports_streaming,
            new.supports_streaming,
            f"{target(new)}.run_stream(…)",
        )
    if old.connection_type is None or new.connection_type is None:
        return  # unknown is not a promise that could be broken
    for way in ("synchronous", "asynchronous"):
        was, now = way in old.connection_type, way in new.connection_type
        if was != now:
            method = "run" if way == "synchronous" else "run_async"
            kind = f"{way}-{'gained' if now else 'lost'}"
            yield about_model(
                new, kind, f"{way} runs {'gained' if now else 'lost'}", was, now, f"{target(new)}.{method}(…)"
            )


def _price(model: ModelSpec, old: PricingSpec | None, new: PricingSpec | None) -> Iterator[Change]:
    if old == new:
        return
    was, now = _price_words(old), _price_words(new)
    same_unit = (
        old
        and new
        and (old.unit_type, old.unit_type_scale, old.currency) == (new.unit_type, new.unit_type_scale, new.currency)
    )
    kind = "price-changed"
    if same_unit and old and new and old.price is not None and new.price is not None:
        kind = "price-raised" if new.price > old.price else "price-lowered"
    yield about_model(model, kind, f"price changed from {was} to {now}", was, now)


def _price_words(pricing: PricingSpec | None) -> str:
    if pricing is None or pricing.price is None:
        return "unknown"
    units = " ".join(part for part in (pricing.unit_type, pricing.unit_type_scale) if part)
    return f"{plain_number(pricing.price)}{f' {pricing.currency}' if pricing.currency else ''}{f' per {units}' if units else ''}"


def _documentation(old: ModelSpec, new: ModelSpec) -> Iterator[Change]:
    fields = (
        "description",
        "host",
        "developer",
        "function_name",
        "function_type",
        "attributes",
        "supports_byoc",
        "updated_at",
    )
    changed = [name.replace("_", " ") for name in fields if getattr(old, name) != getattr(new, name)]
    if changed:
        yield about_model(new, "documentation-changed", f"{', '.join(changed)} changed")


# --- enumerations


def _enumerations(old: CatalogSpec, new: CatalogSpec) -> Iterator[Change]:
    rows = (
        ("Function", [f.id for f in old.functions], [f.id for f in new.functions]),
        ("Supplier", [s.code for s in old.suppliers], [s.code for s in new.suppliers]),
        ("Language", [m.value for m in old.languages], [m.value for m in new.languages]),
        ("License", [m.value for m in old.licenses], [m.value for m in new.licenses]),
    )
    for enum, before, after in rows:
        if not (before and after):
            continue  # a snapshot without the enumeration says nothing about its members
        for value in (value for value in before if value not in set(after)):
            yield _member("member-removed", enum, value)
        for value in (value for value in after if value not in set(before)):
            yield _member("member-added", enum, value)


def _member(kind: str, enum: str, value: str) -> Change:
    level, reason = JUDGEMENTS[kind]
    return Change(
        level=level,
        kind=kind,
        subject=f"enumeration {enum}",
        what=f"{quoted(value)} {kind.removeprefix('member-')}",
        reason=reason,
        call=f"{enum}({quoted(value)})",
    )
