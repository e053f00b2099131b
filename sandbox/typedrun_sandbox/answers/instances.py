"""An answer made from the schema of a model's output: texts that reply, files that can be downloaded, inputs that come back."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen

from typedrun_sandbox.answers import film, picture, tokens, waveform
from typedrun_sandbox.answers.answer import Answer, Question
from typedrun_sandbox.answers.chance import fraction, name, pick
from typedrun_sandbox.answers.media import size_of
from typedrun_sandbox.answers.plain import SPOKEN
from typedrun_sandbox.answers.schemas import Sampler, kind_of
from typedrun_sandbox.answers.text import reply
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_number, as_object, as_text
from typedrun_sandbox.schemas.check import check

MOST = 8
"""Files in one answer, whatever was asked for."""

_COUNTS = ("num_outputs", "num_images", "num_videos", "num_samples", "n")
"""Inputs that say how many files are wanted."""

_ECHOED = ("seed", "prompt")
"""Outputs that repeat the input of the same name."""

_TEXTS = ("output", "text", "response", "content", "result", "answer", "caption", "transcription")
"""Outputs that are the model's reply."""

_LINK = re.compile(r"(?:https?://|data:)\S*")

_KINDS: Mapping[str, tuple[str, ...]] = {
    "video": ("video", "clip", "movie", "film", "animation", "mp4"),
    "audio": ("audio", "speech", "voice", "music", "sound", "song", "wav", "tts"),
    "archive": ("zip", "archive", "weights", "lora", "checkpoint", "safetensors", "train"),
    "mesh": ("mesh", "glb", "3d"),
    "lines": ("srt", "vtt", "subtitle", "txt", "config", "json"),
    "image": ("image", "picture", "photo", "mask", "png", "jpg", "frame"),
}
"""Kind of file → words in the name of an output, or else of the model, that tell it; the first row that fits counts."""


@frozen
class MadeFile:
    """A file of an answer, as it can be fetched."""

    url: str
    file_name: str
    content_type: str
    size: int
    width: int | None = None
    height: int | None = None

    def members(self) -> JSONObject:
        """What outputs say about a file, by the names that they use."""
        return {
            "url": self.url,
            "file_name": self.file_name,
            "content_type": self.content_type,
            "file_size": self.size,
            "width": self.width,
            "height": self.height,
        }


def by_schema(question: Question) -> Answer:
    """A value that fits the schema of the model's output."""
    made = _Maker(question).value(question.model.output_schema, "", 0)
    pieces = (
        [as_text(piece) for piece in as_list(made)] if isinstance(made, list) else list(tokens.split(as_text(made)))
    )
    return Answer(data=made, pieces=tuple(filter(None, pieces)))


