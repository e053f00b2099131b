"""The run controls of the default marketplace, as users import them from `typedrun.model`, for checkers."""

from typedrun.marketplaces.aixplain.controls import ModelRunParams as ModelRunParams
from typedrun.marketplaces.aixplain.controls import RunControls as RunControls
