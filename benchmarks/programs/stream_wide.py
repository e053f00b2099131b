"""CPU milliseconds to read a stream of one large event: argv = base URL, MiB."""

import sys
import time

from aixplain_models import Aixplain

base, size = sys.argv[1:3]


def once(gpt: object) -> float:
    began = time.process_time()
    with gpt.run_stream(text="Hello") as stream:
        length = sum(len(chunk.data) for chunk in stream)
    assert length == int(size) * 2**20
    return (time.process_time() - began) * 1000


with Aixplain(api_key="k", backend_url=base, model_url=f"{base}/wide/{size}") as aix:
    model = aix.models.openai.gpt_5_4
    once(model)
    print(min(once(model) for _ in range(3)))
