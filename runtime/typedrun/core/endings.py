"""The errors that a request can end in, each with what is known by then."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin

import typedrun.errors as errors
from typedrun.core.course import Course
from typedrun.core.hostile import host_of, is_hostile, is_same_origin
from typedrun.core.reply import Reply, request_id_of
from typedrun.core.request import Failure, Kind, Stage
from typedrun.core.retry import GiveUp, Verdict, read_retry_after
from typedrun.core.transports import IncomingReply, cut_at
from typedrun.errors import shown_url

_MOST_REDIRECTS: Final = 5


def no_reply(course: Course, failure: Failure, decision: GiveUp | None, now: float) -> errors.TypedrunError:
    """The error for a last try that brought no reply."""
    course.note(failure.what, now)
    known = _known(course)
    what = f"{failure.what}; {decision.why}" if decision is not None and decision.why else failure.what
    is_over = failure.timed_out and course.deadline.is_past(now)
    if _is_outcome_unknown(course, decision):
        unknown = errors.OutcomeUnknownTimeout if is_over else errors.OutcomeUnknown
        limit = f" within {course.deadline.limit}" if is_over else ""
        return unknown(
            f"The run was sent but brought no usable reply{limit}: {what}. {_billing_warning(course)}", **known
        )
    if is_over:
        return errors.TimeoutError(f"No complete reply within {course.deadline.limit}: {what}", **known)
    if failure.timed_out and failure.stage is not Stage.NEVER_SENT:
        idle = course.rules.settings.timeout.idle
        return errors.TimeoutError(f"No reply, and no sign of one for {idle:g} s: {what}", **known)
    missing = "connection to" if failure.stage is Stage.NEVER_SENT else "usable reply from"
    return errors.TransportError(f"No {missing} {host_of(course.url)}: {what}", **known)


def _is_outcome_unknown(course: Course, decision: GiveUp | None) -> bool:
    """Whether this try, or one before it that was sent again, may have been executed."""
    return course.tally.resends > 0 or (decision is not None and decision.verdict is Verdict.UNKNOWN)


def status_error(course: Course, reply: Reply, decision: GiveUp | None, now: float) -> errors.TypedrunError:
    """The error for a reply with an error status."""
    error = course.rules.read_error(reply, model=course.request.model)
    if error is None:  # 1xx and 3xx that nothing follows
        error = errors.APIError(f"Unexpected HTTP status {reply.status}", reply.status, url=reply.url)
    course.note(f"HTTP {reply.status}", now)
    error.attempts = tuple(course.attempts)
    after = read_retry_after(reply.headers)
    error.retry_after = error.retry_after if after is None else after
    if _is_outcome_unknown(course, decision):
        return errors.OutcomeUnknown(
            f"The run was sent and the backend answered with HTTP {reply.status}: {error.message}. {_billing_warning(course)}",
            reply.status,
            error.response_data,
            error.error,
            model=error.model,
            url=error.url,
            request_id=error.request_id,
            code=error.code,
            retry_after=error.retry_after,
            attempts=error.attempts,
        )
    if decision is not None and decision.why:
        error.add_note(f"Not tried again: {decision.why}")
    return error


def tell_of_bill(course: Course, error: BaseException) -> None:
    """Note on an error from elsewhere that ends a run (a cancelled task's, Ctrl-C) whether it may have been billed."""
    if course.kind not in {Kind.UNSAFE, Kind.UNSAFE_OPTED_IN}:
        return
    was_sent = course.is_in_flight and cut_at(error) is not Stage.NEVER_SENT
    if was_sent or course.tally.resends:
        error.add_note(
            "The run had been sent: it may have been executed and billed. Next: check the usage before running it again"
        )
    else:
        error.add_note("The run had not been sent: nothing was executed or billed")


def too_long(course: Course, incoming: IncomingReply) -> errors.DecodingError:
    """The error for a reply that is longer than the settings allow."""
    most = course.rules.settings.max_reply_bytes
    return errors.DecodingError(
        f"The reply is longer than {most} bytes (max_reply_bytes); reading was stopped",
        **_known(course, incoming),
        status_code=incoming.status,
    )


def redirect_target(course: Course, incoming: IncomingReply) -> str:
    """Where a redirect may be followed: only by a read, only within its origin, at most five times.

    Raises:
        UntrustedURLError: It leads to another origin, or to none.
        APIError: It may not be followed.
    """
    request = course.request
    location = incoming.headers.get("location") or ""
    try:
        target = urljoin(course.url, location)
    except ValueError:
        target = location
    known = _known(course, incoming)
    if is_hostile(location):
        raise errors.UntrustedURLError(
            f"The backend redirected a {request.method} to a malformed address; nothing was sent there."
            " Next: check the backend URL, or report this to its operator",
            **known,
            status_code=incoming.status,
        )
    if not is_same_origin(course.url, target):
        raise errors.UntrustedURLError(
            f"The backend redirected a {request.method} to another origin, {host_of(target)}; nothing was sent there."
            " Next: if that host is right, configure it as the backend URL",
            **known,
            status_code=incoming.status,
        )
    if request.method not in {"GET", "HEAD"}:
        raise errors.APIError(
            f"The backend redirected a {request.method} to {shown_url(target)}; a body is not sent twice."
            " Next: configure that address",
            incoming.status,
            **known,
        )
    course.redirects += 1
    if course.redirects > _MOST_REDIRECTS:
        raise errors.APIError(
            f"More than {_MOST_REDIRECTS} redirects, the last to {shown_url(target)}", incoming.status, **known
        )
    return target


def _known(course: Course, incoming: IncomingReply | None = None) -> errors.Known:
    """What every error about this request says."""
    known: errors.Known = {"model": course.request.model, "url": course.url, "attempts": tuple(course.attempts)}
    if incoming is not None:
        known["request_id"] = request_id_of(incoming.headers)
    return known


def _billing_warning(course: Course) -> str:
    if course.kind is Kind.UNSAFE_OPTED_IN:
        return (
            f"It was sent {course.tally.resends + 1} times and may have been executed and billed. Next: check the usage"
        )
    return (
        "It may have been executed and billed, so it was not sent again. Next: check the usage before running it again, or"
        " allow it with run_retries="
    )
