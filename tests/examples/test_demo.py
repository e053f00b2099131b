"""`make demo`, as a newcomer runs it: without a key it uses the sandbox, prints every part and leaves nothing running."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
KEYS = ("TEAM_API_KEY", "AIXPLAIN_API_KEY", "BACKEND_URL", "MODELS_RUN_URL", "REPLICATE_API_TOKEN", "FAL_KEY")


@pytest.fixture(scope="module")
def transcript() -> str:
    environment = {name: value for name, value in os.environ.items() if name not in KEYS}
    ran = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / "demo.py"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    return ran.stdout


@pytest.mark.parametrize(
    "expected",
    [
        r"using the local sandbox at http://127\.0\.0\.1:\d+",
        r"GPT-5\.4 · openai/gpt-5\.4/openai · streams: True",
        r"\[\d+ tokens, [\d.e-]+ credits\]",
        r"\[SUCCESS\]",
        r"submitted: completed=False\n( +poll: IN_PROGRESS\n)+ +poll: SUCCESS\nBom dia",
        r"\[5 of \d+\]",
        r"== asyncio: .*\n.*one\..*\n.*two\..*\n.*three\.",
        r"Unknown parameter 'temprature': did you mean 'temperature'\?",
        r"Required parameter 'text' is missing",
        r"demo: sandbox stopped",
        r"two further marketplaces, played at http://127\.0\.0\.1:\d+ and http://127\.0\.0\.1:\d+",
        r"(\d+ bytes of \w+\.png\n){2}",
        r"Hello\|!\| How",
        r"512 × 288 pixels of image/png, seed 7",
        r"== fal: a run that is not wanted any more\nOK\n",
    ],
)
def test_demo_shows_each_way_to_call_a_model(transcript: str, expected: str) -> None:
    assert re.search(expected, transcript), transcript


def test_demo_leaves_no_server_behind(transcript: str) -> None:
    found = re.search(r"http://127\.0\.0\.1:(\d+)", transcript)
    assert found
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(found[1])), timeout=1)


def test_quickstart_without_a_key_says_what_is_missing() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in KEYS}
    ran = subprocess.run(
        [sys.executable, "-c", "from aixplain_models import Aixplain; Aixplain()"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ConfigurationError" in ran.stderr
    assert "TEAM_API_KEY" in ran.stderr
