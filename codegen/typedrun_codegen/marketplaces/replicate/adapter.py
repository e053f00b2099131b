"""Replicate: how an entry of its catalog becomes a `ModelSpec`. Every dialect of the documents is absorbed here.

A document is the answer of `GET /v1/models/{owner}/{name}`; `latest_version.openapi_schema` is what Cog wrote for the version:
`components.schemas.Input` and `.Output`, enumerations as schemas of their own, `x-order` for the order of the inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from typedrun_codegen.ir.api import Leaf, ListOf
from typedrun_codegen.ir.catalog import ModelSpec, SupplierSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.marketplaces.protocol import MAY_STREAM, NEVER_STREAMS, Read
from typedrun_codegen.marketplaces.reading import no_model, part_of, read_models, text_of
from typedrun_codegen.marketplaces.replicate.documents import NAME, model_id
from typedrun_codegen.readers.signatures import Dialect, Signature, read_signature

_HIDDEN = "hidden"
"""The version's id of an official model, which is called by its name alone."""

STREAMING = {
    MAY_STREAM: "the output is an iterator (x-cog-array-type)",
    NEVER_STREAMS: "the output is no iterator (x-cog-array-type)",
}
"""Why a model's class can stream, or cannot."""

_DOCUMENT = ("latest_version", "openapi_schema")


def read_catalog(snapshot: Snapshot, entries: Iterable[ModelEntry | Problem] | None = None) -> Read:
    """Read every entry of a snapshot.

    Args:
        snapshot: the models.
        entries: the models as they are read, in place of the snapshot's own: then they need not be in memory together.
    """
    return read_models(NAME, snapshot, entries, _read_model)


def _read_model(entry: ModelEntry) -> tuple[ModelSpec, Signature] | Problem:
    value = entry.value
    identity = model_id(value)
    if identity is None:
        return no_model(entry, "this model has no owner or no name", value.get("owner"), "owner")
    schemas = part_of(value, *_DOCUMENT, "components", "schemas")
    if not isinstance(schemas, dict):
        return no_model(entry, "this model has no schema", schemas, *_DOCUMENT)
    owner, _, name = identity.partition("/")
    version = text_of(part_of(value, "latest_version", "id"))
    is_official = value.get("is_official") is True or version == _HIDDEN
    output = schemas.get("Output")
    is_iterator = part_of(output, "x-cog-array-type") == "iterator"
    is_text = is_iterator and part_of(output, "x-cog-array-display") == "concatenate"
    signature = read_signature(
        schemas,
        entry.location,
        "".join(f"/{part}" for part in _DOCUMENT),
        _DIALECT,
        input="Input" if "Input" in schemas else None,
        output="Output" if "Output" in schemas else None,
    )
    model = ModelSpec(
        id=identity,
        name=name,
        path=identity,
        paths=(identity,),
        description=text_of(value.get("description")),
        is_sorted=False,
        supplier=SupplierSpec(owner, owner),
        version="" if is_official else version or None,
        supports_streaming=is_iterator,
        streams_items=is_iterator and not is_text and isinstance(signature.output, ListOf),
        created_at=text_of(value.get("created_at")) or None,
        updated_at=text_of(part_of(value, "latest_version", "created_at")) or None,
        parameters=signature.parameters,
        has_parameters=signature.has_parameters,
        variants=signature.variants,
        objects=signature.objects,
        # The pieces of one text: `run` joins them, and a stream brings them one by one.
        answers=() if is_text else signature.answers,
        output=Leaf("str") if is_text else signature.output,
        location=entry.location,
        fingerprint=entry.sha,
    )
    return model, signature


def _order_of(schema: dict[str, JSON]) -> Sequence[str]:
    """The properties by their `x-order`."""
    found = schema.get("properties")
    orders = {name: part_of(one, "x-order") for name, one in found.items()} if isinstance(found, dict) else {}
    ranks = {name: order for name, order in orders.items() if isinstance(order, int | float)}
    return sorted(ranks, key=lambda name: ranks[name])


_DIALECT = Dialect(order_of=_order_of, is_file=lambda _name, _schema: None, is_file_object=lambda _: False)
"""Files say so by `format: uri`, in and out."""
