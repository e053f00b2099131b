"""Pulling the live catalog, from a sandbox that serves edited catalogs and fails on order."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import UsageProblem
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.snapshots.pull import Pulled, pull
from typedrun_codegen.snapshots.scrub import Scrubbed
from typedrun_codegen.snapshots.store import read_snapshot, snapshot_files
from typedrun_sandbox.server import Sandbox

LISTS: dict[str, JSON] = {
    "functions": {"items": [{"id": "translation", "name": "Translation"}], "total": 1},
    "suppliers": [{"id": 1, "name": "Acme", "code": "acme"}],
    "languages": [{"value": code, "label": code, "dialects": []} for code in ("en", "fi", "pt")],
    "licenses": [{"id": "l1", "name": "MIT"}],
}


def model(number: int, **fields: JSON) -> dict[str, JSON]:
    return {
        "id": f"{number:024x}",
        "name": f"Model {number}",
        "path": f"acme/model-{number}/acme",
        "status": "onboarded",
        "function": {"id": "translation", "name": "Translation"},
        "vendor": {"id": 1, "name": "Acme", "code": "acme"},
        "params": [{"name": "text", "required": True, "dataType": "text", "dataSubType": "text"}],
        **fields,
    }


def write_catalog(root: Path, models: list[dict[str, JSON]], lists: dict[str, JSON] = LISTS) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    for path, data in snapshot_files(models, lists).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


class Steps:
    """Notes how far a pull came."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def step(self, done: int, total: int, what: str) -> None:
        assert what
        self.seen.append((done, total))


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "project" / "catalog"


@pytest.fixture
def served(tmp_path: Path) -> Path:
    return write_catalog(tmp_path / "served", [model(n) for n in range(12)])


@pytest.fixture
def sandbox(served: Path) -> Iterator[Sandbox]:
    with Sandbox(served) as running:
        yield running


def config(snapshot: Path, **select: tuple[str, ...]) -> Config:
    return Config(
        root=snapshot.parent,
        snapshot=snapshot,
        output=snapshot.parent,
        select=Select(models=select.pop("models", ()), words=select),
        package="aixplain_models",
    )


def run_pull(sandbox: Sandbox, snapshot: Path, *, fresh: bool = False, **select: tuple[str, ...]) -> Pulled:
    return pull(
        config(snapshot, **select), Steps(), api_key=sandbox.api_key, backend_url=sandbox.backend_url, fresh=fresh
    )


def again(served: Path, models: list[dict[str, JSON]], snapshot: Path, lists: dict[str, JSON] = LISTS) -> Pulled:
    """Pull from a backend whose catalog is another now."""
    with Sandbox(write_catalog(served, models, lists)) as changed:
        return run_pull(changed, snapshot)


def asked_models(sandbox: Sandbox) -> int:
    return sum(request.method == "GET" and "/v2/models/" in request.path for request in sandbox.requests)


# --- what a pull writes


def test_a_pull_gives_the_catalog_that_is_served(sandbox: Sandbox, served: Path, here: Path) -> None:
    steps = Steps()
    done = pull(config(here), steps, api_key=sandbox.api_key, backend_url=sandbox.backend_url)
    assert tree(here) == tree(served)
    assert (len(done.added), done.changed, done.removed, done.unchanged, done.problems) == (12, (), (), 0, ())
    assert steps.seen == [(number, 12) for number in range(1, 13)]
    assert not list(here.parent.glob(".*")), "no partial is left"


def test_a_second_pull_touches_nothing(sandbox: Sandbox, here: Path) -> None:
    run_pull(sandbox, here)
    before = (here.stat().st_ino, {path: path.stat().st_mtime_ns for path in here.rglob("*")})
    done = run_pull(sandbox, here)
    assert (here.stat().st_ino, {path: path.stat().st_mtime_ns for path in here.rglob("*")}) == before
    assert (done.unchanged, done.added, done.changed) == (12, (), ())


