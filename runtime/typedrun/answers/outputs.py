"""What a model's answer is made: values of the type that its class declares, and the files among them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any, cast, get_args

import attrs

from typedrun.core.jsontext import parse_json
from typedrun.errors import DecodingError, OddReplyWarning
from typedrun.jsontypes import is_array, is_object
from typedrun.records import frozen
from typedrun.remotefile import RemoteFile, fetched_by
from typedrun.results import ModelResult


@frozen()
class Output:
    """The type of a model's data. Pickles, so that a job knows it in another process."""

    type: Any
    """A type of `typedrun.structure`; or its name, or an annotation, in the module."""
    home: str
    """The module."""

    def read(self, answer: ModelResult[Any], driver: object = None, *, label: str | None = None) -> ModelResult[Any]:
        """Read the data of an answer as this type; `raw` stays as it came.

        What does not fit is kept as it came, and told of: the run is done and paid for.

        Args:
            answer: As received.
            driver: What fetches the files of the output.
            label: What messages call the model.
        """
        if answer.data is None:
            return answer
        return attrs.evolve(answer, data=self.structured(answer.data, driver, label))

    def structured(self, data: Any, driver: object = None, label: str | None = None) -> Any:
        """Data of this type."""
        type_ = self._resolved()
        if type_ is str and is_array(data) and all(isinstance(piece, str) for piece in data):
            return "".join(map(str, data))  # a text that came in pieces
        return self._decoded(data, type_, driver, label)

    def item(self, piece: str, driver: object = None, label: str | None = None) -> Any:
        """An item of a list, by the piece of a stream that it came as: a text as it is, anything else as JSON."""
        of: Any = next(iter(get_args(self._resolved())), Any)
        return self._decoded(piece if of in (str, RemoteFile, Any) else _json(piece), of, driver, label)

    def _resolved(self) -> Any:
        return _structure().resolve(self.type, self.home) if isinstance(self.type, str) else self.type

    @staticmethod
    def _decoded(data: Any, type_: Any, driver: object, label: str | None) -> Any:
        structure: Any = _structure()
        with fetched_by(driver):
            try:
                return structure.decode_reply(data, type_, label or "output", strict=False)
            except DecodingError as odd:
                warnings.warn(f"{label or 'output'}: kept as it came: {odd.message}", OddReplyWarning, stacklevel=2)
                return data


def _json(piece: str) -> Any:
    try:
        return parse_json(piece)
    except (ValueError, RecursionError):
        return piece


def output_of(model: object) -> Output | None:
    """The type of the data of a model, or of a class of models; None where it declares none."""
    cls: type[Any] = model if isinstance(model, type) else type(model)
    found: Any = getattr(model, "output_type", None)
    if found is None:
        return None
    home = next((one.__module__ for one in cls.__mro__ if "output_type" in vars(one)), cls.__module__)
    return Output(found, getattr(cls, "_output_home", "") or home)


def is_api_object(data: object) -> bool:
    """Whether it is an object of a class that was generated from a schema."""
    return attrs.has(type(data)) and isinstance(data, _structure().base.ApiObject)


def _structure() -> Any:
    """`typedrun.structure`, by name: mypy would read it, and cattrs with it, for every script that runs a model."""
    return import_module("typedrun.structure")


def files_in(data: object) -> Iterator[RemoteFile]:
    """The files of an output, in their order."""
    if isinstance(data, RemoteFile):
        yield data
    elif is_api_object(data):
        for field in attrs.fields(cast("Any", type(data))):
            yield from files_in(getattr(data, field.name))
        yield from files_in(_structure().base.unknown_of(data))
    elif is_object(data):
        for one in data.values():
            yield from files_in(one)
    elif is_array(data):
        for one in data:
            yield from files_in(one)


def as_json(data: Any) -> Any:
    """An output as JSON, as it came."""
    if isinstance(data, RemoteFile):
        return data.to_wire()
    if is_api_object(data):
        return _structure().encode(data)
    if is_object(data):
        return {name: as_json(one) for name, one in data.items()}
    return [as_json(one) for one in data] if is_array(data) else data
