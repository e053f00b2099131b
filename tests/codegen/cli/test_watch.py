"""`typedrun watch`, and the recipes of docs/ci.md: their shell steps run against a sandbox whose catalog changes overnight."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from markdown_it import MarkdownIt

from tests.commandline import Ran, run_command
from typedrun_codegen.snapshots.store import snapshot_files
from typedrun_sandbox.server import Sandbox

PAGE = Path(__file__).parents[3] / "docs" / "ci.md"
KEY = "canary-0123456789"

LISTS: dict[str, Any] = {
    "functions": {"items": [{"id": "translation", "name": "Translation"}], "total": 1},
    "suppliers": [{"id": 1, "name": "Acme", "code": "acme"}],
    "languages": [{"value": code, "label": code, "dialects": []} for code in ("en", "fi")],
    "licenses": [{"id": "l1", "name": "MIT"}],
}
BABEL: dict[str, Any] = {
    "id": "64bbbbbbbbbbbbbbbbbbbbbb",
    "name": "Babel",
    "path": "acme/babel/acme",
    "status": "onboarded",
    "function": {"id": "translation", "name": "Translation"},
    "vendor": {"id": 1, "name": "Acme", "code": "acme"},
    "params": [
        {"name": "text", "required": True, "dataType": "text", "dataSubType": "text"},
        {"name": "style", "required": False, "dataType": "text", "dataSubType": "text"},
    ],
}
CODE = """\
from acme_models import Aixplain

babel = Aixplain().models.acme.babel


def translate(text: str) -> str:
    return babel.run(text=text, style="plain").data
