"""The lazy half of a generated package's asyncio half: for a running program the blocking one's; for checkers, with other models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typedrun.catalog import LargeCatalog, LargeSupplier, ModelCatalog, SupplierModels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, ClassVar

    from typedrun.aio.client import AsyncClient
    from typedrun.aio.model import AsyncAnyModel, AsyncModel
    from typedrun.catalog import Registry

    class AsyncSupplierModels:
        """The models of one supplier, bound to an asyncio client: one attribute per model, imported on first use."""

        package: ClassVar[str] = ""
        classes: ClassVar[Mapping[str, str]] = {}

        def __init__(self, client: AsyncClient | None = None) -> None: ...
        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[AsyncModel[Any]]: ...
        def __contains__(self, name: object) -> bool: ...

    class AsyncModelCatalog:
        """All models of the package, bound to an asyncio client: one attribute per supplier, and every model by id or path."""

        registry: ClassVar[Registry]
        suppliers: ClassVar[Mapping[str, str]] = {}

        def __init__(self, client: AsyncClient | None = None) -> None: ...
        def __getitem__(self, id_or_path: str) -> AsyncModel[Any]: ...
        def __len__(self) -> int: ...
        def __iter__(self) -> Iterator[AsyncModel[Any]]: ...
        def __contains__(self, id_or_path: object) -> bool: ...

        def by_function(self, function: str) -> tuple[AsyncModel[Any], ...]:
            """The models that do one thing, by function id or member of `Function`."""
            ...

    class AsyncLargeSupplier(AsyncSupplierModels):
        """A supplier with so many models that mypy is not shown them; see `LargeCatalog`."""

        if False:  # pyright skips this, mypy does not: for pyright every other name must stay an error

            def __getattr__(self, name: str) -> AsyncAnyModel: ...

    class AsyncLargeCatalog(AsyncModelCatalog):
        """A catalog so large that mypy is not shown its tree; see `LargeCatalog`."""

        if False:  # as above

            def __getattr__(self, name: str) -> AsyncLargeSupplier: ...

else:
    AsyncSupplierModels, AsyncModelCatalog = SupplierModels, ModelCatalog
    AsyncLargeSupplier, AsyncLargeCatalog = LargeSupplier, LargeCatalog
