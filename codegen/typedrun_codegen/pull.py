"""Backend → snapshot: what `typedrun pull` does. The only module of the generator that talks to a backend.

Rules: the old snapshot stays until the new one is complete; an answer that is not a model is a problem and the model's old file
is kept; anything that ends the pull (no backend, a wrong key, a server error that retries did not cure, Ctrl-C) leaves the old
snapshot and a partial that the next pull resumes. Filters of the backend are not trusted: what they let through is checked.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from attrs import asdict, define, field, frozen

from typedrun import errors
from typedrun.core.reply import decode_json
from typedrun.core.request import Request
from typedrun.driver import Driver
from typedrun.settings import KEY_VARIABLES, Secret, Settings
from typedrun_codegen.jsontypes import JSON
from typedrun_codegen.problems import Location, Problem, UsageProblem, problem_json
from typedrun_codegen.pull_store import Partial, locked, recover, refuse_unwritable, replace_snapshot
from typedrun_codegen.scrub import Scrubbed
from typedrun_codegen.settings import Config, Select
from typedrun_codegen.snapshot import (
    LISTS,
    Snapshot,
    bundled_snapshot,
    digest,
    model_path,
    pretty,
    read_snapshot,
    snapshot_files,
)
from typedrun_codegen.words import count, shown

BACKEND_URL = "https://platform-api.aixplain.com"
"""Where the catalog is read when neither `--backend-url` nor `BACKEND_URL` says otherwise."""

PAGE_SIZE = 100
"""Models asked for in one search; the largest size that the public documentation uses."""

WORKERS = 8
"""Model requests at a time; enough to hide latency, few enough not to meet rate limits."""

RATE_LIMIT_WAITS = 10
"""How often in a row all workers wait for a rate limit before the pull gives up."""

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
"""Seconds to wait when a rate limit names no time: doubling from the first to the longest."""


class Progress(Protocol):
    """Who is told how far the pull is."""

    def step(self, done: int, total: int, what: str) -> None:
        """So many of so many; `what` was the last."""
        ...


@frozen
class Arrived:
    """A model as the backend answers it now, cleaned."""

    asked: str
    value: dict[str, JSON]


@frozen
class Gone:
    """The backend has no such model."""

    asked: str


@frozen
class Refused:
    """The backend's answer is not a model; the old one is kept."""

    asked: str
    problem: Problem


@frozen(kw_only=True)
class Pulled:
    """What a pull did."""

    snapshot: Path
    added: tuple[str, ...]
    """Models as `path (id)`."""
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    resumed: int
    """Models taken from the partial of an interrupted pull."""
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
            yield from (f"{word:<8} {model}" for model in models)
        yield from (f"{'changed':<8} {name}.json" for name in self.lists)

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
) -> Pulled:
    """Read the live catalog into the configured snapshot.

    Args:
        config: names the snapshot and selects the models.
        progress: told after each model.
        api_key: default: `TEAM_API_KEY`, else `AIXPLAIN_API_KEY`.
        backend_url: default: `BACKEND_URL`, else the public service.
        workers: model requests at a time.
        fresh: ignore what an interrupted pull left.

    Raises:
        UsageProblem: there is no key or no backend, or the backend failed for good; the snapshot is as it was.
    """
    started = time.monotonic()
    target = _target(config)
    key = api_key or next((found for name in KEY_VARIABLES if (found := os.environ.get(name))), "")
    url = (backend_url or os.environ.get("BACKEND_URL") or BACKEND_URL).rstrip("/")
    backend = Backend.connect(url, key)
    with locked(target):
        try:
            fetched = _fetch(backend, config.select, target, progress, workers=workers, fresh=fresh)
        except errors.TypedrunError as error:
            raise UsageProblem(_ended(error, url, Partial.beside(target))) from error
        finally:
            backend.close()
        return _store(target, config.backend, fetched, started)


# -- the backend -----------------------------------------------------------------------------------------------------


