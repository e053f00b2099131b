"""What adapters share whose models describe themselves by JSON Schema: walking a snapshot, and the small words of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from attrs import evolve

from typedrun_codegen.ir.catalog import CatalogSpec, ModelSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, excerpt
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.marketplaces.protocol import Read, ReadCatalog, Reader
from typedrun_codegen.readers.signatures import RULE, Signature

SKIPPED = "run `typedrun pull` to refresh it; until then this model is skipped"

ReadModel = Callable[[ModelEntry], "tuple[ModelSpec, Signature] | Problem"]
"""Reads one document, or says why it is none."""


def read_models(
    backend: str, snapshot: Snapshot, entries: Iterable[ModelEntry | Problem] | None, read: ReadModel
) -> Read:
    """Read every entry of a snapshot; the first of two with one id counts.

    Args:
        backend: name of the marketplace.
        snapshot: the models.
        entries: the models as they are read, in place of the snapshot's own.
        read: reads one.
    """
    problems = list(snapshot.problems)
    models: dict[str, ModelSpec] = {}
    for entry in snapshot.models if entries is None else entries:
        found = entry if isinstance(entry, Problem) else read(entry)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        model, signature = found
        problems += (evolve(one, model=model.id) for one in signature.problems)
        if model.id in models:
            next_step = f"keep one of them; {models[model.id].location} is generated, this one is skipped"
            title = "two models have the same id"
            problems.append(Problem(title, model.location, found=model.id, next_step=next_step, model=model.id))
            continue
        models[model.id] = model
    return Read(CatalogSpec(backend=backend, models=tuple(models.values())), tuple(problems))


def no_model(entry: ModelEntry, title: str, found: JSON, *at: str) -> Problem:
    """The problem of an entry from which nothing can be generated."""
    return Problem(title, entry.location.at(*at), found=excerpt(found), next_step=SKIPPED)


def text_of(value: JSON) -> str:
    """A text, or an empty one."""
    return value if isinstance(value, str) else ""


def part_of(value: JSON, *names: str) -> JSON:
    """What stands inside objects inside each other; None where anything is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


REASONS = {RULE: "the model's own JSON Schema says so"}
"""Name of the only row of types → why it gives its type."""


def find_contradictions(catalog: CatalogSpec, entries: Iterable[ModelEntry]) -> Iterator[Problem]:
    """Find what the schemas say and cannot mean.

    Args:
        catalog: as it was read.
        entries: the documents that it was read from.
    """
    del entries  # the catalog holds all of it
    for model in catalog.models:
        for one in model.parameters:
            if one.defaults and one.default is None:
                where, next_step = model.location_of(one).at("default"), "correct the schema; until then none is shown"
                found = excerpt(one.defaults[0])
                title = "a default does not fit its type"
                yield Problem(title, where, found, next_step, model=model.id, parameter=one.name)
            if one.minimum is not None and one.maximum is not None and one.minimum > one.maximum:
                where, next_step = model.location_of(one), "correct the schema; until then no number is accepted"
                found = f"{one.minimum:g} to {one.maximum:g}"
                yield Problem("the range is empty", where, found, next_step, model=model.id, parameter=one.name)


def schema_reader(read_catalog: ReadCatalog, streaming: Mapping[str, str]) -> Reader:
    """The reader of a marketplace whose models describe themselves by JSON Schema.

    Args:
        read_catalog: reads every entry of a snapshot.
        streaming: why a model's class can stream (`MAY_STREAM`), or cannot (`NEVER_STREAMS`).
    """
    return Reader(
        reasons={**REASONS, **streaming},
        unknown_output="schema",
        read_catalog=read_catalog,
        find_contradictions=find_contradictions,
    )
