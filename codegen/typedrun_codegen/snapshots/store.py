"""The one reader and writer of catalog snapshots (layout: docs/architecture.md).

Rules: a bad entry is a `Problem` and the rest is read; only a snapshot that cannot be read at all raises `UsageProblem`.
Bytes depend on the value alone, so two pulls of an unchanged model give the same file. Standard library and attrs only,
because the sandbox reads snapshots without the generator's dependencies.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import evolve, field, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.marketplaces.protocol import Marketplace

FORMAT = 1
"""Version of the layout, in manifest.json; a newer one is refused rather than half understood."""

LISTS = ("functions", "suppliers", "languages", "licenses")
"""The files of enumerations, named after what they list."""

SLUG_LENGTH = 60

_DECODER = json.JSONDecoder(parse_constant=lambda _: None)

_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}


@frozen
class Manifest:
    """manifest.json of a snapshot."""

    backend: str = ""
    """The marketplace; empty where an early version did not say."""
    models: Mapping[str, str] = field(factory=dict[str, str])
    """Model id by file name (without the directory)."""
    is_sample: bool = False
    """Whether the catalog was written by hand; no pull makes one."""


# --- reading


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot directory, or one JSON file that holds a list of model objects.

    Raises:
        UsageProblem: nothing at that path can be read as a snapshot.
    """
    lists = read_lists(path)
    entries = list(read_models(path))
    return evolve(
        lists,
        models=tuple(entry for entry in entries if isinstance(entry, ModelEntry)),
        problems=(*(found for found in entries if isinstance(found, Problem)), *lists.problems),
    )


def read_lists(path: Path) -> Snapshot:
    """Read everything of a snapshot but its models.

    Raises:
        UsageProblem: nothing at that path can be read as a snapshot.
    """
    if path.is_dir():
        return _read_directory(path)
    if path.is_file():
        return Snapshot(path, ())
    raise UsageProblem(
        Problem(
            "there is no snapshot at this path",
            Location(str(path)),
            found="neither a directory nor a file",
            next_step="run `typedrun pull` to make one, or name another with --snapshot",
        )
    )


def read_models(path: Path) -> Iterator[ModelEntry | Problem]:
    """Read the models of a snapshot one after another: of a large directory, no more than one document is held at a time.

    Raises:
        UsageProblem: the path is a file that is no list of models.
    """
    if path.is_dir():
        return (_read_model(path, f"models/{name}") for name in _model_files(path))
    items = enumerate(_read_list(path))
    return (
        _entry(path.name, f"/{index}", item, hashlib.sha256(marshal.dumps(item, 2)).digest()) for index, item in items
    )


def count_models(path: Path) -> int:
    """Entries of a snapshot directory; 0 for a single file, which tells only when it is read."""
    return len(_model_files(path))


def hash_snapshot(path: Path) -> str:
    """SHA-256 of everything that a snapshot says: the names and bytes of its files, of which a missing one has none."""
    whole = hashlib.sha256()
    for file in [str(path)] if path.is_file() else _json_files(path):
        whole.update(os.path.basename(file).encode())
        with open(file, "rb", buffering=0) as stream:
            whole.update(hashlib.sha256(stream.readall()).digest())
    return whole.hexdigest()


def read_manifest(root: Path) -> Manifest:
    """Read the manifest of a snapshot directory; an empty one when the file is missing.

    Raises:
        UsageProblem: the manifest is unreadable or of a newer format.
    """
    path = root / "manifest.json"
    if not path.is_file():
        return Manifest()
    value = _read_or_refuse(path)
    found = value.get("format", FORMAT) if isinstance(value, dict) else type(value).__name__
    if not isinstance(value, dict) or found != FORMAT:
        raise UsageProblem(
            Problem(
                "this snapshot has a format that this typedrun does not read",
                Location(str(path), "/format"),
                found=f"{found!r}; this version reads {FORMAT}",
                next_step="update typedrun, or pull the snapshot again with this version",
            )
        )
    backend, listed = value.get("backend"), value.get("models")
    ids = (
        {name: entry.get("id") for name, entry in listed.items() if isinstance(entry, dict)}
        if isinstance(listed, dict)
        else {}
    )
    return Manifest(
        backend=backend if isinstance(backend, str) else "",
        models={name: id for name, id in ids.items() if isinstance(id, str)},
        is_sample=value.get("sample") is True,
    )


