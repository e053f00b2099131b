"""Milliseconds until the first chunk of a stream is there, median of five: argv = base URL, framing."""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

from aixplain_models import Aixplain

if TYPE_CHECKING:  # it comes with the client
    from aixplain_models.models.openai import Gpt54

base, framing = sys.argv[1:3]


def first(gpt: Gpt54) -> float:
    began = time.perf_counter()
    with gpt.run_stream(text="Hello") as stream:
        next(stream)
        return (time.perf_counter() - began) * 1000


with Aixplain(api_key="k", backend_url=base, model_url=f"{base}/first/{framing}") as aix:
    model = aix.models.openai.gpt_5_4
    print(statistics.median([first(model) for _ in range(6)][1:]))
