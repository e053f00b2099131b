"""The runtime of typedrun: what generated packages and their users import. Every name is imported on first use (PEP 562)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typedrun.budget import Budget as Budget
    from typedrun.cancellations import Cancellation as Cancellation
    from typedrun.cancellations import CancelOutcome as CancelOutcome
    from typedrun.client import Client as Client
    from typedrun.enums import AssetStatus as AssetStatus
    from typedrun.enums import AuthenticationScheme as AuthenticationScheme
    from typedrun.enums import ConnectionType as ConnectionType
    from typedrun.enums import DataType as DataType
    from typedrun.enums import ErrorHandler as ErrorHandler
    from typedrun.enums import FileType as FileType
    from typedrun.enums import FinishReason as FinishReason
    from typedrun.enums import FunctionType as FunctionType
    from typedrun.enums import OnboardStatus as OnboardStatus
    from typedrun.enums import OpenStrEnum as OpenStrEnum
    from typedrun.enums import OwnershipType as OwnershipType
    from typedrun.enums import Privacy as Privacy
    from typedrun.enums import ResponseStatus as ResponseStatus
    from typedrun.enums import SortBy as SortBy
    from typedrun.enums import SortOrder as SortOrder
    from typedrun.enums import SplittingOptions as SplittingOptions
    from typedrun.enums import StorageType as StorageType
    from typedrun.errors import APIError as APIError
    from typedrun.errors import AuthenticationError as AuthenticationError
    from typedrun.errors import BillingError as BillingError
    from typedrun.errors import BudgetExceeded as BudgetExceeded
    from typedrun.errors import ConfigurationError as ConfigurationError
    from typedrun.errors import DecodingError as DecodingError
    from typedrun.errors import FileUploadError as FileUploadError
    from typedrun.errors import InvalidRequestError as InvalidRequestError
    from typedrun.errors import LedgerError as LedgerError
    from typedrun.errors import NotFoundError as NotFoundError
    from typedrun.errors import OddReplyWarning as OddReplyWarning
    from typedrun.errors import OperationFailedError as OperationFailedError
    from typedrun.errors import OutcomeUnknown as OutcomeUnknown
    from typedrun.errors import OutcomeUnknownTimeout as OutcomeUnknownTimeout
    from typedrun.errors import ParameterError as ParameterError
    from typedrun.errors import PermissionDeniedError as PermissionDeniedError
    from typedrun.errors import RateLimitError as RateLimitError
    from typedrun.errors import ResourceError as ResourceError
    from typedrun.errors import SampleCatalogWarning as SampleCatalogWarning
    from typedrun.errors import ServerError as ServerError
    from typedrun.errors import StreamInterrupted as StreamInterrupted
    from typedrun.errors import TimeoutError as TimeoutError  # noqa: A004  # it is a TimeoutError
    from typedrun.errors import TransportError as TransportError
    from typedrun.errors import TypedrunError as TypedrunError
    from typedrun.errors import UntrustedURLError as UntrustedURLError
    from typedrun.errors import ValidationError as ValidationError
    from typedrun.inputs import InputsProxy as InputsProxy
    from typedrun.inputs import TypedInputs as TypedInputs
    from typedrun.job import Job as Job
    from typedrun.jsontypes import JSON as JSON
    from typedrun.llm import LLM as LLM
    from typedrun.llm import ModelResponse as ModelResponse
    from typedrun.model import AnyModel as AnyModel
    from typedrun.model import Model as Model
    from typedrun.model import ModelRunParams as ModelRunParams
    from typedrun.model import NonStreamingModel as NonStreamingModel
    from typedrun.model import RunControls as RunControls
    from typedrun.model import StaleModelWarning as StaleModelWarning
    from typedrun.model import ToolDict as ToolDict
    from typedrun.model import find_function_by_id as find_function_by_id
    from typedrun.model import find_supplier_by_id as find_supplier_by_id
    from typedrun.parameters import Attribute as Attribute
    from typedrun.parameters import Parameter as Parameter
    from typedrun.parameters import Pricing as Pricing
    from typedrun.parameters import VendorInfo as VendorInfo
    from typedrun.parameters import Version as Version
    from typedrun.prices import Basis as Basis
    from typedrun.prices import Cost as Cost
    from typedrun.remotefile import RemoteFile as RemoteFile
    from typedrun.results import Detail as Detail
    from typedrun.results import Message as Message
    from typedrun.results import ModelResult as ModelResult
    from typedrun.results import StreamChunk as StreamChunk
    from typedrun.results import Usage as Usage
    from typedrun.search import ModelSearchParams as ModelSearchParams
    from typedrun.search import Page as Page
    from typedrun.settings import Hooks as Hooks
    from typedrun.settings import Policy as Policy
    from typedrun.settings import Proxies as Proxies
    from typedrun.settings import Timeout as Timeout
    from typedrun.streaming import ModelResponseStreamer as ModelResponseStreamer

if TYPE_CHECKING:
    __version__: str
    """The installed version."""

_HOMES = {
    "budget": "Budget",
    "cancellations": "CancelOutcome Cancellation",
    "client": "Client",
    "jsontypes": "JSON",
    "enums": "AssetStatus AuthenticationScheme ConnectionType DataType ErrorHandler FileType FinishReason FunctionType "
    "OnboardStatus OpenStrEnum "
    "OwnershipType Privacy ResponseStatus SortBy SortOrder SplittingOptions StorageType",
    "errors": "APIError AuthenticationError BillingError BudgetExceeded ConfigurationError DecodingError FileUploadError "
    "InvalidRequestError LedgerError NotFoundError OddReplyWarning OperationFailedError OutcomeUnknown OutcomeUnknownTimeout ParameterError "
    "PermissionDeniedError RateLimitError ResourceError SampleCatalogWarning ServerError StreamInterrupted TimeoutError TransportError TypedrunError "
    "UntrustedURLError ValidationError",
    "inputs": "InputsProxy TypedInputs",
    "job": "Job",
    "llm": "LLM ModelResponse",
    "model": "AnyModel Model ModelRunParams NonStreamingModel RunControls StaleModelWarning ToolDict "
    "find_function_by_id find_supplier_by_id",
    "parameters": "Attribute Parameter Pricing VendorInfo Version",
    "prices": "Basis Cost",
    "remotefile": "RemoteFile",
    "results": "Detail Message ModelResult StreamChunk Usage",
    "search": "ModelSearchParams Page",
    "settings": "Hooks Policy Proxies Timeout",
    "streaming": "ModelResponseStreamer",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]  # a test compares it with the half above


def __getattr__(name: str) -> object:
    if name == "__version__":
        from typedrun.settings import package_version

        return package_version()
    if name not in _HOME:
        raise AttributeError(f"module 'typedrun' has no attribute {name!r}", name=name)
    value = getattr(import_module(f"typedrun.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
