"""CPU milliseconds to read a stream of one large event: argv = base URL, MiB."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from aixplain_models import Aixplain

if TYPE_CHECKING:  # it comes with the client
    from aixplain_models.models.openai import Gpt54

base, size = sys.argv[1:3]


def once(gpt: Gpt54) -> float:
    began = time.process_time()
    with gpt.run_stream(text="Hello") as stream:
        length = sum(len(chunk.data) for chunk in stream)
    assert length == int(size) * 2**20
    return (time.process_time() - began) * 1000


with Aixplain(api_key="k", backend_url=base, model_url=f"{base}/wide/{size}") as aix:
    model = aix.models.openai.gpt_5_4
    once(model)
    print(min(once(model) for _ in range(3)))
