"""Sentences about models and parameters, from Specs: what a docstring says so that nobody needs the documentation page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec, PricingSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.values import python_value
from typedrun_codegen.text.annotations import type_words
from typedrun_codegen.text.docstrings import DocText, doc_code, doc_line, doc_text
from typedrun_codegen.text.literals import py_literal
from typedrun_codegen.text.words import plain_number

SHOWN_OPTIONS = 12
"""Options that a docstring lists in full; of longer sets the signature has them all."""

SAMPLE = "This catalog is a sample, most of its parameters and prices are invented. For yours: typedrun pull && typedrun generate"
"""What is said wherever a sample could be taken for a marketplace's own catalog."""

DESCRIBED = 600
"""Characters of a description that generated code holds; the snapshot has all of it."""

MEANINGS: Mapping[str, str] = {
    "action": "What the tool shall do.",
    "audio": "The audio to work on.",
    "context": "Standing instructions for the model (the system message).",
    "data": "What the model works on.",
    "dialect": "Variant of the language.",
    "document": "The document to work on.",
    "frequency_penalty": "Penalty on words by how often they were used already.",
    "history": "Earlier turns of the conversation, oldest first.",
    "image": "The image to work on.",
    "language": "Language of the input.",
    "max_tokens": "Largest number of tokens to write.",
    "n": "How many answers to give.",
    "presence_penalty": "Penalty on words that were used at all.",
    "prompt": "What the model shall do.",
    "reasoning_effort": "How long the model thinks before it answers.",
    "response_format": "Shape of the answer.",
    "script": "Writing system of the text.",
    "seed": "The same seed gives the same answer, as far as the supplier can.",
    "source_audio": "The recording to work on.",
    "sourcelanguage": "Language of the input.",
    "stop": "Texts at which the model stops writing.",
    "targetlanguage": "Language of the answer.",
    "temperature": "How freely the model chooses its words.",
    "text": "The text to work on.",
    "tool_choice": "Whether tools are used, or which one.",
    "tools": "Functions that the model may call.",
    "top_p": "Share of probability, from 0 to 1, out of which words are drawn.",
    "video": "The video to work on.",
    "voice": "The voice that speaks.",
}
"""What well-known parameters mean, where the catalog does not say."""

UNITS: Mapping[str, str] = {
    "max_tokens": "tokens",
    "max_new_tokens": "tokens",
    "max_completion_tokens": "tokens",
    "context_length": "tokens",
    "timeout": "seconds",
    "duration": "seconds",
    "sample_rate": "Hz",
    "fps": "frames per second",
    "width": "pixels",
    "height": "pixels",
}
"""Units of well-known numbers, where the catalog does not say."""

PER: Mapping[str, str] = {"CHAR": "character", "REQUEST": "request", "TOKEN": "token"}


def parameter_text(parameter: ParameterSpec, names: tuple[str, ...] = ()) -> DocText:
    """`what it is. Unit. Type. Options. Default.` — the line of a parameter in the docstring of `run`.

    Args:
        parameter: the parameter.
        names: further facts (an alias's name), as sentences.
    """
    sentences = (
        meaning(parameter),
        _type_sentence(parameter),
        _range_sentence(parameter),
        *map(doc_text, parameter.limits),
        _options_sentence(parameter),
        *names,
        _default_sentence(parameter),
    )
    return doc_line(" ".join(sentence for sentence in sentences if sentence))


def description(parameter: ParameterSpec) -> str:
    """What the parameter is, as a running program is told: the catalog's words, or ours for well-known names; often nothing."""
    words = parameter.description or MEANINGS.get(parameter.name, "")
    line = " ".join(words[: 4 * DESCRIBED].split())
    return line if len(line) <= DESCRIBED else f"{line[: line.rfind(' ', 0, DESCRIBED)]} …"


def meaning(parameter: ParameterSpec) -> str:
    """What the parameter is, as a sentence: the catalog's words, ours for well-known names, else the name itself."""
    text = doc_text(parameter.description) or MEANINGS.get(parameter.name, "")
    if not text:
        words = doc_text(parameter.name.replace("_", " ").replace("-", " "), 80)
        text = f"{words[:1].upper()}{words[1:]}."
    return text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."


def _type_sentence(parameter: ParameterSpec) -> str:
    words = type_words(parameter.type)
    unit = parameter.unit or (UNITS.get(parameter.name) if "umber" in words else None)
    return "" if words == "One of" else f"{words} of {unit}." if unit else f"{words}."


