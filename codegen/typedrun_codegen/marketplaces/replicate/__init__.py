"""Replicate: its documents, its words, and where they are pulled from."""

from __future__ import annotations

from typedrun.marketplaces.replicate.controls import CONTROLS
from typedrun_codegen.ir.vocabulary import Vocabulary
from typedrun_codegen.marketplaces.protocol import Marketplace, Reader
from typedrun_codegen.marketplaces.replicate.documents import NAME, model_id
from typedrun_codegen.marketplaces.replicate.source import ReplicateSource


def _reader() -> Reader:
    from typedrun_codegen.marketplaces.reading import schema_reader
    from typedrun_codegen.marketplaces.replicate.adapter import STREAMING, read_catalog

    return schema_reader(read_catalog, STREAMING)


REPLICATE = Marketplace(
    name=NAME,
    client="Replicate",
    vocabulary=Vocabulary(
        variable="rep",
        marketplace=NAME,
        controls="ReplicateControls",
        controls_module="typedrun.marketplaces.replicate.controls",
        control_names=CONTROLS,
    ),
    package="replicate_models",
    folder="schemas/replicate",
    id_of=model_id,
    path_of=model_id,
    reader=_reader,
    source=ReplicateSource(),
)
