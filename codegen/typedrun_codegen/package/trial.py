"""Imports modules that are not written yet, as a user's process would: the child's half of `proof.py`, which starts it.

It runs in a fresh interpreter and asks the parent for texts, one JSON value a line on its standard input and output. Nothing is
executed that `guard.py` does not know. Of each module it finds out whether its body runs; whether the names exist that it
imports for the checkers; whether every annotation means something; and, in an API package, whether the runtime can read what
annotations and operations name.
"""

from __future__ import annotations

import ast
import gc
import json
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any, TypeAlias, cast

from typedrun_codegen.package.guard import find_faults, nodes_of

Answer: TypeAlias = "str | list[str] | None"
Ask: TypeAlias = "Callable[[str | dict[str, str]], Answer]"
"""Asks the parent: a path → its text or None; the faults of the last group → the next paths to try, or None."""


class ForeignCode(ImportError):
    """A module holds what no template writes; it is not executed."""


class Texts(MetaPathFinder, Loader):
    """Finds the modules of one package among texts that the parent has.

    Args:
        package: import name of the package.
        ask: asks the parent.
    """

    def __init__(self, package: str, ask: Ask) -> None:
        self.package = package
        self._ask = ask
        self.origins: set[str] = set()
        """Paths that were found."""
        self.checked: dict[str, list[ast.ImportFrom]] = {}
        """Module → what it imports for the checkers alone."""
        self.annotations: dict[str, set[bytes]] = {}
        """Module → its annotations, as they are written. Its syntax tree is not kept: a large API's trees are many times this."""

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
                text = self._ask(origin)
                if text is not None:
                    is_package = origin.endswith("__init__.py")
                    spec = ModuleSpec(fullname, self, origin=origin, loader_state=text, is_package=is_package)
                    spec.has_location = True  # tracebacks name the file
                    return spec
        return None

    def create_module(self, spec: ModuleSpec) -> None:
        """An ordinary module."""

    def exec_module(self, module: ModuleType) -> None:
        """Runs a module's body, once it is known to hold nothing but what templates write."""
        spec = cast("ModuleSpec", module.__spec__)
        text, origin = str(spec.loader_state), str(spec.origin)
        self.origins.add(origin)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an invalid escape
            tree = ast.parse(text, origin)
            nodes = nodes_of(tree)
            if fault := next(find_faults(nodes, self.package), None):
                raise ForeignCode(f"it holds something that no template writes: {fault}", path=origin)
            code: CodeType = compile(tree, origin, "exec", dont_inherit=True)
        lines = text.encode().split(b"\n")
        self.checked[module.__name__] = list(_checked_imports(tree))
        self.annotations[module.__name__] = {_source(node, lines) for node in _annotations(nodes) if node is not None}
        exec(code, module.__dict__)  # noqa: S102  # what this is for; guard.py has seen it

    def forget(self, modules: Iterable[str]) -> None:
        """Drops what was tried: a large package does not fit into memory whole."""
        for name in modules:
            sys.modules.pop(name, None)
            self.checked.pop(name, None)
            self.annotations.pop(name, None)


