"""What the annotations of generated classes mean: the type behind a text, the kind of a type, the fields of a class.

Names are looked up when a type is first needed, in the package that exports them: importing one class of a large document
imports that class alone.
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from importlib import import_module
from threading import RLock
from typing import Annotated, Any, ClassVar, Final, Literal, Union, get_args, get_origin
from uuid import UUID
from weakref import WeakKeyDictionary

import attrs

from typedrun.remotefile import RemoteFile
from typedrun.structure.base import ApiObject, File, Tagged, maker
from typedrun.unset import Unset

# --- from a text to a type


_STANDARD: Final[Mapping[str, Any]] = {
    "Any": Any,
    "JSON": Any,
    "Binary": Union[bytes, File],  # noqa: UP007  # the alias as cattrs sees it
    "Literal": Literal,
    "RemoteFile": RemoteFile,
    "UUID": UUID,
    "Unset": Unset,
    "date": date,
    "datetime": datetime,
}


class RecursiveAlias:
    """Stands for an alias inside its own definition; the alias itself is looked up when a value arrives."""

    name: ClassVar[str]
    package: ClassVar[str]


@attrs.define(eq=False)
class _Known:
    """What is known of the annotations of one package."""

    resolved: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """Text → type: most fields are one of a few."""
    aliases: dict[str, Any] = attrs.field(factory=dict[str, Any])
    stand_ins: dict[str, type[RecursiveAlias]] = attrs.field(factory=dict[str, type[RecursiveAlias]])


_lock: Final = RLock()
_packages: Final[WeakKeyDictionary[types.ModuleType, _Known]] = WeakKeyDictionary()
"""By the module itself: a package that is imported anew, as in a notebook, has other classes of the same names."""
_no_package: Final = _Known()
_open: Final[set[tuple[str, str]]] = set()
"""Aliases whose definition is being read."""


def resolve(annotation: str, package: str) -> Any:
    """Find the type that an annotation of a generated module means.

    Args:
        annotation: its text.
        package: the package whose `__init__` exports every class and alias (`my_models.api.types`), or a module that defines them.
    """
    with _lock:
        return _evaluate(annotation, package)


def _known_of(package: str) -> _Known:
    if not package:
        return _no_package
    module = import_module(package)
    if (found := _packages.get(module)) is None:
        found = _packages[module] = _Known()
    return found


def _evaluate(text: str, package: str) -> Any:
    known = _known_of(package).resolved
    if _open or (found := known.get(text)) is None:  # inside an alias, names may stand for themselves
        code = compile(text, "<annotation>", "eval")
        names = {name: _named(name, package) for name in code.co_names}
        found = eval(code, {"__builtins__": {}}, names)  # noqa: S307  # the text is an annotation of an installed package
        if not _open:
            known[text] = found
    return found


def _named(name: str, package: str) -> Any:
    if name in _STANDARD:
        return _STANDARD[name]
    exports: Any = import_module(package) if package else None
    if exports is None or not _has(exports, name):
        return getattr(builtins, name)
    found = getattr(exports, name)
    return alias(name, package) if isinstance(found, str) else found


def _has(exports: types.ModuleType, name: str) -> bool:
    """Whether a package exports a name, or a module without a front door defines it."""
    names: Mapping[str, Any] = vars(exports)
    modules: Mapping[str, str] | None = names.get("MODULES")
    return name in (names if modules is None else modules)


def _scope_of(module: str) -> str:
    """Where the annotations of a module find their names: the package that exports them all, else the module itself."""
    package = module.rpartition(".")[0]
    return package if package and hasattr(import_module(package), "MODULES") else module


def alias(name: str, package: str) -> Any:
    """What an alias means; inside its own definition, a class that stands for it."""
    key = (name, package)
    with _lock:
        known = _known_of(package)
        if key in _open:
            return known.stand_ins.setdefault(name, type(name, (RecursiveAlias,), {"name": name, "package": package}))
        if name not in known.aliases:
            _open.add(key)
            try:
                known.aliases[name] = _defined(name, import_module(package))
            finally:
                _open.discard(key)
        return known.aliases[name]


def _defined(name: str, exports: Any) -> Any:
    found = _evaluate(getattr(exports, name), exports.__name__)
    homes: Mapping[str, str] | None = getattr(exports, "MODULES", None)
    module = exports if homes is None else import_module(f".{homes[name]}", exports.__name__)
    tags: Mapping[str, Tagged] = getattr(module, "TAGS", {})
    return Annotated[found, tags[name]] if name in tags else found


# --- kinds of types


PLAIN: Final[frozenset[type]] = frozenset((str, int, float, bool, type(None)))
"""Types whose values are the same in JSON and in Python."""


def is_enum(type_: Any) -> bool:
    """Whether values are members of an enumeration; `UNSET` is no value of JSON."""
    return isinstance(type_, type) and issubclass(type_, Enum) and type_ is not Unset


def is_literal(type_: Any) -> bool:
    """Whether a type is one or more constants."""
    return get_origin(type_) is Literal


def is_union(type_: Any) -> bool:
    """Whether a type is a union without a discriminator's table."""
    return get_origin(type_) in (Union, types.UnionType)


