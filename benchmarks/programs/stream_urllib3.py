"""Events per CPU second of urllib3's read1, split at blank lines and parsed as JSON: argv = base URL, framing."""

import json
import sys
import time

import urllib3

base, framing = sys.argv[1:3]
pool = urllib3.PoolManager()


def events() -> int:
    reply = pool.request("POST", f"{base}/{framing}/m", body=b"{}", preload_content=False)
    rest, seen = b"", 0
    while block := reply.read1(65_536):
        *whole, rest = (rest + block).split(b"\n\n")
        for frame in whole:
            if not frame.startswith(b"data: [DONE]"):
                json.loads(frame[6:])
                seen += 1
    reply.release_conn()
    return seen


events()
began = time.process_time()
print(events() / (time.process_time() - began))
