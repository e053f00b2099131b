"""Pulling Replicate's catalog from a sandbox that serves it a page at a time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import UsageProblem
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.marketplaces import shipped_snapshot
from typedrun_codegen.snapshots.pull import Pulled, pull
from typedrun_codegen.snapshots.store import read_manifest, read_snapshot
from typedrun_sandbox.server import Sandbox


class Steps:
    """Nobody is told."""

    def step(self, done: int, total: int, what: str) -> None:
        """Not told."""


@pytest.fixture(scope="module")
def served() -> Path:
    return shipped_snapshot("replicate")


@pytest.fixture(scope="module")
def running(served: Path) -> Iterator[Sandbox]:
    with Sandbox(served) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "project" / "catalog"


def pulled(
    sandbox: Sandbox, snapshot: Path, *models: str, allow_removals: bool = False, **words: tuple[str, ...]
) -> Pulled:
    config = Config(
        root=snapshot.parent,
        backend="replicate",
        snapshot=snapshot,
        output=snapshot.parent,
        select=Select(models=models, words=words),
        package="replicate_models",
    )
    return pull(
        config,
        Steps(),
        api_key=sandbox.api_key,
        backend_url=f"{sandbox.url}/v1",
        workers=4,
        allow_removals=allow_removals,
    )


def ids(snapshot: Path) -> list[str]:
    return sorted(read_manifest(snapshot).models.values())


def tree(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "models").iterdir()}


def asked(sandbox: Sandbox) -> list[str]:
    return [request.path for request in sandbox.requests]


def test_every_page_is_read_and_the_files_are_those_that_are_served(sandbox: Sandbox, served: Path, here: Path) -> None:
    done = pulled(sandbox, here)
    assert tree(here) == tree(served), "what the sandbox adds (run_count …) is left out again"
    assert (len(done.added), done.problems) == (len(tree(served)), ())
    assert "black-forest-labs/flux-schnell" in done.added, "an id that can be read does not stand there twice"
    assert sum(path.partition("?")[0] == "/v1/models" for path in asked(sandbox)) == 4
    assert read_manifest(here).backend == "replicate"
    again = pulled(sandbox, here)
    assert (again.unchanged, again.added, again.changed, again.removed) == (len(done.added), (), (), ())


@pytest.mark.parametrize(
    ("models", "words", "expected"),
    [
        pytest.param(("meta/meta-llama-3-8b-instruct",), {}, ["meta/meta-llama-3-8b-instruct"], id="models"),
        pytest.param((), {"owners": ("meta",)}, ["meta/meta-llama-3-8b-instruct"], id="owners"),
        pytest.param(
            (),
            {"owners": ("northwind",), "names": ("*-painter",)},
            ["northwind/landscape-painter", "northwind/portrait-painter"],
            id="owners and names",
        ),
        pytest.param(
            ("oldtimer/fortune",),
            {"collections": ("official",), "owners": ("lakeside",)},
            ["lakeside/clip-reel", "lakeside/hello", "oldtimer/fortune"],
            id="a collection, an owner, and a model",
        ),
        pytest.param((), {"search": ("upscaler",)}, ["northwind/sharp-upscaler"], id="search"),
    ],
)
def test_a_selection_takes_what_it_names(
    models: tuple[str, ...], words: dict[str, Any], expected: list[str], sandbox: Sandbox, here: Path
) -> None:
    assert pulled(sandbox, here, *models, **words).problems == ()
    assert ids(here) == expected
    assert sum(path.count("/") == 4 for path in asked(sandbox)) == len(expected), "no other model was asked for"


@pytest.mark.parametrize(
    ("models", "words", "title", "meant"),
    [
        pytest.param((), {"owners": ("nortwind",)}, "owner", "northwind", id="owner"),
        pytest.param((), {"names": ("flux-schnel",)}, "name", "flux-schnell", id="name"),
        pytest.param((), {"collections": ("oficial",)}, "collection", "official", id="collection"),
        pytest.param(("oldtimer/fortun",), {"owners": ("meta",)}, "model", "oldtimer/fortune", id="model"),
    ],
)
def test_a_typo_is_a_problem_and_removes_nothing(
    models: tuple[str, ...],
    words: dict[str, Any],
    title: str,
    meant: str,
    sandbox: Sandbox,
    served: Path,
    here: Path,
) -> None:
    shutil.copytree(served, here)
    done = pulled(sandbox, here, *models, **words)
    (problem,) = [found for found in done.problems if "no such" in found.title]
    assert problem.title == f"the backend {'has' if title == 'model' else 'knows'} no such {title}"
    assert problem.next_step.startswith(f"did you mean {meant!r}")
    assert tree(here) == tree(served)


def test_what_a_search_no_longer_names_stays_while_the_backend_has_it(sandbox: Sandbox, here: Path) -> None:
    nothing = json.dumps({"query": "painter", "models": [], "collections": [], "pages": []})
    pulled(sandbox, here, search=("painter",))
    before = ids(here)
    assert len(before) == 2
    sandbox.fail_next(status=200, body=nothing, on="search")
    assert pulled(sandbox, here, search=("painter",)).removed == ()
    sandbox.fail_next(status=200, body=nothing, on="search")
    sandbox.fail_next(status=404, on="get", model=before[0], times=None)
    assert pulled(sandbox, here, search=("painter",)).removed == (before[0],)
    assert ids(here) == before[1:]
    sandbox.reset()
    done = pulled(sandbox, here, "meta/meta-llama-3-8b-instruct", search=("upscaler",), allow_removals=True)
    assert done.removed == (before[1],)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"next": "https://evil.example/v1/models", "results": []}, "not at this backend", id="elsewhere"),
        pytest.param({"next": "{url}/v1/models", "results": []}, "leads back to a page before it", id="round"),
        pytest.param({"detail": "busy"}, "page 0 is not a list of models", id="no page"),
    ],
)
def test_a_listing_that_is_not_complete_removes_nothing(
    body: JSON, words: str, sandbox: Sandbox, served: Path, here: Path
) -> None:
    shutil.copytree(served, here)
    sandbox.fail_next(status=200, body=json.dumps(body).replace("{url}", sandbox.url), on="list")
    done = pulled(sandbox, here)
    assert words in done.problems[0].found
    assert done.removed == ()
    assert tree(here) == tree(served)


def test_a_pull_that_fails_leaves_the_snapshot_and_goes_on_where_it_was(
    sandbox: Sandbox, served: Path, here: Path
) -> None:
    sandbox.fail_next(status=500, on="get", model="oldtimer/fortune", times=None)
    with pytest.raises(UsageProblem) as ended:
        pulled(sandbox, here, owners=("oldtimer",))
    assert ended.value.problem.title == "the pull ended early; the snapshot is as it was"
    assert sandbox.api_key not in ended.value.problem.block()
    assert not here.exists()
    sandbox.reset()
    assert pulled(sandbox, here, owners=("oldtimer",)).resumed >= 1
    assert tree(here) == {name: data for name, data in tree(served).items() if name.startswith("oldtimer")}


def test_a_new_version_is_pinned_and_a_model_that_lost_its_versions_stays_as_it_was(
    sandbox: Sandbox, served: Path, here: Path
) -> None:
    pulled(sandbox, here, "lakeside/hello", "oldtimer/fortune")
    (fortune,) = [entry.value for entry in read_snapshot(here).models if entry.value["name"] == "fortune"]
    version = fortune["latest_version"]
    assert isinstance(version, dict)
    newer = {**fortune, "latest_version": {**version, "id": "f" * 64}}
    sandbox.fail_next(status=200, body=json.dumps(newer), on="get", model="oldtimer/fortune")
    assert pulled(sandbox, here, "lakeside/hello", "oldtimer/fortune").changed == ("oldtimer/fortune",)
    assert any('"' + "f" * 64 + '"' in data.decode() for data in tree(here).values())
    without = json.dumps({**fortune, "latest_version": None})
    sandbox.fail_next(status=200, body=without, on="get", model="oldtimer/fortune")
    done = pulled(sandbox, here, "lakeside/hello", "oldtimer/fortune")
    assert done.problems[0].found == "a model without a version, which nobody can run"
    assert (done.unchanged, done.changed, done.removed) == (2, (), ())
    assert len(ids(here)) == 2


def test_a_parameter_that_is_called_like_a_secret_stays_and_the_key_does_not(sandbox: Sandbox, here: Path) -> None:
    pulled(sandbox, here, "northwind/gallery")
    (entry,) = read_snapshot(here).models
    assert '"api_key"' in json.dumps(entry.value)
    leaking = {**entry.value, "token": "x", "description": f"call it with {sandbox.api_key}"}
    sandbox.fail_next(status=200, body=json.dumps(leaking), on="get", model="northwind/gallery")
    pulled(sandbox, here, "northwind/gallery")
    (entry,) = read_snapshot(here).models
    assert "token" not in entry.value
    assert sandbox.api_key not in json.dumps(entry.value)
    assert '"api_key"' in json.dumps(entry.value)


def test_a_version_that_is_named_is_pinned_whatever_else_is_selected(sandbox: Sandbox, here: Path) -> None:
    version = read_version(shipped_snapshot("replicate"), "oldtimer/fortune")
    done = pulled(sandbox, here, f"oldtimer/fortune:{version}", owners=("oldtimer",))
    assert "oldtimer/fortune" in ids(here)
    assert done.problems == ()
    assert f"/v1/models/oldtimer/fortune/versions/{version}" in asked(sandbox)
    assert read_version(here, "oldtimer/fortune") == version
    again = pulled(sandbox, here, f"oldtimer/fortune:{version}", owners=("oldtimer",))
    assert (again.changed, again.removed) == ((), ())


def test_a_version_that_is_gone_is_told_of_and_the_old_file_stays(sandbox: Sandbox, here: Path) -> None:
    pulled(sandbox, here, "oldtimer/fortune", "lakeside/hello")
    done = pulled(sandbox, here, f"oldtimer/fortune:{'0' * 64}", "lakeside/hello")
    assert [problem.model for problem in done.problems] == [f"oldtimer/fortune:{'0' * 64}"]
    assert ids(here) == ["lakeside/hello", "oldtimer/fortune"]


def read_version(snapshot: Path, id: str) -> str:
    (found,) = [
        one.value for one in read_snapshot(snapshot).models if f"{one.value['owner']}/{one.value['name']}" == id
    ]
    version = found["latest_version"]
    assert isinstance(version, dict)
    return str(version["id"])
