"""Where a model's document has its paths. Read so by runtime, generator and sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from typedrun.jsontypes import is_object


def paths_of(document: Mapping[str, object]) -> Iterator[str]:
    """The paths of a model, the fullest first: `assetInfo.instanceId`, `assetInfo.assetPath`, its own `path`; those that there are."""
    info = document.get("assetInfo")
    places = (info.get("instanceId"), info.get("assetPath")) if is_object(info) else ()
    for place in (*places, document.get("path")):
        if isinstance(place, str) and place:
            yield place
