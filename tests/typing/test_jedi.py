"""IPython and Jupyter complete through jedi: members and arguments must be there without running a model."""

from __future__ import annotations

from typing import Any

import pytest

from tests.narrowing import imported

jedi = imported("jedi")

SETUP = (
    "from aixplain_models import Aixplain, AsyncAixplain\n"
    "aix, aio = Aixplain(api_key='key'), AsyncAixplain(api_key='key')\n"
)


def complete(line: str, *, live: bool) -> set[str]:
    return {completion.name for completion in script(line, live=live)[0].complete(*script(line, live=live)[1])}


def script(line: str, *, live: bool) -> tuple[Any, tuple[int, int]]:
    """A program whose last line ends at the cursor: as a file, or as IPython has it, with live objects."""
    if not live:
        code = SETUP + line
        return jedi.Script(code), (3, len(line))
    namespace: dict[str, object] = {}
    exec(SETUP, namespace)
    return jedi.Interpreter(line, [namespace]), (1, len(line))


@pytest.mark.parametrize("live", [False, True], ids=["in a file", "in a console"])
@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("aix.models.", {"openai", "google", "by_function"}),
        ("aix.models.openai.", {"gpt_5_4", "gpt_4o"}),
        ("aix.models.openai.gpt_5_4.", {"run", "run_async", "run_stream", "inputs", "pricing"}),
        ("aix.models.openai.gpt_5_4.run(", {"temperature=", "text=", "reasoning_effort=", "timeout="}),
        ("aix.models.openai.gpt_5_4.inputs.", {"temperature", "max_tokens", "reset"}),
        ("aio.models.", {"openai", "google", "by_function"}),
        ("aio.models.openai.", {"gpt_5_4", "gpt_4o"}),
        ("aio.models.openai.gpt_5_4.", {"run", "run_async", "run_stream", "inputs", "pricing"}),
        ("aio.models.openai.gpt_5_4.run(", {"temperature=", "text=", "reasoning_effort=", "timeout="}),
        ("aio.models.openai.gpt_5_4.inputs.", {"temperature", "max_tokens", "reset"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_jedi_completes(line: str, names: set[str], live: bool) -> None:
    assert names <= complete(line, live=live)


@pytest.mark.parametrize("live", [False, True], ids=["in a file", "in a console"])
@pytest.mark.parametrize("client", ["aix", "aio"])
def test_jedi_shows_the_signature(live: bool, client: str) -> None:
    line = f"{client}.models.openai.gpt_5_4.run_async("
    program, place = script(line, live=live)
    (signature,) = program.get_signatures(*place)
    assert {"text", "temperature", "timeout"} <= {parameter.name for parameter in signature.params}
