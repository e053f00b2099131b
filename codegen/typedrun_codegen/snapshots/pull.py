"""Backend → snapshot: what `typedrun pull` does.

Rules: the old snapshot stays until the new one is complete; an answer that is not a model is a problem and the model's old file
is kept; anything that ends the pull (no backend, a wrong key, a server error that retries did not cure, Ctrl-C) leaves the old
snapshot and a partial that the next pull resumes. Filters of the backend are not trusted: what they let through is checked.
A snapshot never shrinks by accident: models are removed only if the listing is complete and the selection is understood, and
many at once only with leave.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from typedrun import errors
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem, problem_json
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_codegen.marketplaces import marketplace, shipped_snapshot
from typedrun_codegen.marketplaces.protocol import Marketplace
from typedrun_codegen.snapshots.backend import Backend, said
from typedrun_codegen.snapshots.fetch import Fetched, Progress, fetch
from typedrun_codegen.snapshots.interrupts import Interrupted, held_back
from typedrun_codegen.snapshots.partial import Partial, locked, recover, refuse_unwritable, replace_snapshot
from typedrun_codegen.snapshots.store import LISTS, pretty, read_snapshot, snapshot_files
from typedrun_codegen.text.words import count, printable_line, shown

WORKERS = 8
"""Model requests at a time; enough to hide latency, few enough not to meet rate limits."""

FEW_REMOVALS, FEW_OF_ALL = 5, 0.1
"""So many models, or such a part of the snapshot, may vanish at once without leave."""

SHOWN_REMOVALS = 5
"""Models that a problem names before it counts."""


@frozen(kw_only=True)
class Pulled:
    """What a pull did."""

    snapshot: Path
    added: tuple[str, ...]
    """Models as `path (id)`, or by the id alone where that can be read."""
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    resumed: int
    """Models taken from the partial of an interrupted pull."""
    new_lists: tuple[str, ...]
    """Of these, the ones that there were not."""
    lists: tuple[str, ...]
    """Enumeration files that changed."""
    secrets: int
    """Account secrets that were left out."""
    problems: tuple[Problem, ...]
    seconds: float

    def lines(self) -> Iterator[str]:
        """One line per model that differs."""
        for word in ("added", "changed", "removed"):
            models: tuple[str, ...] = getattr(self, word)
            yield from (f"{word:<8} {printable_line(model)}" for model in models)
        yield from (f"{'added' if name in self.new_lists else 'changed':<8} {name}.json" for name in self.lists)

    def summary(self) -> str:
        """The last lines of the report."""
        extra = (f", {self.resumed} of them resumed" if self.resumed else "") + (
            f"; {count(self.secrets, 'account secret')} left out" if self.secrets else ""
        )
        numbers = f"{len(self.added)} added, {len(self.changed)} changed, {len(self.removed)} removed, {self.unchanged} unchanged"
        return f"{shown(self.snapshot)}: {numbers}{extra}\n{count(len(self.problems), 'problem')}, {self.seconds:.1f} s"

    def as_json(self) -> JSON:
        """The answer of `typedrun pull --json`."""
        return {
            "snapshot": shown(self.snapshot),
            "added": list(self.added),
            "changed": list(self.changed),
            "removed": list(self.removed),
            "unchanged": self.unchanged,
            "resumed": self.resumed,
            "lists": list(self.lists),
            "secrets_left_out": self.secrets,
            "problems": [problem_json(problem) for problem in self.problems],
            "seconds": round(self.seconds, 3),
        }


def pull(
    config: Config,
    progress: Progress,
    *,
    api_key: str | None = None,
    backend_url: str | None = None,
    workers: int = WORKERS,
    fresh: bool = False,
    allow_removals: bool = False,
) -> Pulled:
    """Read the live catalog into the configured snapshot.

    Args:
        config: names the snapshot and selects the models.
        progress: told after each model.
        api_key: default: that of the environment.
        backend_url: default: that of the environment, else the public service.
        workers: model requests at a time.
        fresh: ignore what an interrupted pull left.
        allow_removals: remove however many models the backend no longer lists.

    Raises:
        UsageProblem: there is no key or no backend, or the backend failed for good; the snapshot is as it was.
    """
    started = time.monotonic()
    target = _target(config)
    market = marketplace(config.backend)
    runtime = market.source.runtime
    key = api_key or next((found for name in runtime.environment.keys if (found := os.environ.get(name))), "")
    backend = Backend.connect(runtime.addresses(None, backend_url, None).backend_url, key, market)
    with locked(target):
        try:
            recover(target)
            old = read_snapshot(target) if target.is_dir() and any(target.iterdir()) else Snapshot(target, ())
            fetched = fetch(backend, config, old, progress, workers=workers, fresh=fresh, allow_removals=allow_removals)
        except errors.TypedrunError as error:
            raise UsageProblem(_ended(error, backend, Partial.beside(target))) from error
        finally:
            backend.close()
        return _store(config, old, fetched, started, allow_removals=allow_removals)


# --- storing


def _target(config: Config) -> Path:
    """The directory to pull into; never the one inside the installed package."""
    if config.snapshot is None or (config.file is None and config.snapshot == shipped_snapshot(config.backend)):
        next_step = "run `typedrun init`, or name a directory with --snapshot"
        raise UsageProblem(
            Problem("no snapshot to pull into is configured", Location("--snapshot"), next_step=next_step)
        )
    target = config.snapshot.resolve()
    refuse_unwritable(target)
    return target


def _store(config: Config, old: Snapshot, fetched: Fetched, started: float, *, allow_removals: bool) -> Pulled:
    target, market = old.path, marketplace(config.backend)
    before = {id: entry for entry in old.models if (id := market.id_of(entry.value)) is not None}
    arrived = fetched.models
    kept = {id for id, entry in before.items() if {id, market.path_of(entry.value)} & fetched.kept}
    absent = [before[id].value for id in before if id not in arrived and id not in kept]
    held = _held_back(target, _labels(absent, market), len(before), fetched.gaps, allow_removals=allow_removals)
    stay = {id: entry.value for id, entry in before.items() if id in kept or (held and id not in arrived)}
    if not (models := {**stay, **arrived}):
        raise UsageProblem((*fetched.gaps, *fetched.problems)[0])
    lists = {name: fetched.lists.get(name, getattr(old, name)) for name in LISTS}
    files = snapshot_files(
        models.values(),
        {name: value for name, value in lists.items() if value is not None},
        names={id: Path(entry.file).name for id, entry in before.items()},
        backend=config.backend,
    )
    on_disk = {path: _bytes_of(target / path) for path in files}
    strays = {path.name for path in (target / "models").glob("*.json")} - {Path(path).name for path in files}
    is_new = False
    try:
        with held_back():
            if on_disk != files or strays:
                replace_snapshot(target, files)
            Partial.beside(target).drop()
            is_new = True
    except KeyboardInterrupt as stop:
        raise Interrupted(f"interrupted: the snapshot is {'the new one' if is_new else 'as it was'}") from stop
    same = {id for id in models if id in before and pretty(dict(models[id])) == pretty(before[id].value)}
    return Pulled(
        snapshot=target,
        added=_labels((models[id] for id in models if id not in before), market),
        changed=_labels((models[id] for id in models if id in before and id not in same), market),
        removed=_labels((entry.value for id, entry in before.items() if id not in models), market),
        unchanged=len(same),
        resumed=fetched.resumed,
        new_lists=tuple(name for name in LISTS if getattr(old, name) is None),
        lists=tuple(name for name in LISTS if name in lists and pretty(lists[name]) != pretty(getattr(old, name))),
        secrets=fetched.secrets,
        problems=(*fetched.problems, *fetched.gaps, *held),
        seconds=time.monotonic() - started,
    )


def _held_back(
    target: Path, absent: Sequence[str], known: int, gaps: Sequence[Problem], *, allow_removals: bool
) -> list[Problem]:
    """The problem of models that are not removed although the backend did not name them, if there are any."""
    where, names = Location(shown(target)), _some(absent)
    if absent and gaps:
        title = f"{count(len(absent), 'model')} of the snapshot did not come and {_stay(absent)}"
        return [
            Problem(title, where, found=names, next_step="see to the problems above, then run `typedrun pull` again")
        ]
    if allow_removals or len(absent) <= FEW_REMOVALS or len(absent) <= known * FEW_OF_ALL:
        return []
    title = f"the backend no longer has {len(absent)} of the {known} models of the snapshot, which {_stay(absent)}"
    return [Problem(title, where, found=names, next_step="run `typedrun pull --allow-removals` if they are to go")]


def _stay(models: Sequence[object]) -> str:
    return "stays" if len(models) == 1 else "stay"


def _some(labels: Sequence[str]) -> str:
    more = len(labels) - SHOWN_REMOVALS
    return ", ".join(labels[:SHOWN_REMOVALS]) + (f" and {more} more" if more > 0 else "")


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _labels(models: Iterable[Mapping[str, JSON]], market: Marketplace) -> tuple[str, ...]:
    return tuple(sorted(_label(market.id_of(value), market.path_of(value) or value.get("name")) for value in models))


def _label(id: str | None, readable: JSON) -> str:
    return f"{id}" if id == readable else f"{readable} ({id})"


# --- problems


def _ended(error: errors.TypedrunError, backend: Backend, partial: Partial) -> Problem:
    kept = sum(1 for _ in partial.folder.glob("model-*.json"))
    again = f"; {count(kept, 'model')} fetched so far will not be fetched again" if kept else ""
    variables = backend.source.runtime.environment
    hints = {
        errors.AuthenticationError: f"check {variables.keys[0]}",
        errors.TransportError: f"check {variables.backend_url} and the network",
    }
    found, advice = said(error)
    hint = next((text for kind, text in hints.items() if isinstance(error, kind)), advice)
    return Problem(
        "the pull ended early; the snapshot is as it was",
        Location(error.url or backend.url),
        found=found,
        next_step=(hint or "run `typedrun pull` again later") + again,
        model=error.model,
    )
