"""A short session with typed models: attribute access, run, stream, an asynchronous job, search, a mistake, asyncio.

Run it against the local sandbox with `make demo`, or against the real service with TEAM_API_KEY set:

    python examples/quickstart.py
"""

import asyncio

from aixplain_models import Aixplain, AsyncAixplain, ParameterError


def main() -> None:
    """Call a few models and print what comes back."""
    with Aixplain() as aix:
        print("== One model, by attribute: the editor lists suppliers, then models")
        gpt = aix.models.openai.gpt_5_4
        print(f"{gpt.name} · {gpt.path} · streams: {gpt.supports_streaming}")

        print("\n== run: a typed result")
        result = gpt.run(text="Say hello in one short sentence.", temperature=0.2)
        tokens = result.usage.total_tokens if result.usage else None
        print(f"{result.data}\n[{tokens} tokens, {result.used_credits} credits]")

        print("\n== run_stream: chunks as they arrive")
        with gpt.run_stream(text="Tell me a story about a lighthouse.") as stream:
            for chunk in stream:
                print(chunk.data, end="", flush=True)
        print(f"\n[{stream.status}]")

        print("\n== run_async: submit now, wait later")
        job = aix.models.aws.amazon_translate.run_async(text="Good morning", sourcelanguage="en", targetlanguage="pt")
        print(f"submitted: completed={job.completed}")
        print(job.wait(timeout=60, on_poll=lambda seen: print(f"  poll: {seen.status}")).data)

        print("\n== search: any model of the marketplace, generated or not")
        page = aix.Model.search("gpt", functions=["text-generation"], page_size=5)
        for model in page:
            print(f"{model.id}  {model.name}")
        print(f"[{len(page.results)} of {page.total}]")

        print("\n== a deliberately wrong call: refused before anything is sent")
        # A checker flags this line without the cast to a plain model; at run time the message names every problem.
        untyped = aix.Model.get(gpt.id)
        try:
            untyped.run(temprature=0.2)
        except ParameterError as error:
            print(error)

    print("\n== asyncio: the same doors with await, here three runs at once")
    for answer in asyncio.run(at_once("one", "two", "three")):
        print(answer)


async def at_once(*words: str) -> list[str]:
    """Run a model several times at once and give its answers."""
    async with AsyncAixplain() as aix:
        gpt = aix.models.openai.gpt_5_4
        results = await asyncio.gather(*(gpt.run(text=f"Say {word}.") for word in words))
        return [result.data for result in results]


if __name__ == "__main__":
    main()
