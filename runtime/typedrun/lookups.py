"""Looking a model up, as a flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typedrun.core.effects import Flow
from typedrun.core.exchange import send
from typedrun.core.reply import decode_json
from typedrun.errors import ResourceError
from typedrun.jsontypes import JSON, is_object
from typedrun.session import Session


def find(session: Session[Any], id: str, host: str | None) -> Flow[Mapping[str, JSON]]:
    """The document of a model.

    Args:
        session: Whose catalog it is.
        id: The catalog's id, or the path.
        host: Take the instance of this host.

    Raises:
        ResourceError: What the backend answered is not a model.
    """
    if not id:
        raise ResourceError("Model.get needs an id or a path; got an empty one. Nothing was sent")
    wire = session.driver.wire
    document = wire.found(decode_json((yield from send(wire.find(id, host), session.driver.rules))))
    if not is_object(document) or wire.identity(document) is None:
        raise ResourceError(
            f"The backend answered the request for model {id} with something that is no model", model=id
        )
    return document
