"""aiXplain: how an entry of its catalog becomes a `ModelSpec`. Every dialect of the documents is absorbed here.

What cannot be understood is a `Problem` with its JSON pointer: without an id or with unreadable parameters the model is
skipped, an unreadable parameter is left out of its model.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Mapping

from attrs import field, frozen

from typedrun.marketplaces.aixplain.numbers import read_number
from typedrun.marketplaces.aixplain.paths import paths_of
from typedrun.parameters.presets import option_values, preset_values
from typedrun_codegen.ir.api import ListOf, TypeExpr
from typedrun_codegen.ir.catalog import (
    CatalogSpec,
    FunctionSpec,
    Member,
    ModelSpec,
    ParameterSpec,
    PricingSpec,
    SupplierSpec,
)
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.ir.values import python_value, with_options
from typedrun_codegen.marketplaces.aixplain.documents import NAME, model_path
from typedrun_codegen.marketplaces.aixplain.words import (
    OUTPUT_SEVERAL,
    OUTPUT_UNKNOWN,
    Rule,
    output_rule,
    rule_for,
)
from typedrun_codegen.marketplaces.protocol import Read

CONVERSATION = ("text-generation", "text")
"""The function and parameter whose text may also be a list of chat messages."""

_SKIPPED = "run `typedrun pull` to refresh it; until then this model is skipped"
_LEFT_OUT = "run `typedrun pull` to refresh it; until then this parameter is left out"


def read_catalog(snapshot: Snapshot, entries: Iterable[ModelEntry | Problem] | None = None) -> Read:
    """Read every entry of a snapshot.

    Args:
        snapshot: the enumerations, and the models.
        entries: the models as they are read, in place of the snapshot's own: then they need not be in memory together.
    """
    unreadable: list[Problem] = []
    problems = list(snapshot.problems)
    functions = tuple(_read_functions(snapshot.functions))
    suppliers = tuple(_read_suppliers(snapshot.suppliers))
    reader = _Reader(
        functions={function.id: function.name for function in functions},
        suppliers={str(supplier.id): supplier for supplier in suppliers if supplier.id is not None},
        problems=problems,
    )
    models: dict[str, ModelSpec] = {}
    for entry in snapshot.models if entries is None else entries:
        if isinstance(entry, Problem):
            unreadable.append(entry)
            continue
        model = reader.model(entry)
        if model is None:
            continue
        if model.id in models:
            first = models[model.id].location
            problems.append(
                _problem(
                    "two models have the same id",
                    entry.location.at("id"),
                    model.id,
                    model=model.label,
                    next_step=f"keep one of them; {first} is generated, this one is skipped",
                )
            )
            continue
        models[model.id] = model
    catalog = CatalogSpec(
        backend=NAME,
        models=tuple(models.values()),
        functions=functions,
        suppliers=suppliers,
        languages=tuple(_read_members(snapshot.languages, "value", "label")),
        licenses=tuple(_read_members(snapshot.licenses, "id", "name")),
    )
    return Read(catalog, (*unreadable, *problems))


@frozen(kw_only=True)
class _Reader:
    """Reads entries, each parameter once: most are word for word those of another model."""

    functions: Mapping[str, str]
    """Names of functions, by id."""
    suppliers: Mapping[str, SupplierSpec]
    """The suppliers' enumeration by id, for models that give no more than the id."""
    problems: list[Problem]
    """What is wrong with the entries is appended here."""
    known: dict[tuple[int, bytes], ParameterSpec] = field(factory=dict["tuple[int, bytes]", ParameterSpec])
    """Position and content of a parameter object → what it says."""

    def model(self, entry: ModelEntry) -> ModelSpec | None:
        """Read one entry; None when nothing can be generated from it."""
        value, location = entry.value, entry.location
        identity = value.get("id")
        if not isinstance(identity, str) or not identity.strip():
            self._report("this model has no id", location.at("id"), _shown(identity), model=_text(value.get("name")))
            return None
        path = model_path(value)
        name = _text(value.get("name")) or path or identity
        label = _label(path or name, identity)
        params = value.get("params")
        if params is not None and not isinstance(params, list | dict):
            self._report("params is not a list", location.at("params"), _shown(params), model=label)
            return None
        function, function_name = _pair(value.get("function"), "id", "name")
        supplier = _read_supplier(value.get("vendor")) or _read_supplier(value.get("supplier"))
        version_id, version_name = _pair(value.get("version"), "id", "name")
        return ModelSpec(
            id=identity,
            name=name,
            path=path,
            paths=tuple(dict.fromkeys(paths_of(value))),
            description=_text(value.get("description")) or "",
            function=function,
            function_name=self.functions.get(function or "") or function_name,
            function_type=_text(value.get("functionType")),
            supplier=self._known_supplier(supplier) or SupplierSpec("unknown", "unknown supplier"),
            host=_text(value.get("host") or value.get("hostedBy")),
            developer=_text(value.get("developer") or value.get("developedBy")),
            version=version_id,
            version_name=version_name,
            status=_text(value.get("status")),
            pricing=_read_pricing(value.get("pricing")),
            connection_type=_read_words(value.get("connectionType")),
            supports_streaming=_bool(value.get("supportsStreaming")),
            supports_byoc=_bool(value.get("supportsBYOC")),
            created_at=_text(value.get("createdAt")),
            updated_at=_text(value.get("updatedAt")),
            attributes=tuple(_read_attributes(value.get("attributes"))),
            parameters=self._parameters(params, function, location, label) if isinstance(params, list) else (),
            has_parameters=isinstance(params, list),
            location=location,
            fingerprint=entry.sha,
        )

    def _parameters(
        self, params: list[JSON], function: str | None, location: Location, model: str
    ) -> tuple[ParameterSpec, ...]:
        found: dict[str, ParameterSpec] = {}
        for index, value in enumerate(params):
            name = value.get("name") or value.get("code") if isinstance(value, dict) else None
            if not isinstance(value, dict) or not isinstance(name, str) or not name.strip():
                shown = _shown(name if isinstance(value, dict) else value)
                title = "this parameter has no name" if isinstance(value, dict) else "this parameter is not an object"
                self._report(title, location.at("params", index), shown, model=model, next_step=_LEFT_OUT)
                continue
            if name in found:
                continue  # the first one it is; `typedrun doctor` tells
            is_conversation = (function, name) == CONVERSATION
            content = marshal.dumps((value, is_conversation), 2)
            known = self.known.get((index, content))
            if known is None:
                known = _read_parameter(value, name, index, content, is_conversation=is_conversation)
                self.known[index, content] = known
            found[name] = known
        return tuple(found.values())

    def _known_supplier(self, supplier: SupplierSpec | None) -> SupplierSpec | None:
        """A supplier of which a model gives the id alone, as the enumeration names it."""
        is_bare = supplier is not None and supplier.code == str(supplier.id)
        return self.suppliers.get(supplier.code, supplier) if supplier is not None and is_bare else supplier

    def _report(
        self,
        title: str,
        location: Location,
        found: str,
        *,
        model: str | None,
        parameter: str | None = None,
        next_step: str = _SKIPPED,
    ) -> None:
        self.problems.append(_problem(title, location, found, model=model, parameter=parameter, next_step=next_step))


