"""What the older surface (`LLM`) needs of its marketplace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from typedrun.errors import ConfigurationError
from typedrun.marketplaces.aixplain.documents import decode_pricing as decode_pricing
from typedrun.marketplaces.aixplain.documents import decode_vendor as decode_vendor
from typedrun.marketplaces.aixplain.enums import FunctionType

if TYPE_CHECKING:
    from typedrun.marketplaces.aixplain.wire import AixplainWire
    from typedrun.marketplaces.protocol import Wire

    OlderWire: TypeAlias = AixplainWire

DEFAULT_SUPPLIER: Final = "aiXplain"
KIND_OF_ASSET: Final = FunctionType.AI


def older_wire(wire: Wire) -> OlderWire:
    """The wire of a client, which must be that of this surface's marketplace.

    Raises:
        ConfigurationError: It is another's.
    """
    from typedrun.marketplaces.aixplain.wire import AixplainWire

    if not isinstance(wire, AixplainWire):
        raise ConfigurationError(
            f"LLM is for models of aiXplain; this client talks to {wire.marketplace}. Next: run the model itself (`client.Model`)"
        )
    return wire
