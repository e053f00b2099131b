"""The tables of a package's index: what was written is found, nothing else is, and a large table costs no more than a small one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.narrowing import importable_from
from typedrun.catalog import Registry
from typedrun.index import escaped, find, find_all, rows


def table(pairs: list[tuple[str, str]]) -> str:
    return "".join(sorted(f"{escaped(key)} {escaped(value)}\n" for key, value in pairs))


ODD = ["a", "a b", "ab", " ", "", "a\n", "größe", "模型", "\ud800", 'q"', "back\\slash", "\\x20", "tab\t", "a/b-c.d"]


@pytest.mark.parametrize("key", ODD, ids=ascii)
def test_every_key_is_found_and_no_other(key: str) -> None:
    whole = table([(each, f"value of {each}") for each in ODD])
    assert find(whole, key) == f"value of {key}"
    assert find(table([(each, "x") for each in ODD if each != key]), key) is None


@given(st.dictionaries(st.text(), st.text(), max_size=30), st.text())
def test_a_table_answers_as_the_dictionary_that_it_was_made_from(known: dict[str, str], other: str) -> None:
    whole = table([*known.items()])
    assert {key: find(whole, key) for key in known} == known
    assert find(whole, other) == known.get(other)
    assert dict(rows(whole)) == known


@given(st.lists(st.tuples(st.sampled_from(["a", "ab", "b c"]), st.text(max_size=3)), max_size=30))
def test_a_key_may_have_several_values(pairs: list[tuple[str, str]]) -> None:
    whole = table(pairs)
    for key in ("a", "ab", "b c", "c"):
        assert sorted(find_all(whole, key)) == sorted(value for known, value in pairs if known == key)


def test_looking_up_in_a_large_table_takes_no_longer_than_in_a_small_one() -> None:
    def seconds(size: int) -> float:
        whole = table([(f"{n:024x}", f"supplier.module_{n}.Class{n}") for n in range(size)])
        started = time.perf_counter()
        for n in range(0, size, size // 40):
            assert find(whole, f"{n:024x}") == f"supplier.module_{n}.Class{n}"
        return time.perf_counter() - started

    small = min(seconds(40) for _ in range(5))
    assert min(seconds(10_000) for _ in range(5)) < small * 20 + 0.005


OLD = {
    "MODELS": {"m1": "acme.echo.Echo", "m2": "acme.other.Other"},
    "PATHS": {"acme/echo/acme": "m1"},
    "FUNCTIONS": {"translation": ("m1", "m2")},
}
NEW = {
    "MODELS": "m1 acme.echo.Echo\nm2 acme.other.Other\n",
    "PATHS": "acme/echo/acme m1\n",
    "FUNCTIONS": "translation m1\ntranslation m2\n",
}


@pytest.mark.parametrize("index", [OLD, NEW], ids=["dictionaries of 0.1", "tables"])
def test_a_registry_reads_old_packages_and_new_ones(
    index: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "sold" / "models"
    package.mkdir(parents=True)
    (package / "_index.py").write_text("".join(f"{name} = {value!r}\n" for name, value in index.items()))
    importable_from(tmp_path, monkeypatch)
    for name in ("sold", "sold.models", "sold.models._index"):
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)
    registry = Registry("sold")
    assert registry.place("m2") == registry.place("m2") == "acme.other.Other"
    assert registry.place("acme/echo/acme") == "acme.echo.Echo"
    assert registry.place("nobody") is None
    assert registry.with_function("translation") == ("m1", "m2")
    assert registry.with_function("nothing") == ()
    assert (registry.models, registry.paths, registry.functions) == (OLD["MODELS"], OLD["PATHS"], OLD["FUNCTIONS"])
