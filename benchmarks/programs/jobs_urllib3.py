"""CPU milliseconds a job (started, asked for once) with urllib3: argv = base URL, jobs, threads."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import urllib3

base, jobs, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pool = urllib3.PoolManager(maxsize=threads)
headers = {"x-api-key": "k", "Content-Type": "application/json"}


def job(_: int) -> None:
    body = json.dumps({"text": "Hello", "temperature": 0.2}).encode()
    started = json.loads(pool.request("POST", f"{base}/job/m", body=body, headers=headers).data)
    json.loads(pool.request("GET", f"{base}{started['data']}", headers=headers).data)


with ThreadPoolExecutor(threads) as workers:
    list(workers.map(job, range(100)))
    began = time.process_time()
    list(workers.map(job, range(jobs)))
print((time.process_time() - began) / jobs * 1000)
