"""Imports modules that are not written yet, as a user's process would: the child's half of `proof.py`, which starts it.

It runs in a fresh interpreter and asks the parent for texts, one JSON value a line on its standard input and output. Nothing is
executed that `guard.py` does not know. Of each module it finds out whether its body runs; whether the names exist that it
imports for the checkers; whether every annotation means something; and, in an API package, whether the runtime can read what
annotations and operations name.
"""

from __future__ import annotations

import gc
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any, TypeAlias, cast, clear_overloads

from typedrun_codegen.package.prepared import Ahead, ForeignCode, Prepared, prepare

Answer: TypeAlias = "str | dict[str, str] | None"
Ask: TypeAlias = "Callable[[str | dict[str, str]], Answer]"
"""Asks the parent: a path → its text or None; the faults of the last group → the next modules to try, path → text, or None."""


class Texts(MetaPathFinder, Loader):
    """Finds the modules of one package among texts that the parent has.

    Args:
        package: import name of the package.
        ask: asks the parent.
    """

    def __init__(self, package: str, ask: Ask) -> None:
        self.package = package
        self._ask = ask
        self._given: Mapping[str, str] = {}
        self._ahead = Ahead()
        self.origins: set[str] = set()
        """Paths that were found."""
        self.prepared: dict[str, Prepared] = {}
        """Module → what is known of it."""

    def give(self, texts: Mapping[str, str]) -> None:
        """Take the texts of modules that are going to be wanted: path → text."""
        self._given = texts
        self._ahead.start(texts, self.package)

    def close(self) -> None:
        """End what was begun."""
        self._ahead.stop()

    def text_elsewhere(self, module: str) -> str | None:
        """The text of a model's module, or of a supplier's, that is tried in another group or was proven by an earlier generation."""
        is_apart = f"{module}.".startswith((f"{self.package}.models.", f"{self.package}.aio.models."))
        place = module[len(self.package) + 1 :].replace(".", "/")
        if not is_apart or module in sys.modules or {f"{place}.py", f"{place}/__init__.py"} & self._given.keys():
            return None
        return next(filter(None, map(self._text, (f"{place}.py", f"{place}/__init__.py"))), None)

    def _text(self, origin: str) -> str | None:
        text = self._given[origin] if origin in self._given else self._ask(origin)
        return text if isinstance(text, str) else None

    def module_of(self, path: str) -> str:
        """`models/acme/__init__.py` → `made.models.acme`."""
        parts = path.removesuffix(".py").split("/")
        return ".".join((self.package, *(parts[:-1] if parts[-1] == "__init__" else parts)))

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """As the import system asks for it."""
        del path, target
        if fullname != self.package and not fullname.startswith(f"{self.package}."):
            return None
        place = fullname[len(self.package) + 1 :].replace(".", "/")
        for origin in (f"{place}.py", f"{place}/__init__.py".lstrip("/")):
            if place or origin == "__init__.py":
                text = self._text(origin)
                if text is not None:
                    is_package = origin.endswith("__init__.py")
                    spec = ModuleSpec(fullname, self, origin=origin, loader_state=text, is_package=is_package)
                    spec.has_location = True  # tracebacks name the file
                    return spec
        return None

    def create_module(self, spec: ModuleSpec) -> None:
        """An ordinary module."""

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's body, once it is known to hold nothing but what templates write."""
        spec = cast("ModuleSpec", module.__spec__)
        text, origin = str(spec.loader_state), str(spec.origin)
        self.origins.add(origin)
        prepared = self._ahead.take(origin) or prepare(text, origin, self.package)
        self.prepared[module.__name__] = prepared
        exec(prepared.code, module.__dict__)  # noqa: S102  # what this is for; guard.py has seen it

    def forget(self, modules: Iterable[str]) -> None:
        """Drop what was tried: a large package does not fit into memory whole."""
        clear_overloads()  # typing keeps every overload that it has seen
        for name in modules:
            sys.modules.pop(name, None)
            self.prepared.pop(name, None)
            parent, _, own = name.rpartition(".")
            if parent in sys.modules:  # a package holds what was imported below it
                vars(sys.modules[parent]).pop(own, None)


