"""Pulling fal's catalog from a sandbox that serves it a page at a time: whole documents, and prices for a key."""

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

DEV = "fal-ai/flux/dev"


class Steps:
    """Nobody is told."""

    def step(self, done: int, total: int, what: str) -> None:
        """Not told."""


@pytest.fixture(scope="module")
def served() -> Path:
    return shipped_snapshot("fal")


@pytest.fixture(scope="module")
def running(served: Path) -> Iterator[Sandbox]:
    with Sandbox(served) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.delenv("FAL_KEY", raising=False)
    running.reset()
    return running


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "project" / "catalog"


def pulled(sandbox: Sandbox, snapshot: Path, *models: str, key: str | None = None, **words: tuple[str, ...]) -> Pulled:
    config = Config(
        root=snapshot.parent,
        backend="fal",
        snapshot=snapshot,
        output=snapshot.parent,
        select=Select(models=models, words=words),
        package="fal_models",
    )
    return pull(
        config,
        Steps(),
        api_key=sandbox.api_key if key is None else key,
        backend_url=f"{sandbox.url}/v1",
        workers=4,
    )


def ids(snapshot: Path) -> list[str]:
    return sorted(read_manifest(snapshot).models.values())


def tree(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "models").iterdir()}


def document(snapshot: Path, id: str) -> dict[str, JSON]:
    return next(entry.value for entry in read_snapshot(snapshot).models if entry.value["endpoint_id"] == id)


def test_every_page_is_read_with_prices_and_the_files_are_those_that_are_served(
    sandbox: Sandbox, served: Path, here: Path
) -> None:
    done = pulled(sandbox, here)
    assert tree(here) == tree(served)
    assert (len(done.added), done.problems) == (len(tree(served)), ())
    asked = [request.path.partition("?")[0] for request in sandbox.requests]
    assert set(asked) == {"/v1/models", "/v1/models/pricing"}, "no endpoint is asked for alone: pages bring documents"
    assert asked.count("/v1/models") == 4
    again = pulled(sandbox, here)
    assert (again.unchanged, again.added, again.changed, again.removed) == (len(done.added), (), (), ())


def test_without_a_key_the_catalog_comes_and_prices_stay_as_they_were(sandbox: Sandbox, here: Path) -> None:
    pulled(sandbox, here, DEV, "northwind/upscale", key="")
    assert "pricing" not in document(here, DEV)
    assert all("authorization" not in request.headers for request in sandbox.requests)
    pulled(sandbox, here, DEV, "northwind/upscale")
    price = document(here, DEV)["pricing"]
    assert price == {"endpoint_id": DEV, "unit_price": 0.025, "unit": "megapixels", "currency": "USD"}
    done = pulled(sandbox, here, DEV, "northwind/upscale", key="")
    assert (done.unchanged, document(here, DEV)["pricing"]) == (2, price)


def test_one_endpoint_without_a_price_does_not_hide_those_of_the_others(sandbox: Sandbox, here: Path) -> None:
    sandbox.fail_next(status=404, on="pricing", times=2)
    done = pulled(sandbox, here, DEV, "northwind/upscale", "lakeside/status")
    assert done.problems == ()
    assert ("pricing" in document(here, DEV), "pricing" in document(here, "northwind/upscale")) == (False, True)
    assert sum("pricing" in request.path for request in sandbox.requests) == 3, "all, the one, the other two"


def test_prices_that_are_refused_are_a_problem_and_stay_as_they_were(sandbox: Sandbox, here: Path) -> None:
    pulled(sandbox, here, DEV)
    sandbox.fail_next(status=403, on="pricing")
    done = pulled(sandbox, here, DEV)
    assert [problem.title for problem in done.problems] == ["the backend does not say the pricing of its models"]
    assert (done.unchanged, "pricing" in document(here, DEV)) == (1, True)


