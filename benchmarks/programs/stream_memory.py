"""Most MiB that a process held which streamed: argv = base URL, MiB of events."""

import resource
import sys

from aixplain_models import Aixplain

base, size = sys.argv[1:3]
with Aixplain(api_key="k", backend_url=base, model_url=f"{base}/long/{size}") as aix:
    with aix.models.openai.gpt_5_4.run_stream(text="Hello") as stream:
        events = sum(1 for _ in stream)
    assert events > int(size) * 1000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
