"""Names of the snapshot's models for shells, which ask at every press of a key: kept in the user's cache, and read again from the snapshot
when that or the package's locked names have changed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.settings import Config

_FORMAT = 1

_Row: TypeAlias = tuple[str, str, str, str]


@frozen
class KnownModel:
    """A model, as far as a shell asks."""

    attribute: str
    path: str
    id: str
    file: str
    """Of its document, relative to the snapshot."""


def known_models(config: Config) -> tuple[KnownModel, ...]:
    """The models of the configured snapshot.

    Raises:
        UsageProblem: there is no snapshot, or it cannot be read.
    """
    place, stamp = _cache_of(config), _stamp_of(config)
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads(place.read_bytes())
        if kept["stamp"] == stamp:
            return tuple(KnownModel(*row) for row in kept["models"])
    from typedrun_codegen.look.show import read_named

    named = read_named(config)
    rows: list[_Row] = [(named.attribute(m), m.path or "", m.id, str(m.location)) for m in named.models]
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"stamp": stamp, "models": rows}), "utf-8")
        draft.replace(place)
    return tuple(KnownModel(*row) for row in rows)


def complete(config: Config, incomplete: str) -> list[str]:
    """Find what the name of a model may become: attributes, or ids and paths once there is a slash."""
    models = known_models(config)
    names = {m.path or m.id for m in models} if "/" in incomplete else {m.attribute for m in models}
    return harmless(sorted(name for name in names if name.startswith(incomplete)))


def harmless(words: list[str]) -> list[str]:
    """The words that a shell may be given. What zsh completes it evaluates, and a catalog's texts are anybody's: with `\\$(…)` among them,
    a press of a key would run it. Words with blanks would be two for bash.
    """
    return [word for word in words if _HARMLESS.fullmatch(word)]


_HARMLESS = re.compile(r"[\w./:=@+,%-]+")


def document_of(config: Config, wanted: str) -> dict[str, JSON] | None:
    """The document of the model that is named exactly; None where there is none, or it stands in no file of its own."""
    key = wanted.strip().removeprefix("aix.").removeprefix("models.")
    for model in known_models(config):
        if key in {model.attribute, model.path, model.id} and config.snapshot is not None:
            with suppress(OSError, ValueError, RecursionError):
                document: JSON = json.loads((config.snapshot / model.file).read_bytes())
                return document if isinstance(document, dict) else None
    return None


def _cache_of(config: Config) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    where = "\0".join(str(path.absolute()) for path in (config.snapshot or Path(), config.package_dir))
    return Path(base) / "typedrun" / f"names-{sha256(where.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}.json"


def _stamp_of(config: Config) -> list[object]:
    """What decides the names: the snapshot, the names that the package has locked, and this program."""
    root = config.snapshot or Path()
    here = Path(__file__).parents[1]
    decisive = (root, root / "manifest.json", root / "models", config.package_dir / "manifest.json", here / "plans")
    return [_FORMAT, config.backend, *_states(decisive)]


def _states(paths: tuple[Path, ...]) -> Iterator[list[int]]:
    for path in paths:
        try:
            state = path.stat()
        except OSError:
            yield []
        else:
            yield [state.st_mtime_ns, state.st_size]
