"""Calls a second of urllib3's request and json.loads from several threads: argv = base URL, calls, threads."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import urllib3


def main(timeout: float | None = None) -> None:
    base, calls, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    pool = urllib3.PoolManager(maxsize=threads, timeout=timeout)
    body = {"text": "Hello", "temperature": 0.2}
    headers = {"x-api-key": "k", "Content-Type": "application/json"}

    def some(number: int) -> None:
        for _ in range(number):
            reply = pool.request("POST", f"{base}/api/v2/execute/m", body=json.dumps(body).encode(), headers=headers)
            json.loads(reply.data)

    with ThreadPoolExecutor(threads) as workers:
        list(workers.map(some, [20] * threads))
        began = time.perf_counter()
        list(workers.map(some, [calls // threads] * threads))
        print(calls // threads * threads / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
