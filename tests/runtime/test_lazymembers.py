"""Stand-ins for members that a first plain run does without: they behave as what they stand in for, and name all of it."""

from __future__ import annotations

import ast
import pickle
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import typedrun
from typedrun.lazymembers import later

RUNTIME = Path(typedrun.__file__).parent
NAMELESS = {
    "__module__",
    "__doc__",
    "__dict__",
    "__weakref__",
    "__annotations__",
    "__orig_bases__",
    "__parameters__",
    "__abstractmethods__",
    "_abc_impl",
    "__qualname__",
    "__static_attributes__",
    "__firstlineno__",
    "__slots__",
}


def stand_ins() -> Iterator[tuple[str, str, set[str]]]:
    """Module, the class that it asks for, and the names by which it does."""
    texts = {file: file.read_text("utf-8") for file in RUNTIME.rglob("*.py")}
    for file in (file for file, text in texts.items() if "later(" in text):
        for node in ast.walk(ast.parse(texts[file])):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "later"
                and isinstance(node.args[0], ast.Constant)
            ):
                home, members = map(ast.literal_eval, node.args[:2])
                yield ".".join(file.relative_to(RUNTIME.parent).with_suffix("").parts), home, set(members.split())


@pytest.mark.parametrize(
    ("module", "home", "names"), list(stand_ins()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_stand_in_names_all_by_which_one_gets_in(module: str, home: str, names: set[str]) -> None:
    where, _, name = home.partition(":")
    whole: type[Any] = getattr(import_module(where), name)
    bases = getattr(import_module(module), name).__mro__
    kinds = [kind for kind in whole.__mro__ if kind not in bases and kind.__module__.startswith("typedrun")]
    members = {member for kind in kinds for member in vars(kind)} - NAMELESS
    hidden = {member for member in members if member.startswith("_") and not member.endswith("_")}
    assert names - hidden == members - hidden
    assert names <= members


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> str:
    module = ModuleType("typedrun_room")
    source = """
class Rest:
    __module__ = "typedrun.room"
    def __init__(self, size): self.size = size
    def __len__(self): return self.size
    @property
    def twice(self): return self._double()
    @twice.setter
    def twice(self, value): self.size = value // 2
    def _double(self): return 2 * self.size
    @classmethod
    def made(cls): return cls(7)
"""
    exec(compile(source, "room", "exec"), vars(module))
    monkeypatch.setitem(sys.modules, "typedrun_room", module)
    return "typedrun_room:Rest"


def test_members_are_those_of_the_other_class(home: str) -> None:
    class Kind(later(home, "__init__ __len__ twice made")):  # type: ignore[misc]  # a class that is made by a call
        pass

    kind: type[Any] = Kind
    one = kind(3)
    assert (len(one), one.twice) == (3, 6)
    one.twice = 10
    assert one.size == 5
    assert type(kind.made()) is kind
    assert isinstance(vars(kind.__mro__[1])["twice"], property)


@pytest.mark.parametrize("first", ["twice", "made"])
def test_a_first_use_of_any_kind_brings_all(home: str, first: str) -> None:
    class Sub(later(home, "__init__ __len__ twice made")):  # type: ignore[misc]  # a class that is made by a call
        pass

    getattr(Sub, first)
    one = Sub(3)
    one.twice = 8
    assert (len(one), one.twice) == (4, 8)


def test_jobs_and_streamers_are_what_their_classes_say_before_any_was_used() -> None:
    code = """
import inspect, sys
from typedrun.job import Job
from typedrun.streaming import ModelResponseStreamer, Outcome
assert "typedrun.job.blocking" not in sys.modules and "typedrun.answers.started" not in sys.modules
assert {"wait", "cancel", "token"} <= set(dir(Job))
assert list(inspect.signature(Job.wait).parameters)[:3] == ["self", "timeout", "wait_time"]
assert "seconds" in inspect.getdoc(Job.wait).lower()
assert list(inspect.signature(ModelResponseStreamer).parameters)[0] == "response"
assert Outcome.COMPLETED == "completed"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_job_travels_to_a_process_that_has_used_none() -> None:
    code = """
import pickle, sys
from aixplain_models import Aixplain
aix = Aixplain(api_key="k")
sys.stdout.buffer.write(pickle.dumps(aix.job("https://platform-api.aixplain.com/api/v1/data/abc")))
"""
    sent = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    assert not pickle.loads(sent).completed
