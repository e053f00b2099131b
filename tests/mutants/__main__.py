"""Does a test notice when one token of the code is another? `make mutants` changes a seeded sample of tokens, one at a time.

    python -m tests.mutants [room …] [--each N] [--seed N] [--minutes N] [--known] [--list]

A room is a key of `rooms.ROOMS`. Its tests run once under coverage, which tells for every line which tests execute it and how long
they take. Then each mutant of the sample is written into a copy of the tree, and the tests that execute its line run against it,
fastest first, until one fails: then it was noticed. Mutants that behave like the original are in `rooms.EQUIVALENT`, with the reason.

What a run learns is kept in `.benchmarks/mutants`, so that one that was interrupted goes on where it stopped, and the next one runs
only what changed. The exit code is 1 when fewer than 9 in 10 of a room were noticed, and 3 when the time was over first.

Not part of `make test`: the first run of a room takes minutes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.mutants.lines import Covered
from tests.mutants.rooms import EQUIVALENT, ROOMS, sample, text_of
from tests.mutants.tokens import Mutant
from tests.mutants.workplace import Verdict, Verdicts, Workplace

ENOUGH: Final = 0.9
"""Share of a room's mutants that tests must notice."""


@frozen
class Outcome:
    """What became of a room's sample."""

    room: str
    noticed: int
    missed: int
    equivalent: int
    unasked: int
    """For want of time."""

    @property
    def is_enough(self) -> bool:
        """Whether the tests noticed enough of those that can be noticed."""
        return self.noticed >= ENOUGH * (self.noticed + self.missed)

    def __str__(self) -> str:
        rest = [f"{self.equivalent} equivalent"] * bool(self.equivalent) + [f"{self.unasked} not asked"] * bool(
            self.unasked
        )
        return ", ".join([f"{self.room}: {self.noticed} of {self.noticed + self.missed} noticed", *rest])


class Run:
    """One call of the command."""

    def __init__(self, folder: Path, minutes: float, *, is_known_enough: bool) -> None:
        self.folder = folder
        self.is_known_enough = is_known_enough
        self.work: Workplace | None = None
        self.verdicts = Verdicts()
        self.deadline = time.monotonic() + minutes * 60

    def room(self, name: str, mutants: Iterable[Mutant]) -> Outcome:
        """Judge a sample."""
        print(f"{name}:", flush=True)
        counted = Counter[str]()
        covered: Covered | None = None
        for mutant in mutants:
            shown, known = mutant.shown(text_of(mutant.file)), self.verdicts.get(mutant)
            if (mutant.file, mutant.line_of(text_of(mutant.file))) in EQUIVALENT:
                word, by = "equivalent", ""
            elif known is None and time.monotonic() > self.deadline:
                word, by = "unasked", ""
            else:
                if known is None:
                    self.work = self.work or Workplace(self.folder)
                    covered = covered or self.work.cover(ROOMS[name], is_known_enough=self.is_known_enough)
                    known = self.work.judge(mutant, covered.tests_for(mutant))
                    self.verdicts.add(mutant, known)
                word, by = ("noticed" if known.noticed_by else "missed"), _by(known)
            counted[word] += 1
            print(f"  {word:10} {shown}{by}", flush=True)
        return Outcome(name, counted["noticed"], counted["missed"], counted["equivalent"], counted["unasked"])


def _by(verdict: Verdict) -> str:
    return (
        f"\n             by {verdict.noticed_by}"
        if verdict.noticed_by
        else f"\n             by none of {verdict.tests} tests"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rooms", nargs="*", choices=[[], *ROOMS], help=", ".join(ROOMS))
    parser.add_argument("--each", type=int, default=12, help="mutants per room (12)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=240.0, help="no new mutant after so long (240)")
    parser.add_argument("--known", action="store_true", help="ask only tests of which it is known what they execute")
    parser.add_argument("--list", action="store_true", help="print the sample and run nothing")
    given = parser.parse_args()
    names: list[str] = given.rooms or list(ROOMS)
    samples = {name: sample(ROOMS[name], given.each, given.seed) for name in names}
    if given.list:
        for mutant in (mutant for mutants in samples.values() for mutant in mutants):
            print(mutant.shown(text_of(mutant.file)))
        return 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        run = Run(Path(folder), given.minutes, is_known_enough=given.known)
        outcomes = [run.room(name, mutants) for name, mutants in samples.items()]
    print()
    for outcome in outcomes:
        print(outcome)
    weak = [outcome.room for outcome in outcomes if not outcome.is_enough]
    if weak:
        print(f"fewer than {ENOUGH:.0%} noticed: {', '.join(weak)}")
    return 1 if weak else 3 if any(outcome.unasked for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
