"""aiXplain: its documents, its words, and where they are pulled from."""

from __future__ import annotations

from typedrun.marketplaces.aixplain.controls import CONTROLS
from typedrun_codegen.ir.vocabulary import Vocabulary
from typedrun_codegen.marketplaces.aixplain.documents import NAME, model_id, model_path
from typedrun_codegen.marketplaces.aixplain.source import AixplainSource
from typedrun_codegen.marketplaces.protocol import Marketplace, Reader


def _reader() -> Reader:
    from typedrun_codegen.marketplaces.aixplain.adapter import read_catalog
    from typedrun_codegen.marketplaces.aixplain.contradictions import find_contradictions
    from typedrun_codegen.marketplaces.aixplain.words import OUTPUT_UNKNOWN, REASONS

    return Reader(
        reasons=REASONS,
        unknown_output=OUTPUT_UNKNOWN.name,
        read_catalog=read_catalog,
        find_contradictions=find_contradictions,
    )


AIXPLAIN = Marketplace(
    name=NAME,
    client="Aixplain",
    vocabulary=Vocabulary(
        variable="aix",
        control_names=CONTROLS,
        protocol_arguments=("identifier: str | None = ...", "session_id: str | None = ..."),
    ),
    package="aixplain_models",
    folder="schemas/aixplain",
    id_of=model_id,
    path_of=model_path,
    reader=_reader,
    source=AixplainSource(),
)
