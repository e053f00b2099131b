"""CPU milliseconds of one typed run: argv = base URL, calls."""

import sys
import time

from aixplain_models import Aixplain

base, calls = sys.argv[1], int(sys.argv[2])
with Aixplain(api_key="k", backend_url=base, model_url=f"{base}/api/v2/execute") as aix:
    gpt = aix.models.openai.gpt_5_4
    for _ in range(100):
        gpt.run(text="Hello", temperature=0.2)
    began = time.process_time()
    for _ in range(calls):
        gpt.run(text="Hello", temperature=0.2)
    print((time.process_time() - began) / calls * 1000)
