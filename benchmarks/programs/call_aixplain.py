"""CPU milliseconds of one run of the published aixplain package: argv = base URL, calls."""

import os
import sys
import time

base, calls = sys.argv[1], int(sys.argv[2])
os.environ |= {
    "AIXPLAIN_ALLOW_INSECURE_URLS": "1",
    "TEAM_API_KEY": "k",
    "BACKEND_URL": base,
    "MODELS_RUN_URL": f"{base}/api/v2/execute",
}

from aixplain.v2 import Aixplain  # the package reads the environment at import

model = Aixplain(api_key="k", backend_url=base, model_url=f"{base}/api/v2/execute").Model(
    id="m", name="m", connection_type=["synchronous"]
)
for _ in range(20):
    model.run(text="Hello", temperature=0.2)
began = time.process_time()
for _ in range(calls):
    model.run(text="Hello", temperature=0.2)
print((time.process_time() - began) / calls * 1000)
