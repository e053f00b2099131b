"""Events per CPU second of openai's typed stream: argv = base URL, framing."""

import sys
import time

import openai

base, framing = sys.argv[1:3]
client = openai.OpenAI(api_key="k", base_url=f"{base}/{framing}", max_retries=0)


def events() -> int:
    messages = [{"role": "user", "content": "Hello"}]
    return sum(1 for _ in client.chat.completions.create(model="m", messages=messages, stream=True))


events()
began = time.process_time()
print(events() / (time.process_time() - began))
