"""Functions whose answer is a text or a number and that no language model is needed for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from typedrun_sandbox.answers import tokens
from typedrun_sandbox.answers.answer import Answer, Question, Usage, words_of
from typedrun_sandbox.answers.chance import fraction, pick
from typedrun_sandbox.answers.embedding import similarity
from typedrun_sandbox.answers.labels import SEEN
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_text

SPOKEN = (
    "Good morning, and welcome to the meeting. Let us begin with the results of last week.",
    "The train to the coast leaves at nine from platform four.",
    "Please call me back when you have heard this message. Thank you.",
)


def echo(question: Question) -> Answer:
    """A text function of no special kind: the text, tidied up."""
    text = " ".join(question.text.split()) or f"{question.model.name} was called without any text."
    return Answer(data=text, pieces=tokens.split(text))


def summarize(question: Question) -> Answer:
    """The first sentence, cut where it gets long."""
    text = question.text
    first = re.split(r"(?<=[.!?])\s+", text.strip(), maxsplit=1)[0]
    summary = first if len(first) <= 200 else first[:200].rsplit(" ", 1)[0] + " …"
    return Answer(data=summary, pieces=tokens.split(summary), usage=Usage(tokens.count(text), tokens.count(summary)))


def transcribe(question: Question) -> Answer:
    """What is said in a recording. Speech that the sandbox made is heard correctly; anything else is one of three texts."""
    source = as_text(question.value("source_audio", "audio", "video")) or question.text
    text = question.files.about(source) or pick(SPOKEN, source)
    words = text.split()
    half = max(len(words) // 2, 1)
    parts = [" ".join(words[:half]), " ".join(words[half:])]
    segments: list[JSON] = [
        {"start": at * 1.2, "end": (at + 1) * 1.2, "text": part, "avg_logprob": -0.2, "no_speech_prob": 0.01}
        for at, part in enumerate(parts)
        if part
    ]
    return Answer(data=text, pieces=tokens.split(text), raw={"language": "english", "segments": segments})


def subtitle(question: Question) -> Answer:
    """The transcript as SubRip text."""
    words = as_text(transcribe(question).data).split()
    lines = [" ".join(words[at : at + 7]) for at in range(0, len(words), 7)]
    blocks = [f"{at + 1}\n{_stamp(at * 2)} --> {_stamp(at * 2 + 2)}\n{line}\n" for at, line in enumerate(lines)]
    return Answer(data="\n".join(blocks))


def describe(question: Question) -> Answer:
    """Describe what a picture shows. A picture that the sandbox made is recognised."""
    source = as_text(question.value("image", "video", "media", "document")) or question.text
    about = question.files.about(source)
    text = f"A picture of {about}." if about else f"A {pick(SEEN, source)} beside a {pick(SEEN, source, 'second')}."
    return Answer(data=text, pieces=tokens.split(text))


def read_document(question: Question) -> Answer:
    """Read the text on an image or in a document."""
    source = as_text(question.value("image", "document", "video")) or question.text
    number = int(1000 + 9000 * fraction(source))
    text = f"INVOICE {number}\nTotal: {number / 10:.2f} EUR\nThank you for your order."
    return Answer(data=text, raw={"pages": [{"number": 1, "text": text}]})


def score(question: Question) -> Answer:
    """A metric: how much the hypotheses share with the references, from 0 to 1."""
    mine = words_of(question.value("hypotheses", "text", "input"))
    value = round(max(similarity(mine, words_of(question.value("references", "sources")) or mine), 0.0), 4)
    return Answer(data=str(value), details=[{"score": value}])


def number(question: Question) -> Answer:
    """A number: the metric where there are hypotheses, else a log-likelihood."""
    if "hypotheses" in question.body:
        return Answer(data=float(as_text(score(question).data)))
    return Answer(data=round(-1.7 * tokens.count(question.text) - fraction(question.text), 4))


def split_lines(question: Question) -> Answer:
    """One line per line."""
    return Answer(data="\n".join(filter(None, (line.strip() for line in question.text.splitlines()))))


def moderate(question: Question) -> Answer:
    """A guardrail: personal data is masked, an attack is refused; `details` equals `data`."""
    text = question.text
    masked = text
    for word, pattern in PERSONAL:
        masked = pattern.sub(f"{{{word}}}", masked)
    is_attack = bool(ATTACK.search(text))
    verdict: JSONObject = {
        "action": "GUARDRAIL_INTERVENED" if masked != text or is_attack else "NONE",
        "text": "Sorry, this request was refused." if is_attack else masked,
    }
    return Answer(data=verdict, details=verdict)


PERSONAL = (
    ("EMAIL", re.compile(r"[\w.+-]+@[\w-]+\.[\w.]*\w")),
    ("CREDIT_CARD", re.compile(r"\b(?:\d[ -]?){15}\d\b")),
    ("PHONE", re.compile(r"(?<!\w)\+?\d(?:[\d ()/-]{5,})\d\b")),
)
ATTACK = re.compile(
    r"ignore (?:all |your |the )*(?:previous|prior|above) (?:instructions|rules)|jailbreak", re.IGNORECASE
)


def run_tool(question: Question) -> Answer:
    """A utility: what it was given, as it understood it."""
    given = {name: value for name, value in question.body.items() if name != "options"}
    return Answer(data=f"{question.model.name} ran with {json.dumps(given, sort_keys=True, ensure_ascii=False)}")


def answer_question(question: Question) -> Answer:
    """Write an answer that is taken from the context where there is one."""
    context = words_of(question.value("context", "table"))
    said = re.split(r"(?<=[.!?])\s+", context.strip())
    text = (
        max(said, key=lambda sentence: similarity(sentence, question.text))
        if context
        else f"About “{question.text}”: yes."
    )
    return Answer(data=text, pieces=tokens.split(text))


def _stamp(seconds: int) -> str:
    return f"00:{seconds // 60:02}:{seconds % 60:02},000"


BY_FUNCTION: Mapping[str, Callable[[Question], Answer]] = {
    # Labels by their metadata, text by what they do.
    **dict.fromkeys(("text-normalization", "text-denormalization", "inverse-text-normalization"), echo),
    "summarization": summarize,
    "text-summarization": summarize,
    "speech-recognition": transcribe,
    "multilingual-speech-recognition": transcribe,
    "audio-transcript-improvement": transcribe,
    "audio-transcript-analysis": transcribe,
    "dialect-detection": transcribe,
    "subtitling": subtitle,
    "subtitling-translation": subtitle,
    "image-captioning": describe,
    "visual-question-answering": describe,
    "video-understanding": describe,
    "image-and-video-analysis": describe,
    "depth-estimation": describe,
    "ocr": read_document,
    "text-detection": read_document,
    "document-image-parsing": read_document,
    "document-information-extraction": read_document,
    "text-generation-metric": score,
    "text-generation-metric-default": score,
    "referenceless-text-generation-metric": score,
    "referenceless-text-generation-metric-default": score,
    "audio-generation-metric": score,
    "metric-aggregation": score,
    "classification-metric": number,
    "loglikelihood": number,
    "split-on-linebreak": split_lines,
    "guardrails": moderate,
    "utilities": run_tool,
    "script-execution": run_tool,
    "question-answering": answer_question,
    "table-question-answering": answer_question,
}