def test_enumerations_are_told_as_added_and_later_as_changed(sandbox: Sandbox, served: Path, here: Path) -> None:
    first = run_pull(sandbox, here)
    assert [line for line in first.lines() if line.endswith(".json")] == [
        "added    functions.json",
        "added    suppliers.json",
        "added    languages.json",
        "added    licenses.json",
    ]
    more: dict[str, JSON] = {**LISTS, "licenses": [{"id": "l1", "name": "MIT"}, {"id": "l2", "name": "Apache-2.0"}]}
    assert [*again(served, [model(n) for n in range(12)], here, more).lines()] == ["changed  licenses.json"]


def test_a_changed_model_changes_its_file_alone_and_keeps_its_name(sandbox: Sandbox, served: Path, here: Path) -> None:
    run_pull(sandbox, here)
    before = tree(here)
    renamed = model(3, name="Renamed", path="acme/renamed/acme")
    done = again(served, [renamed if n == 3 else model(n) for n in range(12)], here)
    changed = {path for path, data in tree(here).items() if before.get(path) != data}
    assert changed == {f"models/acme-model-3-acme--{3:024x}.json", "manifest.json"}
    assert done.changed == (f"acme/renamed/acme ({3:024x})",)


def test_an_unchanged_file_keeps_its_modification_time(sandbox: Sandbox, served: Path, here: Path) -> None:
    run_pull(sandbox, here)
    file = here / "models" / f"acme-model-1-acme--{1:024x}.json"
    os.utime(file, (1_000_000_000, 1_000_000_000))
    again(served, [model(n, name="new") if n == 0 else model(n) for n in range(12)], here)
    assert file.stat().st_mtime == 1_000_000_000


def test_a_model_that_vanished_is_removed_and_reported(sandbox: Sandbox, served: Path, here: Path) -> None:
    run_pull(sandbox, here)
    done = again(served, [model(n) for n in range(1, 12)], here)
    assert done.removed == (f"acme/model-0/acme ({0:024x})",)
    assert not list(here.glob("models/acme-model-0-*"))


def test_a_stray_file_in_the_models_directory_is_removed(sandbox: Sandbox, served: Path, here: Path) -> None:
    run_pull(sandbox, here)
    (here / "models" / "broken.json").write_text('{"id": ')
    assert run_pull(sandbox, here).unchanged == 12
    assert tree(here) == tree(served)


def test_changed_enumerations_are_reported(sandbox: Sandbox, served: Path, here: Path) -> None:
    run_pull(sandbox, here)
    done = again(served, [model(n) for n in range(12)], here, {**LISTS, "licenses": [{"id": "l2", "name": "BSD"}]})
    assert done.lists == ("licenses",)
    assert read_snapshot(here).licenses == [{"id": "l2", "name": "BSD"}]


def test_files_of_others_in_the_directory_stay(sandbox: Sandbox, here: Path) -> None:
    run_pull(sandbox, here)
    (here / "README.md").write_text("ours")
    (here / "notes").mkdir()
    (here / "notes" / "a.txt").write_text("b")
    (here / "models" / f"acme-model-5-acme--{5:024x}.json").unlink()  # something to do
    run_pull(sandbox, here)
    assert (here / "README.md").read_text() == "ours"
    assert (here / "notes" / "a.txt").read_text() == "b"
    assert len(read_snapshot(here).models) == 12


def test_a_snapshot_may_be_a_link(sandbox: Sandbox, here: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    here.parent.mkdir()
    here.symlink_to(tmp_path / "real")
    run_pull(sandbox, here)
    assert here.is_symlink()
    assert len(read_snapshot(tmp_path / "real").models) == 12


# --- selection


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        pytest.param({"models": ("acme/model-1/acme", f"{2:024x}")}, {1, 2}, id="models by path and id"),
        pytest.param({"functions": ("speech-recognition",)}, {20}, id="function"),
        pytest.param({"suppliers": ("other",)}, {21}, id="supplier"),
        pytest.param({"status": ("hidden",)}, {22}, id="status"),
        pytest.param({"models": ("acme/model-1/acme",), "suppliers": ("other",)}, {1, 21}, id="union"),
        pytest.param({"functions": ("translation",), "suppliers": ("other",)}, {21}, id="both filters"),
        pytest.param({"languages": ("fi",)}, {23}, id="language"),
    ],
)
def test_a_selection_takes_what_it_names(
    select: dict[str, Any], expected: set[int], tmp_path: Path, here: Path
) -> None:
    options: JSON = [{"value": "fi", "label": "Finnish"}]
    special = [
        model(20, function={"id": "speech-recognition", "name": "Speech Recognition"}),
        model(21, vendor={"id": 2, "name": "Other", "code": "other"}),
        model(22, status="hidden"),
        model(23, params=[{"name": "sourcelanguage", "dataType": "label", "availableOptions": options}]),
    ]
    with Sandbox(write_catalog(tmp_path / "served", [model(n) for n in range(4)] + special)) as sandbox:
        run_pull(sandbox, here, **select)
    assert {int(str(entry.value["id"]), 16) for entry in read_snapshot(here).models} == expected