def _read_parameter(
    value: Mapping[str, JSON], name: str, index: int, content: bytes, *, is_conversation: bool
) -> ParameterSpec:
    data_type, sub_type = _text(value.get("dataType")), _text(value.get("dataSubType"))
    rule = rule_for(data_type, sub_type, conversation=is_conversation)
    fixed = value.get("isFixed") is True
    values = preset_values(_entries(value.get("values")))
    options = option_values(_entries(value.get("availableOptions")))
    allowed = options or (values if fixed and len(values) > 1 else ())
    defaults = preset_values(_entries(value.get("defaultValues")))
    multiple = value.get("multipleValues") is True
    preset = defaults or (values if fixed and len(values) == 1 else ())
    type_, default = _type_and_default(rule, allowed, preset, multiple=multiple)
    return ParameterSpec(
        name=name,
        required=value.get("required") is True,
        fixed=fixed,
        type=type_,
        plain=rule.type.item if isinstance(rule.type, ListOf) else rule.type,
        rule=rule.name,
        data_type=data_type,
        data_sub_type=sub_type,
        multiple=multiple,
        options=allowed,
        labels=_labels(value.get("availableOptions") if options else value.get("values"), len(allowed)),
        defaults=defaults,
        values=values,
        default=default,
        description=_text(value.get("description")) or "",
        index=index,
        fingerprint=content,
    )


