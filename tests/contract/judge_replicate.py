"""The published `replicate` package taking steps: it takes the name of a step on each line and prints its result as JSON. It runs in an
environment of its own, so it imports nothing but that package.
"""

import asyncio
import io
import json
import sys

FLUX, LLAMA, VECTORS = "black-forest-labs/flux-schnell", "meta/meta-llama-3-8b-instruct", "lakeside/sentence-vectors"
WHISPER = "northwind/whisper-table"
SOUND = b"RIFF" + bytes(300 * 1024)  # too large for a data URL


class Published:
    """The published package."""

    def __init__(self):
        import replicate

        self.replicate = replicate
        self.client = replicate.Client()
        self.client.poll_interval = 0.001

    def version(self, id):
        return f"{id}:{self.client.models.get(id).latest_version.id}"

    def run(self, id, **given):
        return self.plain(self.client.run(id, input=given))

    def run_version(self, id, **given):
        return self.plain(self.client.run(self.version(id), input=given))

    def run_on_asyncio(self, id, **given):
        client = self.replicate.Client()  # its connections belong to one event loop
        return self.plain(asyncio.run(client.async_run(id, input=given)))

    def stream(self, id, **given):
        return [str(event) for event in self.client.stream(id, input=given) if event.event.value == "output"]

    def stream_on_asyncio(self, id, **given):
        async def collect():
            events = await self.replicate.Client().async_stream(id, input=given)
            return [str(event) async for event in events if event.event.value == "output"]

        return asyncio.run(collect())

    def cancel(self, id, **given):
        prediction = self.client.models.predictions.create(id, given)
        prediction.cancel()
        return prediction.status

    def poll(self, id, **given):
        prediction = self.client.models.predictions.create(id, given)
        prediction.wait()
        return self.plain(prediction.output)

    def file(self, content):
        return io.BytesIO(content)

    def ids(self, count):
        pages = self.replicate.pagination.paginate(self.client.models.list)
        return [model.id for page in pages for model in page][:count]

    def plain(self, value):
        if isinstance(value, dict):
            return {name: self.plain(item) for name, item in value.items()}
        if hasattr(value, "read"):
            content = value.read()
            return ["file", len(content), str(value).rpartition(".")[2]]
        if isinstance(value, str | int | float | bool) or value is None:
            return value
        return [self.plain(item) for item in value]

    def error(self, error):
        if isinstance(error, self.replicate.exceptions.ModelError):
            return ["failed", str(error)]
        return ["refused", error.status, error.detail]


STEPS = {
    "run": lambda sdk: sdk.run(FLUX, prompt="a red boat", num_outputs=2),
    "run a text": lambda sdk: sdk.run(LLAMA, prompt="What is 2 + 2?"),
    "run a version": lambda sdk: sdk.run_version(VECTORS, text="hello"),
    "run on asyncio": lambda sdk: sdk.run_on_asyncio(FLUX, prompt="a red boat"),
    "stream": lambda sdk: sdk.stream(LLAMA, prompt="What is 2 + 2?"),
    "stream on asyncio": lambda sdk: sdk.stream_on_asyncio(LLAMA, prompt="What is 2 + 2?"),
    "cancel": lambda sdk: sdk.cancel(FLUX, prompt="a red boat"),
    "poll": lambda sdk: sdk.poll(FLUX, prompt="a red boat"),
    "upload": lambda sdk: sdk.run_version(WHISPER, audio=sdk.file(SOUND)),
    "refused": lambda sdk: sdk.run(FLUX, num_outputs=99),
    "failed": lambda sdk: sdk.run(FLUX, prompt="a red boat"),
    "models": lambda sdk: sdk.ids(12),
}


def main():
    sdk = Published()
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            result = STEPS[line.strip()](sdk)
        except sdk.replicate.exceptions.ReplicateException as error:
            result = sdk.error(error)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
