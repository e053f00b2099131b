"""Which module answers: by the schema of the output where a model publishes one, else by function, else by kind of output."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from typedrun_sandbox.answers import embedding, labels, media, plain, search, text, tokens, translation
from typedrun_sandbox.answers.answer import Answer, Question
from typedrun_sandbox.answers.instances import by_schema
from typedrun_sandbox.jsontypes import JSON

Answerer = Callable[[Question], Answer]

BY_FUNCTION: Mapping[str, Answerer] = {
    **labels.BY_FUNCTION,
    **plain.BY_FUNCTION,
    "text-generation": text.generate,
    "base-model": text.generate,
    "fill-text-mask": text.generate,
    "translation": translation.translate,
    "speech-translation": translation.interpret,
    "search": search.search,
    "text-embedding": embedding.embed,
    "image-embedding": embedding.embed,
    "video-embedding": embedding.embed,
    "speech-embedding": embedding.embed,
}
"""Functions with an answer of their own."""

BY_OUTPUT: Mapping[str, Answerer] = {
    "audio": media.speak,
    "image": media.draw,
    "video": media.shoot,
    "label": labels.classify,
    "embedding": embedding.embed,
    "number": plain.number,
    "text": plain.echo,
}
"""Kind of output → what answers for every function that has no row above."""

WORDS_OF_OUTPUT: Mapping[str, tuple[str, ...]] = {
    "audio": ("speech-synthesis", "audio", "voice", "noise", "silence", "music"),
    "video": ("video",),
    "image": ("image", "style-transfer"),
    "label": ("classification", "detection", "recognition", "analysis", "identification", "moderation"),
}
"""Where nobody says what comes out: words in a function's id that tell its output."""


def answer(question: Question) -> Answer:
    """Write the model's answer."""
    return choose(question)(question)


def scripted_answer(question: Question, data: JSON) -> Answer:
    """An answer whose `data` a test has chosen; everything around it is as the function has it."""
    if isinstance(data, str) and BY_FUNCTION.get(question.model.function) is text.generate:
        return text.say(question, data)
    return Answer(data=data, pieces=tokens.split(data) if isinstance(data, str) else ())


def choose(question: Question) -> Answerer:
    """What answers for this model."""
    model = question.model
    if model.output_schema is not None:
        return by_schema
    return BY_FUNCTION.get(model.function) or BY_OUTPUT.get(model.output or guess_output(model.function)) or plain.echo


def guess_output(function: str) -> str:
    """The kind of output as the function's name suggests it."""
    return next((kind for kind, words in WORDS_OF_OUTPUT.items() if any(word in function for word in words)), "text")
