"""fal: its documents, its words, and where they are pulled from."""

from __future__ import annotations

from typedrun.marketplaces.fal.controls import CONTROLS
from typedrun_codegen.ir.vocabulary import Vocabulary
from typedrun_codegen.marketplaces.fal.documents import NAME, model_id
from typedrun_codegen.marketplaces.fal.source import FalSource
from typedrun_codegen.marketplaces.protocol import Marketplace, Reader


def _reader() -> Reader:
    from typedrun_codegen.marketplaces.fal.adapter import STREAMING, read_catalog
    from typedrun_codegen.marketplaces.reading import schema_reader

    return schema_reader(read_catalog, STREAMING)


FAL = Marketplace(
    name=NAME,
    client="Fal",
    vocabulary=Vocabulary(
        variable="fal",
        marketplace=NAME,
        controls="FalControls",
        controls_module="typedrun.marketplaces.fal.controls",
        control_names=CONTROLS,
    ),
    package="fal_models",
    folder="schemas/fal",
    id_of=model_id,
    path_of=model_id,
    reader=_reader,
    source=FalSource(),
)