@define
class Backend:
    """The endpoints that a pull asks. Threads share one; a rate limit makes all of them wait."""

    url: str
    driver: Driver
    scrubbed: Scrubbed
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _ready: float = field(default=0.0, init=False)
    """No request before this moment of the monotonic clock."""

    @classmethod
    def connect(cls, url: str, key: str) -> Backend:
        """A backend at this base URL.

        Raises:
            UsageProblem: there is no key, or the URL is none.
        """
        if not key:
            next_step = "set TEAM_API_KEY; `typedrun sandbox` serves the snapshot without a real key"
            raise UsageProblem(Problem("there is no key for the backend", Location(url), next_step=next_step))
        try:
            driver = Driver(Settings(backend_url=url, run_url=url, api_key=Secret(key)))
        except (errors.TypedrunError, ValueError) as error:
            raise UsageProblem(Problem("this backend cannot be asked", Location(url), found=str(error))) from error
        return cls(url, driver, Scrubbed(key))

    def close(self) -> None:
        """Close idle connections."""
        self.driver.close()

    def purpose(self, select: Select) -> JSON:
        """What a partial is good for: this backend, this selection, and this account, which may see other models.

        Eight digits of a hash tell accounts apart and tell nothing about the key.
        """
        account = digest(f"{self.url} {self.scrubbed.key}".encode())[:8]
        wanted: dict[str, JSON] = {name: list(values) for name, values in asdict(select).items()}
        return {"backend": self.url, "account": account, "select": wanted}

    def enumeration(self, name: str) -> JSON:
        """`GET sdk/<name>`."""
        return self._ask(Request("GET", f"{self.url}/sdk/{name}"))

    def page(self, number: int, filters: Mapping[str, JSON]) -> JSON:
        """One page of `POST v2/models/paginate`."""
        body: dict[str, JSON] = {"pageNumber": number, "pageSize": PAGE_SIZE, "sort": [{}], **filters}
        return self._ask(Request("POST", f"{self.url}/v2/models/paginate", body=json.dumps(body).encode()))

    def model(self, asked: str) -> Arrived | Gone | Refused:
        """`GET v2/models/{id or path}`, without account secrets."""
        url = f"{self.url}/v2/models/{quote(asked, safe='')}"
        try:
            answer = self._ask(Request("GET", url, model=asked))
        except errors.NotFoundError:
            return Gone(asked)
        except (errors.DecodingError, errors.InvalidRequestError, errors.PermissionDeniedError) as error:
            return Refused(asked, _not_a_model(asked, url, str(error)))
        if not isinstance(answer, dict) or not isinstance(answer.get("id"), str) or not answer["id"]:
            return Refused(asked, _not_a_model(asked, url, "an answer without an id"))
        with self._lock:
            clean = self.scrubbed.clean(answer)
        return Arrived(asked, clean if isinstance(clean, dict) else answer)

    def _ask(self, request: Request) -> JSON:
        for waits in range(RATE_LIMIT_WAITS + 1):
            self._wait()
            try:
                answer: JSON = decode_json(self.driver.send(request))
            except errors.RateLimitError as limited:
                if waits == RATE_LIMIT_WAITS:
                    raise
                self._hold(limited.retry_after or min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**waits))
            else:
                return answer
        raise AssertionError("unreachable: the last round returns or raises")

    def _wait(self) -> None:
        while (left := self._ready - time.monotonic()) > 0:
            time.sleep(left)

    def _hold(self, seconds: float) -> None:
        with self._lock:
            self._ready = max(self._ready, time.monotonic() + seconds)


# -- fetching --------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Fetched:
    """Everything that the new snapshot is made of."""

    models: tuple[dict[str, JSON], ...]
    lists: Mapping[str, JSON]
    kept: frozenset[str]
    """Ids of models whose old file stays although the backend did not answer with a model."""
    problems: tuple[Problem, ...]
    resumed: int
    secrets: int


def _fetch(backend: Backend, select: Select, target: Path, progress: Progress, *, workers: int, fresh: bool) -> Fetched:
    recover(target)
    partial = Partial.beside(target)
    found = partial.open(backend.purpose(select), fresh=fresh)
    lists, problems = _enumerations(backend)
    asked = tuple(_listed(backend, select))
    if not asked:
        raise UsageProblem(_empty(backend.url, select))
    resumed = [name for name in asked if name in found]
    answers: list[Arrived | Gone | Refused] = [Arrived(name, found[name]) for name in resumed]
    missing = [name for name in asked if name not in found]
    for answer in _in_parallel(backend.model, missing, workers):
        if isinstance(answer, Arrived):
            partial.keep(answer.asked, answer.value)
        answers.append(answer)
        progress.step(len(answers), len(asked), answer.asked)
    models = {str(answer.value["id"]): answer.value for answer in answers if isinstance(answer, Arrived)}
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    gone = [_gone(answer.asked) for answer in answers if isinstance(answer, Gone) and answer.asked in select.models]
    return Fetched(
        models=tuple(value for value in models.values() if _is_selected(value, select)),
        lists=lists,
        kept=frozenset(answer.asked for answer in refused),
        problems=(*problems, *(answer.problem for answer in refused), *gone),
        resumed=len(resumed),
        secrets=backend.scrubbed.removed,
    )