@pytest.mark.parametrize(
    ("models", "words", "expected"),
    [
        pytest.param((DEV,), {}, [DEV], id="models"),
        pytest.param((), {"owners": ("fal-ai",), "categories": ("image-to-image",)}, 2, id="owners and a category"),
        pytest.param((), {"status": ("deprecated",)}, ["northwind/video", "oldtimer/"], id="status"),
        pytest.param((), {"search": ("transcribe",)}, ["northwind/transcribe"], id="search"),
        pytest.param(
            ("lakeside/status",),
            {"categories": ("llm",)},
            ["lakeside/chat", "lakeside/llm", "lakeside/status"],
            id="both",
        ),
    ],
)
def test_a_selection_takes_what_it_names(
    models: tuple[str, ...], words: dict[str, Any], expected: int | list[str], sandbox: Sandbox, here: Path
) -> None:
    assert pulled(sandbox, here, *models, **words).problems == ()
    found = ids(here)
    if isinstance(expected, int):
        assert len(found) == expected
    else:
        assert all(any(id.startswith(start) for start in expected) for id in found)
        assert all(any(id.startswith(start) for id in found) for start in expected)


@pytest.mark.parametrize(
    ("models", "words", "title", "meant"),
    [
        pytest.param((), {"owners": ("fal_ai",)}, "owner", "fal-ai", id="owner"),
        pytest.param((), {"categories": ("text-to-imgae",)}, "category", "text-to-image", id="category"),
        pytest.param((), {"status": ("activ",)}, "status", "active", id="status"),
        pytest.param(("fal-ai/flux/dve",), {"owners": ("fal-ai",)}, "model", DEV, id="model"),
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
    assert repr(meant) in problem.next_step.partition("?")[0]
    assert tree(here) == tree(served)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(
            {"models": [], "next_cursor": None, "has_more": True}, "the cursor for it is None", id="no cursor"
        ),
        pytest.param({"error": {"type": "server_error"}}, "page 0 is not a list of models", id="no page"),
    ],
)
def test_a_listing_that_is_not_complete_removes_nothing(
    body: JSON, words: str, sandbox: Sandbox, served: Path, here: Path
) -> None:
    shutil.copytree(served, here)
    sandbox.fail_next(status=200, body=json.dumps(body), on="list")
    done = pulled(sandbox, here)
    assert words in done.problems[0].found
    assert tree(here) == tree(served)


def test_a_cursor_that_comes_again_is_a_problem_and_no_loop(sandbox: Sandbox, served: Path, here: Path) -> None:
    shutil.copytree(served, here)
    page = json.dumps({"models": [document(served, DEV)], "next_cursor": "again", "has_more": True})
    sandbox.fail_next(status=200, body=page, on="list", times=3)
    done = pulled(sandbox, here)
    assert "page 1 leads back to a page before it" in done.problems[0].found
    assert tree(here) == tree(served)


def test_a_document_that_could_not_be_made_is_taken_from_where_it_stands_alone(
    sandbox: Sandbox, served: Path, here: Path
) -> None:
    broken = {**document(served, DEV), "openapi": {"error": {"code": "expansion_failed", "message": "later"}}}
    page = json.dumps({"models": [broken], "next_cursor": None, "has_more": False})
    sandbox.fail_next(status=200, body=page, on="list")
    assert pulled(sandbox, here, DEV).problems == ()
    (alone,) = [request for request in sandbox.requests if request.path.startswith("/api/openapi/")]
    assert "authorization" not in alone.headers
    assert document(here, DEV)["openapi"] == document(served, DEV)["openapi"]
    sandbox.fail_next(status=200, body=page, on="list")
    sandbox.fail_next(status=404, on="get")
    done = pulled(sandbox, here, DEV)
    assert [problem.title for problem in done.problems] == ["the backend's answer is not a model"]
    assert document(here, DEV)["openapi"] == document(served, DEV)["openapi"], "the old one stays"


def test_a_wrong_key_ends_the_pull_and_is_not_told(sandbox: Sandbox, here: Path) -> None:
    with pytest.raises(UsageProblem) as ended:
        pulled(sandbox, here, DEV, key="wrong-key-of-somebody")
    assert ended.value.problem.next_step.startswith("check FAL_KEY")
    assert "wrong-key-of-somebody" not in ended.value.problem.block()
    assert not here.exists()