def load_json(text: str | bytes) -> JSON:
    """Decode a JSON document. `NaN` and the infinities, which JSON lacks but backends send, become null.

    Raises:
        ValueError: it is not JSON, not UTF-8, or nested too deeply.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    try:
        value: JSON = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply to be read") from None
    return value


def _json_files(root: Path) -> list[str]:
    found = [(place, name) for place, _, names in os.walk(root) for name in names if name.endswith(".json")]
    return sorted((os.path.join(*file) for file in found), key=lambda file: file.split(os.sep))


def _model_files(root: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(root / "models") if name.endswith(".json"))
    except OSError:
        return []


def _read_directory(root: Path) -> Snapshot:
    manifest = read_manifest(root)  # refuses a newer format
    lists = {name: f"{name}.json" for name in LISTS if (root / f"{name}.json").is_file()}
    if not lists and not _model_files(root):
        raise UsageProblem(
            Problem(
                "this directory is not a snapshot",
                Location(str(root)),
                found="no models/*.json and no functions.json",
                next_step="run `typedrun pull`, or name the directory that holds models/ with --snapshot",
            )
        )
    answers = {name: _read_file(root, file) for name, file in lists.items()}
    return Snapshot(
        path=root,
        models=(),
        is_sample=manifest.is_sample,
        problems=tuple(found for found in answers.values() if isinstance(found, Problem)),
        **{name: value for name, value in answers.items() if not isinstance(value, Problem)},
    )


def _read_list(path: Path) -> list[JSON]:
    value = _read_or_refuse(path)
    if not isinstance(value, list):
        raise UsageProblem(
            Problem(
                "this file is not a snapshot",
                Location(str(path)),
                found=f"{_kind(value)} at the top level; expected a list of model objects",
                next_step="name a JSON list of models or a snapshot directory with --snapshot",
            )
        )
    return value


def _read_model(root: Path, file: str) -> ModelEntry | Problem:
    try:
        data = _bytes_of(root, file)
        return _entry(file, "", load_json(data), hashlib.sha256(data).digest())
    except (OSError, ValueError) as error:
        return _unreadable(file, error)


def _entry(file: str, pointer: str, value: JSON, sha: bytes) -> ModelEntry | Problem:
    if isinstance(value, dict):
        return ModelEntry(file, pointer, value, sha)
    return Problem(
        "this entry is not a model object",
        Location(file, pointer),
        found=_kind(value),
        next_step="run `typedrun pull` to refresh it; until then this entry is skipped",
    )


def _read_file(root: Path, file: str) -> JSON | Problem:
    try:
        return load_json(_bytes_of(root, file))
    except (OSError, ValueError) as error:
        return _unreadable(file, error)


def _bytes_of(root: Path, file: str) -> bytes:
    with open(os.path.join(root, file), "rb", buffering=0) as stream:
        return stream.readall()


def _read_or_refuse(path: Path) -> JSON:
    try:
        return load_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageProblem(_unreadable(str(path), error)) from error


def _unreadable(file: str, error: OSError | ValueError) -> Problem:
    what = error.strerror if isinstance(error, OSError) else str(error)
    return Problem(
        "this file cannot be read as JSON",
        Location(file),
        found=what or type(error).__name__,
        next_step="run `typedrun pull` to refresh it, or restore it from version control",
    )


def _kind(value: JSON) -> str:
    """What a JSON value is, in words."""
    return _KINDS.get(type(value), "a number")


# --- writing


def pretty(value: JSON) -> bytes:
    """The bytes of a snapshot file: indented, keys sorted, UTF-8, one newline at the end.

    A lone surrogate, which UTF-8 cannot carry, stays the `\\ud800` escape that JSON has for it.
    """
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    return f"{text}\n".encode("utf-8", errors="backslashreplace")


def slug(text: str) -> str:
    """A file name's readable half: lower case, runs of anything but `a-z0-9.` replaced by `-`, at most 60 characters."""
    return re.sub(r"[^a-z0-9.]+", "-", text.lower())[:SLUG_LENGTH].strip("-.") or "model"


def file_name(value: Mapping[str, JSON], backend: str = "") -> str:
    """The name of a model's file, from its path (or name) and id; an id never leaves the directory."""
    market, name = marketplace(backend), value.get("name")
    id, path = market.id_of(value) or "", market.path_of(value)
    readable = slug(path or (name if isinstance(name, str) else ""))
    hashed = digest(id.encode("utf-8", "replace"))[:8]
    if id == path:  # an id that can be read need not stand there twice
        return f"{readable}--{hashed}.json"
    safe = id if re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", id) else f"{slug(id)}-{hashed}"
    return f"{readable}--{safe}.json"


def digest(data: bytes) -> str:
    """sha256 in hexadecimal, as manifests record it."""
    return hashlib.sha256(data).hexdigest()


def snapshot_files(
    models: Iterable[Mapping[str, JSON]],
    lists: Mapping[str, JSON],
    *,
    names: Mapping[str, str] | None = None,
    backend: str = "",
) -> dict[str, bytes]:
    """Every file of a snapshot, as path → bytes; writes nothing.

    Args:
        models: model objects, each with an id.
        lists: answers of the enumeration endpoints, by name (see `LISTS`).
        names: file name by model id, for models that already have a file: it is kept.
        backend: recorded in the manifest.
    """
    market = marketplace(backend)
    named = {(names or {}).get(id) or file_name(value, backend): (id, value) for id, value in _by_id(models, market)}
    files = {f"models/{name}": pretty(dict(value)) for name, (_, value) in named.items()}
    entries: dict[str, JSON] = {
        name: {"id": id, "sha256": digest(files[f"models/{name}"])} for name, (id, _) in named.items()
    }
    manifest: JSON = {"format": FORMAT, "backend": market.name, "models": entries}
    return {
        **files,
        **{f"{name}.json": pretty(value) for name, value in lists.items()},
        "manifest.json": pretty(manifest),
    }


def _by_id(models: Iterable[Mapping[str, JSON]], market: Marketplace) -> Iterator[tuple[str, Mapping[str, JSON]]]:
    for value in models:
        if (id := market.id_of(value)) is None:
            raise ValueError("a model without an id cannot be kept")
        yield id, value
