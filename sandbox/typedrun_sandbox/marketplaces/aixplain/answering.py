"""Which module answers a run: tools, connectors and indexes in aiXplain's own way, everything else as any marketplace's."""

from __future__ import annotations

from typedrun_sandbox.answers import functions
from typedrun_sandbox.answers.answer import Answer
from typedrun_sandbox.marketplaces.aixplain import index, tools
from typedrun_sandbox.marketplaces.aixplain.runs import Run


def answer(run: Run) -> Answer:
    """Write the model's answer."""
    model = run.model
    if model.function_type in tools.TOOL_TYPES or model.function == "connection":
        return tools.act(run)
    if model.function_type in tools.CONNECTOR_TYPES or model.function == "connector":
        return tools.connect(run)
    if model.function == "search" and "action" in run.body:
        return index.act(run)
    return functions.answer(run)
