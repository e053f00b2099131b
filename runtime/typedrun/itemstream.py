"""The streamer of an answer that is a list, which comes item by item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from typedrun.results import DataT
from typedrun.streaming import ModelResponseStreamer

if TYPE_CHECKING:
    from typedrun.results import ModelResult

ItemT = TypeVar("ItemT")


class ItemStream(ModelResponseStreamer, Generic[DataT]):
    """A stream of an answer that is a list: each chunk is one item of it, and `items` gives them in the type that the model declares."""

    def items(self: ItemStream[list[ItemT]]) -> Iterator[ItemT]:
        """The items, each as soon as it is there. Raises as iteration does."""
        for chunk in self:
            yield self.read_item(chunk.data)

    if TYPE_CHECKING:

        def final(self) -> ModelResult[DataT]:
            """Read the stream to its end and give the whole list, as `run` would have returned it."""
            ...
