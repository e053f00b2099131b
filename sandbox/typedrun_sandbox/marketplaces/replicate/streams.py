"""The events of a prediction: `output`, `logs`, `error`, `done`, each with an id."""

from __future__ import annotations

from collections.abc import Iterator

from typedrun_sandbox.engine.refusals import encode
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_text
from typedrun_sandbox.marketplaces.replicate.predictions import Prediction


def frames(prediction: Prediction, after: str | None = None) -> Iterator[bytes]:
    """Every event of one stream, `done` last.

    Args:
        prediction: which one.
        after: `Last-Event-ID` of somebody who reads on: the events behind that one. An id that is none of this stream means all of them.
    """
    at = int(prediction.created.timestamp())
    named = [(f"{at}:{number}", event, data) for number, (event, data) in enumerate(events(prediction))]
    ids = [id for id, _, _ in named]
    for id, event, data in named[ids.index(after) + 1 :] if after in ids else named:
        yield frame(event, id, data)


def events(prediction: Prediction) -> Iterator[tuple[str, str]]:
    """Name and data of each event."""
    if prediction.is_stopped:
        yield "done", _json({"reason": "canceled"})
        return
    shown = {**prediction.metrics(), **prediction.result}
    yield "logs", "Running the model in the sandbox."
    for piece in as_list(prediction.answer.data):
        yield "output", piece if isinstance(piece, str) else encode(piece, (",", ":")).decode()
    if shown.get("status") == "failed":
        yield "error", _json({"detail": as_text(shown.get("error")) or "The prediction failed."})
        yield "done", _json({"reason": "error"})
        return
    yield "done", _json({})


def frame(event: str, id: str, data: str) -> bytes:
    """One event; each line of its data is a line of its own."""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {event}\nid: {id}\n{lines}\n".encode("utf-8", "backslashreplace")


def _json(value: JSONObject) -> str:
    whole: JSON = value
    return encode(whole, (",", ":")).decode()