def test_a_selected_model_that_does_not_exist_is_a_problem(sandbox: Sandbox, here: Path) -> None:
    done = run_pull(sandbox, here, models=("acme/model-1/acme", "acme/model-l2/acme"))
    (problem,) = done.problems
    assert (problem.found, str(problem.location)) == ("acme/model-l2/acme", "options#/select/models/1")
    assert problem.next_step.startswith("did you mean 'acme/model-1/acme'")
    assert len(read_snapshot(here).models) == 1


@pytest.mark.parametrize(
    ("select", "title", "meant"),
    [
        pytest.param({"functions": ("translatoin",)}, "function", "translation", id="function"),
        pytest.param({"suppliers": ("acme", "amce")}, "supplier", "acme", id="supplier, beside a right one"),
        pytest.param({"suppliers": ("ACME",)}, "supplier", "acme", id="supplier in capitals"),
        pytest.param({"languages": ("ptt",)}, "language", "pt", id="language"),
        pytest.param({"status": ("onbaorded",)}, "status", "onboarded", id="status"),
        pytest.param({"models": ("acme/model-77/acme",)}, "model", "acme/model-7/acme", id="model"),
    ],
)
def test_a_selection_with_a_typo_is_a_problem_and_removes_nothing(
    select: dict[str, Any], title: str, meant: str, sandbox: Sandbox, served: Path, here: Path
) -> None:
    run_pull(sandbox, here)
    done = run_pull(sandbox, here, **select)
    problem, *_ = [found for found in done.problems if "no such" in found.title]
    assert problem.title.endswith(f"no such {title}")
    assert problem.next_step.startswith("did you mean ")
    assert repr(meant) in problem.next_step
    assert done.removed == ()
    assert tree(here) == tree(served)


def test_a_typo_in_a_first_pull_makes_no_snapshot(sandbox: Sandbox, here: Path) -> None:
    with pytest.raises(UsageProblem) as refused:
        run_pull(sandbox, here, suppliers=("amce",))
    assert refused.value.problem.title == "the backend knows no such supplier"
    assert not here.exists()


def test_a_word_that_a_model_uses_is_no_typo_although_the_enumeration_lacks_it(tmp_path: Path, here: Path) -> None:
    special = model(20, function={"id": "brand-new", "name": "Brand New"})
    with Sandbox(write_catalog(tmp_path / "served", [model(1), special])) as sandbox:
        done = run_pull(sandbox, here, functions=("brand-new",))
    assert (done.problems, len(done.added)) == ((), 1)


def test_every_page_is_read(tmp_path: Path, here: Path) -> None:
    with Sandbox(write_catalog(tmp_path / "served", [model(n) for n in range(230)])) as sandbox:
        assert len(run_pull(sandbox, here).added) == 230


# --- a snapshot never shrinks by accident


def listing(found: list[dict[str, JSON]], total: int) -> str:
    """A page as the backend writes it."""
    return json.dumps({"results": [{"id": value["id"]} for value in found], "total": total, "pageNumber": 0})


MANY = [model(n) for n in range(132)]


