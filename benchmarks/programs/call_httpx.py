"""CPU milliseconds of httpx's post and json: argv = base URL, calls."""

import sys
import time

import httpx

base, calls = sys.argv[1], int(sys.argv[2])
with httpx.Client(headers={"x-api-key": "k"}) as client:

    def call() -> None:
        client.post(f"{base}/api/v2/execute/m", json={"text": "Hello", "temperature": 0.2}).json()

    for _ in range(100):
        call()
    began = time.process_time()
    for _ in range(calls):
        call()
    print((time.process_time() - began) / calls * 1000)
