"""CPU milliseconds a stream of 1 MiB, all at a time, with typedrun: argv = base URL, streams."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from aixplain_models import Aixplain

base, streams = sys.argv[1], int(sys.argv[2])
gpt = Aixplain(api_key="k", backend_url=base, model_url=f"{base}/long/1").models.openai.gpt_5_4


def stream(_: int) -> None:
    with gpt.run_stream(text="Hello") as chunks:
        for _chunk in chunks:
            pass


with ThreadPoolExecutor(streams) as workers:
    began = time.process_time()
    list(workers.map(stream, range(streams)))
print((time.process_time() - began) / streams * 1000)