class _Maker(Sampler):
    """Makes the output of one run."""

    def __init__(self, question: Question) -> None:
        words = _LINK.sub("", question.text).strip()  # what a link is made of is no prompt
        super().__init__(as_object(question.model.output_schema), words)
        self.makers = {**self.makers, "boolean": _harmless}
        self.question = question
        self.said = question.files.about(question.text) or (reply(words) if words else pick(SPOKEN, question.text))

    def object(self, rules: JSONObject, name: str, depth: int) -> JSON:
        """An object; one that describes a file describes a real one."""
        properties = as_object(rules.get("properties"))
        if "url" in properties and {"content_type", "file_name", "file_size"} & properties.keys():
            return self._file_object(rules, name, depth)
        made = as_object(super().object(_without_content(rules), name, depth))
        return made | {key: self.question.body[key] for key in _ECHOED if self._is_echo(key, properties)}

    def array(self, rules: JSONObject, name: str, depth: int) -> JSON:
        """As many files as were asked for; pieces of the reply where texts are joined; else one item."""
        items = self.resolve(as_object(rules.get("items")), depth)
        if depth == 0 and self.question.model.output == "text" and kind_of(items) == "string":
            return list(tokens.split(self.said))
        if not self._is_file(items) or "minItems" in rules:
            return super().array(rules, name, depth)
        count = max(int(as_number(self.question.value(*_COUNTS), 1)), 1)
        return [self._numbered(rules.get("items"), name, depth, number) for number in range(min(count, MOST))]

    def string(self, rules: JSONObject, name: str, depth: int) -> JSON:
        """A file's URL, the reply, or words of the prompt."""
        if rules.get("format") in ("uri", "url"):
            return self._file(name).url
        if (depth == 0 or name in _TEXTS) and not {"format", "maxLength", "minLength", "pattern"} & rules.keys():
            return self.said
        return super().string(rules, name, depth)

    def _file_object(self, rules: JSONObject, name: str, depth: int) -> JSON:
        properties = as_object(rules.get("properties"))
        known = self._file(name).members()
        rest = {key: rule for key, rule in properties.items() if key not in known}
        required: list[JSON] = [key for key in as_list(rules.get("required")) if key in rest]
        made = as_object(super().object(_without_content({"properties": rest, "required": required}), name, depth))
        return {key: value for key, value in known.items() if key in properties and value is not None} | made

    def _numbered(self, items: JSON, name: str, depth: int, number: int) -> JSON:
        """One of several files: each looks different."""
        before = self.prompt
        self.prompt = f"{before} ({number + 1})" if number else before
        made = self.value(items, name, depth + 1)
        self.prompt = before
        return made

    def _is_file(self, items: JSONObject) -> bool:
        properties = as_object(items.get("properties"))
        return items.get("format") in ("uri", "url") or ("url" in properties and "content_type" in properties)

    def _is_echo(self, key: str, properties: JSONObject) -> bool:
        body = self.question.body
        return key in properties and key in body and not check(as_object(properties[key]), body[key], self.root)

    def _file(self, output: str) -> MadeFile:
        model = self.question.model
        kind = kind_of_file(output) or kind_of_file(model.function) or kind_of_file(model.name) or model.output
        width, height = size_of(self.question)
        suffix, content_type, content = _content(kind or "image", self.prompt, width, height)
        file_name = f"{name(model.id, output, self.prompt, f'{width}x{height}')}.{suffix}"
        url = self.question.files.store(file_name, content_type, content, self.prompt)
        is_image = content_type.startswith("image/")
        sides = (width, height) if is_image else (None, None)
        return MadeFile(url, file_name, content_type, len(content), *sides)


def _harmless(_rules: JSONObject, name: str, _depth: int) -> JSON:
    """Yes, but not to whether something is amiss with what was made."""
    return "nsfw" not in name


def kind_of_file(words: str) -> str:
    """The kind of file that a name speaks of; empty when it speaks of none. What comes last in `text-to-speech` counts."""
    text = words.casefold().rpartition("-to-")[2]
    return next((kind for kind, hints in _KINDS.items() if any(hint in text for hint in hints)), "")


def _content(kind: str, prompt: str, width: int, height: int) -> tuple[str, str, bytes]:
    """Suffix, media type and bytes."""
    if kind == "video":
        return "mp4", "video/mp4", film.mp4(prompt)
    if kind == "audio":
        return "wav", "audio/wav", waveform.speech(prompt)
    if kind == "lines":
        return "txt", "text/plain", f"{prompt or 'Nothing was said.'}\n".encode()
    if kind in ("archive", "mesh"):
        suffix = "zip" if kind == "archive" else "glb"
        return suffix, f"{'application/zip' if kind == 'archive' else 'model/gltf-binary'}", _noise(prompt)
    return "png", "image/png", picture.png(prompt, width, height)


def _noise(prompt: str) -> bytes:
    """Bytes of nothing in particular, always the same for the same text."""
    return bytes(int(256 * fraction(prompt, str(at))) for at in range(64))


def _without_content(rules: JSONObject) -> JSONObject:
    """An object's rules without members that would hold a file's bytes, which no answer repeats, or an error, which there is none of."""
    required = as_list(rules.get("required"))
    properties: JSONObject = {
        name: rule
        for name, rule in as_object(rules.get("properties")).items()
        if name in required or (name != "error" and as_object(rule).get("format") != "binary")
    }
    return {**rules, "properties": properties}
