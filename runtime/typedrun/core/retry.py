"""When to send a request again: a table, a delay, a budget. Pure; the driver counts, sleeps and sends.

Rules:
- The table is the policy. `decide` looks a cell up and then asks only whether attempts, time and budget are left.
- A run (UNSAFE) is billed and has no idempotency key, so it is sent again only where it cannot have been executed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from typedrun.core.request import Kind, Stage
from typedrun.core.tally import Budget as Budget
from typedrun.core.tally import Tally as Tally
from typedrun.records import evolve, field, frozen
from typedrun.settings import Policy as Policy

if TYPE_CHECKING:
    from datetime import datetime


class Verdict(Enum):
    """A cell of the table."""

    RETRY = "retry"
    """Send again."""
    RESEND = "retry, `run_retries` times"
    """Send again as often as the caller allowed, knowing that it may be billed again."""
    RAISE = "raise"
    """Raise the error that the reply stands for."""
    UNKNOWN = "raise `OutcomeUnknown`"
    """Raise that the outcome is unknown and perhaps billed."""
    INTERRUPTED = "raise `StreamInterrupted`"
    """Raise that the stream broke; what came is kept."""


_R, _S, _X, _U, _I = Verdict.RETRY, Verdict.RESEND, Verdict.RAISE, Verdict.UNKNOWN, Verdict.INTERRUPTED
KINDS = (Kind.SAFE, Kind.KEYED, Kind.UNSAFE, Kind.UNSAFE_OPTED_IN)
_ROWS: dict[Stage, tuple[Verdict, Verdict, Verdict, Verdict]] = {
    #                     SAFE KEYED UNSAFE OPTED_IN
    Stage.NEVER_SENT: (_R, _R, _R, _R),
    Stage.NO_REPLY: (_R, _R, _U, _S),
    Stage.TIMEOUT_STATUS: (_R, _R, _X, _X),
    Stage.RATE_LIMITED: (_R, _R, _R, _R),
    Stage.ASKED_TO_WAIT: (_R, _R, _R, _R),
    Stage.SERVER_ERROR: (_R, _R, _U, _S),
    Stage.STREAM_BEGAN: (_I, _I, _I, _I),
}
TABLE: Mapping[tuple[Stage, Kind], Verdict] = {
    (stage, kind): verdict for stage, row in _ROWS.items() for kind, verdict in zip(KINDS, row, strict=True)
}

_STAGE_OF_STATUS = {
    408: Stage.TIMEOUT_STATUS,
    425: Stage.TIMEOUT_STATUS,
    429: Stage.RATE_LIMITED,
    497: Stage.RATE_LIMITED,
}
# 501, 505 and their like say "never"; 520-530 are a CDN's words for a backend that did not answer it.
_SERVER_ERRORS = frozenset({500, 502, 503, 504, *range(520, 531)})


def stage_of_status(status: int, retry_after: float | None) -> Stage | None:
    """The column of an HTTP status; None for one that no repetition changes."""
    if status == 503 and retry_after is not None:
        return Stage.ASKED_TO_WAIT
    return Stage.SERVER_ERROR if status in _SERVER_ERRORS else _STAGE_OF_STATUS.get(status)


@frozen()
class Retry:
    """Send again after so many seconds."""

    after: float
    tally: Tally


@frozen()
class GiveUp:
    """Raise now."""

    verdict: Verdict
    why: str = ""
    """Why a retry that the table allows is not made; empty if it allows none, or when all have been made."""


@frozen()
class Circumstances:
    """Everything that a decision depends on besides the policy."""

    kind: Kind
    stage: Stage
    tally: Tally = field(factory=Tally)
    retry_after: float | None = None
    """Seconds, as the reply asked."""
    left: float | None = None
    """Seconds until the deadline; None without one."""
    has_budget: bool = True
    roll: float = 1.0
    """A random number in [0, 1): the jitter."""


def decide(policy: Policy, at: Circumstances) -> Retry | GiveUp:
    """Decide whether to send again or to raise.

    Args:
        policy: How often and how long.
        at: Kind of request, how far the try got, and what is left.

    Returns:
        `Retry` with the seconds to wait, or `GiveUp` with what to raise.
    """
    verdict = TABLE[at.stage, at.kind]
    if verdict is Verdict.RETRY:
        used, allowed, given_up = at.tally.retries, policy.retries, Verdict.RAISE
        tally = evolve(at.tally, retries=used + 1)
        chosen = at.roll * min(policy.longest_wait, policy.first_wait * 2.0 ** min(used, 30))
    elif verdict is Verdict.RESEND:
        used, allowed, given_up = at.tally.resends, policy.resends, Verdict.UNKNOWN
        tally = evolve(at.tally, resends=used + 1)
        chosen = policy.resend_wait
    else:
        return GiveUp(verdict)
    after = max(chosen, at.retry_after or 0.0)
    if used >= allowed:
        return GiveUp(given_up)
    why = _obstacle(policy, at, after)
    return GiveUp(given_up, why) if why else Retry(after, tally)


def final_verdict(kind: Kind, stage: Stage) -> Verdict:
    """What the table says once no further try is made."""
    verdict = TABLE[stage, kind]
    return {Verdict.RETRY: Verdict.RAISE, Verdict.RESEND: Verdict.UNKNOWN}.get(verdict, verdict)


def _obstacle(policy: Policy, at: Circumstances, after: float) -> str:
    if at.retry_after is not None and at.retry_after > policy.longest_retry_after:
        return f"the backend asks to wait {at.retry_after:g} s, longer than {policy.longest_retry_after:g} s"
    if at.left is not None and after >= at.left:
        return "the next try would come after the deadline"
    if not at.has_budget:
        return "too many retries to this host lately (retry budget exhausted)"
    return ""


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a reply asks to wait: `retry-after-ms`, else `Retry-After` in seconds or as a date.

    A date is measured against the reply's own `Date`, so that a wrong clock on either side does not matter; without one it
    says nothing that can be relied on.
    """
    milliseconds = _positive(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000.0
    value = headers.get("retry-after")
    if not value:
        return None
    seconds = _positive(value)
    if seconds is not None:
        return seconds
    then, now = _date(value), _date(headers.get("date"))
    try:
        return None if then is None or now is None else max(0.0, (then - now).total_seconds())
    except (ValueError, OverflowError):  # a zone beyond a day, a year beyond the calendar
        return None


def _positive(text: str | None) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0.0 <= number < float("inf") else None


def _date(text: str | None) -> datetime | None:
    from email.utils import parsedate_to_datetime  # heavy, and dates are rare

    try:
        found = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, OverflowError, IndexError):  # it was not made for what strangers write
        return None
    return found if found.tzinfo else None


def table_as_markdown() -> str:
    """The table as docs/runtime.md shows it (a test compares)."""
    names = {
        Kind.SAFE: "SAFE (reads: get, search, poll)",
        Kind.KEYED: "KEYED (repetition recognised)",
        Kind.UNSAFE: "UNSAFE (a run)",
        Kind.UNSAFE_OPTED_IN: "UNSAFE with `run_retries`",
    }
    lines = ["| what happened | " + " | ".join(names[kind] for kind in KINDS) + " |", "|---" * (len(KINDS) + 1) + "|"]
    lines += [f"| {stage.value} | " + " | ".join(TABLE[stage, kind].value for kind in KINDS) + " |" for stage in Stage]
    return "\n".join(lines)
