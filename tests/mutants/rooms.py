"""The rooms, the tests that answer for each, and a room's sample."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.mutants.tokens import Mutant, mutants_of

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ("runtime", "codegen", "sandbox", "generated")
RUNTIME: Final = "runtime/typedrun"
CODEGEN: Final = "codegen/typedrun_codegen"
SANDBOX: Final = "sandbox/typedrun_sandbox"


@frozen
class Room:
    """Code, and the tests that answer for it."""

    code: tuple[str, ...]
    """Folders and files, without those that are a room of their own."""
    tests: tuple[str, ...]


ROOMS: Final[Mapping[str, Room]] = {
    "core": Room((f"{RUNTIME}/core",), ("tests/runtime",)),
    "drivers": Room((f"{RUNTIME}/drivers", f"{RUNTIME}/sending"), ("tests/faults", "tests/runtime")),
    "aio": Room((f"{RUNTIME}/aio",), ("tests/runtime",)),
    "structure": Room((f"{RUNTIME}/structure", f"{RUNTIME}/operations"), ("tests/runtime", "tests/codegen/api")),
    "exports": Room((f"{RUNTIME}/exports",), ("tests/runtime",)),
    "client": Room((f"{RUNTIME}/client", f"{RUNTIME}/session.py"), ("tests/runtime", "tests/contract")),
    "models": Room(
        tuple(f"{RUNTIME}/{one}" for one in ("model", "metadata", "llm", "display.py", "search.py", "catalog.py")),
        ("tests/runtime", "tests/contract"),
    ),
    "calls": Room(
        tuple(f"{RUNTIME}/{one}" for one in ("call", "inputs", "checks", "schemas", "parameters", "kinds.py")),
        ("tests/runtime", "tests/contract"),
    ),
    "runs": Room(
        tuple(f"{RUNTIME}/{one}" for one in ("runs", "job", "answers", "streaming", "itemstream.py", "results")),
        ("tests/runtime", "tests/contract"),
    ),
    "money": Room((f"{RUNTIME}/money", f"{RUNTIME}/prices"), ("tests/runtime", "tests/contract")),
    "transfers": Room(
        tuple(f"{RUNTIME}/{one}" for one in ("transfers", "files", "remotefile.py", "progress")),
        ("tests/runtime", "tests/codegen/api"),
    ),
    "runtime": Room((RUNTIME,), ("tests/runtime", "tests/contract")),
    "runtime-marketplaces": Room((f"{RUNTIME}/marketplaces",), ("tests/runtime", "tests/contract")),
    "ir": Room((f"{CODEGEN}/ir", f"{CODEGEN}/text"), ("tests/codegen",)),
    "readers": Room((f"{CODEGEN}/readers",), ("tests/codegen/api",)),
    "snapshots": Room((f"{CODEGEN}/snapshots",), ("tests/codegen/snapshots", "tests/codegen/cli")),
    "marketplaces": Room((f"{CODEGEN}/marketplaces",), ("tests/codegen",)),
    "plans": Room((f"{CODEGEN}/plans",), ("tests/codegen",)),
    "package": Room((f"{CODEGEN}/package",), ("tests/codegen/package", "tests/codegen/api")),
    "diffs": Room((f"{CODEGEN}/diffs",), ("tests/codegen/diffs", "tests/codegen/cli")),
    "look": Room((f"{CODEGEN}/look",), ("tests/codegen/look", "tests/codegen/cli")),
    "cli": Room((f"{CODEGEN}/cli",), ("tests/codegen/cli",)),
    "engine": Room((f"{SANDBOX}/engine", f"{SANDBOX}/app.py", f"{SANDBOX}/server.py"), ("tests/sandbox",)),
    "answers": Room((f"{SANDBOX}/answers",), ("tests/sandbox",)),
    "sandbox": Room((f"{SANDBOX}/marketplaces", f"{SANDBOX}/jsontypes.py"), ("tests/sandbox", "tests/contract")),
}

EQUIVALENT: Final[Mapping[tuple[str, str], str]] = {
    (
        f"{SANDBOX}/engine/listening.py",
        "while not is_done() and time.monotonic() <= deadline:",
    ): "a clock that meets a deadline to the nanosecond",
    (
        f"{RUNTIME}/core/course.py",
        "if terms.run_retries >= 0 and kind is Kind.UNSAFE:",
    ): "what may be sent again no times ends like what may not be sent again",
    (
        f"{RUNTIME}/drivers/aiohttp_incoming.py",
        "if content.is_eof() and content.exception() is not None:",
    ): "the quick way and the slow one read the same, and nothing fails once all is there",
    (
        f"{RUNTIME}/drivers/urllib3_network.py",
        'start = url.find("/", url.find("://") + 4)',
    ): "a host has a letter; without one the address is malformed either way",
    (f"{RUNTIME}/aio/operations.py", 'T_co = TypeVar("T_co", covariant=False)'): "variance is for checkers, which tell",
    (
        f"{RUNTIME}/operations/bodies.py",
        'boundary = f"typedrun-{secrets.token_hex(17)}"',
    ): "two random letters more, where 70 may stand",
    **{
        (f"{CODEGEN}/{module}.py", "@frozen(kw_only=False)"): "how authors call a class is for checkers, which tell"
        for module in ("package/publish", "plans/types", "ir/api")
    },
    (
        f"{CODEGEN}/look/show.py",
        "widths = [max(map(len, column)) for column in zip(*rows, strict=False)]",
    ): "each row has as many cells as the first",
    (
        f"{CODEGEN}/package/build.py",
        "lists=sha256(marshal.dumps((lists.functions, lists.suppliers), 3)).digest(),",
    ): "a digest is compared with its own kind alone",
    (f"{CODEGEN}/ir/snapshot.py", 'sha: bytes = field(default=b"", repr=True, eq=False)'): "nobody is shown an entry",
}
"""File and mutated line → why nobody can tell it from the original."""


def text_of(file: str) -> str:
    """What a file of the tree says."""
    return (ROOT / file).read_text(encoding="utf-8")


def files_of(room: Room) -> list[str]:
    """The modules of a room."""
    others = {place for other in ROOMS.values() if other is not room for place in other.code} - {RUNTIME}
    paths = [
        path
        for place in room.code
        for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
    ]
    names = [path.relative_to(ROOT).as_posix() for path in paths if not path.name.startswith("hook-")]
    return sorted(name for name in names if not any(name == other or name.startswith(f"{other}/") for other in others))


def test_files_of(room: Room) -> list[str]:
    """The test modules of a room."""
    return sorted(
        path.relative_to(ROOT).as_posix() for place in room.tests for path in (ROOT / place).rglob("test_*.py")
    )


def sample(room: Room, each: int, seed: int) -> list[Mutant]:
    """A sample of a room's mutants: the same for the same code and seed."""
    found = [mutant for file in files_of(room) for mutant in mutants_of(file, text_of(file))]
    chosen = random.Random(seed).sample(found, min(each, len(found)))  # no secret
    return sorted(chosen, key=lambda mutant: (mutant.file, mutant.line, mutant.column))
