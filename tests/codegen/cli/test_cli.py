"""The command line: exit codes, what goes where, and messages for everything that a person can get wrong."""

import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.commandline import Ran, run_command
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.package.shelf import SHELF
from typedrun_codegen.snapshots.store import snapshot_files
from typedrun_sandbox.jsontypes import as_list
from typedrun_sandbox.server import Sandbox

COMMANDS = ("init", "pull", "generate", "check", "diff", "models", "show", "run", "tools", "mcp", "sandbox")

MODEL: dict[str, JSON] = {
    "id": "a1",
    "name": "Lighthouse",
    "path": "acme/lighthouse/acme",
    "function": {"id": "translation", "name": "Translation"},
    "vendor": {"id": 1, "name": "Acme", "code": "acme"},
    "status": "onboarded",
    "params": [{"name": "text", "required": True, "dataType": "text", "dataSubType": "text"}],
}

ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("TYPEDRUN_", "AIXPLAIN_", "TEAM_", "BACKEND_", "MODELS_RUN"))
}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "typedrun_codegen", *arguments]


def run(cwd: Path, *arguments: str, **environment: str) -> Ran:
    return run_command(cwd, *arguments, environment=ENVIRONMENT | environment)


def write_catalog(root: Path, *models: dict[str, JSON]) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    for path, data in snapshot_files(models, {"functions": {"items": []}, "suppliers": []}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def make_project(root: Path) -> Path:
    write_catalog(root / "catalog", MODEL)
    (root / "typedrun.toml").write_text('snapshot = "catalog"\npackage = "acme_models"\noutput = "src"\n')
    return root


# --- exit codes


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with its package, and its catalog once more as `old`; to be copied."""
    root = make_project(tmp_path_factory.mktemp("generated"))
    shutil.copytree(root / "catalog", root / "old")
    assert run(root, "generate").returncode == 0
    return root


def edited(root: Path) -> None:
    (root / "src" / "acme_models" / "client.py").write_text("# mine\n")


def bad_entry(root: Path) -> None:
    (root / "catalog" / "models" / "broken.json").write_text("{}")


def without_snapshot(root: Path) -> None:
    shutil.rmtree(root / "catalog")


def breaking(root: Path) -> None:
    params: list[JSON] = [*as_list(MODEL["params"]), {"name": "tone", "required": True, "dataType": "text"}]
    write_catalog(root / "catalog", {**MODEL, "params": params})


def file_in_the_way(root: Path) -> None:
    shutil.rmtree(root / "src")
    (root / "src").write_text("a file")


@pytest.mark.parametrize(
    ("arguments", "prepare", "code"),
    [
        pytest.param(["generate"], None, 0, id="generate"),
        pytest.param(["generate"], bad_entry, 1, id="generate, one entry skipped"),
        pytest.param(["generate"], without_snapshot, 2, id="generate without a snapshot"),
        pytest.param(["generate"], file_in_the_way, 2, id="generate into a file"),
        pytest.param(["generate", "--nonsense"], None, 2, id="unknown option"),
        pytest.param(["check"], None, 0, id="check in sync"),
        pytest.param(["check"], edited, 1, id="check, edited file"),
        pytest.param(["check"], breaking, 1, id="check, changed snapshot"),
        pytest.param(["check"], without_snapshot, 2, id="check without a snapshot"),
        pytest.param(["diff", "--against", "old"], None, 0, id="diff, nothing changed"),
        pytest.param(["diff", "--against", "old"], breaking, 1, id="diff, breaking"),
        pytest.param(["diff", "--against", "old", "--fail-on", "never"], breaking, 0, id="diff, never fails"),
        pytest.param(["diff", "--against", "nowhere"], None, 2, id="diff against nothing"),
        pytest.param(["diff", "--fail-on", "sometimes"], None, 2, id="diff, unknown level"),
        pytest.param(["models"], None, 0, id="models"),
        pytest.param(["models", "nothing like it"], None, 0, id="models, none found"),
        pytest.param(["models"], without_snapshot, 2, id="models without a snapshot"),
        pytest.param(["show", "a1"], None, 0, id="show"),
        pytest.param(["show", "a1", "--why", "text"], None, 0, id="show why"),
        pytest.param(["show", "zz"], None, 2, id="show, no such model"),
        pytest.param(["show"], None, 2, id="show without a model"),
        pytest.param(["init"], None, 2, id="init twice"),
        pytest.param(["pull"], None, 2, id="pull without a key"),
        pytest.param(["pull", "--workers", "0"], None, 2, id="pull, wrong number"),
        pytest.param(["sandbox", "--port", "99999"], None, 2, id="sandbox, no such port"),
        pytest.param(["generat"], None, 2, id="unknown command"),
        pytest.param(["--help"], None, 0, id="help"),
        pytest.param([], None, 0, id="nothing"),
    ],
)
def test_the_exit_code_says_what_happened(
    arguments: list[str], prepare: Callable[[Path], object] | None, code: int, generated: Path, tmp_path: Path
) -> None:
    project = shutil.copytree(generated, tmp_path / "project")
    if arguments == ["init"]:
        (project / "typedrun.toml").write_text("[tool.typedrun]\n")
    if prepare:
        prepare(project)
    ran = run(project, *arguments)
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    if code == 2:
        assert ran.stderr.startswith("error: ")
        assert re.search(r"^  next ", ran.stderr, re.MULTILINE), ran.stderr


def test_pull_against_a_sandbox_ends_with_0_and_with_1_when_something_is_odd(project: Path) -> None:
    with Sandbox(project / "catalog") as sandbox:
        assert run(project, "pull", **sandbox.environment).returncode == 0
        sandbox.fail_next(status=200, body="<html>", on="get")
        ran = run(project, "pull", **sandbox.environment)
    assert ran.returncode == 1
    assert ran.stderr.count("error: ") == 1
    assert sandbox.api_key not in ran.stdout + ran.stderr


def test_the_whole_way_when_the_backend_changes(project: Path) -> None:
    assert run(project, "generate").returncode == 0
    shutil.copytree(project / "catalog", project / "before")
    tone: JSON = {"name": "tone", "required": True, "dataType": "text"}
    changed: dict[str, JSON] = {**MODEL, "params": [*as_list(MODEL["params"]), tone]}
    served = write_catalog(project / "served", changed, {**MODEL, "id": "b2", "name": "Buoy", "path": "acme/buoy"})
    with Sandbox(served) as sandbox:
        live = run(project, "diff", "--against", "live", **sandbox.environment)
        assert run(project, "check").returncode == 0, "looking changes nothing"
        pulled = run(project, "pull", **sandbox.environment)
    assert live.returncode == 1
    assert "2 changes from catalog to live: 1 breaking, 0 risky, 1 compatible" in live.stdout
    assert pulled.returncode == 0
    assert "added    acme/buoy (b2)\nchanged  acme/lighthouse/acme (a1)\n" in pulled.stdout
    assert run(project, "check").returncode == 1
    assert "1 breaking" in run(project, "diff", "--against", "before", "--format", "markdown").stdout
    generated = json.loads(run(project, "generate", "--json").stdout)
    assert {"models/acme/buoy.py", "models/acme/lighthouse.py"} <= set(generated["written"])
    assert run(project, "check").returncode == 0


def test_only_a_check_without_cache_builds_an_unchanged_package_again(project: Path) -> None:
    assert run(project, "generate").returncode == 0
    shelf = project / "src/acme_models" / SHELF  # whoever builds writes it
    shelf.unlink()
    for options, is_built in (([], False), (["--no-cache"], True)):
        assert run(project, "check", *options).returncode == 0
        assert shelf.exists() == is_built


def test_a_listing_that_is_not_complete_does_not_look_like_removed_models(project: Path) -> None:
    with Sandbox(project / "catalog") as sandbox:
        sandbox.fail_next(status=200, body='{"results": [], "total": 1}', on="search", times=None)
        live = run(project, "diff", "--against", "live", **sandbox.environment)
        pulled = run(project, "pull", **sandbox.environment)
    assert "no changes from catalog to live" in live.stdout
    assert "the backend's listing is not complete" in live.stderr
    assert (pulled.returncode, "0 removed" in pulled.stdout) == (1, True)


# --- what goes where


def test_a_summary_goes_to_stdout_and_nothing_to_stderr(project: Path) -> None:
    ran = run(project, "generate")
    assert ran.stderr == ""
    assert re.fullmatch(
        r"src/acme_models: 1 model · .*\nfiles: \d+ written, 0 unchanged, 0 removed\n0 warnings, \d+\.\d s\n",
        ran.stdout,
    )


def test_quiet_says_nothing_but_problems_and_answers(project: Path) -> None:
    bad_entry(project)
    ran = run(project, "generate", "--quiet")
    assert ran.stdout == ""
    assert ran.stderr.startswith("error: this model has no id")
    assert run(project, "models", "--quiet").stdout.startswith("acme.lighthouse")


def test_an_error_is_one_block_on_stderr(project: Path) -> None:
    without_snapshot(project)
    ran = run(project, "generate")
    assert ran.stdout == ""
    assert ran.stderr == (
        "error: there is no snapshot at this path\n"
        f"  where      {project / 'catalog'}\n"
        "  found      neither a directory nor a file\n"
        "  next       run `typedrun pull` to make one, or name another with --snapshot\n"
    )


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["generate"], {"package", "counts", "written", "unchanged", "removed", "problems", "seconds", "note"}),
        (["check"], {"package", "in_sync", "missing", "stale", "edited", "extra", "foreign", "problems"}),
        (["diff", "--against", "catalog"], {"format", "old", "new", "summary", "changes", "problems"}),
        (["models"], {"models", "sample"}),
        (["show", "a1", "--why", "text"], {"model", "kind", "name", "file", "pointer", "fragment", "rule", "reason", "type", "written"}),
        (["generate", "--snapshot", "nowhere"], {"error"}),
        (["show"], {"error"}),
    ],
)  # fmt: skip
def test_json_is_one_document_on_stdout(arguments: list[str], keys: set[str], project: Path) -> None:
    value = json.loads(run(project, *arguments, "--json").stdout)
    assert set(value) == keys


def test_pull_and_init_have_json_too(project: Path) -> None:
    with Sandbox(project / "catalog") as sandbox:
        value = json.loads(run(project, "pull", "--json", **sandbox.environment).stdout)
    assert value["unchanged"] == 1
    assert value["lists"] == ["languages", "licenses"]
    (project / "new").mkdir()
    value = json.loads(run(project / "new", "init", "--json", "--config", "conf.toml").stdout)
    assert value == {"file": "conf.toml", "schema": "schemas/aixplain/openapi.yaml"}


def test_options_win_over_environment_and_environment_over_the_file(project: Path) -> None:
    write_catalog(project / "more", MODEL, {**MODEL, "id": "b2", "path": "acme/buoy"})

    def count(*options: str, **environment: str) -> int:
        return len(json.loads(run(project, "models", "--json", *options, **environment).stdout)["models"])

    assert count() == 1
    assert count(TYPEDRUN_SNAPSHOT="more") == 2
    assert count("--snapshot", "catalog", TYPEDRUN_SNAPSHOT="more") == 1


def test_the_configuration_is_found_from_below(project: Path) -> None:
    (project / "src" / "deep").mkdir(parents=True)
    assert run(project / "src" / "deep", "generate").returncode == 0
    assert (project / "src" / "acme_models" / "client.py").is_file()


def test_a_reader_that_has_seen_enough_is_no_error(project: Path) -> None:
    many = [{**MODEL, "id": f"{n:024x}", "path": f"acme/model-{n}"} for n in range(2000)]
    write_catalog(project / "catalog", *many)
    ran = subprocess.run(
        f"{sys.executable} -m typedrun_codegen models --quiet | head -1; echo ${{PIPESTATUS[0]}}",
        cwd=project,
        env=ENVIRONMENT,
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines()[1:] == ["0"]


# --- terminal


def on_a_terminal(cwd: Path, *arguments: str, **environment: str) -> str:
    """What a person sees who runs the command on a terminal."""
    master, slave = pty.openpty()
    running = subprocess.Popen(
        command(*arguments), cwd=cwd, env=ENVIRONMENT | {"TERM": "xterm"} | environment, stdout=slave, stderr=slave
    )
    os.close(slave)
    seen = b""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        ready, _, _ = select.select([master], [], [], 0.2)
        try:
            block = os.read(master, 65536) if ready else b""
        except OSError:  # the other side is closed
            break
        seen += block
        if not ready and running.poll() is not None:
            break
    os.close(master)
    running.wait()
    return seen.decode()


def test_colours_are_for_terminals_that_want_them(project: Path) -> None:
    breaking(project)
    write_catalog(project / "old", MODEL)
    diff = ("diff", "--against", "old")
    assert "\x1b[31mbreaking" in on_a_terminal(project, *diff)
    assert "\x1b" not in on_a_terminal(project, *diff, "--no-color")
    assert "\x1b" not in on_a_terminal(project, *diff, NO_COLOR="1")
    assert "\x1b" not in run(project, *diff).stdout


def test_a_progress_bar_is_for_terminals(project: Path) -> None:
    with Sandbox(project / "catalog") as sandbox:
        seen = on_a_terminal(project, "pull", **sandbox.environment)
        plain = run(project, "pull", **sandbox.environment).stderr
        quiet = run(project, "pull", "--quiet", **sandbox.environment).stderr
    assert "━" in seen
    assert plain == "pull: 1 of 1 (a1)\n"
    assert quiet == ""


# --- help and completion


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_examples(name: str, tmp_path: Path) -> None:
    text = run(tmp_path, name, "--help", COLUMNS="120").stdout
    assert "<bool>" not in text  # a flag takes no value
    assert "Examples:" in text
    assert f"typedrun {name}" in text.split("Examples:")[1]
    for option in ("--config", "--snapshot", "--output", "--package", "--schema", "--quiet", "--json", "--no-color"):
        assert option in text


def test_help_lists_every_command(tmp_path: Path) -> None:
    text = run(tmp_path, "--help").stdout
    assert all(re.search(rf"^│ {name} ", text, re.MULTILINE) for name in COMMANDS)


def test_the_version_is_told(tmp_path: Path) -> None:
    assert re.fullmatch(r"typedrun \d+\.\d+.*\n", run(tmp_path, "--version").stdout)


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys, typedrun_codegen.cli.app; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"jinja2", "datamodel_code_generator", "urllib3", "uvicorn", "rich", "typedrun.client"} & set(loaded)
    readers = {"typedrun_codegen.ir.catalog", "typedrun_codegen.ir.api", "typedrun_codegen.readers.signatures"}
    assert not readers & set(loaded)  # a press of Tab imports all of this, too
    assert "importlib.metadata" not in loaded


def test_the_shell_completes_models(project: Path) -> None:
    words = {"_TYPEDRUN_COMPLETE": "complete_bash", "COMP_WORDS": "typedrun show acme.", "COMP_CWORD": "2"}
    words["PYTHONPROFILEIMPORTTIME"] = "1"
    ran = subprocess.run(command(), cwd=project, env=ENVIRONMENT | words, capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["acme.lighthouse"]
    assert " typer.core" in ran.stderr
    assert "pydantic" not in ran.stderr  # a third of the time of each press of Tab


def test_the_pre_commit_hook_runs_a_command_that_exists() -> None:
    (hook,) = yaml.safe_load((Path(__file__).parents[3] / ".pre-commit-hooks.yaml").read_text())
    assert (hook["entry"].split()[0], hook["pass_filenames"]) == ("typedrun", False)
    assert hook["entry"].split()[1] in COMMANDS


# --- sandbox


def test_sandbox_prints_lines_to_paste_and_ends_with_ctrl_c(project: Path) -> None:
    running = subprocess.Popen(
        command("sandbox"), cwd=project, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout
    lines = [running.stdout.readline() for _ in range(4)]
    exports = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines if line.startswith("export "))
    assert set(exports) == {"TEAM_API_KEY", "BACKEND_URL", "MODELS_RUN_URL"}
    assert run(project, "pull", **exports).returncode == 0
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode in (0, 130)
    assert "Traceback" not in said


def test_sandbox_refuses_a_port_that_is_taken(project: Path) -> None:
    with Sandbox(project / "catalog") as sandbox:
        ran = run(project, "sandbox", "--port", sandbox.url.rsplit(":", 1)[1])
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


def test_a_sample_catalog_says_so_wherever_it_is_looked_at_and_an_own_one_does_not(project: Path) -> None:
    sentence = "This catalog is a sample"
    manifest = project / "catalog" / "manifest.json"
    looks = (["models"], ["show", "a1"], ["models", "--json"], ["show", "a1", "--json"])
    own = [run(project, *look) for look in looks]
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "sample": True}))
    sample = [run(project, *look) for look in looks]
    assert [sentence in ran.stdout + ran.stderr for ran in own] == [False] * 4
    assert sentence in sample[0].stderr
    assert len([line for line in sample[1].stdout.splitlines() if sentence in line]) == 1
    assert [json.loads(ran.stdout)["sample"] for ran in (own[2], own[3], sample[2], sample[3])] == [
        False,
        False,
        True,
        True,
    ]
    assert run(project, "generate").returncode == 0
    assert sentence in (project / "src" / "acme_models" / "__init__.py").read_text()


def test_a_sandbox_in_the_background_outlives_its_command_and_ends_by_its_number(project: Path) -> None:
    start = " ".join(command("sandbox", "--background"))
    script = f'eval "$({start})"; echo "$BACKEND_URL $TYPEDRUN_SANDBOX_PID"'
    ran = subprocess.run(
        ["bash", "-c", script], cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    url, number = ran.stdout.split()
    try:
        with urllib.request.urlopen(url) as page:
            assert page.status == 200
    finally:
        os.kill(int(number), signal.SIGTERM)


def test_a_sandbox_that_cannot_start_in_the_background_says_why(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = subprocess.run(
            command("sandbox", "--background", "--port", port),
            cwd=project,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Address already in use" in ran.stderr


def test_generate_without_any_configuration_writes_no_sample(tmp_path: Path) -> None:
    ran = run(tmp_path, "generate")
    assert ran.returncode == 2
    assert "there is no configuration here" in ran.stderr
    assert "run `typedrun init`" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_search_that_finds_nothing_names_what_is_near(project: Path) -> None:
    assert "0 models of 1; the nearest are acme/lighthouse/acme" in run(project, "models", "lighthose").stderr


def test_the_help_loses_no_brackets(project: Path) -> None:
    said = run(project, "--help").stdout
    assert "Write the configuration" in said
    assert "Write  into" not in said
