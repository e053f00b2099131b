from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from typedrun_sandbox.server import Sandbox

pytest_plugins = ["pytester"]

ALONE = [f"-pno:{name}" for name in ("cacheprovider", "anyio", "hypothesispytest", "timeout", "typeguard", "xdist")]
"""Without the plugins of others that this environment has; each takes a part of a second to import."""


def test_loading_the_plugin_imports_no_server() -> None:
    code = "import typedrun_sandbox.pytest_plugin, sys; print([m for m in ('starlette', 'uvicorn', 'typedrun') if m in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_the_fixture_serves_a_snapshot_of_the_users_and_is_clean_for_each_test(
    pytester: pytest.Pytester, snapshot: Path
) -> None:
    pytester.makeini(f"[pytest]\ntypedrun_sandbox_snapshot = {snapshot}\nfilterwarnings = error")
    pytester.makepyfile(
        textwrap.dedent("""
        import urllib3

        def ask(sandbox):
            url = f"{sandbox.model_url}/chat"
            return urllib3.request("POST", url, json={"text": "Hello"}, headers={"x-api-key": sandbox.api_key})

        def test_one(typedrun_sandbox):
            typedrun_sandbox.fail_next(503)
            typedrun_sandbox.reply("chat", "scripted")
            assert ask(typedrun_sandbox).status == 503
            assert ask(typedrun_sandbox).json()["data"] == "scripted"
            assert len(typedrun_sandbox.requests) == 2
            typedrun_sandbox.fail_next(500)

        def test_two(typedrun_sandbox):
            assert typedrun_sandbox.requests == ()
            assert ask(typedrun_sandbox).json()["data"].startswith("Hello")
        """)
    )
    pytester.runpytest_subprocess(*ALONE).assert_outcomes(passed=2)


def test_the_fixture_gives_a_typed_client(typedrun_sandbox: Sandbox) -> None:
    with typedrun_sandbox.client() as aix:
        assert aix.models.openai.gpt_5_4.run(text="What is 2 + 2?").data == "2 + 2 = 4."


def test_the_fixtures_give_the_sandbox_of_any_marketplace_cleared_for_each_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        textwrap.dedent("""
        import urllib3

        def test_bundled(typedrun_sandbox):
            assert typedrun_sandbox.backend.catalog.find("openai/gpt-5.4/openai") is not None

        def ask(sandbox):
            headers = {"Authorization": f"Bearer {sandbox.api_key}"}
            with urllib3.PoolManager(ca_certs=sandbox.environment.get("SSL_CERT_FILE")) as pool:
                return pool.request("GET", f"{sandbox.url}/v1/account", headers=headers, retries=False).status

        def test_one(typedrun_sandboxes):
            sandbox = typedrun_sandboxes("replicate")
            sandbox.fail_next(503)
            assert [ask(sandbox), ask(sandbox)] == [503, 200]

        def test_two(typedrun_sandboxes):
            sandbox = typedrun_sandboxes("replicate")
            assert sandbox.requests == ()
            secure = typedrun_sandboxes("replicate", tls=True)
            assert (secure.url[:5], ask(secure), ask(sandbox)) == ("https", 200, 200)
        """)
    )
    pytester.runpytest_subprocess(*ALONE).assert_outcomes(passed=3)
