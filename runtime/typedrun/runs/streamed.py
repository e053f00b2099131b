"""What a streamed run has beside its stream: the job behind it, and what its pieces amount to. For the clients' models."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_origin

import attrs

from typedrun.marketplaces.orders import Running
from typedrun.metadata.described import DescribedModel
from typedrun.results import ModelResult
from typedrun.runs.jobs import job_of
from typedrun.runs.running import typed

if TYPE_CHECKING:
    from typedrun.core.bills import Bill


def job_behind(model: DescribedModel, run: object, bill: Bill) -> Any:
    """The job, of the client's kind, of the run that a stream tells of; None where the stream is the run itself."""
    return job_of(model, run, bill) if isinstance(run, Running) else None


def is_list(model: DescribedModel) -> bool | None:
    """Whether the answer of a model is a list, whose items the pieces of a stream are; None where the model does not say."""
    declared = model.output_type
    if declared is None:
        return None
    return declared.startswith("list[") if isinstance(declared, str) else get_origin(declared) is list


def ends_of(
    model: DescribedModel, *, is_list: bool
) -> tuple[Callable[[ModelResult[Any]], ModelResult[Any]] | None, Callable[[str], Any]]:
    """What makes the answer of a model of all that was streamed, and what an item of a piece.

    Args:
        model: Whose answer it is.
        is_list: Whether its pieces are the items of a list.
    """
    from typedrun.answers.outputs import output_of

    output, driver, label = output_of(model), model.session.driver, model.label
    if output is None:
        return None, str
    if not is_list:
        return functools.partial(typed, model), str

    def read_item(piece: str) -> Any:
        return output.item(piece, driver, label)

    return lambda answer: attrs.evolve(answer, data=list(map(read_item, answer.data or ()))), read_item
