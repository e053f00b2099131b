"""What a command says, and where."""

import io
import sys
from pathlib import Path

import pytest

from typedrun_codegen.cli.terminal import Bar, Terminal
from typedrun_codegen.ir.problems import Location, Problem, problem_json
from typedrun_codegen.text.words import count, printable, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text, ünïcode ✓", "plain text, ünïcode ✓"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("left\u202eright\u200b", "left\\u202eright\\u200b"),
        ("\ud800", "\\ud800"),
        ("two\nlines\r", "two\nlines\\r"),
    ],
)
def test_what_could_steer_a_terminal_is_escaped(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_json_silences_everything_else_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(json=True)
    terminal.line("summary")
    terminal.answer("answer")
    terminal.document({"a": ["\u202eé"]})
    assert capsys.readouterr().out == '{\n  "a": [\n    "\\u202eé"\n  ]\n}\n'


def test_quiet_keeps_answers_and_problems(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(quiet=True)
    terminal.line("summary")
    terminal.note("remark")
    terminal.answer("answer")
    terminal.problems([Problem("it is wrong", Location("f.json", "/a"), found="\x1b[2J", next_step="fix it")])
    said = capsys.readouterr()
    assert said.out == "answer\n"
    assert said.err == "error: it is wrong\n  where      f.json#/a\n  found      \\x1b[2J\n  next       fix it\n"


def test_a_problem_as_json_leaves_out_what_is_empty() -> None:
    assert problem_json(Problem("t", Location("f"), model="m")) == {"title": "t", "model": "m", "file": "f"}


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "environment", "coloured"),
    [
        (Terminal(), {}, True),
        (Terminal(no_color=True), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_colours_need_a_screen_and_consent(
    terminal: Terminal, environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal.can_color(Screen()) is coloured
    assert not terminal.can_color(io.StringIO())


def test_progress_without_a_screen_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar(Terminal(), "pull") as bar:
        for done in range(1, 101):
            bar.step(done, 100, f"model {done}")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "pull: 1 of 100 (model 1)"
    assert lines[-1] == "pull: 100 of 100 (model 100)"
    assert len(lines) < 20


def test_progress_on_a_screen_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with Bar(Terminal(), "pull") as bar:
        bar.step(1, 2, "model")
    assert "pull" in screen.getvalue()


def test_paths_are_shown_as_one_would_type_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "a" / "b") == "a/b"
    assert shown(tmp_path.parent / "c") == str(tmp_path.parent / "c")


def test_nouns_agree_with_their_number() -> None:
    assert [count(number, "model") for number in (0, 1, 2)] == ["0 models", "1 model", "2 models"]
