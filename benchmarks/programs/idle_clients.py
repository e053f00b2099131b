"""KiB of the process for each idle client that has made one run: argv = base URL, clients."""

import gc
import resource
import sys
from pathlib import Path

from aixplain_models import Aixplain

base, count = sys.argv[1], int(sys.argv[2])


def made() -> Aixplain:
    aix = Aixplain(api_key="k", backend_url=base, model_url=f"{base}/api/v2/execute")
    aix.models.openai.gpt_5_4.run(text="Hello")
    return aix


def resident() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024


clients = [made() for _ in range(10)]
before = resident()
clients += [made() for _ in range(count)]
print((resident() - before) / count)
