"""The first answer of a process with httpx: argv = base URL."""

import sys

import httpx

body = {"text": "Hello", "temperature": 0.2}
httpx.post(f"{sys.argv[1]}/api/v2/execute/m", json=body, headers={"x-api-key": "k"}).json()
