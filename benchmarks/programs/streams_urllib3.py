"""CPU milliseconds a stream of 1 MiB, all at a time, with urllib3 and json: argv = base URL, streams."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import urllib3

base, streams = sys.argv[1], int(sys.argv[2])
pool = urllib3.PoolManager(maxsize=streams)


def stream(_: int) -> None:
    reply = pool.request("POST", f"{base}/long/1/m", body=b"{}", preload_content=False)
    rest = b""
    for block in reply.stream(65536):
        *events, rest = (rest + block).split(b"\n\n")
        for event in events:
            if event != b"data: [DONE]":
                json.loads(event[6:])
    reply.release_conn()


with ThreadPoolExecutor(streams) as workers:
    began = time.process_time()
    list(workers.map(stream, range(streams)))
print((time.process_time() - began) / streams * 1000)
