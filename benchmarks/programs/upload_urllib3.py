"""MB/s of a PUT of a file with urllib3: argv = base URL, file."""

import sys
import time
from pathlib import Path

import urllib3

base, path = sys.argv[1], Path(sys.argv[2])
began = time.perf_counter()
with path.open("rb") as file:
    headers = {"Content-Length": str(path.stat().st_size), "Content-Type": "audio/mpeg"}
    assert urllib3.PoolManager().request("PUT", f"{base}/put", body=file, headers=headers).status == 200
print(path.stat().st_size / 1e6 / (time.perf_counter() - began))
