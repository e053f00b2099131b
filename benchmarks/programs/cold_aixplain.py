"""The first answer of a process with the published aixplain package: argv = base URL."""

import os
import sys

base = sys.argv[1]
os.environ |= {
    "AIXPLAIN_ALLOW_INSECURE_URLS": "1",
    "TEAM_API_KEY": "k",
    "BACKEND_URL": base,
    "MODELS_RUN_URL": f"{base}/api/v2/execute",
}

from aixplain.v2 import Aixplain  # the package reads the environment at import

client = Aixplain(api_key="k", backend_url=base, model_url=f"{base}/api/v2/execute")
client.Model(id="m", name="m", connection_type=["synchronous"]).run(text="Hello", temperature=0.2)
