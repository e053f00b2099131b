"""Labels: sentiment, emotion, language, topic, moderation, entities, objects, and a label for anything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from typedrun_sandbox.answers.answer import Answer, Question
from typedrun_sandbox.answers.chance import fraction, pick
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_text

WORDS: Mapping[str, Mapping[str, str]] = {
    "sentiment-analysis": {
        "POSITIVE": "good great love loved lovely excellent happy nice wonderful best amazing like thanks fast friendly",
        "NEGATIVE": "bad awful hate hated terrible sad worst poor broken slow angry disappointed never boring rude",
        "NEUTRAL": "",
    },
    "emotion-detection": {
        "joy": "happy glad love great wonderful yes thanks laugh",
        "sadness": "sad cry lost alone miss tears sorry",
        "anger": "angry hate furious annoyed rage mad",
        "fear": "afraid scared fear terrified worry danger",
        "surprise": "wow surprise unexpected suddenly incredible",
        "neutral": "",
    },
    "language-identification": {
        "es": "el la los las y que es una hola gracias buenos días por para con está",
        "fr": "le la les et que est une bonjour merci pour avec dans je vous",
        "de": "der die das und ist ein eine nicht ich hallo danke mit für auf",
        "pt": "o os um uma e que é olá obrigado obrigada com para não bom dia você",
        "it": "il gli uno una e che è ciao grazie con per non sono di",
        "en": "the a an and is are of to in hello thanks with for not i you",
    },
    "topic-classification": {
        "technology": "computer software model code phone internet data robot programming ai",
        "sports": "game match team goal player football tennis won score",
        "politics": "election government minister vote law president parliament",
        "health": "doctor hospital health medicine patient virus disease sleep",
        "business": "market company stock price profit bank money trade",
        "other": "",
    },
    "text-content-moderation": {
        "UNSAFE": "kill bomb weapon attack hate murder suicide",
        "SAFE": "",
    },
    "text-spam-detection": {"SPAM": "free winner prize click cash offer urgent lottery", "NOT_SPAM": ""},
    "offensive-language-identification": {"OFFENSIVE": "idiot stupid hate dumb ugly moron", "NOT_OFFENSIVE": ""},
    "fact-checking": {"REFUTED": "flat never fake hoax", "SUPPORTED": ""},
    "intent-classification": {
        "question": "what who when where why how which",
        "request": "please book order send give find show",
        "greeting": "hello hi hey morning evening",
        "statement": "",
    },
}
"""Label → words that speak for it. The last label without words is what is left when nothing speaks."""

ALIASES: Mapping[str, str] = {
    "entity-sentiment-analysis": "sentiment-analysis",
    "detect-language-from-text": "language-identification",
    "intent-recognition": "intent-classification",
    "topic-modeling": "topic-classification",
    "text-classification": "topic-classification",
    "multi-class-text-classification": "topic-classification",
    "multi-label-text-classification": "topic-classification",
    "zero-shot-classification": "topic-classification",
    "image-content-moderation": "text-content-moderation",
    "video-content-moderation": "text-content-moderation",
}

SEEN = ("person", "dog", "cat", "car", "tree", "boat", "house", "bicycle", "book", "cup", "mountain", "bird")
HEARD = ("speech", "music", "silence", "applause", "rain", "engine")

SEEING = frozenset(
    {
        "image-label-detection",
        "video-label-detection",
        "object-detection",
        "multi-class-image-classification",
        "image-analysis",
        "scene-detection",
        "activity-detection",
        "instance-segmentation",
        "semantic-segmentation",
        "auto-mask-generation",
        "facial-recognition",
        "expression-detection",
    }
)
"""Functions that answer with what is in a picture."""


def classify(question: Question) -> Answer:
    """The label that most words speak for; every label with its share is in `details`."""
    table = WORDS.get(ALIASES.get(question.model.function, question.model.function), {})
    labels = candidates(question) or tuple(table) or (HEARD if "audio" in question.model.function else SEEN)
    words = re.findall(r"\w+", question.text.casefold())
    weights = {label: weight(label, table.get(label, ""), words, question) for label in labels}
    total = sum(weights.values())
    scores = {label: round(weights[label] / total, 4) for label in labels}
    ranked = sorted(labels, key=lambda label: -scores[label])
    details: list[JSON] = [{"label": label, "score": scores[label]} for label in ranked]
    return Answer(data=ranked[0], details=details, raw={"labels": details})


def candidates(question: Question) -> tuple[str, ...]:
    """Labels that the request itself names (zero-shot classification)."""
    given = question.value("labels", "candidate_labels")
    parts = as_text(given).split(",") if isinstance(given, str) else [as_text(item) for item in as_list(given)]
    return tuple(part.strip() for part in parts if part.strip())


def weight(label: str, hints: str, words: list[str], question: Question) -> float:
    """How much speaks for a label: its words in the text, and a trifle that depends on the text."""
    known = {*hints.split(), label.casefold()}
    spoken = sum(word in known for word in words)
    rest = 0.0 if hints else 0.5
    return 0.05 + spoken + rest + 0.01 * fraction(label, question.text)


def entities(question: Question) -> Answer:
    """Proper nouns, numbers and addresses of the text, with their places."""
    found: list[JSON] = [
        {"text": match[0], "type": kind, "start": match.start(), "end": match.end(), "score": 0.99}
        for kind, pattern in ENTITIES
        for match in pattern.finditer(question.text)
    ]
    return Answer(data=found)


ENTITIES = (
    ("EMAIL", re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+\w")),
    ("URL", re.compile(r"https?://\S+")),
    ("QUANTITY", re.compile(r"(?<![\w.@-])\d+(?:[.,]\d+)?(?![\w@])")),
    ("NAME", re.compile(r"(?<=[a-z,;] )[A-Z]\w+(?: [A-Z]\w+)*")),
)


def keywords(question: Question) -> Answer:
    """The longest words, most telling first."""
    words = sorted(set(re.findall(r"\w{5,}", question.text.casefold())), key=lambda word: (-len(word), word))
    return Answer(data=[*words[:8]])


def tags(question: Question) -> Answer:
    """One tag per word."""
    kinds = ("NOUN", "VERB", "ADJ", "ADV", "DET")
    tagged: list[JSON] = [
        {"token": word, "tag": pick(kinds, word.casefold())} for word in re.findall(r"\w+", question.text)
    ]
    return Answer(data=tagged)


def see(question: Question) -> Answer:
    """Three things that are in the picture, with boxes in shares of its size."""
    about = question.files.about(as_text(question.value("image", "video", "media"))) or question.text
    first = [thing for thing in SEEN if thing in about.casefold()]
    things = [*first, *sorted(set(SEEN) - set(first), key=lambda thing: fraction(thing, about))][:3]
    found: list[JSON] = [_seen(thing, about) for thing in things]
    return Answer(data=found)


def _seen(thing: str, about: str) -> JSONObject:
    left, top = round(0.5 * fraction(thing, about, "x"), 3), round(0.5 * fraction(thing, about, "y"), 3)
    return {
        "label": thing,
        "score": round(0.6 + 0.39 * fraction(thing, about), 4),
        "box": {"left": left, "top": top, "width": 0.4, "height": 0.4},
    }


def diarize(_question: Question) -> Answer:
    """Who spoke when: two speakers in turn."""
    turns: list[JSON] = [
        {"speaker": f"SPEAKER_{at % 2:02}", "start": round(at * 1.5, 2), "end": round(at * 1.5 + 1.4, 2)}
        for at in range(4)
    ]
    return Answer(data=turns)


Labeller = Callable[[Question], Answer]

BY_FUNCTION: Mapping[str, Labeller] = {
    **dict.fromkeys(SEEING, see),
    "named-entity-recognition": entities,
    "entity-linking": entities,
    "token-classification": entities,
    "keyword-extraction": keywords,
    "part-of-speech-tagging": tags,
    "speaker-diarization-audio": diarize,
}