def _enumerations(backend: Backend) -> tuple[dict[str, JSON], list[Problem]]:
    lists: dict[str, JSON] = {}
    problems: list[Problem] = []
    for name in LISTS:
        try:
            answer = backend.enumeration(name)
        except (errors.NotFoundError, errors.DecodingError) as error:
            problems.append(_not_a_list(name, f"{backend.url}/sdk/{name}", str(error)))
            continue
        if _items(answer) is None:
            problems.append(_not_a_list(name, f"{backend.url}/sdk/{name}", "neither a list nor an object with items"))
        else:
            lists[name] = answer
    return lists, problems


def _listed(backend: Backend, select: Select) -> Iterator[str]:
    """Ids and paths to ask for: those named, and those that a search finds unless only names are given."""
    seen = set(select.models)
    yield from select.models
    filters = _filters(select)
    if select.models and not any(filters):
        return
    for each in filters:
        for id in _search(backend, each):
            if id not in seen:
                seen.add(id)
                yield id


def _filters(select: Select) -> list[dict[str, JSON]]:
    """Search bodies whose union is the selection: a language may be read or written, and a body asks for one of both."""
    base: dict[str, JSON] = {
        wire: list(values)
        for wire, values in (
            ("functions", select.functions),
            ("suppliers", select.suppliers),
            ("status", select.status),
        )
        if values
    }
    if not select.languages:
        return [base]
    return [{**base, wire: list(select.languages)} for wire in ("sourceLanguages", "targetLanguages")]


def _search(backend: Backend, filters: Mapping[str, JSON]) -> Iterator[str]:
    """Ids of every page, each once. `pageTotal` means different things in different answers, so it is not read."""
    seen: set[str] = set()
    number = 0
    while True:
        page = backend.page(number, filters)
        found = [id for item in _items(page) or [] if isinstance(item, dict) and isinstance(id := item.get("id"), str)]
        new = [id for id in dict.fromkeys(found) if id and id not in seen]
        yield from new
        seen.update(new)
        total = page.get("total") if isinstance(page, dict) else None
        if not new or (isinstance(total, int) and len(seen) >= total):
            return
        number += 1


def _items(value: JSON) -> list[JSON] | None:
    """The rows of an answer: a bare list, or `results` or `items` of an object."""
    rows = (value.get("results", value.get("items"))) if isinstance(value, dict) else value
    return rows if isinstance(rows, list) else None


def _in_parallel(
    ask: Callable[[str], Arrived | Gone | Refused], asked: Sequence[str], workers: int
) -> Iterator[Arrived | Gone | Refused]:
    """Answers as they come, at most `workers` asked at a time; the first error ends it.

    The threads are daemons, unlike an executor's: Ctrl-C ends the command at once, not after the slowest answer.
    """
    todo: queue.SimpleQueue[str] = queue.SimpleQueue()
    done: queue.SimpleQueue[Arrived | Gone | Refused | Exception] = queue.SimpleQueue()
    stop = threading.Event()
    for name in asked:
        todo.put(name)

    def work() -> None:
        while not stop.is_set():
            try:
                done.put(ask(todo.get_nowait()))
            except queue.Empty:
                return
            except Exception as error:  # noqa: BLE001  # raised again by the reader below
                done.put(error)

    for _ in range(min(workers, len(asked))):
        threading.Thread(target=work, name="typedrun-pull", daemon=True).start()
    try:
        for _ in asked:
            answer = done.get()
            if isinstance(answer, Exception):
                raise answer
            yield answer
    finally:
        stop.set()


def _is_selected(value: Mapping[str, JSON], select: Select) -> bool:
    """Whether a model that a search let through is one that was asked for; what it does not tell counts as yes."""
    if {str(value.get("id")), model_path(value)} & set(select.models):
        return True
    known = (
        (select.functions, _word(value.get("function"), "id")),
        (select.suppliers, _word(value.get("vendor") or value.get("supplier"), "code")),
        (select.status, _word(value.get("status"), "")),
    )
    return all(found is None or not wanted or found in wanted for wanted, found in known)


