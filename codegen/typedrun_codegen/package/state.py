"""Is there anything to do? What the last generation read and wrote, kept beside the package's byte code (not in version control).

The shortcut is taken only when the inputs, the generator with its templates, and every file on disk have the same hashes as
then. The problems of that generation are kept with it, and reported again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, problem_json, read_problem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.manifest import NAME, read_manifest
from typedrun_codegen.package.shelf import hash_generator
from typedrun_codegen.package.writer import digest, digest_file
from typedrun_codegen.snapshots.files import write_file
from typedrun_codegen.snapshots.store import hash_snapshot

if TYPE_CHECKING:
    from typedrun_codegen.package.build import Built

STATE = "__pycache__/typedrun.json"


@frozen
class Current:
    """The package on disk is what its inputs give."""

    files: tuple[str, ...]
    counts: Mapping[str, int]
    problems: tuple[Problem, ...]
    """What its generation reported."""


def find_current(config: Config) -> Current | None:
    """Find the package, if generating it again would change nothing; None when that is not certain."""
    try:
        state: JSON = json.loads((config.package_dir / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(state, dict) or state.get("inputs") != _hash_inputs(config, _hash_documents(config)):
        return None
    counts, problems = state.get("counts"), state.get("problems")
    files = {**read_manifest(config.package_dir).files, NAME: str(state.get("manifest"))}
    if (
        not isinstance(counts, dict)
        or not isinstance(problems, list)
        or any(_hash(f"{config.package_dir}/{path}") != sha for path, sha in files.items())
    ):
        return None
    numbers = {name: number for name, number in counts.items() if isinstance(number, int)}
    told = tuple(read_problem(problem) for problem in problems if isinstance(problem, dict))
    return Current(tuple(sorted(files)), numbers, told)


def remember(config: Config, built: Built) -> None:
    """Note what was written, and what was wrong with the input.

    Args:
        config: what was generated.
        built: the package.
    """
    path = config.package_dir / STATE
    state = {
        "inputs": _hash_inputs(config, built.manifest.inputs.values()),
        "manifest": digest(built.files[NAME]),
        "counts": dict(built.counts),
        "problems": [problem_json(problem) for problem in built.problems],
    }
    with suppress(OSError):  # then the next run takes as long as this one
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(str(path), json.dumps(state).encode())


def _hash_inputs(config: Config, documents: Iterable[str]) -> str:
    """One hash of everything that decides what is written: documents, settings, generator, templates."""
    settings = (
        config.backend,
        config.package,
        config.root,
        config.file,
        config.schema,
        config.snapshot,
        config.typing,
        config.clients,
    )
    return sha256(" ".join(map(str, (hash_generator(), *settings, *sorted(documents)))).encode()).hexdigest()


def _hash_documents(config: Config) -> list[str]:
    """The hashes as the manifest records them."""
    schema = [] if config.schema is None else [digest_file(config.schema)]
    return schema if config.snapshot is None else [hash_snapshot(config.snapshot), *schema]


def _hash(path: str) -> str | None:
    try:
        return digest_file(path)
    except OSError:
        return None
