"""The first answer of a process with openai: argv = base URL."""

import sys

import openai

client = openai.OpenAI(api_key="k", base_url=sys.argv[1], max_retries=0)
client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}], temperature=0.2)
