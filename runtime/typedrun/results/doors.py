"""What a result can do beside being read: be written back as JSON, be saved, be shown."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from typedrun.records import field_names
from typedrun.results.wirevalues import JSON, KeepsUnknown

if TYPE_CHECKING:
    from typedrun.remotefile import RemoteFile

_UNSENT = frozenset({"logs", "metrics"})
"""Fields that are written where they say something."""


class Connected(Protocol):
    """A client, as far as fetching an output needs it."""

    @property
    def session(self) -> Any:
        """Its connections."""
        ...


class FromWire(KeepsUnknown):
    """A value that can be written back as the JSON object that it was read from."""

    __slots__ = ()

    def to_dict(self) -> dict[str, JSON]:
        """The object under its wire names; unknown fields of `raw` included."""
        front = import_module("typedrun.marketplaces")  # by name: it is above
        spelt: Mapping[str, str] = import_module(f"{front.__name__}.{front.FIRST}.members").MEMBERS
        written = dict[str, JSON](getattr(self, "raw", {}))
        for name in field_names(type(self)):
            value: Any = getattr(self, name)
            if name in _UNSENT and not value:  # backends without these words have none of their own
                continue
            if name != "raw" and not callable(value):  # Job has a method of the name `result`
                written[spelt.get(name, name)] = _to_wire(value)
        return written

    def to_json(self) -> str:
        """The object under its wire names, as JSON text."""
        return json.dumps(self.to_dict())


def _to_wire(value: object) -> JSON:
    if isinstance(value, list):
        return [_to_wire(entry) for entry in cast("list[object]", value)]
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, KeepsUnknown) and hasattr(type(value), "to_dict"):
        return cast("FromWire", value).to_dict()
    write: Callable[[object], JSON] = import_module("typedrun.answers.outputs").as_json  # by name: it is above
    return write(value)


class UsageDoors(FromWire):
    """Readable like a mapping of wire names: `usage["total_tokens"]`."""

    __slots__ = ()

    if TYPE_CHECKING:  # the usage has these
        prompt_tokens: int | None
        completion_tokens: int | None
        total_tokens: int | None
        raw: Mapping[str, JSON]

    def __getitem__(self, name: str) -> JSON:
        counts: dict[str, JSON] = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens,
        }
        return counts[name] if name in counts else self.raw[name]

    def __iter__(self) -> Iterator[str]:
        return iter({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0, **self.raw})

    def keys(self) -> list[str]:
        """Wire names, so that `dict(usage)` works."""
        return list(self)

    def get(self, name: str, default: JSON = None) -> JSON:
        """Get the value under a wire name, or `default`."""
        try:
            return self[name]
        except KeyError:
            return default


class ResultDoors(FromWire):
    """What a `ModelResult` can do beside being read."""

    __slots__ = ()

    if TYPE_CHECKING:  # the result has these
        data: Any

    def save(self, path: str | os.PathLike[str], *, client: Connected | None = None) -> Path:
        """Write `data` to a file: media are fetched from their address, text and JSON are written.

        Args:
            path: The file; or a directory, and then the address names the file. Several files go to a directory.
            client: Whose proxies, certificates and limits are used. Default: for a `RemoteFile` those of the client that ran the model,
                else those of the environment.

        Returns:
            The file; the directory, where there are several.

        Raises:
            ValidationError: there is no output, or no name for the file.
            TransportError: the address could not be read.
            APIError: its server refused; presigned addresses expire.
        """
        # By name: it opens connections, and results are below whatever does.
        save: Callable[..., Path] = import_module("typedrun.transfers.saving").save
        return save(self.data, path, client)

    @property
    def files(self) -> list[RemoteFile]:
        """The files of the output, wherever in `data` they stand; empty where a model's files are plain addresses."""
        find: Callable[..., Iterable[RemoteFile]] = import_module("typedrun.answers.outputs").files_in
        return list(find(self.data))

    def _repr_html_(self) -> str:
        show: Callable[..., str] = import_module("typedrun.display").result_html
        return show(self)
