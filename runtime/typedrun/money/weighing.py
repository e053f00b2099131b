"""What the price of a call depends on: the model's price, and how much the call hands over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from typedrun.checks.misfits import is_media
from typedrun.prices import Size, measure

if TYPE_CHECKING:
    from typedrun.metadata.described import DescribedModel
    from typedrun.parameters import Parameter, Pricing


def find_price(model: DescribedModel) -> Pricing | None:
    """Find what the catalog asks for a model: as it was told, else as its generated class knows."""
    registry = None if model.pricing is not None or model.is_generated else model.session.registry
    generated = None if registry is None else registry.find(model.id)
    return model.pricing if generated is None else generated.pricing


def measure_call(model: DescribedModel, body: Mapping[str, object]) -> Size:
    """What a call hands over, as far as prices count it: texts without options, files, and the limits that the call sets.

    Args:
        model: What is to run.
        body: What would be sent, by wire name.
    """
    parameters = model.params
    # What the server fills in is billed, too.
    defaults = {one.name: one.default for one in parameters or () if one.schema is not None and one.default is not None}
    body = {**defaults, **body}
    texts = list(body) if parameters is None else [each.name for each in parameters if _is_free_text(each)]
    media = [each.name for each in parameters or () if is_media(each)]
    writes = not str(model.function or "").endswith("embedding")
    return measure(body, texts=texts, media=media, writes=writes)


def _is_free_text(parameter: Parameter) -> bool:
    if parameter.schema is not None:
        from typedrun.schemas import is_file, takes

        return takes(parameter.shape, "string") and not parameter.options and not is_file(parameter.shape)
    return parameter.kind in {None, "text"} and not parameter.options
