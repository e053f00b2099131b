"""Names that generated modules need for themselves: no class, alias, protocol or option set of a catalog may take one.

A test parses rendered packages and holds this list against what their modules import and define.
"""

from __future__ import annotations

import builtins
from typing import Final

from typedrun_codegen.text.annotations import OF_MODELS

_TEMPLATES: Final = frozenset(
    {
        *("Api", "Client", "FUNCTIONS", "Function", "LLM", "Language", "LargeCatalog", "LargeSupplier"),
        *(
            "License",
            "MODELS",
            "MYPY",
            "PARTS",
            "ModelCatalog",
            "ModelResponse",
            "Models",
            "OpenStrEnum",
            "PATHS",
            "ROUTES",
            "Stream",
        ),
        # The classes of answers, and what they are made of.
        *(
            "ApiObject",
            "Binary",
            "Final",
            "OpenIntEnum",
            "RemoteFile",
            "TAGS",
            "Tagged",
            "UNSET",
            "UTC",
            "UUID",
            "Unset",
            "define",
        ),
        *("Registry", "SUPPLIER_IDS", "Supplier", "SupplierModels", "annotations", "cached_property", "enums"),
        *("find_function_by_id", "find_member", "find_supplier_by_id", "lazy_exports", "open_catalog"),
    }
)
"""What the templates of a catalog write by themselves, beyond the symbols of annotations."""

RESERVED: Final = frozenset({*dir(builtins), *OF_MODELS, *_TEMPLATES})
"""For everything that a catalog names in its modules; as it is written, case included."""