def _range_sentence(parameter: ParameterSpec) -> str:
    low, high = parameter.minimum, parameter.maximum
    if low is None and high is None:
        return ""
    if low is None or high is None:
        return f"At least {plain_number(low)}." if low is not None else f"At most {plain_number(high or 0)}."
    return f"From {plain_number(low)} to {plain_number(high)}."


def _options_sentence(parameter: ParameterSpec) -> str:
    if not parameter.options:
        return ""
    values: list[str] = [_shown(python_value(option, parameter.plain)) for option in parameter.options[:SHOWN_OPTIONS]]
    if parameter.labels and any(map(_tells_more, parameter.labels, parameter.options)):
        labels = (doc_text(label, 60) for label in parameter.labels)
        values = [f"{value} ({label})" if label else value for value, label in zip(values, labels, strict=False)]
    more = len(parameter.options) - SHOWN_OPTIONS
    lead = "One of" if parameter.choices else "Options:"
    return f"{lead} {', '.join(values)}{f' and {more} more' if more > 0 else ''}."


def _tells_more(label: str, value: JSON) -> bool:
    return label.strip().lower() not in {"", str(value).strip().lower()}


def _default_sentence(parameter: ParameterSpec) -> str:
    if parameter.default is not None:
        return f"Default {_shown(parameter.default)}."
    return "Required." if parameter.must_be_given else ""


def _shown(value: JSON) -> DocText:
    return doc_code(py_literal(value), 120)


def fixed_text(parameter: ParameterSpec) -> DocText:
    """What a fixed parameter is set to: `sourcelanguage = "en"`; something follows it on its line."""
    preset = parameter.values[0] if parameter.values else parameter.default
    return DocText(f"{doc_text(parameter.name, 80)} = {_shown(preset)}")


@lru_cache(maxsize=4096)
def price_text(pricing: PricingSpec | None) -> DocText | None:
    """`0.00001 credits per token`, `free`; None when the catalog does not say."""
    if pricing is None:
        return None
    if pricing.price is None:
        return doc_text(pricing.id) if pricing.id else None
    if pricing.price == 0:
        return doc_text("free")
    unit = PER.get(pricing.unit_type or "", (pricing.unit_type or "").lower())
    unit = unit.removesuffix("s") if pricing.currency else unit  # prices in money count in the plural: `images`
    scale = f" and {pricing.unit_type_scale.lower()}" if pricing.unit_type_scale else ""
    currency = pricing.currency or ("credit" if pricing.price == 1 else "credits")
    return doc_text(f"{plain_number(pricing.price)} {currency}{f' per {unit}{scale}' if unit else ''}")


def function_words(model: ModelSpec) -> str:
    """What the model does, in words: `text generation`."""
    return doc_text((model.function_name or model.function or "no function given").replace("-", " ").lower(), 80)


def kind_words(model: ModelSpec) -> str:
    """What the model does; empty where its marketplace does not sort its models."""
    return function_words(model) if model.function or model.is_sorted else ""


def model_facts(model: ModelSpec) -> list[DocText]:
    """The facts of a model, one a line: function, supplier, id, path, price, way of running, last update."""
    rows = (
        ("Function", model.function),
        ("Supplier", _supplier_words(model)),
        ("Model id", model.id),
        ("Path", model.path if model.path != model.id else None),
        ("Version", model.version if model.output is not None else None),
        ("Status", "deprecated: it may go at any time" if model.is_deprecated else None),
        ("Price", price_text(model.pricing)),
        ("Runs", _runs_words(model)),
        ("Context", _context_words(model)),
        ("Last update", (model.updated_at or "")[:10]),
    )
    return [doc_line(f"{label}: ", doc_text(text, 200)) for label, text in rows if text]


def _supplier_words(model: ModelSpec) -> str:
    host = model.host if model.host and model.host.lower() != model.supplier.name.lower() else None
    return f"{model.supplier.name}, hosted by {host}" if host else model.supplier.name


def _runs_words(model: ModelSpec) -> str:
    ways = " or ".join(model.connection_type or ())
    streams = {True: "streams", False: "cannot stream", None: "may stream"}[model.supports_streaming]
    return f"{ways}; {streams}" if ways else streams


def _context_words(model: ModelSpec) -> str:
    length = dict(model.attributes).get("max_context_length")
    return f"{length} tokens" if isinstance(length, int | str) and str(length).isdigit() else ""
