"""Makes catalogs of any size that look like a marketplace: `python benchmarks/synthesise.py 10000 FOLDER`.

Deterministic: the same number gives the same bytes. Every model has twelve parameters: nine that recur in many catalogs with
values of the model's own (defaults, descriptions, option sets), three with names of its own, so that no cache of the
generator can answer for all of them. 25 models a supplier.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_codegen.snapshots.store import snapshot_files

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

PER_SUPPLIER = 25
FUNCTIONS = ("text-generation", "translation", "speech-recognition", "text-to-image-generation", "text-embedding")
WORDS = [
    "style",
    "strength",
    "seed",
    "guidance",
    "quality",
    "voice",
    "speed",
    "pitch",
    "layout",
    "margin",
    "depth",
    "scale",
    "format",
    "mode",
    "tone",
    "length",
    "width",
    "height",
]
LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ar", "hi", "ja", "ko", "zh", "ru")


def models(count: int) -> Iterator[dict[str, JSON]]:
    """`count` model objects as `GET v2/models/{id}` would answer them."""
    for number in range(count):
        chance = random.Random(number)  # reproducible, not secret
        supplier = number // PER_SUPPLIER
        name = f"{chance.choice(('Aurora', 'Breeze', 'Cobalt', 'Delta', 'Ember'))} {number}.{chance.randrange(10)}"
        function = FUNCTIONS[number % len(FUNCTIONS)]
        yield {
            "id": hashlib.sha256(str(number).encode()).hexdigest()[:24],
            "name": name,
            "description": f"{name} does {function.replace('-', ' ')} for case {chance.randrange(10**6)}. It is not real.",
            "path": f"supplier-{supplier}/{name.lower().replace(' ', '-')}",
            "function": {"id": function, "name": function.replace("-", " ").title()},
            "vendor": {"id": supplier, "name": f"Supplier {supplier}", "code": f"supplier-{supplier}"},
            "host": f"Supplier {supplier}",
            "pricing": {"price": chance.randrange(1, 1000) / 1e6, "unitType": "TOKEN", "unitTypeScale": None},
            "connectionType": [chance.choice(("synchronous", "asynchronous"))],
            "supportsStreaming": function == "text-generation",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "updatedAt": f"2026-0{chance.randrange(1, 9)}-11T00:00:00.000Z",
            "params": [*_common(chance), *_own(chance, number)],
        }


def _common(chance: random.Random) -> Iterator[JSON]:
    yield _parameter("text", "text", "text", "The text to work on.", required=True)
    for name in ("context", "prompt"):
        yield _parameter(name, "text", "text", f"The {name} of the call, at most {chance.randrange(100)} kilobytes.")
    for name in ("temperature", "top_p", "max_tokens"):
        default = str(chance.randrange(1, 40) / 10) if name != "max_tokens" else str(chance.randrange(1, 64) * 64)
        yield _parameter(name, "text", "number", f"The {name} of sampling.", defaults=[default])
    yield _parameter("language", "label", "label", "Language of the text.", options=list(LANGUAGES))
    yield _parameter("history", "text", "json", "Earlier turns.")
    yield _parameter("stream_format", "boolean", "boolean", "Whether to frame the answer.", defaults=[True])


def _own(chance: random.Random, number: int) -> Iterator[JSON]:
    first, second, third = chance.sample(WORDS, 3)
    options: list[JSON] = [f"{first}-{chance.randrange(50)}-{n}" for n in range(chance.randrange(3, 9))]
    yield _parameter(f"{first}_{number % 97}", "label", "label", f"The {first} of model {number}.", options=options)
    yield _parameter(second, "number", "number", f"The {second}, from 0 to {number}.", defaults=[str(number % 13)])
    yield _parameter(f"{third}Url", "image", "image", f"A picture of the {third} of model {number}.")


def _parameter(
    name: str,
    data_type: str,
    sub_type: str,
    description: str,
    *,
    required: bool = False,
    defaults: list[JSON] | None = None,
    options: list[JSON] | None = None,
) -> JSON:
    return {
        "name": name,
        "required": required,
        "isFixed": False,
        "multipleValues": False,
        "dataType": data_type,
        "dataSubType": sub_type,
        "values": [],
        "defaultValues": [{"value": value, "label": str(value)} for value in defaults or []],
        "availableOptions": [{"value": value, "label": str(value)} for value in options or []],
        "description": description,
    }


def write_catalog(count: int, folder: Path) -> None:
    """Write a snapshot of `count` models, with the functions and languages of the bundled one."""
    lists = {name: json.loads((bundled_snapshot() / f"{name}.json").read_text()) for name in ("functions", "languages")}
    (folder / "models").mkdir(parents=True, exist_ok=True)
    for path, data in snapshot_files(models(count), lists).items():
        (folder / path).write_bytes(data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write a catalog of many models.")
    parser.add_argument("count", type=int)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    write_catalog(arguments.count, arguments.folder)
