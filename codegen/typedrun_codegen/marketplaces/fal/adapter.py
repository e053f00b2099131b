"""fal: how an entry of its catalog becomes a `ModelSpec`. Every dialect of the documents is absorbed here.

A document is an entry of `GET /v1/models?expand=openapi-3.0`, with its price beside it (`pricing`). Of the OpenAPI document inside,
the request body of `POST /<id>` names the inputs, and the answer of `GET …/requests/{request_id}` the output. Its paths are not
where requests go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from typedrun.marketplaces.fal.files import is_file
from typedrun_codegen.ir.catalog import CatalogSpec, FunctionSpec, ModelSpec, PricingSpec, SupplierSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.marketplaces.fal.documents import NAME, model_id
from typedrun_codegen.marketplaces.protocol import MAY_STREAM, NEVER_STREAMS, Read
from typedrun_codegen.marketplaces.reading import no_model, part_of, read_models, text_of
from typedrun_codegen.readers.signatures import RULE, Dialect, Signature, read_signature

STREAMING = {
    MAY_STREAM: "the metadata have an address for streams (stream_url)",
    NEVER_STREAMS: "the metadata have no address for streams (stream_url)",
}
"""Why a model's class can stream, or cannot."""

_SCHEMAS = "#/components/schemas/"
_FILE_WORDS = ("content_type", "file_name", "file_size")


def read_catalog(snapshot: Snapshot, entries: Iterable[ModelEntry | Problem] | None = None) -> Read:
    """Read every entry of a snapshot.

    Args:
        snapshot: the models.
        entries: the models as they are read, in place of the snapshot's own: then they need not be in memory together.
    """
    read = read_models(NAME, snapshot, entries, _read_model)
    places: dict[str, Location] = {}
    for model in read.catalog.models:
        if model.function:
            places.setdefault(model.function, model.location.at("metadata", "category"))
    functions = tuple(
        FunctionSpec(id=each, name=_titled(each), output_rule=RULE, location=places[each]) for each in sorted(places)
    )
    return Read(CatalogSpec(backend=NAME, models=read.catalog.models, functions=functions), read.problems)


def _read_model(entry: ModelEntry) -> tuple[ModelSpec, Signature] | Problem:
    value = entry.value
    identity = model_id(value)
    if identity is None:
        return no_model(entry, "this model has no endpoint_id", value.get("endpoint_id"), "endpoint_id")
    schemas = part_of(value, "openapi", "components", "schemas")
    if not isinstance(schemas, dict):
        said = part_of(value, "openapi", "error", "message") or part_of(value, "openapi")
        return no_model(entry, "this model has no schema", said, "openapi")
    owner, _, rest = identity.partition("/")
    metadata = value.get("metadata")
    place = _places(value.get("openapi"), schemas)
    signature = read_signature(
        place.schemas, entry.location, "/openapi", _DIALECT, input=place.input, output=place.output
    )
    category = text_of(part_of(metadata, "category")) or None
    model = ModelSpec(
        id=identity,
        name=text_of(part_of(metadata, "display_name")) or rest or owner,
        title=rest or owner,
        path=identity,
        paths=(identity,),
        description=text_of(part_of(metadata, "description")),
        function=category,
        function_name=_titled(category) if category else None,
        supplier=SupplierSpec(owner, owner),
        status=text_of(part_of(metadata, "status")) or None,
        is_deprecated=part_of(metadata, "status") == "deprecated",
        pricing=_read_pricing(value.get("pricing")),
        supports_streaming=bool(part_of(metadata, "stream_url")),
        created_at=text_of(part_of(metadata, "date")) or None,
        parameters=signature.parameters,
        has_parameters=signature.has_parameters,
        variants=signature.variants,
        objects=signature.objects,
        answers=signature.answers,
        output=signature.output,
        location=entry.location,
        fingerprint=entry.sha,
    )
    return model, signature


@frozen
class _Places:
    """Schemas by name, and the names of the two that matter."""

    schemas: dict[str, JSON]
    input: str | None
    output: str | None


def _places(document: JSON, schemas: dict[str, JSON]) -> _Places:
    """Where inputs and output are described: by a reference to a named schema, or on the spot."""
    paths = part_of(document, "paths")
    rows = paths.items() if isinstance(paths, dict) else ()
    posts = [part_of(row, "post", "requestBody") for _, row in rows if part_of(row, "post")]
    gets = [part_of(row, "get", "responses", "200") for path, row in rows if path.endswith("/requests/{request_id}")]
    known = dict(schemas)
    found: dict[str, str | None] = {}
    for word, bodies in (("Input", posts), ("Output", gets)):
        schema = next((one for body in bodies if (one := _schema_of(body)) is not None), None)
        ref = text_of(part_of(schema, "$ref"))
        name = ref.removeprefix(_SCHEMAS) if ref.startswith(_SCHEMAS) else None
        if name is None and isinstance(schema, dict):
            name = word
            known.setdefault(name, schema)
        found[word] = name if name in known else None
    return _Places(known, found["Input"], found["Output"])


def _schema_of(body: JSON) -> JSON:
    return part_of(body, "content", "application/json", "schema")


def _read_pricing(value: JSON) -> PricingSpec | None:
    price = part_of(value, "unit_price")
    if not isinstance(price, int | float) or isinstance(price, bool):
        return None
    unit, currency = (text_of(part_of(value, name)) or None for name in ("unit", "currency"))
    return PricingSpec(float(price), unit, None, currency)


def _titled(category: str) -> str:
    return category.replace("-", " ").capitalize()


def _order_of(schema: dict[str, JSON]) -> Sequence[str]:
    found = schema.get("x-fal-order-properties")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else ()


def _is_file_object(names: frozenset[str]) -> bool:
    """Whether this is a `File`, `Image`, `Video` …: an address, and what is known of what is there."""
    return "url" in names and any(word in names for word in _FILE_WORDS)


_DIALECT = Dialect(order_of=_order_of, is_file=is_file, is_file_object=_is_file_object)
