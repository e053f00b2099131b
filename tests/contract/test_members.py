"""Every public member of the reference is here, or stands in the table of docs/migration.md with what to do instead."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from aixplain_models import Aixplain
from typedrun import InputsProxy, ModelResponseStreamer, ModelResult, Page, StreamChunk

PAGE = Path(__file__).parents[2] / "docs" / "migration.md"
LISTING = """
import json, warnings
warnings.simplefilter("ignore")
from aixplain import Aixplain
from aixplain.v2.model import InputsProxy, ModelResponseStreamer, ModelResult, StreamChunk
from aixplain.v2.resource import Page
aix = Aixplain(api_key="k")
print(json.dumps({name: [each for each in dir(thing) if not each.startswith("_")] for name, thing in {
    "client": aix, "model": aix.Model(id="x", name="n"), "result": ModelResult(status="S", completed=True),
    "chunk": StreamChunk, "streamer": ModelResponseStreamer, "inputs": InputsProxy, "page": Page}.items()}))
"""


def ours() -> dict[str, Any]:
    aix = Aixplain(api_key="k")
    return {
        "client": aix,
        "model": aix.Model(id="x", name="n"),
        "result": ModelResult(status="S", completed=True),
        "chunk": StreamChunk,
        "streamer": ModelResponseStreamer,
        "inputs": InputsProxy,
        "page": Page,
    }


def test_what_is_missing_is_told_with_what_to_do_instead(reference_python: str) -> None:
    listed = subprocess.run([reference_python, "-c", LISTING], capture_output=True, text=True, check=True).stdout
    reference: dict[str, list[str]] = json.loads(listed.splitlines()[-1])
    table = PAGE.read_text("utf-8").partition("## What the SDK has")[2].partition("\n## ")[0]
    told = set(re.findall(r"\w+", table))
    missing = {
        f"{kind}.{name}"
        for kind, names in reference.items()
        for name in names
        if not hasattr(ours()[kind], name) and name not in told and not name.startswith("PAGINATE_")
    }
    assert missing == set()
