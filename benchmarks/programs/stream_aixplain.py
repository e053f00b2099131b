"""Events per CPU second of the published aixplain streamer: argv = base URL, framing."""

import os
import sys
import time

base, framing = sys.argv[1:3]
os.environ |= {
    "AIXPLAIN_ALLOW_INSECURE_URLS": "1",
    "TEAM_API_KEY": "k",
    "BACKEND_URL": base,
    "MODELS_RUN_URL": f"{base}/{framing}",
}

from aixplain.v2 import Aixplain  # the package reads the environment at import

model = Aixplain(api_key="k", backend_url=base, model_url=f"{base}/{framing}").Model(
    id="m", name="m", connection_type=["synchronous"], supports_streaming=True
)


def events() -> int:
    return sum(1 for _ in model.run_stream(text="Hello"))


events()
began = time.process_time()
print(events() / (time.process_time() - began))
