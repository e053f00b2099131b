"""The models that a command may run: those of the snapshot, or those of a generated package, as models of the runtime.

The runtime is imported inside the functions: `typedrun --help` and completion do without it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.text.words import printable

if TYPE_CHECKING:
    from typedrun.client import Client
    from typedrun.model import Model
    from typedrun_codegen.look.show import Named

NO_KEY = "no-key-is-needed"
"""What stands for a key where nothing is sent: a client insists on one."""


class Shelf(Protocol):
    """Models by name."""

    @property
    def client(self) -> Client:
        """The client of all its models."""
        ...

    def find(self, wanted: str) -> Model[Any]:
        """Find the model that an id, a path or an attribute (`openai.gpt_5_4`) stands for.

        Raises:
            UsageProblem: there is none; the message names the nearest.
        """
        ...

    def __iter__(self) -> Iterator[Model[Any]]:
        """Every model."""
        ...


def open_shelf(config: Config, *, is_package: bool = False, api_key: str | None = NO_KEY, **options: Any) -> Shelf:
    """Open the models of the configured snapshot; of the package, where it is asked for or there is no snapshot.

    Args:
        config: names both.
        is_package: whether the package is meant.
        api_key: the client's key; None reads the environment's.
        options: further arguments of the client.

    Raises:
        UsageProblem: there is neither, or it cannot be read.
        ConfigurationError: there is no key.
    """
    if is_package or config.snapshot is None or not config.snapshot.exists():
        return _PackageShelf(config, api_key, options)
    from typedrun_codegen.look.show import read_named

    return _SnapshotShelf(read_named(config), client_of(config, api_key, **options))


def find_version(shelf: Shelf, wanted: str) -> Model[Any] | None:
    """Find the model of an id that names a version, too: the backend is asked for it. None for any other id.

    Raises:
        TypedrunError: the backend has no such version, or cannot be asked.
    """
    return None if shelf.client.driver.wire.further(wanted) is None else shelf.client.Model.get(wanted)


def client_of(config: Config, api_key: str | None = NO_KEY, **options: Any) -> Client:
    """A client of the configured marketplace, of no generated package.

    Raises:
        ConfigurationError: there is no key.
    """
    from typedrun.client import Client

    market = marketplace(config.backend)
    kind: type[Client] = type(market.client, (Client,), {"marketplace": market.name})
    return kind(api_key, **options)


def find_for_shell(config: Config, wanted: str, *, is_package: bool) -> Model[Any]:
    """Find a model for completion, which must be there at once: of the snapshot, its document alone is read.

    Raises:
        UsageProblem: there is none.
    """
    from typedrun_codegen.cli.names import document_of

    wanted = marketplace(config.backend).source.name_in(wanted)
    document = None if is_package else document_of(config, wanted)
    if document is None:
        return open_shelf(config, is_package=is_package).find(wanted)
    from typedrun.model import from_document

    return from_document(document, client_of(config))


class _SnapshotShelf:
    def __init__(self, named: Named, client: Client) -> None:
        self._named = named
        self.client: Client = client

    @cached_property
    def _documents(self) -> dict[str, Any]:
        return {str(entry.location): entry.value for entry in self._named.snapshot.models}

    def find(self, wanted: str) -> Model[Any]:
        from typedrun_codegen.look.show import find_model

        return self._open(str(find_model(self._named, wanted).location))

    def __iter__(self) -> Iterator[Model[Any]]:
        return (self._open(str(model.location)) for model in self._named.models)

    def _open(self, location: str) -> Model[Any]:
        from typedrun.model import from_document

        return from_document(self._documents[location], self.client)


class _PackageShelf:
    def __init__(self, config: Config, api_key: str | None, options: dict[str, Any]) -> None:
        self._package = config.package
        if (output := str(config.output)) not in sys.path:
            sys.path.insert(0, output)
        try:
            self.client: Any = getattr(import_module(config.package), marketplace(config.backend).client)(
                api_key, **options
            )
        except ModuleNotFoundError as error:
            if error.name != config.package:
                raise
            raise UsageProblem(
                Problem(
                    "there is neither a snapshot nor a generated package",
                    Location(f"package {config.package}"),
                    found="it cannot be imported",
                    next_step="run `typedrun generate`, or name a snapshot with --snapshot",
                )
            ) from error

    def find(self, wanted: str) -> Model[Any]:
        key = wanted.strip().removeprefix("aix.").removeprefix("models.")
        models = self.client.models
        if key in models:
            found: Model[Any] = models[key]
            return found
        supplier, _, attribute = key.partition(".")
        if supplier in models.suppliers and attribute in getattr(models, supplier):
            by_attribute: Model[Any] = getattr(getattr(models, supplier), attribute)
            return by_attribute
        near = [printable(name) for name in models.registry.suggest(key)]
        next_step = f"did you mean {', '.join(near)}?" if near else "`typedrun models` lists what there is"
        where = Location(f"package {self._package}")
        raise UsageProblem(Problem("the package has no such model", where, found=repr(wanted), next_step=next_step))

    def __iter__(self) -> Iterator[Model[Any]]:
        return iter(self.client.models)