def _type_and_default(
    rule: Rule, allowed: tuple[JSON, ...], defaults: tuple[JSON, ...], *, multiple: bool
) -> tuple[TypeExpr, JSON]:
    one = with_options(rule.type, allowed)
    first = defaults[0] if defaults else None
    if not multiple or isinstance(rule.type, ListOf):
        return one, None if first is None else python_value(first, rule.type)
    if isinstance(first, list):
        return ListOf(one), [python_value(item, rule.type) for item in first]
    return ListOf(one), [python_value(item, rule.type) for item in defaults if item is not None] or None


def _read_functions(value: JSON) -> Iterator[FunctionSpec]:
    location = Location("functions.json").at(*(("items",) if isinstance(value, dict) else ()))
    for index, item in enumerate(_items(value)):
        if not isinstance(item, dict) or not isinstance(identity := item.get("id"), str):
            continue
        meta = item.get("metaData")
        rule = _output_rule(identity, item.get("output"))
        yield FunctionSpec(
            id=identity,
            name=_text(item.get("name")) or identity,
            description=_text(meta.get("description") if isinstance(meta, dict) else None) or "",
            output=None if rule in (OUTPUT_SEVERAL, OUTPUT_UNKNOWN) else rule.type,
            output_rule=rule.name,
            location=location.at(index),
        )


def _output_rule(function: str, value: JSON) -> Rule:
    outputs = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    return output_rule(function, [item.get("dataType") for item in outputs])


def _read_suppliers(value: JSON) -> Iterator[SupplierSpec]:
    for item in _items(value):
        supplier = _read_supplier(item)
        if supplier is not None:
            yield supplier


def _read_supplier(value: JSON) -> SupplierSpec | None:
    """`{id, name, code}`, `{id, name}`, `{id}`, a bare code or a bare id."""
    if isinstance(value, str) and value.strip():
        return SupplierSpec(value, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return SupplierSpec(str(value), str(value), value)
    if not isinstance(value, dict):
        return None
    identity = value.get("id")
    identity = identity if isinstance(identity, int | str) and not isinstance(identity, bool) else None
    code = _text(value.get("code")) or _text(value.get("name")) or (None if identity is None else str(identity))
    return None if not code else SupplierSpec(code, _text(value.get("name")) or code, identity)


def _read_members(value: JSON, key: str, label: str) -> Iterator[Member]:
    for item in _items(value):
        if isinstance(item, dict) and isinstance(found := item.get(key), str) and found:
            yield Member(found, _text(item.get(label)) or found)


def _read_pricing(value: JSON) -> PricingSpec | None:
    if not isinstance(value, dict):
        return None
    price = read_number(value.get("price", value.get("value")))
    currency = _text(value.get("currency"))
    return PricingSpec(
        price, _text(value.get("unitType")), _text(value.get("unitTypeScale")), currency, _text(value.get("id"))
    )


def _read_attributes(value: JSON) -> Iterator[tuple[str, JSON]]:
    """A map, or a list of `{name, code}` and `{name, value}`."""
    if isinstance(value, dict):
        yield from value.items()
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and isinstance(name := item.get("name"), str):
            yield name, item.get("code") if item.get("code") is not None else item.get("value")


def _read_words(value: JSON) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else None


def _entries(value: JSON) -> list[JSON]:
    """A list, or the one entry that stands in its place."""
    return value if isinstance(value, list) else [] if value is None or isinstance(value, dict) else [value]


def _labels(value: JSON, count: int) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    labels = tuple(
        _text(item.get("label")) or "" for item in items if isinstance(item, dict) and item.get("value") is not None
    )
    return labels if len(labels) == count else ()


def _items(value: JSON) -> list[JSON]:
    items = value.get("items") if isinstance(value, dict) else value
    return items if isinstance(items, list) else []


def _pair(value: JSON, first: str, second: str) -> tuple[str | None, str | None]:
    if isinstance(value, dict):
        return _text(value.get(first)), _text(value.get(second))
    return _text(value), None


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) and value else None


def _bool(value: JSON) -> bool | None:
    return value if isinstance(value, bool) else None


def _label(name: str, identity: str) -> str:
    return f"{name} ({identity})"


def _shown(value: JSON) -> str:
    if value is None:
        return "nothing"
    text = ascii(value) if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _problem(
    title: str,
    location: Location,
    found: str,
    *,
    model: str | None = None,
    parameter: str | None = None,
    next_step: str = _SKIPPED,
) -> Problem:
    return Problem(title, location, found=found, next_step=next_step, model=model, parameter=parameter)
