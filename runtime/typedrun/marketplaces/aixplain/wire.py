"""The wire: runs, jobs, uploads and the catalog as requests, and their replies as values (docs/architecture.md has the seam)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from typedrun.core.reply import Reply, decode_object, request_id_of
from typedrun.core.request import Request
from typedrun.lazymembers import later
from typedrun.marketplaces.aixplain.answers import read_result
from typedrun.marketplaces.aixplain.controls import CONTROLS, run_headers
from typedrun.marketplaces.aixplain.places import Places, run_request
from typedrun.marketplaces.aixplain.states import FAILED, IN_PROGRESS, SUCCESS
from typedrun.marketplaces.orders import Done, Order, State
from typedrun.records import frozen
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.errors import APIError
    from typedrun.marketplaces.aixplain.further import FurtherWire
else:
    FurtherWire = later(
        "typedrun.marketplaces.aixplain.further:FurtherWire",
        "answer_reader ask asked cancel cancelled completed find found further "
        "going_on identity most_embedded name_of quote quoted "
        "older_url read read_fields read_listing resume search size_limit start_older stopped stream stream_request undeclared upload",
        Places,
    )


@frozen()
class AixplainWire(FurtherWire):
    """aiXplain's wire, at the addresses of one client."""

    @property
    def marketplace(self) -> str:
        """Its name."""
        return "aixplain"

    @property
    def origins(self) -> tuple[str, ...]:
        """None but the client's own."""
        return ()

    def read_error(self, reply: Reply, *, model: str | None = None) -> APIError | None:
        """Read the error that a reply stands for."""
        from typedrun.marketplaces.aixplain.failures import read_error

        return read_error(reply, model=model)

    @property
    def stage_of(self) -> None:
        """The status says it all."""

    # --- runs

    def start(self, order: Order) -> Request:
        """Start a run, and wait for the answer or for the place to ask.

        The run endpoint has no asynchronous mode for models that only run synchronously; the older one has.
        """
        if order.is_sync_only and not order.waits:
            from typedrun.marketplaces.aixplain.bodies import v1_fallback_payload

            return self.start_older(order.model, v1_fallback_payload(order.body), order.label)
        return run_request(self.run_url(order.model), order.body, order.headers, order.label)

    def started(self, order: Order, reply: Reply) -> State:
        """What the answer to `start` says."""
        answer = read_answer(reply, model=order.label)
        if not answer.completed and order.waits and order.is_sync_only:
            from typedrun.marketplaces.aixplain.polls import as_said  # with the first answer that is unfinished

            answer = as_said(answer)
        # A state that this client does not know and that names no place to ask is the end of a run that was waited for.
        is_over = answer.completed or (order.waits and not answer.url)
        return Done(answer) if is_over else self.going_on(answer)

    @property
    def run_controls(self) -> frozenset[str]:
        """Those that say on whose behalf a model runs among them."""
        return CONTROLS

    def check_controls(self, controls: Mapping[str, object]) -> list[tuple[str, str]]:
        """Nothing: those of its own travel in headers, and are checked there."""
        del controls
        return []

    def control_headers(self, controls: Mapping[str, object]) -> dict[str, str]:
        """The headers of the run controls that say on whose behalf a model runs."""
        return run_headers(controls)


def read_answer(reply: Reply, *, model: str) -> ModelResult[Any]:
    """Read the answer to a run: finished, or with a place to ask.

    Raises:
        OperationFailedError: the run failed.
        DecodingError: the run is unfinished, and the answer does not say where to ask for it.
    """
    answer = decode_object(reply)
    result = read_result(answer)
    if result.request_id is None:
        result.request_id = request_id_of(reply.headers)
    if result.status == SUCCESS:
        return result
    if result.status == FAILED:
        from typedrun.marketplaces.aixplain.verdicts import operation_error

        raise operation_error(answer, model=model, url=reply.url, request_id=reply.request_id)
    if result.status == IN_PROGRESS and not result.url:
        from typedrun.errors import DecodingError

        raise DecodingError(
            "The run goes on, but the answer does not say where to ask for its result",
            model=model,
            url=reply.url,
            response_data=answer,
            request_id=result.request_id,
        )
    return result
