"""A run that goes on at the backend: ask, wait, save it, pick it up again elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typedrun.lazymembers import later
from typedrun.results import DataT, ModelResult

if TYPE_CHECKING:
    from typedrun.job.blocking import BlockingRun
    from typedrun.sending.driver import Driver
else:
    BlockingRun = later(
        "typedrun.job.blocking:BlockingRun",
        "__init__ __eq__ __hash__ __reduce__ __repr__ _repr_html_ id token typed_by leave_token poll wait cancel result "
        "poll_flow glance_flow wait_flow cancel_flow give_up_flow",
        ModelResult[DataT],
    )


class Job(BlockingRun[DataT]):
    """A started run. Its fields are those of the last answer; `wait` and `result` give the finished one.

    A job is a value: `token` names it without the key, and `client.job(token)` picks it up in another process. It pickles, too
    (the receiving process reads its own key from the environment).
    """


def resume_job(driver: Driver, token_or_url: str, *, label: str | None = None) -> Job[Any]:
    """Resume a job by its token or its poll address. Nothing is sent. Raises as `resume` does."""
    from typedrun.answers.started import resume  # with the first job

    return resume(Job, driver, token_or_url, label=label)
