"""Typed runs a second from several threads with one client: argv = base URL, calls, threads."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from aixplain_models import Aixplain

base, calls, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with (
    Aixplain(api_key="k", backend_url=base, model_url=f"{base}/api/v2/execute") as aix,
    ThreadPoolExecutor(threads) as pool,
):
    gpt = aix.models.openai.gpt_5_4

    def some(number: int) -> None:
        for _ in range(number):
            gpt.run(text="Hello", temperature=0.2)

    list(pool.map(some, [20] * threads))
    began = time.perf_counter()
    list(pool.map(some, [calls // threads] * threads))
    print(calls // threads * threads / (time.perf_counter() - began))