@pytest.fixture
def large(tmp_path: Path, here: Path) -> Iterator[Sandbox]:
    """132 models at the backend and in the snapshot."""
    write_catalog(here, MANY)
    with Sandbox(write_catalog(tmp_path / "many", MANY)) as running:
        yield running


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        pytest.param([listing(MANY[:100], 132)] * 2, "100 of 132 models; page 1", id="page 0 repeated"),
        pytest.param([listing(MANY[:100], 0)] * 2, "100 of 0 models; page 1", id="page 0 repeated with total 0"),
        pytest.param(
            [listing(MANY[:99], 132), listing(MANY[100:131], 132), listing([], 132)],
            "130 of 132 models; page 2 is empty",
            id="pages one record short",
        ),
        pytest.param(
            [listing(MANY[:100], 132), listing(MANY[80:112], 132), listing([], 132)], "112 of 132", id="pages overlap"
        ),
        pytest.param([listing(MANY[:100], 132), '{"message": "busy"}'], "page 1 is not a list", id="no page"),
        pytest.param(
            [listing([*MANY[:99], {"id": 5}], 132), listing(MANY[100:], 132), listing([], 132)],
            "page 0, position 99: id is 5",
            id="a record without an id",
        ),
    ],
)
def test_a_listing_that_is_not_complete_removes_nothing(
    pages: list[str], words: str, large: Sandbox, here: Path
) -> None:
    before = tree(here)
    for body in pages:
        large.fail_next(status=200, body=body, on="search")
    done = run_pull(large, here)
    assert words in done.problems[0].found
    assert done.removed == ()
    assert "of the snapshot did not come and stay" in done.problems[-1].title
    assert "acme/model-" in done.problems[-1].found
    assert tree(here) == before


def test_what_a_cut_listing_has_is_still_taken(large: Sandbox, here: Path) -> None:
    write_catalog(here, [model(0, name="old"), *MANY[2:]])
    for body in [listing(MANY[:100], 132)] * 2:
        large.fail_next(status=200, body=body, on="search")
    done = run_pull(large, here)
    assert (len(done.added), len(done.changed), len(done.removed)) == (1, 1, 0)
    assert {str(entry.value["id"]) for entry in read_snapshot(here).models} == {str(value["id"]) for value in MANY}


def test_a_mass_removal_needs_leave(served: Path, here: Path) -> None:
    write_catalog(here, MANY)
    with Sandbox(write_catalog(served, MANY[14:])) as sandbox:
        done = run_pull(sandbox, here)
        (problem,) = done.problems
        assert problem.title == "the backend no longer has 14 of the 132 models of the snapshot, which stay"
        assert problem.next_step == "run `typedrun pull --allow-removals` if they are to go"
        assert problem.found.endswith("and 9 more")
        assert (done.removed, len(read_snapshot(here).models)) == ((), 132)
        asked = config(here)
        done = pull(asked, Steps(), api_key=sandbox.api_key, backend_url=sandbox.backend_url, allow_removals=True)
    assert (len(done.removed), done.problems) == (14, ())
    assert len(read_snapshot(here).models) == 118


@pytest.mark.parametrize(("known", "gone"), [(132, 13), (12, 5)], ids=["a tenth", "five"])
def test_a_few_models_may_go_without_leave(known: int, gone: int, served: Path, here: Path) -> None:
    write_catalog(here, MANY[:known])
    done = again(served, MANY[gone:known], here)
    assert (len(done.removed), done.problems) == (gone, ())


def test_a_listed_model_that_is_not_there_is_a_problem_and_stays(sandbox: Sandbox, served: Path, here: Path) -> None:
    run_pull(sandbox, here)
    sandbox.fail_next(status=404, on="get", model=f"{4:024x}", times=None)
    done = run_pull(sandbox, here)
    assert [problem.title for problem in done.problems] == ["the backend lists this model and does not have it"]
    assert tree(here) == tree(served)


def test_a_backend_that_answers_with_another_model_removes_nothing(sandbox: Sandbox, served: Path, here: Path) -> None:
    run_pull(sandbox, here)
    sandbox.fail_next(status=200, body=json.dumps(model(0)), on="get", times=None)
    done = run_pull(sandbox, here)
    assert {problem.title for problem in done.problems} == {"the backend answers with another model"}
    assert len(done.problems) == 11
    assert tree(here) == tree(served)


