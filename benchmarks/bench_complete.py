"""Completion in an editor, beside other typed clients: pyright's language server after an edit, milliseconds by its clock.

python benchmarks/bench_complete.py

Each client has a workspace, a server and a script of the same length, in which it makes a client and calls it; the line that is completed stands
below. Edits of all clients take turns. The bundled package is ours here, with its 105 models.
"""

import statistics
import sys
from contextlib import ExitStack
from pathlib import Path

from attrs import frozen

from bench_generate import scratch
from bench_scale import BIN, make_workspace
from languageserver import LanguageServer
from measure import ROOT, Row, absent, show
from peers import interpreter

TITLE = "Completion beside other typed clients"
EDITS = 15
TARGET = "≤ 150 ms"


@frozen
class Asked:
    """One client's script, and what is completed in it."""

    who: str
    script: str
    start: str
    offered: str
    """A name that has to be among those that are offered."""
    peer: str = ""
    """The environment that it is installed in; empty for our own."""


_OURS = """from aixplain_models import Aixplain

aix = Aixplain(api_key="k")
model = aix.models.openai.gpt_5_4
for question in ("Hello", "And then?"):
    result = model.run(text=question, temperature=0.2, timeout=30)
    print(result.data, result.completed, result.used_credits)
"""
_OPENAI = """from openai import OpenAI

client = OpenAI(api_key="k")
completions = client.chat.completions
for question in ("Hello", "And then?"):
    answer = completions.create(model="gpt-5", messages=[{"role": "user", "content": question}], timeout=30)
    print(answer.choices[0].message.content, answer.usage, answer.id)
"""
_BOTO3 = """import boto3

s3 = boto3.client("s3")
buckets = s3.list_buckets()
for name in ("one", "two"):
    found = s3.get_object(Bucket=name, Key="k")
    print(found["Body"], found["ContentLength"], found["ETag"])
"""
ASKED = (
    Asked("`aix.models.`", _OURS, "aix.models.", "openai"),
    Asked("`aix.models.openai.`", _OURS, "aix.models.openai.", "gpt_5_4"),
    Asked("`model.`", _OURS, "model.", "run_async"),
    Asked("`client.`, openai", _OPENAI, "client.", "chat", "openai"),
    Asked("`completions.`, openai", _OPENAI, "completions.", "create", "openai"),
    Asked("`s3.`, boto3 with boto3-stubs", _BOTO3, "s3.", "get_object", "boto3-stubs"),
)


def measure() -> list[Row]:
    """The table's rows."""
    pythons = {asked.peer: interpreter(asked.peer) if asked.peer else Path(sys.executable) for asked in ASKED}
    times: dict[str, list[float]] = {asked.who: [] for asked in ASKED}
    with scratch() as folder, ExitStack() as servers:
        running: dict[str, LanguageServer] = {}
        for at, asked in enumerate(ASKED):
            python = pythons[asked.peer]
            if python is not None:
                workspace = make_workspace(folder / str(at), asked.script, ROOT / "runtime", ROOT / "generated")
                server = LanguageServer(BIN / "pyright-langserver", workspace, str(python))
                running[asked.who] = servers.enter_context(server)
                server.open(asked.script)
        for number in range(EDITS + 1):
            for asked in ASKED:
                if asked.who not in running:
                    continue
                seconds, names = running[asked.who].complete_after(f"{asked.script}# {number}\n{asked.start}")
                if asked.offered not in names:
                    raise RuntimeError(f"{asked.who}: {asked.offered} is not offered")
                if number:  # the first time everything is read
                    times[asked.who].append(seconds * 1000)
    return [
        Row(
            what=asked.who,
            value=statistics.median(times[asked.who]),
            unit="ms",
            note="" if asked.peer else "ours",
            target="" if asked.peer else TARGET,
        )
        if times[asked.who]
        else absent(asked.who, "ms")
        for asked in ASKED
    ]


if __name__ == "__main__":
    show(TITLE, measure())
