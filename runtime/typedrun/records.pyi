# attrs' `define`, `frozen`, `field` and `evolve`, declared in short.
#
# For mypy, whose plugin knows attrs by name, these are those of attrs. Other checkers read the short declarations: those of attrs cost
# them a third of each completion in a user's script. Classes that users' code meets are made with these.
from typing import Final

MYPY: Final = False  # mypy takes every name spelt like this for true

def field_names(kind: type[object]) -> tuple[str, ...]: ...

if not MYPY:  # noqa: PYI002  # as above
    from collections.abc import Callable
    from typing import Any, TypeVar, dataclass_transform

    _T = TypeVar("_T")

    def field(*, default: Any = ..., factory: Any = ..., repr: Any = ..., eq: bool = ..., alias: str = ...) -> Any: ...
    def evolve(record: _T, **changes: Any) -> _T: ...
    @dataclass_transform(field_specifiers=(field,))
    def define(*, slots: bool = ..., eq: bool = ..., kw_only: bool = ...) -> Callable[[_T], _T]: ...
    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    def frozen(*, slots: bool = ..., eq: bool = ..., kw_only: bool = ...) -> Callable[[_T], _T]: ...
else:
    # pyright takes the condition for either and compares the two halves.
    from attrs import define as define  # pyright: ignore[reportAssignmentType]
    from attrs import evolve as evolve  # pyright: ignore[reportAssignmentType]
    from attrs import field as field
    from attrs import frozen as frozen  # pyright: ignore[reportAssignmentType]
