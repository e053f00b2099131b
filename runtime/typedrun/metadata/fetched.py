"""Models as the backend describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from typedrun.metadata.described import DescribedModel
from typedrun.metadata.document import Document
from typedrun.openenums import Function

if TYPE_CHECKING:
    from typedrun.jsontypes import JSON
    from typedrun.parameters import Parameter
    from typedrun.session import HasSession, Session

ModelT = TypeVar("ModelT", bound=DescribedModel)


def described(
    document: Mapping[str, JSON], client: HasSession, plain: type[ModelT], *, is_chosen: bool = False
) -> ModelT:
    """The model that a document of the catalog describes: an instance of its generated class if there is one.

    Args:
        document: As received.
        client: Whose model it is.
        plain: The class of a model that was not generated.
        is_chosen: Whether somebody named the version. A class that was generated from another one is not its class then.
    """
    session: Session[Any] = client.session
    fields = session.driver.wire.read_fields(document, session.enumeration("Function", Function))
    generated = session.find_class(session.driver.wire.identity(document))
    if is_chosen and generated is not None and generated.version != fields.get("version"):
        generated = None
    # What the document leaves out is told by the class: a generated one knows, the plain one has the defaults.
    model: ModelT = (generated or plain)(client)
    params = fields.pop("params", None)
    vars(model).update(fields, raw=Document(document))
    if params is not None:
        (_take if generated is None else _compare)(model, params)
    return model


_Params: TypeAlias = "tuple[Parameter, ...] | Callable[[], tuple[Parameter, ...]]"
"""Parameters, or what reads them: a page has a thousand, and a program looks at those of one model."""


def _take(model: DescribedModel, params: _Params) -> None:
    """Note the parameters of a model without a class."""
    vars(model)["_read_params" if callable(params) else "params"] = params


def _compare(model: DescribedModel, params: _Params) -> None:
    """Note them where a class has its own, and tell of what differs."""
    known = type(model).params
    model.params = params() if callable(params) else params
    if known is not None:
        from typedrun.metadata.drift import notice_drift  # only a document of a generated model needs it

        notice_drift(model, known, model.params)
