"""The enumerations of the default marketplace, and the members that results of any are written back under."""

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
from typedrun.marketplaces.aixplain.members import MEMBERS as MEMBERS
