"""The lazy half of a generated package: suppliers, models and the index are imported when they are first asked for.

A generated package names its suppliers and models to the checkers (annotations under TYPE_CHECKING); what happens at run
time is here. Nothing in this module reads the network.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from typedrun.index import Index
    from typedrun.model import AnyModel, Model
    from typedrun.openenums import OpenStrEnum
    from typedrun.session import HasSession


class Registry:
    """Finds generated classes by id or path, from the package's index module.

    Args:
        package: import name of the generated package; its `models._index` is imported on first use.
        is_sample: whether the package was generated from a catalog that only shows what one is like.
        room: where its classes are, below the package.
        prefix: what their names begin with there, before what the index says.
    """

    def __init__(self, package: str, *, is_sample: bool = False, room: str = "models", prefix: str = "") -> None:
        self.package = package
        self.is_sample = is_sample
        self.room: str = f"{package}.{room}"
        self.prefix = prefix

    def __getstate__(self) -> dict[str, object]:
        return {
            name: vars(self)[name] for name in ("package", "is_sample", "room", "prefix")
        }  # what was read is read again

    def place(self, id_or_path: str) -> str | None:
        """`supplier.module.Class` of a model below the package's `models`; None when it was not generated."""
        key = str(id_or_path)
        return self._index.place(self._index.identity(key) or key)

    def find(self, id_or_path: str) -> type[Model[Any]] | None:
        """Find the generated class of a model, by its id or path; None when it was not generated."""
        place = self.place(id_or_path)
        if place is None:
            return None
        module, _, name = place.rpartition(".")
        found: type[Model[Any]] = getattr(import_module(f"{self.room}.{module}"), self.prefix + name)
        return found

    def with_function(self, function: str) -> Sequence[str]:
        """Ids of the models that do one thing."""
        return self._index.with_function(function)

    @cached_property
    def models(self) -> Mapping[str, str]:
        """Model id → `supplier.module.Class` below the package's `models`."""
        return self._index.models()

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """Path → model id."""
        return self._index.paths()

    @cached_property
    def functions(self) -> Mapping[str, Sequence[str]]:
        """Function id → ids of its models."""
        return self._index.functions()

    def knows_function(self, function: str) -> bool:
        """Whether the platform has a function of that id, be there models for it or not."""
        from typedrun.openenums import find_member

        known: type[OpenStrEnum] = import_module(f"{self.package}.enums").Function
        return find_member(known, function) is not None

    @cached_property
    def _index(self) -> Index:
        from typedrun.index import Index

        return Index(f"{self.package}.models")

    def suggest(self, id_or_path: str) -> list[str]:
        """Suggest ids and paths that look like this one, or have it as a part; the nearest first."""
        from typedrun.wording import near_or_within

        return near_or_within(str(id_or_path), (*self.paths, *self.models))


class UnknownModelError(KeyError):
    """The package has no such model, or no such function; the message names near ones."""

    def __str__(self) -> str:
        return str(self.args[0])


class SupplierModels:
    """The models of one supplier, bound to a client: one attribute per model, imported on first use."""

    package: ClassVar[str] = ""
    """Import name of the supplier's module."""
    classes: ClassVar[Mapping[str, str]] = {}
    """Attribute (also the module's name) → class name."""

    def __init__(self, client: HasSession | None = None) -> None:
        self._client = client

    if not TYPE_CHECKING:  # the checkers know the attributes and must flag every other name

        def __getattr__(self, name: str) -> Model[Any]:
            if name not in self.classes:
                raise AttributeError(_no_such("model", name, self.classes, type(self).__name__), name=name, obj=self)
            model = load_class(self.package, self.classes, name)(self._client)
            self.__dict__[name] = model
            return model

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.classes})

    def __len__(self) -> int:
        return len(self.classes)

    def __iter__(self) -> Iterator[Model[Any]]:
        return (getattr(self, name) for name in self.classes)

    def __contains__(self, name: object) -> bool:
        return name in self.classes

    def __repr__(self) -> str:
        return f"<{len(self)} models: {_some(self.classes)}>"


