"""A web search that finds invented pages, and documents put into order."""

from __future__ import annotations

from typedrun_sandbox.answers.answer import Answer, Question, words_of
from typedrun_sandbox.answers.chance import name
from typedrun_sandbox.answers.embedding import similarity
from typedrun_sandbox.jsontypes import JSON, as_list, as_number, as_object, as_text


def search(question: Question) -> Answer:
    """Find the documents that came with the question, nearest first; pages of the web when none came."""
    return rerank(question) if "documents" in question.body else find_pages(question)


def find_pages(question: Question) -> Answer:
    """Make up pages of the web: on example.com, so that nobody is quoted."""
    query = question.text
    wanted = question.value("numResults", "num_results", "max_results", "top_k")
    number = min(max(int(as_number(wanted, 3)), 1), 20)
    pages: list[JSON] = [
        {
            "title": f"{query}: part {at}",
            "url": f"https://example.com/{name(query)[:8]}/{at}",
            "data": f"Page {at} about {query}.",
            "score": round(1 - at / (number + 1), 4),
        }
        for at in range(1, number + 1)
    ]
    return Answer(data=f"Page 1 about {query}.", details=pages)


def rerank(question: Question) -> Answer:
    """The given documents, nearest to the query first."""
    documents = [words_of(item) for item in as_list(question.value("documents"))]
    ranked = sorted(enumerate(documents), key=lambda pair: -similarity(question.text, pair[1]))
    hits: list[JSON] = [
        {"index": at, "score": round(similarity(question.text, text), 6), "data": text}
        for at, text in ranked[: max(int(as_number(question.value("top_k"), len(documents))), 0)]
    ]
    return Answer(data=as_text(as_object(hits[0]).get("data")) if hits else "", details=hits)
