"""What earlier runs found out about modules, kept beside the package's byte code: it saves work and never changes a byte.

A model's module is taken from disk when it is, byte for byte, what the same generator made of the same inputs: of its document, its
names, the settings. The gate (guard.py) does not examine a text twice, and an API schema is read by the second parser once. A shelf
that is damaged, or another generator's, is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

import typedrun
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, problem_json, read_problem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.packed import Text
from typedrun_codegen.package.render import PACKAGE, templates_folder
from typedrun_codegen.package.writer import digest_file
from typedrun_codegen.snapshots.files import write_file

if TYPE_CHECKING:
    from typedrun_codegen.ir.catalog import ModelSpec
    from typedrun_codegen.plans.naming import ModelName
    from typedrun_codegen.plans.scope import Scope

SHELF = "__pycache__/typedrun-modules.json"


@frozen
class Shelf:
    """The modules of one package that need not be made, or examined, again."""

    root: Path | None = None
    """The package; None for a shelf on which nothing is and nothing is put."""
    generator: str = ""
    made: Mapping[str, tuple[str, str]] = field(factory=dict[str, tuple[str, str]])
    """Path → key of the inputs, SHA-256 of the text."""
    examined: frozenset[str] = frozenset()
    """SHA-256 of texts that hold nothing but what templates write."""
    read_twice: str = ""
    """Key of the API schema that a second parser has read, too."""
    differences: tuple[Problem, ...] = ()
    """What the two made of it differently."""

    def text(self, path: str, key: str) -> Text | None:
        """The text that these inputs gave, if it still stands at its path."""
        known, sha = self.made.get(path, ("", ""))
        if self.root is None or not key or known != key:
            return None
        place = f"{self.root}/{path}"
        with suppress(OSError):
            if digest_file(place) == sha:
                return Text(sha, path=place)
        return None

    def put(self, keys: Mapping[str, str], files: Mapping[str, str], examined: Iterable[str]) -> None:
        """Write down what a run found out, and what is here of the API schema.

        Args:
            keys: path of a model's module → key of what decides its text.
            files: path → SHA-256 of every file of the package.
            examined: SHA-256 of texts that were found to hold nothing foreign.
        """
        here = self.examined.union(examined).intersection(files.values())
        evolve(self, made={path: (key, files[path]) for path, key in keys.items()}, examined=here).save()

    def save(self) -> None:
        """Write down what is on it, unless it is what the file says."""
        if self.root is None:
            return
        value = {
            "generator": self.generator,
            "made": self.made,
            "examined": sorted(self.examined),
            "read_twice": self.read_twice,
            "differences": [problem_json(problem) for problem in self.differences],
        }
        content = json.dumps(value).encode()
        with suppress(OSError):
            if (self.root / SHELF).read_bytes() == content:
                return
        with suppress(OSError):  # a cache that cannot be written saves nothing
            (self.root / SHELF).parent.mkdir(parents=True, exist_ok=True)
            write_file(f"{self.root}/{SHELF}", content)


EMPTY = Shelf()
"""Nothing is on it, and nothing will be."""


def open_shelf(config: Config) -> Shelf:
    """Open the shelf of the configured package."""
    root = config.package_dir
    generator = hash_generator()
    empty = Shelf(root, generator)
    try:
        value: JSON = json.loads((root / SHELF).read_bytes())
    except (OSError, ValueError, RecursionError):
        return empty
    if not isinstance(value, dict) or value.get("generator") != generator:
        return empty
    made, examined, differences = value.get("made"), value.get("examined"), value.get("differences")
    if not isinstance(made, dict) or not isinstance(examined, list) or not isinstance(differences, list):
        return empty
    return Shelf(
        root=root,
        generator=generator,
        made={path: _pair(entry) for path, entry in made.items()},
        examined=frozenset(sha for sha in examined if isinstance(sha, str)),
        read_twice=str(value.get("read_twice", "")),
        differences=tuple(read_problem(problem) for problem in differences if isinstance(problem, dict)),
    )


def _pair(value: JSON) -> tuple[str, str]:
    match value:
        case [str(key), str(sha)]:
            return key, sha
        case _:
            return "", ""


@cache
def hash_generator() -> str:
    """Compute one hash of all code that decides what is written: generator, templates, and the runtime that it reads its tables from."""
    runtime = Path(typedrun.__file__).parent
    whole = sha256()
    for folder, files in (
        (PACKAGE, PACKAGE.rglob("*.py")),
        (templates_folder(), templates_folder().rglob("*.jinja")),
        (runtime, runtime.rglob("*.py")),
    ):
        for file in sorted(files):
            # Not its whole path: the generator of a hook is installed elsewhere and writes the same.
            whole.update(file.relative_to(folder).as_posix().encode())
            whole.update(file.read_bytes())
    return whole.hexdigest()


def keys_of(models: Sequence[ModelSpec], names: Mapping[str, ModelName], scope: Scope, lists: bytes) -> dict[str, str]:
    """Path of each model's modules → key of everything that decides their text.

    Args:
        models: the models; one without the hash of its document has no key.
        names: where their classes are.
        scope: what they share.
        lists: hash of the enumerations that models are read with.
    """
    from typedrun_codegen.plans.aio import paths_of

    shared = repr(
        evolve(scope, aliases={}, members={}, parameters={}, leaders={})
    )  # of those, each model has its part below
    base = sha256(shared.encode("utf-8", "surrogatepass") + lists)
    members = scope.members.get("Function", {})
    keys: dict[str, str] = {}
    for model in models:
        if not model.fingerprint:
            continue
        aliases = [scope.aliases.get(p.choices) for p in model.parameters if p.choices]
        own = scope.parameters[model.id]
        leader = scope.leaders.get(model.id)
        leading = leader.name.place if leader else ""
        decided = (str(model.location), names[model.id].place, members.get(model.function or ""), aliases, own, leading)
        key = base.copy()
        key.update(model.fingerprint)
        key.update(repr(decided).encode("utf-8", "surrogatepass"))
        keys |= dict.fromkeys(paths_of(names[model.id], scope), key.hexdigest())
    return keys
