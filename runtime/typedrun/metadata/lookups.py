"""Looking a model up, as a flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typedrun.core.effects import Flow
from typedrun.core.exchange import send
from typedrun.core.reply import decode_json
from typedrun.errors import ResourceError
from typedrun.jsontypes import JSON, is_object
from typedrun.records import frozen
from typedrun.session import Session


@frozen(eq=False)
class Found:
    """A model as the backend describes it."""

    document: Mapping[str, JSON]
    is_chosen: bool
    """Whether the caller named the version: the document is of that one, and no news of the newest."""


def find(session: Session[Any], id: str, host: str | None) -> Flow[Found]:
    """Find the document of a model.

    Args:
        session: Whose catalog it is.
        id: The catalog's id, or the path; with a version, where the marketplace has such ids.
        host: Take the instance of this host.

    Raises:
        ResourceError: What the backend answered is not a model.
    """
    if not id:
        raise ResourceError("Model.get needs an id or a path; got an empty one. Nothing was sent")
    wire, rules = session.driver.wire, session.driver.rules
    document = wire.found(decode_json((yield from send(wire.find(id, host), rules))))
    further = wire.further(id)
    if further is not None and is_object(document):
        document = wire.completed(document, decode_json((yield from send(further, rules))))
    if not is_object(document) or wire.identity(document) is None:
        raise ResourceError(
            f"The backend answered the request for model {id} with something that is no model", model=id
        )
    return Found(document, further is not None)
