"""The enumerations of a catalog, a module each: who looks one model up has no use for the names of all suppliers."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from typedrun_codegen.ir.catalog import CatalogSpec
from typedrun_codegen.text.annotations import natural
from typedrun_codegen.text.docstrings import DocText, doc_text
from typedrun_codegen.text.layout import assignment, item
from typedrun_codegen.text.names import Identifier

EXPORTS: Mapping[str, tuple[str, ...]] = {
    "_function": ("Function", "find_function_by_id"),
    "_language": ("Language",),
    "_license": ("License",),
    "_supplier": ("SUPPLIER_IDS", "Supplier", "find_supplier_by_id"),
}
"""Module of a package → what `enums` exports of it."""


@frozen(kw_only=True)
class EnumPlan:
    """A generated enumeration and its module."""

    module: str
    template: str
    name: str
    doc: str
    members: tuple[tuple[str, DocText], ...]
    """Assignment of a value, label (empty when it says nothing more)."""
    ids: tuple[str, ...] = ()
    """Items `id: value`, of suppliers."""


def exports_of_enums(package: str) -> dict[str, str]:
    """Name that `enums` exports of the generated enumerations → module that defines it."""
    return {name: f"{package}.{module}" for module, names in EXPORTS.items() for name in names}


def plan_enums(catalog: CatalogSpec, members: Mapping[str, Mapping[str, Identifier]]) -> tuple[EnumPlan, ...]:
    """Plan the modules of all enumerations.

    Args:
        catalog: what it lists.
        members: enumeration → value → member.
    """

    def plan(name: str, doc: str, labels: Mapping[str, str], ids: tuple[str, ...] = ()) -> EnumPlan:
        module = name.lower()
        has_finder = len(EXPORTS[f"_{module}"]) > 1
        return EnumPlan(
            module=f"_{module}",
            template=f"enums/{module if has_finder else 'plain'}.py.jinja",
            name=name,
            doc=doc,
            members=tuple(
                (assignment(member, value, indent=4), doc_text(labels.get(value, ""), 100))
                for value, member in sorted(members[name].items(), key=lambda item: item[1])
            ),
            ids=ids,
        )

    supplier_ids = tuple(
        item(str(supplier.id), supplier.code, indent=4)
        for supplier in sorted(catalog.suppliers, key=lambda supplier: natural(str(supplier.id)))
        if supplier.id is not None and supplier.code in members["Supplier"]
    )
    functions = {function.id: function.name for function in catalog.functions}
    suppliers = {supplier.code: supplier.name for supplier in catalog.suppliers}
    languages = {member.value: member.label for member in catalog.languages}
    licenses = {member.value: member.label for member in catalog.licenses}
    return (
        plan("Function", "What a model does, as the backend's function id.", functions),
        plan("Supplier", "Who made a model, as the supplier's code.", suppliers, supplier_ids),
        plan("Language", "A language, as the code that parameters take.", languages),
        plan("License", "A licence, as the backend's id.", licenses),
    )
