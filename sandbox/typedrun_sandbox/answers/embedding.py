"""Embeddings: unit vectors in which texts that share words lie close together."""

from __future__ import annotations

import hashlib
import math
import re
import struct

from typedrun_sandbox.answers import tokens
from typedrun_sandbox.answers.answer import Answer, Question, Usage
from typedrun_sandbox.jsontypes import JSON, as_number

DEFAULT_SIZE = 384
MAX_SIZE = 4096


def embed(question: Question) -> Answer:
    """The vector of a text or of a media link, as long as the model (or `dimensions`) says."""
    text = question.text
    vector: list[JSON] = [*vector_of(text, size_of(question))]
    return Answer(data=vector, usage=Usage(tokens.count(text), 0), raw={"embedding": vector})


def size_of(question: Question) -> int:
    """`dimensions` of the request, else the size of the model's vectors, else 384."""
    size = as_number(question.value("dimensions"), question.model.vector_size or DEFAULT_SIZE)
    return min(max(int(size), 1), MAX_SIZE)


def vector_of(text: str, size: int) -> list[float]:
    """The sum of one fixed direction per word, scaled to length 1 and rounded so that it stays short on the wire."""
    words = re.findall(r"\w+", text.casefold()) or [text]
    sums = [sum(parts) for parts in zip(*(_direction(word, size) for word in words), strict=True)]
    length = math.sqrt(sum(value * value for value in sums)) or 1.0
    return [round(value / length, 8) for value in sums]


def similarity(left: str, right: str) -> float:
    """The cosine of two texts' vectors."""
    pairs = zip(vector_of(left, DEFAULT_SIZE), vector_of(right, DEFAULT_SIZE), strict=True)
    return sum(a * b for a, b in pairs)


def _direction(word: str, size: int) -> list[float]:
    """A fixed point of the cube around zero for a word, from its hash."""
    needed = size * 4
    stream = b"".join(
        hashlib.sha512(f"{word} {block}".encode("utf-8", "replace")).digest() for block in range(-(-needed // 64))
    )
    return [value / 2**31 - 1.0 for value in struct.unpack(f"<{size}I", stream[:needed])]
