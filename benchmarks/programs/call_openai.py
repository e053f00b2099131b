"""CPU milliseconds of one typed chat completion of openai: argv = base URL, calls."""

import sys
import time

import openai

base, calls = sys.argv[1], int(sys.argv[2])
with openai.OpenAI(api_key="k", base_url=base, max_retries=0) as client:

    def call() -> None:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}], temperature=0.2)

    for _ in range(50):
        call()
    began = time.process_time()
    for _ in range(calls):
        call()
    print((time.process_time() - began) / calls * 1000)