"""


# What the recipes call `typedrun`: it asks this process, which has imported everything, and ends as it is told.
COMMAND = """\
import json, os, socket, sys
with socket.create_connection(("127.0.0.1", int(os.environ["ASKED_AT"]))) as asked, asked.makefile("rw") as lines:
    print(json.dumps([os.getcwd(), sys.argv[1:], dict(os.environ)]), file=lines, flush=True)
    code, out, err = json.loads(lines.readline())
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"""


class Night:
    """A project with a remote, and a backend whose catalog somebody changes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.catalog = root / "served"
        self.project = root / "builds" / "project"
        self.remote = root / "remotes" / "group" / "project.git"
        self.bin = root / "bin"
        self.bin.mkdir()
        (self.bin / "typedrun").write_text(f"#!/bin/bash\nexec '{sys.executable}' -ISc '{COMMAND}' \"$@\"\n")
        (self.bin / "typedrun").chmod(0o755)
        self.sandbox = self.serve(BABEL)
        self.run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote), cwd=root)
        self.run("git", "clone", "--quiet", str(self.remote), str(self.project), cwd=root)
        (self.project / "src").mkdir()
        (self.project / "tests").mkdir()
        (self.project / "src/app.py").write_text(CODE)
        (self.project / "tests/test_app.py").write_text("from app import translate\n")
        (self.project / "typedrun.toml").write_text('snapshot = "catalog"\npackage = "acme_models"\noutput = "src"\n')
        for command in ("pull", "generate"):
            assert self.typedrun(command).returncode == 0
        self.shell(
            "git switch --quiet --create main; git add --all; git commit --quiet --message Start; git push --quiet origin main"
        )

    def serve(self, *models: dict[str, Any]) -> Sandbox:
        for path, data in snapshot_files(models, LISTS).items():
            (self.catalog / path).parent.mkdir(parents=True, exist_ok=True)
            (self.catalog / path).write_bytes(data)
        return Sandbox(self.catalog)

    def change(self) -> None:
        """The parameter `style` is gone tomorrow."""
        self.sandbox.close()
        changed = deepcopy(BABEL)
        del changed["params"][1]
        self.sandbox = self.serve(changed)

    def again(self) -> None:
        """The next night: a fresh checkout of `main`."""
        self.shell("git switch --quiet main; git reset --quiet --hard origin/main; git clean --quiet --force -d")

    def shell(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a script as the services do: it ends with the first command that fails. What it asks of `typedrun` is done here."""
        with socket.create_server(("127.0.0.1", 0)) as door, ThreadPoolExecutor(1) as pool:
            place = door.getsockname()
            command = ("bash", "-e", "-o", "pipefail", "-c", script)
            ran = pool.submit(lambda: self.run(*command, cwd=None, ASKED_AT=str(place[1]), **variables))
            ran.add_done_callback(lambda _: socket.create_connection(place).close())
            while not ran.done():
                self.answer(door.accept()[0])
        return ran.result()

    @staticmethod
    def answer(asking: socket.socket) -> None:
        with asking, asking.makefile("rw") as lines:
            if line := lines.readline():  # else the script has ended
                folder, arguments, environment = json.loads(line)
                did = run_command(Path(folder), *arguments, environment=environment)
                print(json.dumps([did.returncode, did.stdout, did.stderr]), file=lines, flush=True)

    def typedrun(self, *arguments: str) -> Ran:
        """Run a command of ours within this process."""
        return run_command(self.project, *arguments, environment=os.environ | self.sandbox.environment)

    def run(self, *command: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        paths = os.pathsep.join((str(self.bin), str(Path(sys.executable).parent), os.environ["PATH"]))
        names = {f"GIT_{who}_{what}": "me@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        ran = subprocess.run(
            command,
            cwd=cwd or self.project,
            env={**os.environ, **names, **self.sandbox.environment, "PATH": paths, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran

    def pushed(self, path: str) -> str:
        """A file of the branch that the job pushed."""
        return self.run("git", "show", f"models:{path}", cwd=self.remote).stdout

    def branches(self) -> list[str]:
        return self.run("git", "branch", "--format=%(refname:short)", cwd=self.remote).stdout.split()


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    night = Night(tmp_path)
    yield night
    night.sandbox.close()


def recipes() -> list[dict[str, Any]]:
    fences = [token for token in MarkdownIt().parse(PAGE.read_text("utf-8")) if token.type == "fence"]
    return [yaml.safe_load(token.content) for token in fences if token.info.strip() == "yaml"]


# --- the command


def watch(night: Night, *options: str) -> tuple[int, str, str]:
    ran = night.typedrun("watch", *options)
    return ran.returncode, ran.stdout, ran.stderr


def test_a_night_without_a_change_says_so(night: Night, tmp_path: Path) -> None:
    code, out, err = watch(night, "--code", "src", "tests", "--outputs", str(tmp_path / "outputs"))
    assert code == 0
    assert "no changes from before to catalog" in out
    assert "nothing changed" in err
    assert (tmp_path / "outputs").read_text() == "changed=false\nfailing=false\ntitle=Model catalog changed\n"


@pytest.mark.usefixtures("asks_pyright_again")
def test_a_night_pulls_generates_and_names_the_lines_that_break(night: Night, tmp_path: Path) -> None:
    night.change()
    (tmp_path / "outputs").write_text("mine=1\n")
    body = tmp_path / "body.md"
    code, out, _ = watch(night, "--code", "src", "tests", "--outputs", str(tmp_path / "outputs"), "--body", str(body))
    assert (code, out) == (1, "")
    assert re.search(r"<code>src/app.py:7</code> \| .* \| leave style out \|", body.read_text())
    assert (tmp_path / "outputs").read_text().splitlines() == [
        "mine=1",
        "changed=true",
        "failing=true",
        "title=Model catalog changed: 1 line of code breaks",
    ]
    assert "style" not in (night.project / "src/acme_models/models/acme/babel.py").read_text()
    assert night.typedrun("check").returncode == 0


def test_a_night_without_code_judges_the_catalog(night: Night) -> None:
    night.change()
    code, out, _ = watch(night, "--json")
    said = json.loads(out)
    assert (code, said["changed"], said["failing"], said["title"]) == (
        1,
        True,
        True,
        "Model catalog changed (1 breaking)",
    )
    assert said["pull"]["changed"] == ["acme/babel/acme (64bbbbbbbbbbbbbbbbbbbbbb)"]
    assert [change["kind"] for change in said["diff"]["changes"]] == ["parameter-removed"]


def test_the_first_night_has_nothing_to_compare_with(night: Night) -> None:
    night.shell("rm -r catalog src/acme_models")
    code, out, _ = watch(night, "--code", "src")
    assert code == 0
    assert "The first pull: 1 model." in out


# --- the recipes


@pytest.mark.usefixtures("asks_pyright_again")
def test_the_recipe_for_github_opens_a_pull_request_and_updates_it(night: Night, tmp_path: Path) -> None:
    (workflow,) = [recipe for recipe in recipes() if "jobs" in recipe]
    (job,) = workflow["jobs"].values()
    steps = [step for step in job["steps"] if "run" in step and not step["run"].startswith("pip ")]
    log = tmp_path / "gh.log"
    (night.bin / "gh").write_text(
        # The second `create` fails, as it does when there is a pull request already.
        f'#!/bin/bash\nprintf "%s|" "$@" >> {log}; echo >> {log}\n'
        f'[ "$2" != create ] || [ ! -e {tmp_path}/is-open ] || exit 1\ntouch {tmp_path}/is-open\n'
    )
    (night.bin / "gh").chmod(0o755)

    def run_job() -> None:
        outputs = tmp_path / "outputs"
        outputs.write_text("")
        for step in steps:
            said = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
            if "if" in step:
                assert step["if"] == "steps.watch.outputs.changed == 'true'"
                if said["changed"] != "true":
                    continue
            known = {f"steps.watch.outputs.{name}": value for name, value in said.items()} | {"github.token": "t"}
            given = {name: value for name, value in step.get("env", {}).items() if "secrets." not in value}
            for name, value in known.items():
                given = {each: text.replace(f"${{{{ {name} }}}}", value) for each, text in given.items()}
            night.shell(step["run"], RUNNER_TEMP=str(tmp_path), GITHUB_OUTPUT=str(outputs), **given)

    run_job()
    assert (night.branches(), log.exists()) == (["main"], False)
    night.change()
    night.again()
    run_job()
    assert sorted(night.branches()) == ["main", "models"]
    assert "style" not in night.pushed("src/acme_models/models/acme/babel.py")
    assert "src/app.py:7" in (tmp_path / "body.md").read_text()
    night.again()
    run_job()
    title = "Model catalog changed: 1 line of code breaks"
    body = f"--title|{title}|--body-file|{tmp_path}/body.md|"
    create, edit = f"pr|create|--head|models|{body}", f"pr|edit|models|{body}"
    assert log.read_text().splitlines() == [create, create, edit]


@pytest.fixture
def gitlab() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What GitLab does with merge requests: an address, and those that were made."""
    made = list[dict[str, Any]]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(made)

        def do_POST(self) -> None:
            made.append({"iid": 7, **self.form()})
            self.answer(made[-1])

        def do_PUT(self) -> None:
            assert self.path.endswith("/merge_requests/7")
            made[0].update(self.form(), updates=made[0].get("updates", 0) + 1)
            self.answer(made[0])

        def form(self) -> dict[str, str]:
            assert self.headers["PRIVATE-TOKEN"] == KEY
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            return {name: values[0] for name, values in parse_qs(sent).items()}

        def answer(self, value: object) -> None:
            assert "/projects/42/merge_requests" in urlsplit(self.path).path
            content = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/v4", made
        server.shutdown()


@pytest.mark.usefixtures("asks_pyright_again")
def test_the_recipe_for_gitlab_opens_a_merge_request_and_updates_it(
    night: Night, gitlab: tuple[str, list[dict[str, Any]]]
) -> None:
    address, made = gitlab
    (recipe,) = [recipe["models"] for recipe in recipes() if "models" in recipe]
    script = "\n".join(line for line in recipe["script"] if not line.startswith("pip "))
    variables = {
        "MODELS_TOKEN": KEY,
        "CI_SERVER_HOST": "gitlab.test",
        "CI_PROJECT_PATH": "group/project",
        "CI_PROJECT_ID": "42",
        "CI_API_V4_URL": address,
        "CI_DEFAULT_BRANCH": "main",
        # The job pushes to an address with the token in it: here it leads to the remote of this test.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{night.remote.parents[1]}/.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://models:{KEY}@gitlab.test/",
    }

    def run_job() -> None:
        (night.project.parent / "watch.env").unlink(missing_ok=True)
        night.shell(script, **variables)

    run_job()
    assert (night.branches(), made) == (["main"], [])
    night.change()
    night.again()
    run_job()
    assert sorted(night.branches()) == ["main", "models"]
    (request,) = made
    assert (request["source_branch"], request["target_branch"]) == ("models", "main")
    assert request["title"] == "Model catalog changed: 1 line of code breaks"
    assert "| <code>src/app.py:7</code> |" in request["description"]
    assert "style" not in night.pushed("src/acme_models/models/acme/babel.py")
    night.again()
    run_job()
    assert (len(made), made[0]["updates"]) == (1, 1)
