"""The sandbox of each further marketplace, judged by the client that the marketplace publishes: one process takes every step, over TLS.

The published packages are installed once into environments of their own below the system's temporary directory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.sides import Seen

FLUX, FAL_FLUX = "black-forest-labs/flux-schnell", "fal-ai/flux/dev"


# --- replicate

ANSWER = "2 + 2 = 4."
REPLICATE: Mapping[str, Callable[[Any], bool]] = {
    "run": lambda files: [kind for kind, _, _ in files] == ["file", "file"] and files[0][2] == "png",
    "run a text": lambda pieces: "".join(pieces) == ANSWER,
    "run a version": lambda rows: rows[0].keys() == {"text", "vectors"},
    "run on asyncio": lambda files: len(files) == 1,
    "stream": lambda pieces: len(pieces) > 2 and "".join(pieces) == ANSWER,
    "stream on asyncio": lambda pieces: "".join(pieces) == ANSWER,
    "cancel": lambda status: status == "canceled",
    "poll": lambda files: len(files) == 1,
    "upload": lambda table: bool(table["text"]),
    "refused": lambda error: error[:2] == ["refused", 422] and "- input.num_outputs: Must be less" in error[2],
    "failed": lambda error: error == ["failed", "out of memory"],
    "models": lambda ids: len(ids) == 12,
}


@pytest.mark.parametrize("step", REPLICATE)
def test_the_published_replicate_gets_what_it_expects(step: str, of_replicate: dict[str, Seen]) -> None:
    assert REPLICATE[step](of_replicate[step].result), of_replicate[step].result


def test_a_run_of_replicate_waits_in_one_request_and_reads_its_files(of_replicate: dict[str, Seen]) -> None:
    created, *downloads = of_replicate["run"].requests
    assert (created["path"], created["headers"]["prefer"]) == (f"/v1/models/{FLUX}/predictions", "wait")
    assert created["body"] == {"input": {"prompt": "a red boat", "num_outputs": 2}}
    assert [request["path"].startswith("/files/") for request in downloads] == [True, True]


# --- fal

FAL: Mapping[str, Callable[[Any], bool]] = {
    "subscribe": lambda count: count == 2,
    "subscribe with events": lambda seen: seen == [["InProgress", "Completed"], 1],
    "subscribe on asyncio": lambda count: count == 1,
    "run": lambda text: text == ANSWER,
    "stream": lambda text: text == ANSWER,
    "stream on asyncio": lambda text: text == ANSWER,
    "cancel": lambda has_id: has_id is True,
    "status after cancelling": lambda status: status == ["Completed", "client_cancelled"],
    "upload": lambda text: text == "abc",
    "upload to storage": lambda text: text == "abc",
    "upload on asyncio": lambda text: text == "abc",
    "refused": lambda error: error[1] == 422 and {one["type"] for one in error[3]} == {"missing", "less_than_equal"},
    "failed": lambda error: error == ["refused", 500, "runner_server_error", "It fell over"],
    "upload in parts": lambda text: text == "abcde",
}


@pytest.mark.parametrize("step", FAL)
def test_the_published_fal_client_gets_what_it_expects(step: str, of_fal: dict[str, Seen]) -> None:
    assert FAL[step](of_fal[step].result), of_fal[step].result


def test_the_controls_of_fal_travel_in_headers(of_fal: dict[str, Seen]) -> None:
    submitted, cancelled, asked = of_fal["status after cancelling"].requests
    assert submitted["path"] == f"/queue/{FAL_FLUX}"
    assert (submitted["headers"]["x-fal-queue-priority"], submitted["headers"]["x-fal-request-timeout"]) == (
        "low",
        "30.0",
    )
    assert (cancelled["method"], asked["path"].partition("?")[2]) == ("PUT", "logs=true")
