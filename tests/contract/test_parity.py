"""Wire parity: the published `aixplain` package and ours go through one script (parity_script.py) against one sandbox.

After each step the requests that the sandbox received and the results that the callers saw are compared. A difference is
allowed if docs/differences.md lists it, and what it lists must still be there.

The published package is installed once into an environment of its own below the system's temporary directory. To use another
one, set TYPEDRUN_REFERENCE_PYTHON to its interpreter.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.sides import Allowed, Difference, Seen, Side, compare, differences_of, read_allowed, steps_of
from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.jsontypes import JSON
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

SCRIPT = Path(__file__).with_name("parity_script.py")
DIFFERENCES = Path(__file__).parents[2] / "docs" / "differences.md"
HEADERS = ("x-api-key", "authorization", "content-type", "x-user-id", "x-session-id", "x-agent")


STEPS = steps_of(SCRIPT)

# --- what the backend does in a step

LLM_ID, ASYNC_ID = "67fd9ddfef0365783d06e2ef", "bcc4d3e9ef0510a16ed90ac7"
FAILED: dict[str, JSON] = {
    "status": "FAILED",
    "completed": True,
    "error": "err.supplier_error",
    "supplierError": "Too long",
}
ODD: dict[str, JSON] = {
    "status": "SUCCESS", "completed": True, "data": 0, "runTime": "1.5", "usedCredits": "6.4e-06",
    "usage": {"prompt_tokens": "20", "completion_tokens": "NaN", "total_tokens": None},
}  # fmt: skip
PICTURE: dict[str, JSON] = {"status": "SUCCESS", "completed": True, "data": "https://example.com/picture.png"}

SCENES: Mapping[str, Callable[[Sandbox], None]] = {
    "run that fails": lambda sandbox: sandbox.reply(LLM_ID, FAILED),
    "run that fails while it is polled": lambda sandbox: sandbox.reply(ASYNC_ID, FAILED),
    "run with odd numbers": lambda sandbox: sandbox.reply(LLM_ID, ODD),
    "run with a final address": lambda sandbox: sandbox.reply(LLM_ID, PICTURE),
    "run refused": lambda sandbox: sandbox.fail_next(
        422, on="run", body={"message": "No", "error": "NO", "statusCode": 422}
    ),
    "run unauthorized": lambda sandbox: sandbox.fail_next(401, on="run", body={"message": "bad key"}),
    "llm that fails": lambda sandbox: sandbox.reply(LLM_ID, FAILED),
    "llm unauthorized": lambda sandbox: sandbox.fail_next(401, on="run", body={"message": "bad key"}),
}

# --- the two sides


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(bundled_snapshot(), settings=Settings(token_seconds=0.0, job_polls=1)) as running:
        yield running


def take_all(command: list[str], sandbox: Sandbox, errors: Path) -> dict[str, Seen]:
    """Every step of one side."""
    with errors.open("w+") as told:
        side = Side(command, sandbox, told, scenes=SCENES, headers=HEADERS, without=("AIXPLAIN",))
        try:
            return {step: side.take(step) for step in STEPS}
        finally:
            side.close()


@pytest.fixture(scope="module")
def reference(reference_python: str, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """Every step of the published package."""
    errors = tmp_path_factory.mktemp("parity") / "reference"
    return take_all([reference_python, str(SCRIPT), "reference"], sandbox, errors)


@pytest.fixture(scope="module", params=["typedrun", "asyncio"])
def seen(
    request: pytest.FixtureRequest,
    reference: dict[str, Seen],
    sandbox: Sandbox,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[Seen, Seen]]:
    """Both sides of each step; ours is either client."""
    errors = tmp_path_factory.mktemp("parity") / request.param
    ours = take_all([sys.executable, str(SCRIPT), request.param], sandbox, errors)
    return {step: (reference[step], ours[step]) for step in STEPS}


ALLOWED = read_allowed(DIFFERENCES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("step", STEPS)
def test_both_send_and_return_the_same(step: str, seen: dict[str, tuple[Seen, Seen]]) -> None:
    found = differences_of(step, *seen[step])
    unexplained = [one for one in found if not any(row.covers(one) for row in ALLOWED)]
    assert unexplained == [], "\n".join(
        f"{one.place}\n    reference {one.reference!r}\n    typedrun  {one.ours!r}" for one in unexplained
    )


def test_every_listed_difference_is_still_there(seen: dict[str, tuple[Seen, Seen]]) -> None:
    found = [one for step, sides in seen.items() for one in differences_of(step, *sides)]
    assert [row for row in ALLOWED if not any(row.covers(one) for one in found)] == []


def test_the_report_counts_what_was_compared(
    seen: dict[str, tuple[Seen, Seen]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = {step: differences_of(step, *sides) for step, sides in seen.items()}
    same = sum(not places for places in found.values())
    requests = sum(len(ours.requests) for _, ours in seen.values())
    with capsys.disabled():
        print(
            f"\nparity with the published package: {len(seen)} steps, {requests} requests of ours; {same} steps without any difference"
        )
        listed = {
            step: sorted({one.place.split(".")[-1] for one in places}) for step, places in found.items() if places
        }
        for step, places in listed.items():
            print(f"  differs as listed  {step}: {', '.join(places)}")
    assert requests > len(STEPS)


def test_a_stale_table_or_a_new_difference_would_be_noticed() -> None:
    rows = read_allowed("| `a`, `b*` | `result.*` | x | y | z |\n| no step | `x` |\n")
    assert rows == [Allowed(("a", "b*"), "result.*")]
    assert rows[0].covers(Difference("bc", "result.data", 1, 2))
    assert not rows[0].covers(Difference("c", "result.data", 1, 2))
    assert list(compare({"a": [1, {"b": 2}]}, {"a": [1, {"c": 2}]})) == [
        ("a.1.b", 2, "(absent)"),
        ("a.1.c", "(absent)", 2),
    ]
    assert list(compare([1], [1, 2])) == [("", [1], [1, 2])]
    assert list(compare(1, True)) == [("", 1, True)]
