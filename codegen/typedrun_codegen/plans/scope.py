"""What every model plan of one package shares."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from typedrun_codegen.ir.api import TypeExpr
from typedrun_codegen.ir.catalog import Choices, ModelSpec
from typedrun_codegen.ir.settings import MYPY_TREE
from typedrun_codegen.ir.vocabulary import PLAIN, Vocabulary
from typedrun_codegen.plans.naming import ModelName
from typedrun_codegen.text.names import Identifier


@frozen
class Leader:
    """The model whose module describes the inputs of others, too."""

    model: ModelSpec
    name: ModelName


NOBODY: Mapping[str, Leader] = MappingProxyType({})


@frozen(kw_only=True)
class Scope:
    """What every model plan of one package shares."""

    package: str
    source: str
    """Where the snapshot is, as headers name it."""
    outputs: Mapping[str, TypeExpr]
    """Function id → type of a result's data."""
    aliases: Mapping[Choices, Identifier]
    """Option sets that options.py names."""
    members: Mapping[str, Mapping[str, Identifier]]
    """Enumeration → wire value → member."""
    parameters: Mapping[str, Mapping[str, Identifier]]
    """Model id → wire name → Python name of its parameters."""
    client: str = ""
    """Class of the package's client."""
    vocabulary: Vocabulary = PLAIN
    """What the marketplace calls things in generated code."""
    has_asyncio: bool = True
    """Whether the package has the asyncio client, too."""
    has_api: bool = False
    """Whether the package has the classes and operations of an API schema, too."""
    is_sample: bool = False
    """Whether the catalog shows what a marketplace is like and does not come from one."""
    mypy_tree: int = MYPY_TREE
    """Models of the largest catalog, or supplier, that mypy is shown."""
    leaders: Mapping[str, Leader] = NOBODY
    """Id of a model whose inputs are word for word those of another → that one, whose module describes them."""
