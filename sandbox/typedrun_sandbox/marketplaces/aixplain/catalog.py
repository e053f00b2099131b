"""The models of a snapshot: what each of them says, and how one is found."""

from __future__ import annotations

from attrs import evolve, frozen

from typedrun.marketplaces.aixplain.paths import paths_of
from typedrun.parameters.presets import bare_value
from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_number, as_object, as_text

_LISTS = ("functions", "suppliers", "languages", "licenses")


@frozen
class CatalogModel:
    """One model object, read leniently: a snapshot may hold any variant that the wire knows."""

    value: JSONObject
    output: str = ""
    """The dataType of its function's first output; empty when the function list has none."""

    @property
    def id(self) -> str:
        """The model's id."""
        return str(self.value.get("id", ""))

    @property
    def name(self) -> str:
        """The display name."""
        return as_text(self.value.get("name"))

    @property
    def path(self) -> str:
        """The fullest path that the document has; empty without any."""
        return next(paths_of(self.value), "")

    @property
    def function(self) -> str:
        """The function's id; it may come as an object or as a bare string."""
        function = self.value.get("function")
        return function if isinstance(function, str) else as_text(as_object(function).get("id"))

    @property
    def function_type(self) -> str:
        """Whether it is a model or some kind of tool."""
        return as_text(self.value.get("functionType"))

    @property
    def supplier(self) -> JSONObject:
        """`vendor`, else `supplier`, as an object."""
        for key in ("vendor", "supplier"):
            value = self.value.get(key)
            if isinstance(value, dict):
                return value
            if isinstance(value, str | int) and value != "":
                return {"id": value, "name": str(value), "code": str(value)}
        return {}

    @property
    def params(self) -> list[JSONObject]:
        """The parameter objects that have a name."""
        return [p for p in map(as_object, as_list(self.value.get("params"))) if as_text(p.get("name"))]

    @property
    def connection_type(self) -> tuple[str, ...]:
        """How the model can be called; a bare string counts as a list of one."""
        kinds = self.value.get("connectionType")
        return (kinds,) if isinstance(kinds, str) else tuple(map(as_text, as_list(kinds)))

    @property
    def is_asynchronous(self) -> bool:
        """Whether a run of this model answers with a poll URL."""
        return "asynchronous" in self.connection_type

    @property
    def can_stream(self) -> bool:
        """Whether it streams: `supportsStreaming`, and where that is null, text generation alone."""
        flag = self.value.get("supportsStreaming")
        return flag if isinstance(flag, bool) else self.function == "text-generation"

    @property
    def price(self) -> float:
        """The price per unit, in credits; 0 when the catalog gives none."""
        pricing = as_object(self.value.get("pricing"))
        return as_number(pricing.get("price", pricing.get("value")), 0.0)

    @property
    def unit(self) -> str:
        """What the price is for: CHAR, TOKEN, REQUEST …"""
        return as_text(as_object(self.value.get("pricing")).get("unitType")).upper()

    @property
    def output_schema(self) -> JSONObject | None:
        """None: no model of this catalog publishes one."""
        return None

    @property
    def vector_size(self) -> int | None:
        """The attribute `embeddingSize`."""
        size = as_number(self.attribute("embeddingSize"), 0.0)
        return int(size) or None

    def attribute(self, name: str) -> JSON:
        """One of the model's attributes, from the map or from the list form."""
        attributes = self.value.get("attributes")
        for entry in map(as_object, as_list(attributes)):
            if entry.get("name") == name:
                return entry.get("code", entry.get("value"))
        return as_object(attributes).get(name)

    def preset(self, parameter: str) -> str:
        """The text that the catalog sets for a parameter."""
        for one in self.params:
            if one.get("name") == parameter:
                entries = as_list(one.get("values")) or as_list(one.get("defaultValues"))
                return as_text(bare_value(entries[0])) if entries else ""
        return ""


class Catalog:
    """Every model of a snapshot, by id, path and name, and the enumeration lists."""

    def __init__(self, snapshot: Snapshot) -> None:
        outputs = _outputs(snapshot.functions)
        read = (CatalogModel(entry.value) for entry in snapshot.models)
        self._all = tuple(evolve(model, output=outputs.get(model.function, "")) for model in read)
        self._removed: set[str] = set()
        given = (snapshot.functions, snapshot.suppliers, snapshot.languages, snapshot.licenses)
        derived = (self._functions, self._suppliers, list[JSON], list[JSON])
        self.lists: dict[str, JSON] = {
            name: make() if value is None else value for name, value, make in zip(_LISTS, given, derived, strict=True)
        }
        self._by_id = {model.id: model for model in self._all}
        self._by_path = {model.path: model for model in self._all if model.path}
        self._by_name = {model.name: model for model in self._all}

    @property
    def models(self) -> tuple[CatalogModel, ...]:
        """Every model that was not deleted, in the snapshot's order."""
        return tuple(model for model in self._all if model.id not in self._removed)

    def find(self, id_or_path: str) -> CatalogModel | None:
        """Find a model by id or by its case-sensitive path."""
        return self._present(self._by_id.get(id_or_path) or self._by_path.get(id_or_path))

    def find_name(self, name: str) -> CatalogModel | None:
        """Find a model by display name."""
        return self._present(self._by_name.get(name))

    def remove(self, model: CatalogModel) -> None:
        """Delete a model; the snapshot itself stays as it is."""
        self._removed.add(model.id)

    def restore(self) -> None:
        """Bring every deleted model back."""
        self._removed.clear()

    def _present(self, model: CatalogModel | None) -> CatalogModel | None:
        return None if model is None or model.id in self._removed else model

    def _functions(self) -> JSON:
        ids = sorted({model.function for model in self.models if model.function})
        items: list[JSON] = [{"id": id, "name": id.replace("-", " ").title(), "params": [], "output": []} for id in ids]
        return {"total": len(items), "pageTotal": len(items), "items": items}

    def _suppliers(self) -> list[JSON]:
        by_code = {str(model.supplier.get("code")): model.supplier for model in self.models if model.supplier}
        return [dict(by_code[code]) for code in sorted(by_code)]


def _outputs(functions: JSON) -> dict[str, str]:
    """Function id → dataType of its first output, where the list has one."""
    found: dict[str, str] = {}
    for entry in map(as_object, as_list(as_object(functions).get("items"))):
        for output in map(as_object, as_list(entry.get("output"))[:1]):
            found.setdefault(as_text(entry.get("id")), as_text(output.get("dataType")))
    return found
