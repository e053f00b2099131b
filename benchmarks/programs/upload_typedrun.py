"""MB/s of an upload with typedrun, the question where to included: argv = base URL, file."""

import sys
import time
from pathlib import Path

from aixplain_models import Aixplain

base, path = sys.argv[1], Path(sys.argv[2])
aix = Aixplain(api_key="k", backend_url=base, max_upload_bytes=2**31, timeout=600)
began = time.perf_counter()
aix.upload(path)
print(path.stat().st_size / 1e6 / (time.perf_counter() - began))
