"""Replicate: its documents, its words, and where they are pulled from."""

from __future__ import annotations

from typedrun.marketplaces.replicate.controls import CONTROLS
from typedrun_codegen.ir.vocabulary import Vocabulary
from typedrun_codegen.marketplaces.protocol import Marketplace
from typedrun_codegen.marketplaces.reading import REASONS, find_contradictions
from typedrun_codegen.marketplaces.replicate.adapter import read_catalog
from typedrun_codegen.marketplaces.replicate.documents import NAME, model_id
from typedrun_codegen.marketplaces.replicate.source import ReplicateSource

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
    reasons=REASONS,
    unknown_output="schema",
    id_of=model_id,
    path_of=model_id,
    read_catalog=read_catalog,
    find_contradictions=find_contradictions,
    source=ReplicateSource(),
)
