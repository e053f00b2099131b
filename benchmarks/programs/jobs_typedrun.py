"""CPU milliseconds a job (started, asked for once) with typedrun: argv = base URL, jobs, threads."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from aixplain_models import Aixplain

base, jobs, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
aix = Aixplain(api_key="k", backend_url=base, model_url=f"{base}/job")
gpt = aix.models.openai.gpt_5_4


def job(_: int) -> None:
    gpt.run_async(text="Hello", temperature=0.2).wait()


with ThreadPoolExecutor(threads) as workers:
    list(workers.map(job, range(100)))
    began = time.process_time()
    list(workers.map(job, range(jobs)))
print((time.process_time() - began) / jobs * 1000)
