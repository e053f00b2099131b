"""Index models: documents that are kept in memory, and the actions on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from typedrun_sandbox.answers.answer import ABSENT, Answer, words_of
from typedrun_sandbox.answers.chance import name
from typedrun_sandbox.answers.embedding import similarity
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_number, as_object, as_text
from typedrun_sandbox.marketplaces.aixplain.runs import Run


def act(question: Run) -> Answer:
    """Answer a request that names an action."""
    action = ACTIONS.get(as_text(question.value("action")))
    if action is None:
        return Answer(failure=f"Unknown action '{question.body['action']}'. Known: {', '.join(sorted(ACTIONS))}")
    return action(question)


def ingest(question: Run) -> Answer:
    """Keep documents; one with a known id replaces the old one."""
    for document in map(as_object, as_list(question.value("data"))):
        key = str(document.get("document_id", "")) or name(words_of(document.get("data")))
        question.documents[key] = {
            "value": document.get("data"),
            "value_type": document.get("dataType", "text"),
            "id": document.get("document_id", key),
            "uri": document.get("uri", ""),
            "attributes": document.get("attributes", {}),
        }
    return Answer(data=ABSENT, has_completed=False)


def find_documents(question: Run) -> Answer:
    """Find the documents nearest to the query."""
    query, rules = words_of(question.value("data")), as_object(question.value("payload"))
    filters = [as_object(rule) for rule in as_list(question.value("filters"))]
    kept = [d for d in question.documents.values() if all(fits(d, rule) for rule in filters)]
    scored = sorted(((similarity(query, words_of(d["value"])), d) for d in kept), key=lambda pair: -pair[0])
    lowest, most = as_number(rules.get("score_threshold"), -1.0), int(as_number(rules.get("top_k"), 10))
    hits: list[JSON] = [_hit(score, document) for score, document in scored[: max(most, 0)] if score >= lowest]
    best = as_text(as_object(hits[0]).get("data")) if hits else ""
    return Answer(data=best, details=hits)


def count(question: Run) -> Answer:
    """How many documents there are; the answer lacks `completed`, as the backend's does."""
    return Answer(data=len(question.documents), has_completed=False)


def get_document(question: Run) -> Answer:
    """Get one document by its id."""
    document = question.documents.get(str(question.value("data")))
    if document is None:
        return Answer(failure=f"Document '{question.value('data')}' not found")
    return Answer(data=document, has_completed=False)


def delete(question: Run) -> Answer:
    """Remove one document by id."""
    if question.documents.pop(str(question.value("data")), None) is None:
        return Answer(failure=f"Document '{question.value('data')}' not found")
    return Answer(data=ABSENT, has_completed=False)


def retrieve_by_filter(question: Run) -> Answer:
    """Every document that one filter accepts."""
    rule = as_object(question.value("data"))
    found: list[JSON] = [_hit(1.0, document) for document in question.documents.values() if fits(document, rule)]
    return Answer(data="", details=found)


def delete_by_date(question: Run) -> Answer:
    """Remove every document that one filter accepts."""
    rule = as_object(question.value("data"))
    for key in [key for key, document in question.documents.items() if fits(document, rule)]:
        del question.documents[key]
    return Answer(data=ABSENT, has_completed=False)


ACTIONS: Mapping[str, Callable[[Run], Answer]] = {
    "ingest": ingest,
    "search": find_documents,
    "count": count,
    "get_document": get_document,
    "delete": delete,
    "retrieve_by_filter": retrieve_by_filter,
    "delete_by_date": delete_by_date,
}


def fits(document: JSONObject, rule: JSONObject) -> bool:
    """Whether `{field, value, operator}` accepts the document. The field is an attribute, or one of the document's own keys."""
    field = as_text(rule.get("field"))
    have, want = as_object(document.get("attributes")).get(field, document.get(field)), rule.get("value")
    compare = OPERATORS.get(as_text(rule.get("operator")) or "==", OPERATORS["=="])
    return have is not None and compare(str(have), str(want))


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "==": lambda have, want: have == want,
    "!=": lambda have, want: have != want,
    "contains": lambda have, want: want in have,
    "not contains": lambda have, want: want not in have,
    ">": lambda have, want: have > want,
    "<": lambda have, want: have < want,
    ">=": lambda have, want: have >= want,
    "<=": lambda have, want: have <= want,
}
"""Values are compared as text, which orders ISO dates."""


def _hit(score: float, document: JSONObject) -> JSONObject:
    return {
        "score": round(score, 6),
        "data": document["value"],
        "document": document["id"],
        "metadata": as_object(document["attributes"]),
    }
