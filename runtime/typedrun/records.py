"""attrs' `define`, `frozen` and `field`, declared in short for editors.

A running program and mypy (whose plugin knows attrs by name) have attrs itself. Other checkers read the declarations below: those of
attrs cost them a third of each completion in a user's script. Classes that users' code meets are made with these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

MYPY = False
"""True for mypy, which takes every name spelt like this for true."""

if MYPY or not TYPE_CHECKING:
    # pyright takes the condition for either and compares the two halves.
    from attrs import define as define  # pyright: ignore[reportAssignmentType]
    from attrs import field as field
    from attrs import frozen as frozen  # pyright: ignore[reportAssignmentType]
else:
    from collections.abc import Callable
    from typing import Any, TypeVar, dataclass_transform

    T = TypeVar("T")

    def field(*, default: Any = None, factory: Any = None, repr: Any = True, eq: bool = True, alias: str = "") -> Any:
        """As `attrs.field`."""

    @dataclass_transform(field_specifiers=(field,))
    def define(*, slots: bool = True, eq: bool = True, kw_only: bool = False) -> Callable[[T], T]:
        """As `attrs.define`, always with brackets."""
        ...  # noqa: PIE790  # pyright takes it for a declaration

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    def frozen(*, slots: bool = True, eq: bool = True, kw_only: bool = False) -> Callable[[T], T]:
        """As `attrs.frozen`, always with brackets."""
        ...  # noqa: PIE790  # pyright takes it for a declaration
