"""The allow-list over emitted files: what our templates write passes, anything that could do something does not."""

import pytest

from typedrun_codegen.package.guard import find_foreign_code

HEAD = "from typing import Literal\nfrom typedrun.parameters import Parameter\n"


def faults(text: str) -> list[str]:
    return [problem.found for problem in find_foreign_code({"models/m.py": HEAD + text}, "pkg")]


@pytest.mark.parametrize(
    "text",
    [
        '"""A text with import os; eval(1)."""',
        'class A:\n    x: str | None = None\n    """Doc."""\n',
        'params = (Parameter(name="__import__", default_values=("eval(1)",)),)',
        'class A:\n    open: int\n    eval: Literal["x"]\n    def exec(self) -> None: ...\n',
        "class A:\n    @property\n    def b(self) -> int: ...\n",
        "MYPY = False\nif TYPE_CHECKING and not MYPY:\n    from pkg.models.acme import AcmeModels\n",
    ],
)
def test_declarations_and_text_pass(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import os", "a Import"),
        ("from os import system", "an import from os"),
        ("from . import x", "an import from ."),
        ("x = __import__('os')", "a call of __import__"),
        ("x = open('f')", "a call of open"),
        ("x = eval", "the built-in eval"),
        ("x = ().__class__", "the attribute __class__"),
        ("x = 'a'.join(['b'])", "a call of 'a'.join"),
        ("Parameter(name='x')", "an expression that is executed"),
        ("x = (lambda: 1)()", "a call of lambda: 1"),
        ("x = f'{1 + 1}'", "a Add"),
        ("x = f'{Parameter}'", "a computed f-string"),
        ("x = [y for y in ()]", "a ListComp"),
        ("x = (y := 1)", "a NamedExpr"),
        ("x = 1 if 2 else 3", "a IfExp"),
        ("x = 1 or 2", "a Or"),
        ("if TYPE_CHECKING and eval: ...", "the built-in eval"),
        ("x = [*[y for y in ()]]", "a ListComp"),
        ("def f(x=eval): ...", "the built-in eval"),
        ("def f(x: eval): ...", "the built-in eval"),
        ("match x:\n    case eval.y: ...", "the built-in eval"),
        ("while True: ...", "a While"),
        ("try: ...\nexcept Exception: ...", "a Try"),
        ("with x: ...", "a With"),
        ("del x", "a Delete"),
        ("raise x", "a Raise"),
        ("assert x", "a Assert"),
        ("global x", "a Global"),
        ("async def f():\n    async with x: ...", "a AsyncWith"),
        ("@print\ndef f(): ...", "a decorator of f"),
        ('"""', "it is not Python"),
        ("x = '\0'", "it is not Python"),
    ],
)
def test_what_could_do_something_is_found(text: str, found: str) -> None:
    assert any(found in fault for fault in faults(text))


def test_a_fault_names_file_and_line() -> None:
    (problem,) = find_foreign_code({"models/m.py": "\n\nimport os\n", "manifest.json": "import os"}, "pkg")
    assert str(problem.location) == "pkg/models/m.py"
    assert problem.found == "line 3: a Import"


def test_other_modules_of_the_package_may_be_imported() -> None:
    assert find_foreign_code({"m.py": "from pkg.enums import Function\n"}, "pkg") == ()
    assert find_foreign_code({"m.py": "from other.enums import Function\n"}, "pkg") != ()
