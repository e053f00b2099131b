"""Which module answers: by kind of tool, else by function, else by the dataType of the function's output."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from typedrun_sandbox.answers import embedding, index, labels, media, plain, text, tokens, tools, translation
from typedrun_sandbox.answers.answer import Answer, Question
from typedrun_sandbox.jsontypes import JSON, as_text

Answerer = Callable[[Question], Answer]

BY_FUNCTION: Mapping[str, Answerer] = {
    **labels.BY_FUNCTION,
    **plain.BY_FUNCTION,
    "text-generation": text.generate,
    "base-model": text.generate,
    "fill-text-mask": text.generate,
    "translation": translation.translate,
    "speech-translation": translation.interpret,
    "search": index.search,
    "connector": tools.connect,
    "connection": tools.act,
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
"""dataType of a function's first output → what answers for every function that has no row above."""

WORDS_OF_OUTPUT: Mapping[str, tuple[str, ...]] = {
    "audio": ("speech-synthesis", "audio", "voice", "noise", "silence", "music"),
    "video": ("video",),
    "image": ("image", "style-transfer"),
    "label": ("classification", "detection", "recognition", "analysis", "identification", "moderation"),
}
"""Where a snapshot comes without a function list: words in a function's id that tell its output."""


def answer(question: Question, output_type: str) -> Answer:
    """The model's answer."""
    return choose(question, output_type)(question)


def scripted_answer(question: Question, data: JSON) -> Answer:
    """An answer whose `data` a test has chosen; everything around it is as the function has it."""
    if isinstance(data, str) and BY_FUNCTION.get(question.model.function) is text.generate:
        return text.say(question, data)
    return Answer(data=data, pieces=tokens.split(data) if isinstance(data, str) else ())


def choose(question: Question, output_type: str) -> Answerer:
    """What answers for this model."""
    model = question.model
    kind = as_text(model.value.get("functionType"))
    if kind in tools.TOOL_TYPES:
        return tools.act
    if kind in tools.CONNECTOR_TYPES:
        return tools.connect
    return BY_FUNCTION.get(model.function) or BY_OUTPUT.get(output_type or guess_output(model.function)) or plain.echo


def guess_output(function: str) -> str:
    """The output's dataType as the function's name suggests it."""
    return next((kind for kind, words in WORDS_OF_OUTPUT.items() if any(word in function for word in words)), "text")