class ModelCatalog:
    """All models of the package, bound to a client: one attribute per supplier, and every model by id or path."""

    registry: ClassVar[Registry]
    suppliers: ClassVar[Mapping[str, str]] = {}
    """Attribute (also the module's name) → class name."""

    def __init__(self, client: HasSession | None = None) -> None:
        self._client = client

    if not TYPE_CHECKING:  # the checkers know the attributes and must flag every other name

        def __getattr__(self, name: str) -> SupplierModels:
            if name not in self.suppliers:
                raise AttributeError(
                    _no_such("supplier", name, self.suppliers, type(self).__name__), name=name, obj=self
                )
            module = import_module(f"{self.registry.room}.{name}")
            supplier = getattr(module, self.suppliers[name])(self._client)
            self.__dict__[name] = supplier
            return supplier

    def __getitem__(self, id_or_path: str) -> Model[Any]:
        """The model with this id or path; the same object as by attribute. No network.

        Raises:
            UnknownModelError: the package has no such model; it is a KeyError whose message names near ones.
        """
        place = self.registry.place(id_or_path)
        if place is None:
            raise UnknownModelError(self._unknown(id_or_path))
        supplier, attribute, _ = place.split(".")
        model: Model[Any] = getattr(getattr(self, supplier), attribute)
        return model

    def by_function(self, function: str) -> tuple[Model[Any], ...]:
        """The models that do one thing, by function id (`text-generation`) or member of `Function`.

        Raises:
            UnknownModelError: There is no such function; the message names near ones.
        """
        found = self.registry.with_function(str(function))
        if not found and not self.registry.knows_function(str(function)):
            raise UnknownModelError(_no_such("function", str(function), self.registry.functions, self.registry.package))
        return tuple(self[identity] for identity in found)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.suppliers})

    def __len__(self) -> int:
        return len(self.registry.models)

    def __iter__(self) -> Iterator[Model[Any]]:
        return (self[identity] for identity in self.registry.models)

    def _ipython_key_completions_(self) -> list[str]:
        """What IPython and Jupyter complete after `aix.models["`: paths, then ids."""
        return [*self.registry.paths, *self.registry.models]

    def __contains__(self, id_or_path: object) -> bool:
        return isinstance(id_or_path, str) and self.registry.place(id_or_path) is not None

    def __repr__(self) -> str:
        return f"<{len(self)} models of {len(self.suppliers)} suppliers: {_some(self.suppliers)}>"

    def _unknown(self, id_or_path: object) -> str:
        near = self.registry.suggest(id_or_path) if isinstance(id_or_path, str) else []
        meant = f" Did you mean {' or '.join(repr(key) for key in near)}?" if near else ""
        if not meant and self.registry.paths:
            meant = f" Models are called by id or path, such as {next(iter(self.registry.paths))!r}."
        return (
            f"{self.registry.package} has no model {id_or_path!r}.{meant} "
            "Model.get fetches a model that was not generated; typedrun pull and generate add it to the package."
        )


class LargeSupplier(SupplierModels):
    """A supplier with so many models that mypy is not shown them; see `LargeCatalog`."""

    if False:  # pyright skips this, mypy does not: for pyright every other name must stay an error

        def __getattr__(self, name: str) -> AnyModel: ...


class LargeCatalog(ModelCatalog):
    """A catalog so large that mypy is not shown its tree, because it would read all of it for every script.

    pyright reads what a script uses, so it checks `aix.models.<supplier>.<model>` exactly. For mypy, models of the tree are
    like those that were fetched: any keyword is accepted, and checked when the program runs. Exact for both, at the price of
    one supplier: `OpenaiModels(aix).gpt_5_4` and `Gpt54(aix)`.
    """

    if False:  # as above

        def __getattr__(self, name: str) -> LargeSupplier: ...


def open_catalog(package: str, client: HasSession | None = None, name: str = "Models") -> Any:
    """Make a generated package's `Models`, bound to a client. It is imported by name, so that checkers need not follow."""
    return getattr(import_module(f"{package}.catalog"), name)(client)


def load_class(package: str, classes: Mapping[str, str], module: str) -> type[Model[Any]]:
    """Load the class that `classes` names for a module below `package`."""
    found: type[Model[Any]] = getattr(import_module(f"{package}.{module}"), classes[module])
    return found


_INNER = frozenset({"TYPE_CHECKING", "annotations", "lazy_exports"})
"""What a package's module needs for itself, which consoles do not offer."""


def lazy_exports(package: str, exports: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a module whose exports are imported on first use (PEP 562).

    Args:
        package: import name of the module, for messages.
        exports: exported name → module that defines it.
    """

    def get(name: str) -> object:
        if (
            name == "__path__"
        ):  # `from … import` asks every module for it: no mistake, for which near names are looked up
            raise AttributeError(name)
        if name not in exports:
            raise AttributeError(_no_such("name", name, exports, package), name=name)
        return getattr(import_module(exports[name]), name)

    return get, lambda: sorted({*exports, *vars(sys.modules[package])} - _INNER)


def _no_such(what: str, name: str, known: Iterable[str], where: str) -> str:
    from typedrun.wording import near_words

    near = near_words(name, known, spelling=str)  # names of Python: case tells classes from constants
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"{where} has no {what} {name!r}{meant}"


def _some(names: Mapping[str, str]) -> str:
    shown = list(names)[:6]
    return ", ".join(shown) + (" …" if len(names) > len(shown) else "")
