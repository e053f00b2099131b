"""Streams of the blocking client, as users hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typedrun.lazymembers import exports, later

if TYPE_CHECKING:
    from typedrun.core.streams import Outcome as Outcome
    from typedrun.streaming.streamer import BlockingStream
    from typedrun.streaming.streamer import StreamedReply as StreamedReply
else:
    BlockingStream = later(
        "typedrun.streaming.streamer:BlockingStream",
        "__init__ __repr__ __iter__ __next__ __enter__ __exit__ __del__ close final forget_text job outcome partial status",
    )
    __getattr__ = exports(__name__, "typedrun.streaming.streamer:Outcome StreamedReply")


class ModelResponseStreamer(BlockingStream):
    """Iterates the chunks of an answer while it is being written; use it in `with`, or in a `for` loop.

    Iteration ends normally only when the answer is whole. Otherwise it raises, after the chunks that came, and goes on raising: a
    broken stream never looks like a finished one. `partial` has what came in any case.

    Example:
        >>> with model.run_stream(text="Hello") as stream:  # doctest: +SKIP
        ...     for chunk in stream:
        ...         print(chunk.data, end="", flush=True)
        ... result = stream.final()
    """
