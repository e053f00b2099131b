"""Run time and credits of an answer that has them within its data: of its execution, or of its steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from typedrun.marketplaces.aixplain.numbers import first_number
from typedrun.results import JSON

_RUN_TIME_KEYS = ("runtime", "runTime", "run_time", "duration")
_CREDIT_KEYS = ("credits", "usedCredits", "used_credits", "totalCredits", "total_credits")
_STEP_CREDIT_KEYS = ("usedCredits", "used_credits", "credits")


def run_time_within(data: Mapping[str, JSON], above: float | None) -> float | None:
    """Seconds. `above` is what the answer itself says: nothing, or 0.0, which may be wrong."""
    return _nested(above, data, _RUN_TIME_KEYS, _run_time_of_steps)


def credits_within(data: Mapping[str, JSON], above: float | None) -> float | None:
    """Credits; `above` as for the run time."""
    return _nested(above, data, _CREDIT_KEYS, _credits_of_steps)


def _nested(
    above: float | None,
    data: Mapping[str, JSON],
    keys: tuple[str, ...],
    of_steps: Callable[[list[dict[str, JSON]]], float | None],
) -> float | None:
    """A number missing at the top, or 0.0 there (which may be wrong), looked for in `executionStats` and `steps`."""
    stats = data.get("executionStats") or data.get("execution_stats")
    found = first_number(stats, keys) if isinstance(stats, dict) else None
    found = above if found is None or (above is not None and not found) else found
    if found:
        return found
    steps = data.get("steps")
    counted = of_steps([step for step in steps if isinstance(step, dict)]) if isinstance(steps, list) else None
    return counted if counted or found is None else found


def _credits_of_steps(steps: list[dict[str, JSON]]) -> float | None:
    numbers = [number for step in steps if (number := first_number(step, _STEP_CREDIT_KEYS)) is not None]
    return sum(numbers) if numbers else None


def _run_time_of_steps(steps: list[dict[str, JSON]]) -> float | None:
    starts = _instants(steps, ("start_time", "startTime"))
    ends = _instants(steps, ("end_time", "endTime"))
    if not starts or not ends:
        return None
    try:
        spent = ends[-1] - starts[0]
    except TypeError:  # one of them has a zone, the other has not
        return None
    return spent.total_seconds() if spent >= timedelta(0) else None


def _instants(steps: list[dict[str, JSON]], keys: tuple[str, str]) -> list[datetime]:
    texts = (step.get(keys[0]) or step.get(keys[1]) for step in steps)
    return [instant for text in texts if isinstance(text, str) and (instant := _instant(text)) is not None]


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
