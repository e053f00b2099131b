"""Models as the backend describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from typedrun.described import DescribedModel
from typedrun.document import Document
from typedrun.openenums import Function

if TYPE_CHECKING:
    from typedrun.jsontypes import JSON
    from typedrun.parameters import Parameter
    from typedrun.session import HasSession, Session

ModelT = TypeVar("ModelT", bound=DescribedModel)


def described(document: Mapping[str, JSON], client: HasSession, plain: type[ModelT]) -> ModelT:
    """The model that a document of the catalog describes: an instance of its generated class if there is one.

    Args:
        document: As received.
        client: Whose model it is.
        plain: The class of a model that was not generated.
    """
    session: Session[Any] = client.session
    identity = session.driver.wire.identity(document)
    generated = session.registry.find(identity) if session.registry is not None and identity is not None else None
    model: ModelT = (generated or plain)(client)
    functions = session.enumeration("Function", Function)
    # What the document leaves out is told by the class: a generated one knows, the plain one has the defaults.
    fields = session.driver.wire.read_fields(document, functions)
    vars(model).update(fields, raw=Document(document))
    if callable(fields.get("params")):
        read: Callable[[], tuple[Parameter, ...]] = vars(model).pop("params")
        if generated is None:  # a page has a thousand parameters, and a program looks at those of one model
            vars(model)["_read_params"] = read
        else:
            model.params = read()
    own: frozenset[str] = session.driver.wire.own_controls
    # Parameters that are read when they are asked for are of a marketplace without controls of its own.
    known: tuple[Parameter, ...] | None = vars(model).get("params")
    if generated is None and known and (taken := [one.name for one in known if one.name in own]):
        vars(model)["wire_names"] = {f"{name}_": name for name in taken}  # as generated classes spell them
    if generated is not None and generated.params is not None and "params" in vars(model):
        from typedrun.drift import notice_drift  # only a document of a generated model needs it

        notice_drift(model, generated.params, model.params or ())
    return model
