"""What a marketplace itself estimates for runs of a model, as a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typedrun.core.exchange import send
from typedrun.errors import ValidationError

if TYPE_CHECKING:
    from typedrun.core.effects import Flow
    from typedrun.marketplaces.protocol import Wire
    from typedrun.metadata.described import DescribedModel
    from typedrun.prices import Cost


def quote(model: DescribedModel, calls: int | None, units: float | None) -> Flow[Cost]:
    """Ask for it.

    Args:
        model: What would run.
        calls: How often; 1 where neither is given.
        units: How many units of its price, in their place.

    Raises:
        ValidationError: Both are given, one is no amount, or the marketplace gives no quotes.
    """
    amount = (1 if calls is None else calls) if units is None else units
    if calls is not None and units is not None:
        raise ValidationError(
            "A quote is for `calls` or for `units`, not for both. Nothing was sent", model=model.label
        )
    if not 0 < amount < float("inf") or (units is None and amount != int(amount)):
        what = "`calls` is a whole number from 1 up" if units is None else "`units` is a number above 0"
        raise ValidationError(f"{what}, got {amount!r}. Nothing was sent", model=model.label)
    wire: Wire = model.session.driver.wire
    request = wire.quote(model.id, None if units is not None else int(amount), units)
    if request is None:
        raise ValidationError(
            "This marketplace gives no quotes. Nothing was sent. Next: `estimate` tells what the catalog's price comes to",
            model=model.label,
        )
    return wire.quoted((yield from send(request, model.session.driver.rules)))