class Trial:
    """Tries modules and keeps what was wrong: path → sentence.

    Args:
        texts: where the modules are found.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.faults: dict[str, str] = {}

    def run(self, path: str) -> None:
        """Tries one module."""
        name = self._texts.module_of(path)
        try:
            module = import_module(name)
            known = {**vars(module), **dict(self._checked_names(name))}
            self._resolve_annotations(name, {each: _as_type(value) for each, value in known.items()})
            _resolve_api(module)
        except Exception as error:  # noqa: BLE001  # whatever a module's body raises
            self._note(path, error)

    def _note(self, path: str, error: Exception) -> None:
        """Blames the module in which the error was raised: others fail with it only because they import it."""
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
        """What a module imports for the checkers alone; at run time the names have to exist all the same."""
        for each in self._texts.checked[name]:
            yield from _imported(each)

    def _resolve_annotations(self, name: str, known: dict[str, object]) -> None:
        for text in self._texts.annotations[name]:
            eval(text.decode(), known)  # noqa: S307  # an annotation of a module that guard.py has seen


def _checked_imports(tree: ast.Module) -> Iterator[ast.ImportFrom]:
    for node in tree.body:
        if isinstance(node, ast.If) and _is_for_checkers(node.test):
            yield from (each for each in node.body if isinstance(each, ast.ImportFrom))


def _is_for_checkers(test: ast.expr) -> bool:
    """`TYPE_CHECKING`, alone or with further conditions."""
    first = test.values[0] if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else test
    return isinstance(first, ast.Name) and first.id == "TYPE_CHECKING"


def _imported(statement: ast.ImportFrom) -> Iterator[tuple[str, object]]:
    module = import_module(str(statement.module))
    for alias in statement.names:
        yield alias.asname or alias.name, _member(module, alias.name)


def _member(module: ModuleType, name: str) -> object:
    try:
        found: object = getattr(module, name)
    except AttributeError as error:  # a module of the package, as `from package import module` finds it
        try:
            return import_module(f"{module.__name__}.{name}")
        except ModuleNotFoundError:
            raise ImportError(f"cannot import name {name!r} from {module.__name__!r}") from error
    return found


def _annotations(nodes: Iterable[ast.AST]) -> Iterator[ast.expr | None]:
    for node in nodes:
        if type(node) is ast.arg or type(node) is ast.AnnAssign:
            yield node.annotation
        elif type(node) is ast.FunctionDef:
            yield node.returns


class _Types:
    """A package of types, as annotations see it: `types.Model`.

    Args:
        module: the package.
    """

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> object:
        return _as_type(getattr(self._module, name))


def _as_type(value: object) -> object:
    """An alias of an API package is a text until the runtime reads it, which is tried where it is defined."""
    if isinstance(value, ModuleType):
        return _Types(value)
    return Any if type(value) is str else value


def _source(node: ast.expr, lines: Sequence[bytes]) -> bytes:
    if node.end_lineno == node.lineno:
        return lines[node.lineno - 1][node.col_offset : node.end_col_offset]
    return ast.unparse(node).encode()


def _resolve_api(module: ModuleType) -> None:
    """As the runtime will with the first value: fields of classes, aliases, types that operations name."""
    if ".types." in module.__name__:
        _resolve_types(module)
    elif ".operations." in module.__name__:
        _resolve_operations(module)


def _resolve_types(module: ModuleType) -> None:
    from typedrun.structure import ApiObject, converter
    from typedrun.structure.hints import alias

    package, _, _ = module.__name__.rpartition(".")
    for name, value in list(vars(module).items()):
        if isinstance(value, type) and value.__module__ == module.__name__ and issubclass(value, ApiObject):
            converter(strict=True).get_structure_hook(value)
        elif isinstance(value, str) and name in import_module(package).MODULES:
            alias(name, package)


def _resolve_operations(module: ModuleType) -> None:
    from typedrun.operations import Operation, Operations
    from typedrun.structure import resolve

    values = list(vars(module).values())
    package = next(
        each.types_package for each in values if isinstance(each, type) and each.__module__ == module.__name__
        and issubclass(each, Operations)
    )  # fmt: skip
    for operation in values:
        if isinstance(operation, Operation):
            for answer in operation.answers:
                if answer.type:
                    resolve(answer.type, package)


def _serve(package: str, ask: Ask) -> None:
    """Tries what the parent gives until it has no more."""
    texts = Texts(package, ask)
    sys.meta_path.insert(0, texts)
    faults: dict[str, str] = {}
    gc.disable()  # syntax trees are many objects and no cycles: it would walk them again and again
    while (paths := ask(faults)) is not None:
        before = set(sys.modules)
        gc.freeze()  # what was imported before is not walked below
        trial = Trial(texts)
        for path in paths:
            trial.run(path)
        faults = trial.faults
        texts.forget(name for name in set(sys.modules) - before if name.startswith(f"{package}.models."))
        gc.collect()


def main() -> None:
    """Talks with the parent; whatever modules print goes to standard error."""
    requests, answers = sys.stdout, sys.stdin
    sys.stdout = sys.stderr

    def ask(request: str | dict[str, str]) -> Answer:
        print(json.dumps(request), file=requests, flush=True)
        answer: Answer = json.loads(answers.readline())
        return answer

    _serve(json.loads(answers.readline()), ask)


if __name__ == "__main__":
    main()
