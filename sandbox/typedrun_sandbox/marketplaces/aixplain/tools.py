"""Tool connections and connectors: what actions there are, what they take, and running one."""

from __future__ import annotations

import json

from typedrun.parameters.presets import option_values
from typedrun_sandbox.answers.answer import Answer
from typedrun_sandbox.answers.chance import name
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_object, as_text
from typedrun_sandbox.marketplaces.aixplain.runs import Run

DEFAULT_ACTIONS = ("list_items", "create_item", "send_message")
"""Actions of a connection whose catalog entry names none."""

TOOL_TYPES = frozenset({"connection", "mcpconnection"})
CONNECTOR_TYPES = frozenset({"connector", "mcpserver"})


def connect(question: Run) -> Answer:
    """A connector creates a connection and answers with its id; OAuth also needs a visit to a page."""
    scheme = as_text(question.value("authScheme"))
    made: JSONObject = {"id": name(question.model.id, json.dumps(dict(question.body), sort_keys=True))}
    if scheme.startswith("OAUTH"):
        made["redirectURL"] = f"https://example.com/authorize/{made['id']}"
    return Answer(data=made)


def act(question: Run) -> Answer:
    """LIST_ACTIONS, LIST_INPUTS, or one of the actions."""
    action = as_text(question.value("action"))
    if action == "LIST_ACTIONS":
        return Answer(data=[_described(slug) for slug in actions_of(question)])
    if action == "LIST_INPUTS":
        asked = [as_text(slug) for slug in as_list(as_object(question.value("data")).get("actions"))]
        return Answer(data=[_inputs(slug) for slug in asked or actions_of(question)])
    if action and action not in actions_of(question):
        return Answer(failure=f"Unknown action '{action}'. Known: {', '.join(actions_of(question))}")
    return Answer(data={"successful": True, "action": action, "data": question.value("data")})


def actions_of(question: Run) -> tuple[str, ...]:
    """The options of the model's `action` parameter, else three that every tool could have."""
    for parameter in question.model.params:
        if parameter.get("name") == "action":
            options = option_values(as_list(parameter.get("availableOptions")))
            found = tuple([slug for option in options if (slug := as_text(option))])
            if found:
                return tuple(slug for slug in found if slug not in ("LIST_ACTIONS", "LIST_INPUTS")) or DEFAULT_ACTIONS
    return DEFAULT_ACTIONS


def _described(slug: str) -> JSON:
    words = slug.replace("_", " ").replace("-", " ").strip().lower()
    return {
        "name": slug,
        "displayName": words.capitalize(),
        "description": f"{words.capitalize()} in the sandbox; nothing leaves this machine.",
        "slug": slug,
    }


def _inputs(slug: str) -> JSON:
    text = _input("text", required=True, description="What to work with")
    return {"name": slug, "inputs": [text, _input("limit", required=False, description="How many at most")]}


def _input(code: str, *, required: bool, description: str) -> JSON:
    return {
        "name": code,
        "code": code,
        "value": [],
        "availableOptions": [],
        "datatype": "integer" if code == "limit" else "string",
        "allowMulti": False,
        "supportsVariables": False,
        "defaultValue": ["10"] if code == "limit" else [],
        "required": required,
        "fixed": False,
        "description": description,
    }
