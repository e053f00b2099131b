"""Which module answers for which function."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from typedrun_sandbox.answers import text
from typedrun_sandbox.answers.answer import Answer, Question

Answerer = Callable[[Question], Answer]

BY_FUNCTION: Mapping[str, Answerer] = {
    "text-generation": text.generate,
}
"""Functions with an answer of their own."""


def answer(question: Question, output_type: str) -> Answer:
    """The model's answer: by function, else by the dataType of the function's output."""
    chosen = BY_FUNCTION.get(question.model.function, text.generate)
    return chosen(question)
