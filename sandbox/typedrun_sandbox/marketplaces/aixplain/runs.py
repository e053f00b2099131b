"""A run of one of aiXplain's models: what is asked, and which module answers."""

from __future__ import annotations

from attrs import frozen

from typedrun_sandbox.answers.answer import Question
from typedrun_sandbox.jsontypes import JSONObject
from typedrun_sandbox.marketplaces.aixplain.catalog import CatalogModel


@frozen(kw_only=True)
class Run(Question):
    """One run: which model, with what. Nulls are dropped from the body."""

    model: CatalogModel
    documents: dict[str, JSONObject]
    """What this model's index holds, by document id."""