def _word(value: JSON, key: str) -> str | None:
    found = value.get(key) if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


# -- storing ---------------------------------------------------------------------------------------------------------


def _target(config: Config) -> Path:
    """The directory to pull into; never the one inside the installed package."""
    if config.snapshot is None or (config.file is None and config.snapshot == bundled_snapshot()):
        next_step = "run `typedrun init`, or name a directory with --snapshot"
        raise UsageProblem(
            Problem("no snapshot to pull into is configured", Location("--snapshot"), next_step=next_step)
        )
    target = config.snapshot.resolve()
    refuse_unwritable(target)
    return target


def _store(target: Path, backend: str, fetched: Fetched, started: float) -> Pulled:
    old = read_snapshot(target) if target.is_dir() and any(target.iterdir()) else Snapshot(target, ())
    before = {str(entry.value["id"]): entry for entry in old.models if "id" in entry.value}
    kept = [entry.value for id, entry in before.items() if {id, model_path(entry.value)} & fetched.kept]
    models = {str(value["id"]): value for value in (*kept, *fetched.models)}
    lists = {name: fetched.lists.get(name, getattr(old, name)) for name in LISTS}
    names = {id: Path(entry.file).name for id, entry in before.items()}
    files = snapshot_files(
        models.values(),
        {name: value for name, value in lists.items() if value is not None},
        names=names,
        backend=backend,
    )
    on_disk = {path: _bytes_of(target / path) for path in files}
    strays = {path.name for path in (target / "models").glob("*.json")} - {Path(path).name for path in files}
    if on_disk != files or strays:
        replace_snapshot(target, files)
    Partial.beside(target).drop()
    same = {id for id in models if id in before and pretty(models[id]) == pretty(before[id].value)}
    return Pulled(
        snapshot=target,
        added=_labels(models[id] for id in models if id not in before),
        changed=_labels(models[id] for id in models if id in before and id not in same),
        removed=_labels(entry.value for id, entry in before.items() if id not in models),
        unchanged=len(same),
        resumed=fetched.resumed,
        lists=tuple(name for name in LISTS if name in lists and pretty(lists[name]) != pretty(getattr(old, name))),
        secrets=fetched.secrets,
        problems=fetched.problems,
        seconds=time.monotonic() - started,
    )


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _labels(models: Iterable[Mapping[str, JSON]]) -> tuple[str, ...]:
    return tuple(sorted(f"{model_path(value) or value.get('name')} ({value.get('id')})" for value in models))


# -- problems --------------------------------------------------------------------------------------------------------


def _not_a_model(asked: str, url: str, found: str) -> Problem:
    next_step = "ask the backend's operator; until then this model stays as the snapshot has it"
    return Problem("the backend's answer is not a model", Location(url), found=found, next_step=next_step, model=asked)


def _not_a_list(name: str, url: str, found: str) -> Problem:
    next_step = f"ask the backend's operator; until then {name}.json stays as it is"
    return Problem(f"the backend's answer is not a list of {name}", Location(url), found=found, next_step=next_step)


def _gone(asked: str) -> Problem:
    where, next_step = Location("select.models"), "correct the id or path in [tool.typedrun.select], or remove it"
    return Problem("the backend has no such model", where, found=asked, next_step=next_step, model=asked)


def _empty(url: str, select: Select) -> Problem:
    chosen = {name: values for name, values in asdict(select).items() if values}
    found = f"no model for {chosen}" if chosen else "no model that this key can see"
    next_step = "check the key and [tool.typedrun.select]; the snapshot was left as it is"
    return Problem("the backend lists no models", Location(url), found=found, next_step=next_step)


def _ended(error: errors.TypedrunError, url: str, partial: Partial) -> Problem:
    kept = sum(1 for _ in partial.folder.glob("model-*.json"))
    again = f"; {count(kept, 'model')} fetched so far will not be fetched again" if kept else ""
    hints = {
        errors.AuthenticationError: "check TEAM_API_KEY",
        errors.TransportError: "check BACKEND_URL and the network",
    }
    hint = next((text for kind, text in hints.items() if isinstance(error, kind)), "run `typedrun pull` again later")
    return Problem(
        "the pull ended early; the snapshot is as it was",
        Location(error.url or url),
        found=str(error),
        next_step=hint + again,
        model=error.model,
    )
