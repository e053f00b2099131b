"""Every enumeration under one name: the runtime's own, and the backend's, which are imported on first use (PEP 562)."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from typedrun.openenums import AssetStatus as AssetStatus
from typedrun.openenums import Function as Function
from typedrun.openenums import OpenStrEnum as OpenStrEnum
from typedrun.openenums import ResponseStatus as ResponseStatus
from typedrun.openenums import find_member as find_member

if TYPE_CHECKING:
    from typedrun.marketplaces.aixplain.enums import AuthenticationScheme as AuthenticationScheme
    from typedrun.marketplaces.aixplain.enums import ConnectionType as ConnectionType
    from typedrun.marketplaces.aixplain.enums import DataType as DataType
    from typedrun.marketplaces.aixplain.enums import ErrorHandler as ErrorHandler
    from typedrun.marketplaces.aixplain.enums import FileType as FileType
    from typedrun.marketplaces.aixplain.enums import FinishReason as FinishReason
    from typedrun.marketplaces.aixplain.enums import FunctionType as FunctionType
    from typedrun.marketplaces.aixplain.enums import Language as Language
    from typedrun.marketplaces.aixplain.enums import License as License
    from typedrun.marketplaces.aixplain.enums import OnboardStatus as OnboardStatus
    from typedrun.marketplaces.aixplain.enums import OwnershipType as OwnershipType
    from typedrun.marketplaces.aixplain.enums import Privacy as Privacy
    from typedrun.marketplaces.aixplain.enums import SortBy as SortBy
    from typedrun.marketplaces.aixplain.enums import SortOrder as SortOrder
    from typedrun.marketplaces.aixplain.enums import SplittingOptions as SplittingOptions
    from typedrun.marketplaces.aixplain.enums import StorageType as StorageType
    from typedrun.marketplaces.aixplain.enums import Supplier as Supplier


def __getattr__(name: str) -> object:
    words = _words()
    if name.startswith("_") or not hasattr(words, name):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = getattr(words, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *vars(_words())})


def _words() -> ModuleType:
    import typedrun.marketplaces.aixplain.enums as words

    return words
