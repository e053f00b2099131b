"""What the older surface (`LLM`) documents of its marketplace."""

from __future__ import annotations

from typing import Final

from typedrun.marketplaces.aixplain.documents import decode_pricing as decode_pricing
from typedrun.marketplaces.aixplain.documents import decode_vendor as decode_vendor
from typedrun.marketplaces.aixplain.enums import FunctionType

DEFAULT_SUPPLIER: Final = "aiXplain"
KIND_OF_ASSET: Final = FunctionType.AI
