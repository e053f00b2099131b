"""The runtime of typedrun: what generated packages and their users import. Every name is imported on first use (PEP 562).

What checkers read stands in `__init__.pyi`.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
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
    "marketplaces.cancellations": "CancelOutcome Cancellation",
    "model": "AnyModel Model ModelRunParams NonStreamingModel RunControls StaleModelWarning ToolDict "
    "find_function_by_id find_supplier_by_id",
    "money.budget": "Budget",
    "parameters": "Attribute Parameter Pricing VendorInfo Version",
    "prices": "Basis Cost",
    "remotefile": "RemoteFile",
    "results": "Detail Message ModelResult StreamChunk Usage",
    "search": "ModelSearchParams Page",
    "settings": "Hooks Policy Proxies Timeout",
    "streaming": "ModelResponseStreamer",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]  # a test compares it with the stub


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