# --- what goes wrong


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 503, "retry_after": "0.01", "on": "get", "times": 3}, id="503 with Retry-After"),
        pytest.param({"status": 429, "retry_after": "0.05", "on": "get", "times": 30}, id="many 429"),
        pytest.param({"status": 497, "retry_after": "0.05", "on": "search"}, id="497"),
        pytest.param({"reset": True, "on": "get", "times": 2}, id="reset"),
        pytest.param({"truncate": 20, "on": "get", "times": 2}, id="cut short"),
        pytest.param({"status": 500, "on": "list"}, id="500 once"),
    ],
)
def test_a_passing_failure_is_ridden_out(fault: dict[str, Any], sandbox: Sandbox, served: Path, here: Path) -> None:
    sandbox.fail_next(**fault)
    assert run_pull(sandbox, here).problems == ()
    assert tree(here) == tree(served)


@pytest.mark.parametrize("fault", [{"status": 500}, {"reset": True}], ids=["500", "reset"])
def test_a_lasting_failure_leaves_the_old_snapshot_and_a_partial_that_is_resumed(
    fault: dict[str, Any], served: Path, here: Path
) -> None:
    write_catalog(here, [model(0, name="old")])
    before = tree(here)
    with Sandbox(served) as sandbox:
        sandbox.fail_next(**fault, on="get", model=f"{11:024x}", times=None)
        with pytest.raises(UsageProblem) as ended:
            run_pull(sandbox, here)
        assert tree(here) == before
        problem = ended.value.problem
        assert problem.title == "the pull ended early; the snapshot is as it was"
        assert "will not be fetched again" in problem.next_step
        assert sandbox.api_key not in problem.block()
        first = asked_models(sandbox)
        sandbox.reset()
        done = run_pull(sandbox, here)
        assert done.resumed >= 1
        assert asked_models(sandbox) == 12 - done.resumed < first
        assert tree(here) == {**tree(served), **{path: tree(here)[path] for path in before if path in tree(here)}}
        assert len(done.added) == 11


def test_fresh_ignores_the_partial(sandbox: Sandbox, here: Path) -> None:
    sandbox.fail_next(status=500, on="get", model=f"{11:024x}", times=None)
    with pytest.raises(UsageProblem):
        run_pull(sandbox, here)
    sandbox.reset()
    assert run_pull(sandbox, here, fresh=True).resumed == 0


def test_what_was_fetched_long_ago_is_fetched_again(sandbox: Sandbox, here: Path) -> None:
    sandbox.fail_next(status=500, on="get", model=f"{11:024x}", times=None)
    with pytest.raises(UsageProblem):
        run_pull(sandbox, here)
    kept = list((here.parent / ".catalog.partial").glob("model-*.json"))
    for path in kept[1:]:
        os.utime(path, (1_000_000_000, 1_000_000_000))
    sandbox.reset()
    assert run_pull(sandbox, here).resumed == 1


def test_another_selection_starts_afresh(sandbox: Sandbox, here: Path) -> None:
    sandbox.fail_next(status=500, on="get", model=f"{11:024x}", times=None)
    with pytest.raises(UsageProblem):
        run_pull(sandbox, here)
    sandbox.reset()
    assert run_pull(sandbox, here, models=("acme/model-1/acme",)).resumed == 0


@pytest.mark.parametrize("body", ["<html>busy</html>", "[1, 2]", '"text"', "{}", '{"id": 7}', "null", ""])
def test_an_answer_that_is_no_model_is_a_problem_and_the_old_model_stays(
    body: str, sandbox: Sandbox, served: Path, here: Path
) -> None:
    run_pull(sandbox, here)
    sandbox.fail_next(status=200, body=body, on="get", model=f"{4:024x}", times=None)
    done = run_pull(sandbox, here)
    assert [(problem.title, problem.model) for problem in done.problems] == [
        ("the backend's answer is not a model", f"{4:024x}")
    ]
    assert tree(here) == tree(served)
    assert done.removed == ()


def test_an_enumeration_that_is_none_is_a_problem_and_the_old_one_stays(
    sandbox: Sandbox, served: Path, here: Path
) -> None:
    run_pull(sandbox, here)
    sandbox.fail_next(status=200, body="<html></html>", on="list")
    done = run_pull(sandbox, here)
    assert [problem.title for problem in done.problems] == ["the backend's answer is not a list of functions"]
    assert tree(here) == tree(served)


