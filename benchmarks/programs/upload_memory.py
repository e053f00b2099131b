"""MiB that the process held at most when it had uploaded a file: argv = base URL, file."""

import resource
import sys
from pathlib import Path

from aixplain_models import Aixplain

base, path = sys.argv[1], Path(sys.argv[2])
Aixplain(api_key="k", backend_url=base, max_upload_bytes=2**31, timeout=600).upload(path)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
