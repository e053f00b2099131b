"""Where each model is: the tables that a first look-up reads, in parts so small that it costs the same in every catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from typedrun.index import escaped, part_of
from typedrun_codegen.text.literals import PyLiteral, py_lines

WHOLE = 512
"""Models of which one module holds all tables."""
PART = 256
"""Models of a part, on average, where there are more."""


@frozen
class TablePlan:
    """A constant of a module."""

    name: str
    text: PyLiteral
    doc: str


@frozen
class IndexPlan:
    """A module of the index."""

    module: str
    doc: str
    tables: tuple[TablePlan, ...]
    parts: int = 1
    """In how many modules the tables of ids and of paths are."""


def plan_index(
    models: Mapping[str, str], paths: Mapping[str, str], functions: Iterable[tuple[str, str]]
) -> tuple[IndexPlan, ...]:
    """Plan the modules of the index.

    Args:
        models: id → `supplier.module.Class`.
        paths: path → id.
        functions: function and id, for each model that has one.
    """
    head = "Where each model is: sorted lines that `typedrun.index` searches; imported when a model is first looked up."
    by_function = TablePlan("FUNCTIONS", _table(functions), "Function id and model id, a line for each model.")
    if len(models) <= WHOLE:
        return (IndexPlan("_index", head, (*_places(models, paths), by_function)),)
    count = 1 << ((len(models) - 1) // PART).bit_length()
    ids, ways = _split(models, count), _split(paths, count)
    parts = (
        IndexPlan(f"_index_{part}", f"Part {part} of the index.", _places(ids[part], ways[part]))
        for part in range(count)
    )
    functions_module = IndexPlan("_index_functions", "The index by function.", (by_function,))
    return (IndexPlan("_index", head, (), parts=count), functions_module, *parts)


def _places(models: Mapping[str, str], paths: Mapping[str, str]) -> tuple[TablePlan, ...]:
    return (
        TablePlan("MODELS", _table(models.items()), "Model id and `supplier.module.Class`."),
        TablePlan("PATHS", _table(paths.items()), "Path and model id."),
    )


def _split(table: Mapping[str, str], count: int) -> list[dict[str, str]]:
    parts: list[dict[str, str]] = [{} for _ in range(count)]
    for key, value in table.items():
        parts[part_of(key, count)][key] = value
    return parts


def _table(rows: Iterable[tuple[str, str]]) -> PyLiteral:
    """Lines `key value` in the order in which `typedrun.index` searches them."""
    return py_lines(sorted(f"{escaped(key)} {escaped(value)}" for key, value in rows))
