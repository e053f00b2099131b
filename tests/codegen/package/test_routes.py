"""A changed address in the API schema reaches the client by regeneration alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aixplain_models.api.routes import ROUTES
from typedrun.marketplaces.aixplain import MARKETPLACE
from typedrun_codegen.cli.config import load_config
from typedrun_codegen.package.build import build_package
from typedrun_codegen.package.writer import write_tree

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "schemas" / "aixplain" / "openapi.yaml"

CALLS = """
import json
from moved import Aixplain
from typedrun.testing import Answer, ScriptedNetwork

model = {"id": "0123456789abcdef01234567", "name": "m", "connectionType": ["synchronous"], "params": []}
page = {"results": [], "total": 0}
done = {"status": "SUCCESS", "completed": True, "data": "x"}
network = ScriptedNetwork([Answer(json=body) for body in (model, page, done, done)])
aix = Aixplain(api_key="k", transport=network, clock=network.clock)
found = aix.Model.get("a/b")
aix.Model.search("gpt")
found.run()
found.run_async()
print(json.dumps([request.url for request in network.received]))
"""


def generate(schema: str, folder: Path) -> tuple[str, ...]:
    """Generates `moved` from an edited schema; the titles of the problems."""
    (folder / "openapi.yaml").write_text(schema, "utf-8")
    (folder / "catalog.json").write_text("[]", "utf-8")
    (folder / "typedrun.toml").write_text(
        'schema = "openapi.yaml"\nsnapshot = "catalog.json"\npackage = "moved"\noutput = "."\n', "utf-8"
    )
    built = build_package(load_config(folder / "typedrun.toml"))
    write_tree(folder / "moved", built.files, {})
    return tuple(problem.title for problem in built.problems)


def test_the_runtimes_own_addresses_are_those_of_the_bundled_schema() -> None:
    assert MARKETPLACE.routes == ROUTES


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("moved")
    schema = SCHEMA.read_text("utf-8")
    for old, new in (
        ("/v2/models/paginate:", "/v3/models/find:"),
        ("/v2/models/{id}:", "/v3/models/{id}:"),
        ("/api/v2/execute/{id}:", "/api/v3/run/{id}:"),
        ("/api/v1/execute/{id}:", "/api/v3/start/{id}:"),
        ("models.aixplain.com", "runs.aixplain.com"),
    ):
        assert old in schema
        schema = schema.replace(old, new)
    assert generate(schema, folder) == ()
    return folder


def test_every_address_of_the_client_follows_the_schema(moved: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", CALLS], cwd=moved, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    identity = "0123456789abcdef01234567"
    assert json.loads(ran.stdout) == [
        "https://platform-api.aixplain.com/v3/models/a%2Fb",
        "https://platform-api.aixplain.com/v3/models/find",
        f"https://runs.aixplain.com/api/v3/run/{identity}",
        f"https://runs.aixplain.com/api/v3/start/{identity}",
    ]


def test_an_operation_that_the_schema_lost_is_a_problem(tmp_path: Path) -> None:
    schema = SCHEMA.read_text("utf-8").replace("operationId: search_models\n", "operationId: find_models\n")
    assert generate(schema, tmp_path) == ("the API schema has no operation search_models",)
    assert "search_models" not in (tmp_path / "moved" / "api" / "routes.py").read_text("utf-8")