def test_an_empty_listing_does_not_empty_the_snapshot(served: Path, here: Path) -> None:
    write_catalog(here, [model(0)])
    with pytest.raises(UsageProblem) as refused:
        again(served, [], here)
    assert refused.value.problem.title == "the backend lists no models"
    assert len(read_snapshot(here).models) == 1


@pytest.mark.parametrize(
    ("key", "url", "words"),
    [
        pytest.param("", "http://127.0.0.1:9", "there is no key for the backend", id="no key"),
        pytest.param("a-key-that-is-wrong", None, "the pull ended early", id="wrong key"),
        pytest.param("some-key", "http://127.0.0.1:9", "connection refused", id="no backend"),
        pytest.param("some-key", "not a url", "must be an http(s) address", id="no URL"),
        pytest.param("some-key", "backend.example", "must be an http(s) address", id="no scheme"),
        pytest.param("some-key", "http://me:hunter2@backend.example", "must be an http(s) address", id="a password"),
    ],
)
def test_without_a_usable_backend_the_pull_says_so(
    key: str, url: str | None, words: str, sandbox: Sandbox, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TEAM_API_KEY", "AIXPLAIN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageProblem) as refused:
        pull(config(here), Steps(), api_key=key, backend_url=url or sandbox.backend_url)
    assert words in refused.value.problem.block()
    assert not key or key not in refused.value.problem.block()
    assert "hunter2" not in refused.value.problem.block()
    assert not here.exists()


