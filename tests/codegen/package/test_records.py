"""Classes of fields in the trial: what attrs and Python would find wrong with one is found, though nothing is made for it."""

from __future__ import annotations

from types import ModuleType

import attrs
import pytest

from typedrun_codegen.package import records
from typedrun_codegen.package.proof import find_faults

BODIES = {
    "plain": "class A(Base):\n    x: int\n    y: str = 'a'\n    z: list[int] = field(factory=list)\n",
    "required behind a default": "class A(Base):\n    x: int = 1\n    y: str\n",
    "constants": "class A(Base):\n    X: ClassVar[int] = 1\n    x: int\n",
    "no fields": "class A(Base):\n    '''A.'''\n",
    "fields that are one argument": "class A(Base):\n    _x: int\n    x: int\n",
    "fields that are one argument, far apart": "class A(Base):\n    __x: int\n    y: int\n    _A__x_: int\n    A__x: int\n",
    "self": "class A(Base):\n    self: int\n",
    "_self": "class A(Base):\n    _self: int\n",
    "a keyword as argument": "class A(Base):\n    _class: int\n",
    "a constant as argument": "class A(Base):\n    _None: int\n",
    "a soft keyword as argument": "class A(Base):\n    _match: int\n    type: int\n",
    "nothing as argument": "class A(Base):\n    _: int\n",
    "a digit as argument": "class A(Base):\n    _1: int\n",
    "two values": "class A(Base):\n    x: list[int] = field(default=[], factory=list)\n",
    "a factory that is none": "class A(Base):\n    x: int = field(factory=1)\n",
    "a default that is not there": "class A(Base):\n    x: int = absent\n",
    "a child": "@define\nclass B(Base):\n    x: int\n\nclass A(B):\n    y: int\n",
    "a child with its parent's field": "@define\nclass B(Base):\n    x: int\n\nclass A(B):\n    x: str\n",
    "a child with its parent's argument": "@define\nclass B(Base):\n    _x: int\n\nclass A(B):\n    x: str\n",
    "two parents": "@define\nclass B(Base):\n    x: int\n@define\nclass C(Base):\n    y: int\n\nclass A(B, C):\n    z: str\n",
    "a parent that is final": "class B(StrEnum):\n    X = 'x'\n\nclass A(B):\n    x: int\n",
}


@pytest.mark.parametrize("case", BODIES)
def test_a_class_is_refused_where_attrs_refuses_it(case: str) -> None:
    def error_with(module: ModuleType) -> type[Exception] | None:
        head = "from __future__ import annotations\nfrom enum import StrEnum\nfrom typing import ClassVar\n"
        head += f"from {module.__name__} import define as make, field\n"
        head += "class Base:\n    __slots__ = ('_kept',)\n\ndefine = make(kw_only=True, repr=False)\n"
        try:
            exec(f"{head}{BODIES[case]}define(A)\n", {"__name__": "made"})
        except Exception as error:  # noqa: BLE001  # whichever
            return type(error)
        return None

    assert error_with(records) is error_with(attrs)


MADE = "@define(kw_only=True)\n"

FAULTS = {
    "a default that is not there": (f"{MADE}class A:\n    x: int = absent\n", "name 'absent' is not"),
    "an annotation without a meaning": (f"{MADE}class A:\n    x: Gone\n", "name 'Gone' is not"),
    "required behind a default, by place": ("@define()\nclass A:\n    x: int = 1\n    y: int\n", "No mandatory attr"),
    "fields that are one argument": (f"{MADE}class A:\n    _x: int\n    x: int\n", "duplicate argument 'x'"),
    "a parent that is final": (
        f"class B(StrEnum):\n    X = 'x'\n\n{MADE}class A(B):\n    x: int\n",
        "cannot extend",
    ),
    "two parents": (
        f"{MADE}class B:\n    x: int\n{MADE}class C:\n    y: int\n{MADE}class A(B, C):\n    z: int\n",
        "lay-out conflict",
    ),
    "what attrs does not have": ("from attrs import missing\n", "cannot import name 'missing'"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_class_that_cannot_be_made_is_found_before_its_module_is_written(case: str) -> None:
    text, reason = FAULTS[case]
    head = "from __future__ import annotations\nfrom attrs import define, field\nfrom enum import StrEnum\n"
    files = {
        "__init__.py": "",
        "bad.py": head + text,
        "good.py": f"{head}{MADE}class A:\n    x: int\n",
    }
    faults = find_faults(files, "made", ["bad.py", "good.py"])
    assert list(faults) == ["bad.py"]
    assert reason in faults["bad.py"]
