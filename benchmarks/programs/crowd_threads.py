"""The blocking client, a thread for each job or stream: see crowd.py."""

import time
from concurrent.futures import ThreadPoolExecutor

from crowd import FIRST_WAIT, Streams, arguments, raise_limit

from aixplain_models import Aixplain
from typedrun.settings import Timeout

base, what, number = arguments()
PATIENT = Timeout(connect=120)
"""A server that is busy with a thousand others takes a connection late."""


def main() -> float:
    with (
        Aixplain(api_key="k", timeout=PATIENT, backend_url=base, model_url=f"{base}/api/v2/execute") as aix,
        ThreadPoolExecutor(number) as pool,
    ):
        gpt = aix.models.openai.gpt_5_4

        def job(_: int) -> object:
            return gpt.run_async(text="Hello", temperature=0.2).wait(wait_time=FIRST_WAIT).data

        def stream(told: Streams) -> None:
            events = 0
            with gpt.run_stream(text="Hello", temperature=0.2) as answer:
                for chunk in answer:
                    events += 1
                    if events == 1:
                        told.first(str(chunk.data))
            told.events += events

        if what == "jobs":
            spent = 0.0
            for _ in range(2):
                began = time.process_time()
                list(pool.map(job, range(number)))
                spent = (time.process_time() - began) / number * 1000
            return spent
        stream(Streams(1))
        told = Streams(number)
        told.begin()
        list(pool.map(stream, [told] * number))
        return told.tell(what)


raise_limit()
print(main())