def test_pull_does_not_write_over_something_else(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").write_text("print()")
    (tmp_path / "models.json").write_text("[]")
    for target in ("src", "models.json"):
        with pytest.raises(UsageProblem) as refused:
            run_pull(sandbox, tmp_path / target)
        assert refused.value.problem.title == "pull cannot write here"
    assert (tmp_path / "src" / "main.py").read_text() == "print()"


def test_two_pulls_do_not_mix(served: Path, here: Path) -> None:
    with Sandbox(served) as sandbox:
        sandbox.fail_next(latency=0.2, on="get", times=None)
        running = start(sandbox, here)
        wait_for(lambda: asked_models(sandbox) >= 1)
        with pytest.raises(UsageProblem) as refused:
            run_pull(sandbox, here)
        assert refused.value.problem.title == "another pull is running"
        running.communicate(timeout=30)
    assert running.returncode == 0
    assert tree(here) == tree(served)


def test_an_exchange_in_two_steps_that_was_killed_between_them_is_undone(
    sandbox: Sandbox, served: Path, here: Path
) -> None:
    run_pull(sandbox, here)
    here.rename(here.with_name(".catalog.old"))  # what a kill leaves where the system cannot exchange in one step
    done = run_pull(sandbox, here)
    assert done.unchanged == 12
    assert [path.name for path in here.parent.iterdir()] == ["catalog"]


def test_an_exchange_in_two_steps_gives_the_same(
    sandbox: Sandbox, served: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(one: Path, other: Path) -> bool:
        return False

    monkeypatch.setattr("typedrun_codegen.snapshots.partial._exchange_in_one_step", cannot)
    write_catalog(here, [model(0, name="old")])
    run_pull(sandbox, here)
    assert {str(entry.value["name"]) for entry in read_snapshot(here).models} == {f"Model {n}" for n in range(12)}
    assert [path.name for path in here.parent.iterdir()] == ["catalog"]


# --- secrets


def test_account_secrets_do_not_reach_the_snapshot(tmp_path: Path, here: Path) -> None:
    inside = json.dumps({"user": "me", "token": "inner-secret"})
    secret = model(
        1,
        subscription={"id": "s1", "apiKey": "secret-1"},
        api_key="secret-2",
        attributes=[
            {"name": "token", "code": "secret-3"},
            {"name": "setup", "code": inside},
            {"name": "size", "value": 3},
        ],
        description="call it with typedrun-sandbox-key or sk-abcdefghijklmnopqrstuvwx",
        params=[
            {"name": "api_key", "dataType": "text", "defaultValues": [{"value": "secret-4", "label": "x"}]},
            {"name": "max_tokens", "dataType": "text", "defaultValues": [{"value": "4096", "label": "4096"}]},
        ],
        pricing={"price": 1, "unitType": "TOKEN"},
    )
    with Sandbox(write_catalog(tmp_path / "served", [secret])) as sandbox:
        done = run_pull(sandbox, here)
    text = b"".join(tree(here).values()).decode()
    assert "secret" not in text
    assert "typedrun-sandbox-key" not in text
    assert "sk-abc" not in text
    assert '"subscription": {\n    "id": "s1"\n  }' in text
    assert '"value": "4096"' in text
    assert '"unitType": "TOKEN"' in text
    assert '\\"user\\":\\"me\\"' in text
    assert done.secrets == 6


NO_SECRETS: list[JSON] = [
    {
        "attributes": {
            "auth_schemes": '["BEARER_TOKEN"]',
            "BEARER_TOKEN-inputs": '[{"name":"token","type":"string"}]',
        }
    },
    {"params": [{"name": "token", "required": True, "values": [], "defaultValues": [], "availableOptions": []}]},
    {"items": [{"code": "token", "name": "Token", "dataType": "text"}]},
    {"name": "Password checker", "path": "x/secret-santa/y", "pricing": {"token": 0.5}},
]


@pytest.mark.parametrize(
    "value",
    NO_SECRETS,
)
def test_what_only_describes_a_secret_stays(value: dict[str, JSON]) -> None:
    assert Scrubbed("the-key-of-the-account").clean(value) == value


def test_the_key_is_in_no_partial(sandbox: Sandbox, here: Path) -> None:
    sandbox.fail_next(status=500, on="get", model=f"{11:024x}", times=None)
    with pytest.raises(UsageProblem):
        run_pull(sandbox, here)
    assert sandbox.api_key.encode() not in b"".join(tree(here.parent).values())


# --- interruptions


def start(sandbox: Sandbox, here: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "typedrun_codegen", "pull", "--snapshot", str(here), "--workers", "2", *options],
        env=os.environ | sandbox.environment,
        cwd=here.parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "the pull did not get that far"
        time.sleep(0.01)


def test_kill_9_in_the_middle_leaves_the_old_snapshot_and_the_next_pull_resumes(served: Path, here: Path) -> None:
    write_catalog(here, [model(0, name="old")])
    before = tree(here)
    partial = here.parent / ".catalog.partial"
    with Sandbox(served) as sandbox:
        sandbox.fail_next(latency=0.1, on="get", times=None)
        running = start(sandbox, here)
        wait_for(lambda: len(list(partial.glob("model-*.json"))) >= 3)
        running.kill()
        running.communicate()
        assert tree(here) == before
        sandbox.reset()
        done = run_pull(sandbox, here)
    assert done.resumed >= 3
    assert len(read_snapshot(here).models) == 12
    assert not partial.exists()


@pytest.mark.parametrize("delay", [0.0, 0.002, 0.005, 0.01, 0.02, 0.04])
def test_kill_9_at_any_moment_leaves_a_whole_snapshot(delay: float, served: Path, here: Path) -> None:
    old = write_catalog(here, [model(n, name="old") for n in range(12)])
    before = tree(old)
    with Sandbox(served) as sandbox:
        running = start(sandbox, here)
        wait_for(lambda: asked_models(sandbox) >= 11)  # about to exchange the directories
        time.sleep(delay)
        running.kill()
        running.communicate()
        assert {path: data for path, data in tree(here).items() if "/" in path} in (
            {path: data for path, data in before.items() if "/" in path},
            {path: data for path, data in tree(served).items() if "/" in path},
        )
        run_pull(sandbox, here)
    assert tree(here) == tree(served)
    assert [path.name for path in here.parent.iterdir()] == ["catalog"]


def test_ctrl_c_ends_with_130_and_a_sentence(served: Path, here: Path) -> None:
    write_catalog(here, [model(0, name="old")])
    before = tree(here)
    with Sandbox(served) as sandbox:
        sandbox.fail_next(latency=0.5, on="get", times=None)
        running = start(sandbox, here)
        wait_for(lambda: asked_models(sandbox) >= 2)
        running.send_signal(signal.SIGINT)
        started = time.monotonic()
        _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "interrupted: the snapshot is as it was" in said
    assert "Traceback" not in said
    assert time.monotonic() - started < 5
    assert tree(here) == before
