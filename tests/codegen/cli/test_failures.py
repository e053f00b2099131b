"""What the machine refuses, in words that fit: exit code 2, one block on stderr, no traceback."""

from __future__ import annotations

import errno
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commandline import Ran, run_command
from typedrun_codegen.cli.failures import system_problem

FULL = Path("/dev/full")

CATALOG = """[{"id": "m1", "name": "Echo", "vendor": {"code": "acme"}, "params": []},
 {"id": "m2", "name": "Other", "vendor": {"code": "acme"}, "params": [{"name": "text", "dataType": "text"}]}]"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "catalog.json").write_text(CATALOG)
    (tmp_path / "typedrun.toml").write_text('snapshot = "catalog.json"\noutput = "."\npackage = "made"\n')
    return tmp_path


def run(project: Path, *arguments: str) -> Ran:
    return run_command(project, *arguments)


def run_apart(project: Path, *arguments: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "typedrun_codegen", *arguments]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    ran: subprocess.CompletedProcess[str] = subprocess.run(
        command, text=True, check=False, cwd=project, timeout=60, **streams
    )
    return ran


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["generate --json", "models --json", "models", "doctor --json", "check", "--help"])
def test_an_answer_that_cannot_be_printed_is_an_error(command: str, project: Path) -> None:
    with FULL.open("w") as full:
        ran = run_apart(project, *command.split(), stdout=full)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: the answer could not be printed\n  where      standard output\n")
    assert "No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["show nobody", "models nothing --json", "nonsense"])
def test_an_error_that_cannot_be_printed_is_an_exit_code(command: str, project: Path) -> None:
    with FULL.open("w") as full:
        ran = run_apart(project, *command.split(), stderr=full)
    assert ran.returncode == 2


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_an_error_whose_document_cannot_be_printed_is_still_said(project: Path) -> None:
    with FULL.open("w") as full:
        ran = run_apart(project, "show", "nobody", "--json", stdout=full)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: the snapshot has no such model\n")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_sandbox_that_cannot_say_where_it_is_says_so(project: Path) -> None:
    with FULL.open("w") as full:
        ran = run_apart(project, "sandbox", stdout=full)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: there is no space left\n  where      standard output\n")


def test_a_reader_that_has_seen_enough_is_no_error(project: Path) -> None:
    ran = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m typedrun_codegen models --quiet | true; echo ${{PIPESTATUS[0]}}"],
        capture_output=True, text=True, check=False, cwd=project,
    )  # fmt: skip
    assert (ran.stdout, ran.stderr) == ("0\n", "")


def test_a_full_disk_leaves_the_old_package_and_names_the_file(project: Path) -> None:
    assert run(project, "generate").returncode == 0
    package = project / "made"
    before = {path: path.read_bytes() for path in package.rglob("*.py")}
    (project / "catalog.json").write_text(CATALOG.replace("Echo", "Renamed").replace("Other", "New " + "name " * 4000))

    def no_room() -> None:  # a file may grow to so many bytes, as on a disk that is nearly full
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))

    ran = run_apart(project, "generate", preexec_fn=no_room)
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: there is no space left\n  where      ")
    assert f"{package}/" in ran.stderr
    assert "make room there" in ran.stderr
    assert {path: path.read_bytes() for path in package.rglob("*.py")} == before
    assert not list(package.rglob(".*.new"))


def test_a_port_in_use_is_said_with_what_to_do(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = run(project, "sandbox", "--port", str(port))
    assert ran.returncode == 2
    assert ran.stderr == (
        "error: the port is in use\n"
        f"  found      the sandbox cannot listen on 127.0.0.1 port {port}: Address already in use\n"
        "  next       choose another with --port; without it a free one is taken\n"
    )


def test_an_output_that_is_a_file_is_said_with_what_to_do(project: Path) -> None:
    (project / "taken").write_text("a file")
    ran = run(project, "generate", "--output", "taken")
    assert ran.returncode == 2
    assert "error: a part of this path is a file" in ran.stderr
    assert "taken" in ran.stderr


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_place_that_is_read_only_is_said_with_what_to_do(project: Path) -> None:
    (project / "locked").mkdir(mode=0o555)
    ran = run(project, "generate", "--output", "locked")
    assert ran.returncode == 2
    assert "error: this may not be read or written" in ran.stderr


@pytest.mark.parametrize(
    ("number", "title", "advice"),
    [
        (errno.ENOSPC, "there is no space left", "make room"),
        (errno.EDQUOT, "there is no space left", "make room"),
        (errno.EROFS, "this place is read-only", "--output or --snapshot"),
        (errno.EACCES, "this may not be read or written", "check whose it is"),
        (errno.EADDRINUSE, "the port is in use", "--port"),
        (errno.EMFILE, "too many files are open", "ulimit"),
        (errno.ELOOP, "the operating system refused", "check that this path exists"),
    ],
)
def test_the_advice_fits_the_error(number: int, title: str, advice: str) -> None:
    problem = system_problem(OSError(number, os.strerror(number), "/some/where"))
    assert (problem.title, str(problem.location), problem.found) == (title, "/some/where", os.strerror(number))
    assert advice in problem.next_step


def test_an_unknown_command_names_its_neighbours(project: Path) -> None:
    ran = run(project, "genrate")
    assert ran.returncode == 2
    assert "next       did you mean 'generate'? `typedrun --help` lists what it takes" in ran.stderr


@pytest.mark.parametrize(
    ("option", "word", "meant"), [("--function", "translatoin", "translation"), ("--supplier", "opneai", "openai")]
)
def test_an_unknown_function_or_supplier_names_its_neighbours(
    option: str, word: str, meant: str, tmp_path: Path
) -> None:
    ran = run(tmp_path, "models", option, word)
    assert ran.returncode == 2
    assert f"did you mean {meant!r}" in ran.stderr