class Trial:
    """Tries modules and keeps what was wrong: path → sentence.

    Args:
        texts: where the modules are found.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.faults: dict[str, str] = {}
        self._codes: dict[bytes, CodeType] = {}
        """Annotation → its code."""
        self._meant: set[tuple[object, ...]] = set()
        """Annotations that mean something, each with the identities of what its names stand for."""
        self._packages: dict[str, _Types] = {}
        self._resolved: set[str] = set()
        """Annotations of fields that the runtime can read."""

    def run(self, path: str) -> None:
        """Try one module."""
        name = self._texts.module_of(path)
        try:
            module = import_module(name)
            known = {**vars(module), **dict(self._checked_names(name))}
            self._resolve_annotations(name, {each: self._as_type(value) for each, value in known.items()})
            self._resolve_api(module)
        except Exception as error:  # noqa: BLE001  # whatever a module's body raises
            self._note(path, error)

    def _note(self, path: str, error: Exception) -> None:
        """Blame the module in which the error was raised: others fail with it only because they import it."""
        frames = traceback.extract_tb(error.__traceback__)
        places = [(frame.filename, frame.lineno) for frame in frames if frame.filename in self._texts.origins]
        if isinstance(error, SyntaxError | Warning) and getattr(error, "filename", None):
            places.append((str(getattr(error, "filename", path)), getattr(error, "lineno", None)))
        if isinstance(error, ForeignCode):
            places.append((str(error.path), None))
        blamed, line = places[-1] if places else (path, None)
        said = str(error) if isinstance(error, ForeignCode) else f"{type(error).__name__}: {error}"
        self.faults.setdefault(blamed, f"line {line}: {said}" if line and "line" not in said else said)

    def _checked_names(self, name: str) -> Iterator[tuple[str, object]]:
        """What a module imports for the checkers alone; at run time the names have to exist all the same.

        A supplier names the classes of all its models: those that are not here have their own trial, and need not be imported twice.
        """
        for source, names in self._texts.prepared[name].checked:
            text = self._texts.text_elsewhere(source)
            if text is not None and all(f"\nclass {each}(" in text for each, _ in names):
                yield from ((own, Any) for _, own in names)
            else:
                module = import_module(source)
                yield from ((own, _member(module, each)) for each, own in names)

    def _resolve_annotations(self, name: str, known: dict[str, object]) -> None:
        for text in self._texts.prepared[name].annotations:
            if (code := self._codes.get(text)) is None:
                code = self._codes[text] = compile(text.decode(), "<annotation>", "eval")
            meaning = (text, *(id(known.get(each, code)) for each in code.co_names))
            if meaning not in self._meant:  # thousands of annotations are `str | Unset`
                eval(code, known)  # noqa: S307  # an annotation of a module that guard.py has seen
                self._meant.add(meaning)

    def _resolve_api(self, module: ModuleType) -> None:
        """Resolve as the runtime will with the first value: fields of classes, aliases, types that operations name."""
        if ".types." in module.__name__:
            self._resolve_types(module)
        elif ".operations." in module.__name__:
            _resolve_operations(module)

    def _resolve_types(self, module: ModuleType) -> None:
        from typedrun.structure import ApiObject, resolve
        from typedrun.structure.hints import alias

        package, _, _ = module.__name__.rpartition(".")
        for name, value in list(vars(module).items()):
            if isinstance(value, type) and value.__module__ == module.__name__ and issubclass(value, ApiObject):
                for text in vars(value).get("__annotations__", {}).values():
                    if text not in self._resolved:
                        resolve(text, package)
                        self._resolved.add(text)
            elif isinstance(value, str) and name in import_module(package).MODULES:
                alias(name, package)

    def _as_type(self, value: object) -> object:
        """An alias of an API package is a text until the runtime reads it, which is tried where it is defined."""
        if isinstance(value, ModuleType):
            return self._packages.setdefault(value.__name__, _Types(value))
        return Any if type(value) is str else value


def _member(module: ModuleType, name: str) -> object:
    try:
        found: object = getattr(module, name)
    except AttributeError as error:  # a module of the package, as `from package import module` finds it
        try:
            return import_module(f"{module.__name__}.{name}")
        except ModuleNotFoundError:
            raise ImportError(f"cannot import name {name!r} from {module.__name__!r}") from error
    return found


class _Types:
    """A package of types, as annotations see it: `types.Model`.

    Args:
        module: the package.
    """

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> object:
        found: object = getattr(self._module, name)
        return Any if type(found) is str else found


def _resolve_operations(module: ModuleType) -> None:
    from typedrun.operations import Operation
    from typedrun.operations.client import OperationsBase
    from typedrun.structure import resolve

    values = list(vars(module).values())
    package = next(
        each.types_package for each in values if isinstance(each, type) and each.__module__ == module.__name__
        and issubclass(each, OperationsBase)
    )  # fmt: skip
    for operation in values:
        if isinstance(operation, Operation):
            for answer in operation.answers:
                if answer.type:
                    resolve(answer.type, package)


def _serve(package: str, ask: Ask) -> None:
    """Try what the parent gives until it has no more."""
    texts = Texts(package, ask)
    sys.meta_path.insert(0, texts)
    faults: dict[str, str] = {}
    gc.disable()  # syntax trees are many objects and no cycles: it would walk them again and again
    is_first = True
    while isinstance(given := ask(faults), dict):
        before = set(sys.modules)
        texts.give(given)
        trial = Trial(texts)
        for path in given:
            trial.run(path)
        faults = trial.faults
        if done := [
            name
            for name in set(sys.modules) - before
            if name.startswith((f"{package}.models.", f"{package}.aio.models."))
        ]:
            texts.forget(done)
            gc.collect()
        if is_first:  # what all groups need is here, and is not walked below; later, caches may hold what is to go
            gc.freeze()
            is_first = False
    texts.close()


def main() -> None:
    """Talk with the parent; whatever modules print goes to standard error."""
    requests, answers = sys.stdout, sys.stdin
    sys.stdout = sys.stderr

    def ask(request: str | dict[str, str]) -> Answer:
        print(json.dumps(request), file=requests, flush=True)
        answer: Answer = json.loads(answers.readline())
        return answer

    _serve(json.loads(answers.readline()), ask)


if __name__ == "__main__":
    main()
