"""How docstrings and pages are worded, as far as a machine can tell (CONTRIBUTING.md says how)."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("runtime", "codegen", "sandbox")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").rglob("*.md"))]

DESCRIBING = re.compile(
    "(Accept|Add|Ask|Break|Check|Close|Copie|Decide|Decode|Drop|End|Fill|Find|Free|Give|Join|Keep|Let|Lift|Look|Make|Move|Open|Print"
    "|Put|Raise|Read|Remove|Return|Say|Send|Set|Start|Stop|Take|Tell|Trie|Wait|Write)s\\b"
)
"""Third persons of verbs that docstrings begin with; those that are nouns as well (names, notes, runs) are left out."""

VERB = re.compile(
    "(bind|build|check|decode|describe|encode|fetch|find|get|load|make|open|parse|pick|plan|read|render|resolve|resume|suggest|take|write)"
    r"(_(?!.*(?:of|url|reader|payload|failure|problem|doc|text|lines|json|headers|request|body)$).*)?"
)
"""Names of functions that say what is done, but for those that end in what is given (`read_text`)."""

NOUN = re.compile(
    r"(The|An?|What|Where|How|Whose|Which|Every|Each|All|Those|That|Its|Another|Names|Bytes|Paths|Ids|Lines|Values|Models)\b"
)

LEANING = re.compile(r"The same\b|Likewise|As above")
"""How a docstring begins that only says something below the one before it; a help text and an editor show it alone."""

QUESTION = re.compile(r"_?(accepts|can|has|holds|is|may|supports|takes)_")
"""Names of functions that answer yes or no."""

STIFF = ("is the leave to", "none of our business", "matter of course", "called so", "Who is told", "explicit leave")


@cache
def texts() -> list[tuple[str, str]]:
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return [(str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in paths]


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    """Every function, class and module, and the file it is in: nothing else has a docstring, or values that have one."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
    return [(name, node) for name, text in texts() for node in statements(ast.parse(text)) if isinstance(node, kinds)]


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """A module, or a statement, and what stands in it; no expression has a statement in it."""
    yield node
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        for below in getattr(node, name, ()):
            yield from statements(below)


@cache
def functions() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """Where each documented function is, the function, and the first line of its docstring."""
    return [
        (f"{name}:{node.lineno} {node.name}", node, said.splitlines()[0])
        for name, node in nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (said := ast.get_docstring(node))
    ]


@cache
def values() -> list[tuple[str, str]]:
    """Where each documented value of a class or module is, and the first line of what is said of it."""
    return [
        (f"{name}:{said.lineno}", words.strip().splitlines()[0])
        for name, node in nodes()
        if isinstance(node, ast.ClassDef | ast.Module)
        for statement, said in itertools.pairwise(node.body)
        if isinstance(statement, ast.AnnAssign)
        and isinstance(said, ast.Expr)
        and isinstance(said.value, ast.Constant)
        and isinstance(words := said.value.value, str)
    ]


def is_yes_or_no(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    returned = ast.unparse(node.returns) if node.returns else ""
    is_property = any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
    return returned.split("[")[0] in {"bool", "TypeGuard", "TypeIs"} and (
        is_property or QUESTION.match(node.name) is not None
    )


def test_a_docstring_says_what_to_do_not_what_it_does() -> None:
    assert [f"{where}: {said}" for where, _, said in functions() if DESCRIBING.match(said)] == []


def test_what_is_named_by_a_verb_is_described_by_one() -> None:
    wrong = [
        f"{where}: {said}"
        for where, node, said in functions()
        if VERB.fullmatch(node.name)
        and NOUN.match(said)
        and not any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert wrong == []


def test_a_docstring_can_be_read_alone() -> None:
    said = [*((where, said) for where, _, said in functions()), *values()]
    assert [f"{where}: {words}" for where, words in said if LEANING.match(words)] == []


def test_an_answer_of_yes_or_no_is_documented_as_whether() -> None:
    wrong = [
        f"{where}: {said}"
        for where, node, said in functions()
        if (is_yes_or_no(node) and not said.startswith("Whether ")) or said.endswith("?")
    ]
    wrong += [f"{where}: {said}" for where, said in values() if said.endswith("?")]
    assert wrong == []


def test_code_stands_in_single_backticks() -> None:
    assert [name for name, text in texts() if re.search(r"``[^`\n]+``", text)] == []


def test_sections_are_ruled_in_one_way() -> None:
    rule = re.compile(r"^ *# ?[-=─]{2,}.*$", re.MULTILINE)
    wrong = [
        f"{name}: {line}"
        for name, text in texts()
        for line in rule.findall(text)
        if not re.fullmatch(r" *# --- [^-].*[^-]", line)
    ]
    assert wrong == []


@cache
def words() -> list[tuple[str, str]]:
    """Each file and page, its lines made one."""
    pages = [(page.name, page.read_text("utf-8")) for page in PAGES]
    return [(name, " ".join(text.split())) for name, text in (*texts(), *pages)]


@pytest.mark.parametrize("phrase", STIFF)
def test_no_sentence_has_to_be_read_twice_for_this_phrase(phrase: str) -> None:
    assert [name for name, text in words() if phrase in text] == []