def is_annotated_union(type_: Any) -> bool:
    """Whether a type is a union with a discriminator's table."""
    return get_origin(type_) is Annotated and any(isinstance(one, Tagged) for one in get_args(type_)[1:])


def is_alias(type_: Any) -> bool:
    """Whether a type stands for an alias inside its own definition."""
    return isinstance(type_, type) and issubclass(type_, RecursiveAlias)


def is_list(type_: Any) -> bool:
    """Whether a type is a list of something."""
    return get_origin(type_) is list


def is_map(type_: Any) -> bool:
    """Whether a type is a map of names to something."""
    return get_origin(type_) is dict


def is_object(type_: Any) -> bool:
    """Whether a type is a generated class."""
    return isinstance(type_, type) and issubclass(type_, ApiObject) and type_ is not ApiObject


# --- fields


@attrs.frozen
class Field:
    """A field as the converter sees it."""

    name: str
    wire: str
    type: Any
    """Without `Unset`."""
    is_rest: bool
    """Holds the further properties of the object."""
    is_required: bool
    make_default: Callable[[], Any] | None
    is_constant: bool
    """Has one value, which is sent unless the object came without it."""
    is_made: bool
    """Has a default that is made anew for each object."""


_known_fields: Final[dict[Any, tuple[Field, ...]]] = {}


def fields_of(cls: type[ApiObject]) -> tuple[Field, ...]:
    """The fields of a generated class in their order, read once for each class."""
    key: Any = cls
    if key not in _known_fields:
        package = _scope_of(cls.__module__)
        _known_fields[key] = tuple(_field_of(attribute, package) for attribute in attrs.fields(key))
    return _known_fields[key]


def _field_of(attribute: attrs.Attribute[Any], package: str) -> Field:
    written: Any = attribute.type  # text, as in every generated module
    type_ = resolve(written, package) if isinstance(written, str) else written
    return Field(
        name=attribute.name,
        wire=attribute.metadata.get("wire", attribute.name),
        type=_without_unset(type_),
        is_rest=bool(attribute.metadata.get("rest")),
        is_required=attribute.default is attrs.NOTHING,
        make_default=attribute.metadata.get("make_default", maker(attribute.default)),
        is_constant=is_literal(type_) and attribute.default is not attrs.NOTHING,
        is_made=isinstance(attribute.default, attrs.Factory),  # type: ignore[arg-type]  # as in maker
    )


def _without_unset(type_: Any) -> Any:
    if not is_union(type_):
        return type_
    kept = tuple(one for one in get_args(type_) if one is not Unset)
    return Union[kept] if len(kept) < len(get_args(type_)) else type_  # noqa: UP007  # built from a tuple
