"""The fixed enumerations of the backend.

Functions, suppliers, languages and licences are lists that the backend keeps growing: their enumerations are generated with the
package. What stands here changes with the protocol, not with the catalog.
"""

from __future__ import annotations

from typedrun.openenums import OpenStrEnum


class OwnershipType(OpenStrEnum):
    """Whose models a search looks at."""

    SUBSCRIBED = "SUBSCRIBED"
    OWNED = "OWNED"
    PRIVATE = "PRIVATE"
    PUBLIC = "PUBLIC"
    TEAM = "TEAM"


class SortBy(OpenStrEnum):
    """The field that a search sorts by, as the backend spells it."""

    NAME = "name"
    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"
    PRICE = "normalizedPrice"
    POPULARITY = "totalSubscribed"
    CREATION_DATE = "createdAt"  # the older name; an alias of CREATED_AT


class SortOrder(OpenStrEnum):
    """The direction of a sort; the wire wants `direction`, 1 or -1."""

    ASC = "ASC"
    DESC = "DESC"
    ASCENDING = "ASC"  # the older names; aliases
    DESCENDING = "DESC"

    @property
    def direction(self) -> int:
        """1 for ascending, -1 for descending."""
        return -1 if self == "DESC" else 1


class DataType(OpenStrEnum):
    """What kind of value a parameter or an output holds."""

    AUDIO = "audio"
    FLOAT = "float"
    IMAGE = "image"
    INTEGER = "integer"
    LABEL = "label"
    TENSOR = "tensor"
    TEXT = "text"
    VIDEO = "video"
    EMBEDDING = "embedding"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    ARRAY = "array"
    DOCUMENT = "document"


class FunctionType(OpenStrEnum):
    """What kind of asset a model is."""

    AI = "ai"
    SEGMENTOR = "segmentor"
    RECONSTRUCTOR = "reconstructor"
    UTILITY = "utility"
    METRIC = "metric"
    SEARCH = "search"
    CONNECTOR = "connector"
    CONNECTION = "connection"
    MCP_CONNECTION = "mcpconnection"
    MCPSERVER = "mcpserver"


class ConnectionType(OpenStrEnum):
    """How a model may be run."""

    SYNCHRONOUS = "synchronous"
    ASYNCHRONOUS = "asynchronous"


class FinishReason(OpenStrEnum):
    """Why a language model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"


class StorageType(OpenStrEnum):
    """Where a value is kept."""

    TEXT = "text"
    URL = "url"
    FILE = "file"


class FileType(OpenStrEnum):
    """File name extensions that the backend takes."""

    CSV = ".csv"
    JSON = ".json"
    TXT = ".txt"
    XML = ".xml"
    FLAC = ".flac"
    MP3 = ".mp3"
    WAV = ".wav"
    JPEG = ".jpeg"
    PNG = ".png"
    JPG = ".jpg"
    GIF = ".gif"
    WEBP = ".webp"
    AVI = ".avi"
    MP4 = ".mp4"
    MOV = ".mov"
    MPEG4 = ".mpeg4"


class ErrorHandler(OpenStrEnum):
    """What a batch does with a row that fails."""

    SKIP = "skip"
    FAIL = "fail"


class Privacy(OpenStrEnum):
    """Who may see an asset."""

    PUBLIC = "Public"
    PRIVATE = "Private"
    RESTRICTED = "Restricted"


class OnboardStatus(OpenStrEnum):
    """How far the onboarding of an asset has come."""

    ONBOARDING = "onboarding"
    ONBOARDED = "onboarded"
    FAILED = "failed"
    DELETED = "deleted"


class AuthenticationScheme(OpenStrEnum):
    """How a connection authenticates itself to its service."""

    BEARER_TOKEN = "BEARER_TOKEN"  # noqa: S105  # the name of a scheme, not a token
    OAUTH1 = "OAUTH1"
    OAUTH2 = "OAUTH2"
    API_KEY = "API_KEY"
    BASIC = "BASIC"
    NO_AUTH = "NO_AUTH"


class SplittingOptions(OpenStrEnum):
    """How an index cuts a document into pieces."""

    WORD = "word"
    SENTENCE = "sentence"
    PASSAGE = "passage"
    PAGE = "page"
    LINE = "line"


class Supplier(OpenStrEnum):
    """The supplier that the backend assumes when a model names none; the generated package has all of them."""

    AIXPLAIN = "aixplain"


class Language(OpenStrEnum):
    """The language that needs no catalog; the generated package has all of them."""

    ENGLISH = "en"


class License(OpenStrEnum):
    """Licences are ids in the catalog; the generated package names them."""

    UNKNOWN = ""
