"""The published `fal_client` package taking steps: it takes the name of a step on each line and prints its result as JSON. It runs in an
environment of its own, so it imports nothing but that package.
"""

import asyncio
import json
import os
import sys

FLUX, LLM = "fal-ai/flux/dev", "lakeside/llm"
PROMPT = {"prompt": "What is 2 + 2?"}


class Published:
    """The published package, with the addresses for uploads, which are constants, pointed at the sandbox."""

    def __init__(self):
        import fal_client

        self.fal = fal_client
        fal_client.client.REST_URL = f"https://{os.environ['FAL_REST_HOST']}"
        fal_client.client.CDN_URL = f"https://{os.environ['FAL_API_HOST']}/cdn"
        self.client = fal_client.SyncClient()

    def subscribe(self, id, given, **more):
        return self.client.subscribe(id, given, interval=0.001, **more)

    def subscribe_on_asyncio(self, id, given):
        async def subscribe():
            return await self.fal.AsyncClient().subscribe(id, given, interval=0.001)

        return asyncio.run(subscribe())

    def run(self, id, given):
        return self.client.run(id, given)

    def stream(self, id, given):
        return list(self.client.stream(id, given))

    def stream_on_asyncio(self, id, given):
        async def collect():
            return [event async for event in self.fal.AsyncClient().stream(id, given)]

        return asyncio.run(collect())

    def cancel(self, id, given):
        handle = self.client.submit(id, given, priority="low", start_timeout=30)
        handle.cancel()
        return handle

    def status_after_cancelling(self, id, given):
        status = self.cancel(id, given).status(with_logs=True)
        return [type(status).__name__, status.error_type]

    def upload(self, content, **where):
        return self.fetched(self.client.upload(content, "text/plain", "a b.txt", **where))

    def upload_in_parts(self, content):
        self.fal.client.MULTIPART_THRESHOLD = self.fal.client.MULTIPART_CHUNK_SIZE = 2
        return self.fetched(self.client.upload(content, "text/plain", "a b.txt"))

    def upload_on_asyncio(self, content):
        async def upload():
            return await self.fal.AsyncClient().upload(content, "text/plain", "a b.txt")

        return self.fetched(asyncio.run(upload()))

    def fetched(self, url):
        import httpx

        return httpx.get(url).text

    def error(self, error):
        return ["refused", error.status_code, error.error_type, error.message]


def events(sdk):
    seen = []
    output = sdk.subscribe(FLUX, PROMPT, with_logs=True, on_queue_update=seen.append)
    return [[type(status).__name__ for status in seen], len(output["images"])]


STEPS = {
    "subscribe": lambda sdk: len(sdk.subscribe(FLUX, {**PROMPT, "num_images": 2})["images"]),
    "subscribe with events": events,
    "subscribe on asyncio": lambda sdk: len(sdk.subscribe_on_asyncio(FLUX, PROMPT)["images"]),
    "run": lambda sdk: sdk.run(LLM, PROMPT)["output"],
    "stream": lambda sdk: sdk.stream(LLM, PROMPT)[-1]["output"],
    "stream on asyncio": lambda sdk: sdk.stream_on_asyncio(LLM, PROMPT)[-1]["output"],
    "cancel": lambda sdk: bool(sdk.cancel(FLUX, PROMPT).request_id),
    "status after cancelling": lambda sdk: sdk.status_after_cancelling(FLUX, PROMPT),
    "upload": lambda sdk: sdk.upload(b"abc"),
    "upload to storage": lambda sdk: sdk.upload(b"abc", repository="fal"),
    "upload on asyncio": lambda sdk: sdk.upload_on_asyncio(b"abc"),
    "refused": lambda sdk: sdk.subscribe(FLUX, {"num_images": 99}),
    "failed": lambda sdk: sdk.subscribe(FLUX, PROMPT),
    "upload in parts": lambda sdk: sdk.upload_in_parts(b"abcde"),
}


def main():
    sdk = Published()
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            result = STEPS[line.strip()](sdk)
        except sdk.fal.FalClientHTTPError as error:
            result = sdk.error(error)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
