"""CPU milliseconds of requests' post and json: argv = base URL, calls."""

import sys
import time

import requests

base, calls = sys.argv[1], int(sys.argv[2])
with requests.Session() as session:
    session.headers["x-api-key"] = "k"

    def call() -> None:
        session.post(f"{base}/api/v2/execute/m", json={"text": "Hello", "temperature": 0.2}, timeout=10).json()

    for _ in range(100):
        call()
    began = time.process_time()
    for _ in range(calls):
        call()
    print((time.process_time() - began) / calls * 1000)
