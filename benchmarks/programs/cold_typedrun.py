"""The first answer of a process with typedrun: argv = base URL."""

import sys

from aixplain_models import Aixplain

base = sys.argv[1]
aix = Aixplain(api_key="k", backend_url=base, model_url=f"{base}/api/v2/execute")
aix.models.openai.gpt_5_4.run(text="Hello", temperature=0.2)
