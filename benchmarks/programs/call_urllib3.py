"""CPU milliseconds of urllib3's request and json.loads: argv = base URL, calls."""

import json
import sys
import time

import urllib3

base, calls = sys.argv[1], int(sys.argv[2])
pool = urllib3.PoolManager()
body = {"text": "Hello", "temperature": 0.2}
headers = {"x-api-key": "k", "Content-Type": "application/json"}


def call() -> None:
    reply = pool.request("POST", f"{base}/api/v2/execute/m", body=json.dumps(body).encode(), headers=headers)
    json.loads(reply.data)


for _ in range(100):
    call()
began = time.process_time()
for _ in range(calls):
    call()
print((time.process_time() - began) / calls * 1000)
