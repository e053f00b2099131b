"""Local files among the values of a call: uploaded before it is sent, as a flow."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from typedrun.call import Call
from typedrun.core.effects import Flow
from typedrun.metadata.described import DescribedModel
from typedrun.records import evolve
from typedrun.transfers.attachments import local_files, with_placed
from typedrun.transfers.media import upload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typedrun.core.deadline import Deadline
    from typedrun.parameters import Parameter


def place_files(model: DescribedModel, call: Call, media: Iterable[Parameter], deadline: Deadline) -> Flow[Call]:
    """Replace local files among the values of these parameters. Raises as `running.upload_media` does."""
    uploaded = dict[str, Any]()
    for parameter in media:
        name, value = parameter.name, call.values.get(parameter.name)
        for place, file in local_files(parameter, value, local_paths=model.session.local_paths):
            address = yield from _upload(model, call, deadline, name, file)
            uploaded[name] = value = with_placed(value, place, address)
    return evolve(call, values={**call.values, **uploaded}) if uploaded else call


def _upload(model: DescribedModel, call: Call, deadline: Deadline, name: str, value: Any) -> Flow[Any]:
    """The address of a local file."""
    progress = functools.partial(call.on_upload, name) if call.on_upload else None
    return (
        yield from upload(
            model.session.driver,
            value,
            parameter=name,
            model=model.label,
            progress=progress,
            deadline=deadline,
            local_paths=model.session.local_paths,
            embeds=True,
        )
    )
