"""What a pull brings from a backend, before anything of it is stored.

Filters of the backend are not trusted: what they let through is checked. An answer that is not a model is a problem, and the
model's old file is kept.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from attrs import frozen

from typedrun import errors
from typedrun.core.request import Request
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.ir.snapshot import Snapshot, rows_of
from typedrun_codegen.marketplaces.protocol import Marketplace
from typedrun_codegen.marketplaces.selection import unknown_model, unknown_word
from typedrun_codegen.marketplaces.source import Known, Search
from typedrun_codegen.snapshots.backend import Arrived, Backend, Gone, Refused
from typedrun_codegen.snapshots.extras import with_extras
from typedrun_codegen.snapshots.listing import Listing, read_listing
from typedrun_codegen.snapshots.partial import Partial
from typedrun_codegen.snapshots.store import LISTS

_Answer: TypeAlias = Arrived | Gone | Refused

_MOST_WORD_PAGES = 50
"""Pages of a vocabulary that are read for the sake of a suggestion."""


class Progress(Protocol):
    """Shows how far the pull is."""

    def step(self, done: int, total: int, what: str) -> None:
        """Show that `done` of `total` are there; `what` was the last."""
        ...


@frozen(kw_only=True)
class Fetched:
    """Everything that the new snapshot is made of."""

    models: Mapping[str, Mapping[str, JSON]]
    """By id."""
    lists: Mapping[str, JSON]
    kept: frozenset[str]
    """Ids of models whose old file stays although the backend did not answer with a model."""
    gaps: tuple[Problem, ...]
    """Why other models may exist as well; with one of them nothing is removed."""
    problems: tuple[Problem, ...]
    resumed: int
    secrets: int


def fetch(
    backend: Backend,
    config: Config,
    old: Snapshot,
    progress: Progress,
    *,
    workers: int,
    fresh: bool,
    allow_removals: bool,
) -> Fetched:
    """Ask for everything that a configuration selects.

    Args:
        backend: whom to ask.
        config: selects the models.
        old: the snapshot that there is.
        progress: told after each model.
        workers: model requests at a time.
        fresh: ignore what an interrupted pull left.
        allow_removals: do not ask for models that a search no longer names.

    Raises:
        UsageProblem: there is nothing.
        TypedrunError: the backend failed for good.
    """
    select, kept = config.select, Partial.beside(old.path)
    found = kept.open(backend.purpose(select), fresh=fresh)
    lists, problems = _enumerations(backend)
    searches = backend.source.searches(backend.url, select)
    listing = _list(backend, config, searches)
    standing = () if allow_removals else _standing(backend, select, old, searches, listing)
    asked = tuple(dict.fromkeys((*select.models, *listing.ids, *standing)))
    resumed = {name: found[name] for name in asked if name in found and name not in listing.documents}
    answers: list[_Answer] = [Arrived(name, value) for name, value in resumed.items()]
    for answer in _ask(backend, select, listing, [name for name in asked if name not in resumed], workers):
        if isinstance(answer, Arrived) and answer.asked not in listing.documents:
            kept.keep(answer.asked, answer.value)
        answers.append(answer)
        progress.step(len(answers), len(asked), answer.asked)
    models = _by_id(answers, select, backend.market)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    gone = [answer.asked for answer in answers if isinstance(answer, Gone) and answer.asked in select.models]
    wanted = {id: value for id, value in models.items() if backend.source.is_selected(value, select)}
    gaps = _gaps(backend, config, old, lists, listing, tuple(models.values()), gone)
    if not (wanted or refused or gaps):
        raise UsageProblem(_empty(backend.url, select))
    complete, further = with_extras(backend, wanted, old)
    return Fetched(
        models=complete,
        lists=lists,
        kept=frozenset(backend.source.name_in(answer.asked) for answer in refused),
        gaps=gaps,
        problems=(*problems, *(answer.problem for answer in refused), *further),
        resumed=len(resumed),
        secrets=backend.scrubbed.removed,
    )


def _ask(backend: Backend, select: Select, listing: Listing, asked: Sequence[str], workers: int) -> Iterator[_Answer]:
    """What the backend says of each model; a listing that has whole documents is not asked again."""
    listed = frozenset(listing.ids)

    def ask(name: str) -> _Answer:
        if name in listed and (name in listing.documents or name not in select.models):
            return backend.listed_model(name, listing.documents.get(name))
        return backend.model(name)

    return _in_parallel(ask, asked, workers)


def _by_id(answers: Iterable[_Answer], select: Select, market: Marketplace) -> dict[str, dict[str, JSON]]:
    """The models by their ids.

    Who names a model, perhaps with a version, gets that one whatever the listings have; of two words for it the later counts.
    """
    arrived = (answer for answer in answers if isinstance(answer, Arrived))
    ordered = sorted(arrived, key=lambda answer: _place(answer.asked, select))
    return {id: answer.value for answer in ordered if (id := market.id_of(answer.value)) is not None}


def _gaps(
    backend: Backend,
    config: Config,
    old: Snapshot,
    lists: Mapping[str, JSON],
    listing: Listing,
    models: tuple[Mapping[str, JSON], ...],
    gone: Sequence[str],
) -> tuple[Problem, ...]:
    """Why there may be models that did not come."""
    market = backend.market
    near = (*_names(market, models), *_names(market, _values(old)), *listing.seen) if gone else ()
    unknown = (unknown_model(config, name, near) for name in gone)
    merged = {name: lists.get(name, getattr(old, name)) for name in LISTS}
    known = Known(lists=merged, models=models, listed=listing.seen)
    return (*listing.gaps, *unknown, *backend.source.unknown_words(config, known))


def _place(asked: str, select: Select) -> int:
    return select.models.index(asked) if asked in select.models else -1


def _list(backend: Backend, config: Config, searches: Sequence[Search]) -> Listing:
    """What the searches of a selection list, together."""
    listings = [_listed(backend, config, search) for search in searches]
    ids = dict.fromkeys(id for listing in listings for id in listing.ids)
    return Listing(
        tuple(ids),
        tuple(dict.fromkeys(gap for listing in listings for gap in listing.gaps)),
        frozenset(id for listing in listings for id in listing.seen),
        {id: document for listing in listings for id, document in listing.documents.items()},
    )


def _listed(backend: Backend, config: Config, search: Search) -> Listing:
    def ask(request: Request) -> JSON:
        return backend.page(request, is_first=request is search.request)

    try:
        return read_listing(ask, search.read, search.request)
    except (errors.NotFoundError, errors.InvalidRequestError):
        if not search.word:
            raise
    index = config.select.of(search.kind).index(search.word)
    noun, known = backend.source.words[search.kind], _vocabulary(backend)
    return Listing((), (unknown_word(config, search.kind, index, noun, search.word, known),))


def _vocabulary(backend: Backend) -> list[str]:
    """The words that name listings, for a suggestion: what does not come is not missed."""
    known: list[str] = []
    vocabulary = backend.source.vocabulary
    request = vocabulary.ask(backend.url) if vocabulary else None
    for _ in range(_MOST_WORD_PAGES):
        if vocabulary is None or request is None:
            break
        try:
            words, request = vocabulary.read(backend.ask(request), request)
        except errors.TypedrunError:
            break
        known += words
    return known


def _standing(
    backend: Backend, select: Select, old: Snapshot, searches: Sequence[Search], listing: Listing
) -> list[str]:
    """Models of the snapshot that a search no longer names, and may still be there: it lists the best of what fits."""
    if not any(search.is_ranked for search in searches):
        return []
    return [
        id
        for value in _values(old)
        if (id := backend.market.id_of(value)) is not None
        and id not in listing.seen
        and backend.source.is_selected(value, select)
    ]


def _values(old: Snapshot) -> Iterator[Mapping[str, JSON]]:
    return (entry.value for entry in old.models)


def _names(market: Marketplace, models: Iterable[Mapping[str, JSON]]) -> Iterator[str]:
    return (name for value in models for name in (market.path_of(value), market.id_of(value)) if name)


def _enumerations(backend: Backend) -> tuple[dict[str, JSON], list[Problem]]:
    lists: dict[str, JSON] = {}
    problems: list[Problem] = []
    for name, request in backend.source.lists(backend.url).items():
        try:
            answer = backend.ask(request)
        except (errors.NotFoundError, errors.DecodingError) as error:
            problems.append(_not_a_list(name, request.url, str(error)))
            continue
        if rows_of(answer) is None:
            problems.append(_not_a_list(name, request.url, "neither a list nor an object with items"))
        else:
            lists[name] = answer
    return lists, problems


def _in_parallel(ask: Callable[[str], _Answer], asked: Sequence[str], workers: int) -> Iterator[_Answer]:
    """Answers as they come, at most `workers` asked at a time; the first error ends it.

    The threads are daemons, unlike an executor's: Ctrl-C ends the command at once, not after the slowest answer.
    """
    todo: queue.SimpleQueue[str] = queue.SimpleQueue()
    done: queue.SimpleQueue[_Answer | Exception] = queue.SimpleQueue()
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


def _not_a_list(name: str, url: str, found: str) -> Problem:
    next_step = f"ask the backend's operator; until then {name}.json stays as it is"
    return Problem(f"the backend's answer is not a list of {name}", Location(url), found=found, next_step=next_step)


def _empty(url: str, select: Select) -> Problem:
    chosen = select.as_json()
    found = f"no model for {chosen}" if chosen else "no model that this key can see"
    next_step = "check the key and [tool.typedrun.select]; the snapshot was left as it is"
    return Problem("the backend lists no models", Location(url), found=found, next_step=next_step)
