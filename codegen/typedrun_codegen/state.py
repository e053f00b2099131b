"""Is there anything to do? What the last generation read and wrote, kept beside the package's byte code (not in version control).

The shortcut is taken only when the inputs, the generator with its templates, and every file on disk have the same hashes as
then, and when that generation had no problems to report again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from attrs import frozen

from typedrun_codegen.config import Config
from typedrun_codegen.jsontypes import JSON
from typedrun_codegen.manifest import NAME, read_manifest
from typedrun_codegen.render import PACKAGE, templates_folder

STATE = "__pycache__/typedrun.json"


@frozen
class Current:
    """The package on disk is what its inputs give."""

    files: tuple[str, ...]
    counts: Mapping[str, int]


def find_current(config: Config) -> Current | None:
    """The package, if generating it again would change nothing; None when that is not certain."""
    try:
        state: JSON = json.loads((config.package_dir / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(state, dict) or state.get("inputs") != hash_inputs(config):
        return None
    counts = state.get("counts")
    files = {**read_manifest(config.package_dir).files, NAME: str(state.get("manifest"))}
    if not isinstance(counts, dict) or any(_hash(config.package_dir / path) != sha for path, sha in files.items()):
        return None
    return Current(tuple(sorted(files)), {name: number for name, number in counts.items() if isinstance(number, int)})


def remember(config: Config, files: Mapping[str, str], counts: Mapping[str, int]) -> None:
    """Notes what was written; call it after a generation without problems."""
    path = config.package_dir / STATE
    path.parent.mkdir(parents=True, exist_ok=True)
    manifest = sha256(files[NAME].encode()).hexdigest()
    state = {"inputs": hash_inputs(config), "manifest": manifest, "counts": dict(counts)}
    path.write_text(json.dumps(state), encoding="utf-8")


def hash_inputs(config: Config) -> str:
    """One hash of everything that decides what is written: documents, settings, generator, templates."""
    settings = (config.backend, config.package, config.root, config.schema, config.snapshot, config.typing)
    whole = sha256(" ".join(map(str, settings)).encode())
    for file in _inputs(config):
        whole.update(str(file).encode())
        whole.update(file.read_bytes())
    return whole.hexdigest()


def _inputs(config: Config) -> Iterable[Path]:
    yield from sorted(PACKAGE.rglob("*.py"))
    yield from sorted(templates_folder().rglob("*.jinja"))
    for path in (config.schema, config.snapshot):
        if path is not None:
            yield from sorted(path.rglob("*.json")) if path.is_dir() else [path]


def _hash(path: Path) -> str | None:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
