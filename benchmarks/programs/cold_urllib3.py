"""The first answer of a process with urllib3 and json: argv = base URL."""

import json
import sys

import urllib3

body = json.dumps({"text": "Hello", "temperature": 0.2}).encode()
headers = {"x-api-key": "k", "Content-Type": "application/json"}
reply = urllib3.PoolManager().request("POST", f"{sys.argv[1]}/api/v2/execute/m", body=body, headers=headers)
json.loads(reply.data)
