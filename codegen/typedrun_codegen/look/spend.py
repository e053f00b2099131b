"""What was spent, by ledgers that clients kept: what `typedrun spend` says, as table, plot, CSV or JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import frozen

from typedrun.money import ledger
from typedrun.money.ledger import Entry
from typedrun.prices import Basis, exact, plain
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.text.words import count, printable_line

By: TypeAlias = Literal["model", "day", "tag"]

FORMAT = 1
"""Version of the JSON document; a field may be added without raising it."""

_BAR = 40
"""Characters of the longest bar."""

_MEASURED = (Basis.REPORTED, Basis.METRICS, Basis.USAGE, Basis.CATALOG)


@frozen(kw_only=True)
class Row:
    """What the calls of one model, day or tag cost together."""

    key: str
    calls: int
    by_basis: Mapping[str, Decimal]
    """Credits by where the amounts come from, without what was possibly spent."""
    possible: Decimal
    """Credits of calls whose outcome is unknown."""
    untold: int
    """Calls whose cost nothing tells."""
    units: Mapping[str, Decimal]

    @property
    def credits(self) -> Decimal:
        """What was spent."""
        return sum(self.by_basis.values(), Decimal(0))

    def as_json(self) -> JSON:
        """The row in the JSON document."""
        return {
            "key": self.key,
            "calls": self.calls,
            "credits": float(self.credits),
            "by_basis": {basis: float(amount) for basis, amount in self.by_basis.items()},
            "possible": float(self.possible),
            "untold": self.untold,
            "units": {unit: float(number) for unit, number in self.units.items()},
        }


@frozen(kw_only=True)
class Spend:
    """What was spent."""

    by: By
    rows: tuple[Row, ...]
    """Days in their order, else the dearest first. A call with several tags is in several rows."""
    total: Row
    problems: tuple[Problem, ...] = ()
    """Lines that are none."""


def read_spend(paths: Iterable[Path], by: By) -> Spend:
    """Add up ledgers.

    Raises:
        OSError: there is no such file, or it cannot be read.
    """
    entries, problems = list[Entry](), list[Problem]()
    for path in paths:
        found, broken = ledger.read(path)
        entries += found
        problems += [_broken(path, number) for number in broken]
    return add_up(entries, by, problems)


def add_up(entries: Iterable[Entry], by: By, problems: Iterable[Problem] = ()) -> Spend:
    """Group the lines of ledgers and add them up; a job that several ledgers have counts once."""
    once = _once(entries)
    groups: dict[str, list[Entry]] = {}
    for entry in once:
        for key in _KEYS[by](entry):
            groups.setdefault(key, []).append(entry)
    rows = [_row(key, group) for key, group in groups.items()]
    rows.sort(key=(lambda row: (Decimal(0), row.key)) if by == "day" else (lambda row: (-row.credits, row.key)))
    return Spend(by=by, rows=tuple(rows), total=_row("total", once), problems=tuple(problems))


def _once(entries: Iterable[Entry]) -> list[Entry]:
    found: dict[object, Entry] = {}
    for entry in entries:
        found.setdefault(id(entry) if entry.job is None else (entry.model, entry.job), entry)
    return list(found.values())


def _tags(entry: Entry) -> list[str]:
    return [f"{name}={value}" for name, value in sorted(entry.tags.items())] or ["(no tag)"]


_KEYS: Mapping[By, Callable[[Entry], list[str]]] = {
    "model": lambda entry: [entry.model or "(not told)"],
    "day": lambda entry: [entry.time[:10]],
    "tag": _tags,
}


def _row(key: str, entries: list[Entry]) -> Row:
    possible = Decimal(0)
    amounts, numbers = dict[str, Decimal](), dict[str, Decimal]()
    for entry in entries:
        cost = exact(entry.cost or 0.0)
        if entry.basis == Basis.POSSIBLE:
            possible += cost
            continue
        if entry.cost is not None:
            amounts[entry.basis] = amounts.get(entry.basis, Decimal(0)) + cost
        if entry.unit is not None and entry.units is not None:
            numbers[entry.unit] = numbers.get(entry.unit, Decimal(0)) + exact(entry.units)
    untold = sum(entry.cost is None for entry in entries)
    return Row(key=key, calls=len(entries), by_basis=amounts, possible=possible, untold=untold, units=numbers)


def as_json(spend: Spend) -> JSON:
    """The document of `--format json`, described in docs/budget.md."""
    return {
        "format": FORMAT,
        "by": spend.by,
        "rows": [row.as_json() for row in spend.rows],
        "total": spend.total.as_json(),
    }


def as_csv(spend: Spend) -> Iterator[str]:
    """One line for each row, after a head; no total, which a spreadsheet makes itself."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([spend.by, "calls", "credits", *map(str, _MEASURED), "possible", "untold"])
    for row in spend.rows:
        parts = [_shown(row.by_basis.get(basis, Decimal(0))) for basis in _MEASURED]
        writer.writerow([_inert(row.key), row.calls, _shown(row.credits), *parts, _shown(row.possible), row.untold])
    yield from map(printable_line, text.getvalue().removesuffix("\n").split("\n"))


def _inert(cell: str) -> str:
    """A text that no spreadsheet takes for a formula: names of models and tags are other people's."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def as_table(spend: Spend) -> Iterator[str]:
    """Aligned columns and the total; columns in which nothing stands are left out."""
    head = [spend.by, "calls", "credits", "estimated", "possible", "untold"]
    rows = [_cells(row) for row in spend.rows] + [_cells(spend.total)]
    kept = [column for column in range(6) if column < 3 or any(row[column] != "0" for row in rows)]
    lines = [[line[column] for column in kept] for line in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(kept))]
    for line in lines:
        key, *numbers = (
            text.rjust(width) if column else text.ljust(width)
            for column, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join((key, *numbers))


def as_plot(spend: Spend) -> Iterator[str]:
    """A bar for each row."""
    most = max((row.credits for row in spend.rows), default=Decimal(0))
    width = max((len(printable_line(row.key)) for row in spend.rows), default=0)
    for row in spend.rows:
        bar = "█" * round(_BAR * row.credits / most) if most else ""
        yield f"{printable_line(row.key).ljust(width)}  {bar or '▏'} {_shown(row.credits)}"


def summary(spend: Spend) -> str:
    """One line."""
    total = spend.total
    parts = [f"{count(total.calls, 'call')}: {_shown(total.credits)} credits"]
    parts += [f"possibly {_shown(total.possible)} more"] if total.possible else []
    parts += [f"{count(total.untold, 'call')} of unknown cost"] if total.untold else []
    return ", ".join(parts)


def _cells(row: Row) -> list[str]:
    estimated = row.by_basis.get(Basis.CATALOG, Decimal(0))
    numbers = (_shown(row.credits), _shown(estimated), _shown(row.possible))
    return [printable_line(row.key), str(row.calls), *numbers, str(row.untold)]


def _shown(amount: Decimal) -> str:
    return plain(float(amount))


def _broken(path: Path, number: int) -> Problem:
    return Problem(
        "this line is none of a ledger",
        Location(f"{path}:{number}"),
        next_step="it was not counted; a full disk may have cut it short. Mend it or delete it",
    )
