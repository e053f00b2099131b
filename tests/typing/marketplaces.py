"""Models that describe themselves by JSON Schema: exact arguments, and answers of the types that their documents tell."""

from __future__ import annotations

from typing import assert_type

from fal_models import AsyncFal, Fal
from replicate_models import AsyncReplicate, Replicate
from typedrun import RemoteFile
from typedrun.unset import Unset

rep = Replicate(api_key="k")
schnell = rep.models.black_forest_labs.flux_schnell
pictures = schnell.run(prompt="a fox", aspect_ratio="16:9", num_outputs=2, prefer_wait=30).data
assert_type(pictures, list[RemoteFile])
schnell.run(promt="a fox")  # E: mypy[call-arg] pyright[reportCallIssue]
schnell.run(prompt="a fox", aspect_ratio="16:10")  # E: mypy[arg-type] pyright[reportArgumentType]
schnell.run(prompt="a fox", num_outputs="two")  # E: mypy[arg-type] pyright[reportArgumentType]
schnell.run_stream(prompt="a fox")  # E: mypy[call-arg] pyright[reportCallIssue]

table = rep.models.northwind.whisper_table.run(audio="https://example.com/talk.mp3", language="de").data
assert_type(table.text, str)
assert_type(table.srt_file, RemoteFile | Unset)
print(table.words)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
assert_type(rep.models.meta.meta_llama_3_8b_instruct.run(prompt="Hello").data, str)
with rep.models.northwind.frame_by_frame.run_stream(prompts=["a fox"]) as frames:
    for frame in frames.items():
        assert_type(frame, RemoteFile)
    assert_type(frames.final().data, list[RemoteFile])

fal = Fal(api_key="k")
dev = fal.models.fal_ai.flux_dev
drawn = dev.run(prompt="a fox", image_size={"width": 512, "height": 768}, priority="low").data
assert_type(drawn.images, list[RemoteFile])
assert_type(drawn.images[0].width, int | None)
assert_type(drawn.seed, int)
dev.run(prompt="a fox", image_size="square")
dev.run(prompt="a fox", image_size="round")  # E: mypy[call-overload] pyright[reportArgumentType]
dev.run(prompt="a fox", image_size={"wide": 512})  # E: mypy[call-overload] pyright[reportArgumentType]
dev.run(prompt="a fox", acceleration="none", steps=3)  # E: mypy[call-overload] pyright[reportCallIssue]

layers = fal.models.lakeside.layers
layers.run(image_url="https://example.com/a.png", max_depth=3)
layers.run(image_url="https://example.com/a.png", language="de")  # E: mypy[call-overload] pyright[reportCallIssue]


async def awaited() -> None:
    found = await AsyncReplicate(api_key="k").models.black_forest_labs.flux_schnell.run(prompt="a fox")
    assert_type(found.data, list[RemoteFile])
    async with AsyncReplicate(api_key="k").models.lakeside.ticker.run_stream(topic="tea") as lines:
        async for line in lines.items():
            assert_type(line, str)
        assert_type((await lines.final()).data, list[str])
    there = await AsyncFal(api_key="k").models.fal_ai.flux_dev.run(prompt="a fox")
    assert_type(there.data.images, list[RemoteFile])
