"""Events per CPU second, to typed chunks: argv = base URL, framing."""

import sys
import time

from aixplain_models import Aixplain

base, framing = sys.argv[1:3]
with Aixplain(api_key="k", backend_url=base, model_url=f"{base}/{framing}") as aix:
    gpt = aix.models.openai.gpt_5_4
    gpt.run_stream(text="warm").final()
    began = time.process_time()
    with gpt.run_stream(text="Hello") as stream:
        events = sum(1 for _ in stream)
    print(events / (time.process_time() - began))
