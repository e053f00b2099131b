"""`typedrun spend`: ledgers added up."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from typedrun.money.ledger import Entry
from typedrun_codegen.cli.app import main
from typedrun_codegen.look.spend import add_up, as_csv


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["spend", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def entry(model: str, cost: float | None, basis: str = "reported", day: int = 26, **more: Any) -> Entry:
    return Entry(f"2026-11-{day}T08:00:00.000000Z", model, cost, basis, **more)


ENTRIES = (
    entry("openai/gpt", 0.1, units=700, unit="token", tags={"job": "nightly"}),
    entry("openai/gpt", 0.2, "usage", units=50, unit="token", tags={"job": "nightly", "who": "me"}),
    entry("google/speech", 1.5, "catalog", day=27),
    entry("openai/gpt", 0.25, "possible", day=27),
    entry("openai/gpt", None, "unknown", day=27),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "spend.jsonl"
    path.write_bytes(b"".join(each.to_line() for each in ENTRIES))
    return path


def test_the_table_has_the_dearest_model_first(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, str(ledger))
    assert code == 0
    assert out.splitlines() == [
        "model          calls  credits  estimated  possible  untold",
        "google/speech      1      1.5        1.5         0       0",
        "openai/gpt         4      0.3          0      0.25       1",
        "total              5      1.8        1.5      0.25       1",
    ]
    assert err == "5 calls: 1.8 credits, possibly 0.25 more, 1 call of unknown cost\n"


def test_columns_in_which_nothing_stands_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "spend.jsonl"
    path.write_bytes(ENTRIES[0].to_line())
    _, out, _ = run(capsys, str(path), "--by", "day", "--quiet")
    assert out.splitlines() == [
        "day         calls  credits",
        "2026-11-26      1      0.1",
        "total           1      0.1",
    ]


def test_tags_are_rows_and_the_total_counts_each_call_once(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, str(ledger), "--by", "tag", "--json")
    said = json.loads(out)
    assert {row["key"]: row["credits"] for row in said["rows"]} == {"(no tag)": 1.5, "job=nightly": 0.3, "who=me": 0.2}
    assert said["total"] == {
        "key": "total",
        "calls": 5,
        "credits": 1.8,
        "by_basis": {"reported": 0.1, "usage": 0.2, "catalog": 1.5},
        "possible": 0.25,
        "untold": 1,
        "units": {"token": 750},
    }


def test_days_stand_in_their_order(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, str(ledger), "--by", "day", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["day"], row["credits"], row["catalog"]) for row in rows] == [
        ("2026-11-26", "0.3", "0"),
        ("2026-11-27", "1.5", "1.5"),
    ]


def test_the_plot_has_bars_in_proportion(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, str(ledger), "--plot")
    assert out.splitlines() == [f"google/speech  {'█' * 40} 1.5", f"openai/gpt     {'█' * 8} 0.3"]


def test_a_job_in_two_ledgers_counts_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / name for name in ("one.jsonl", "two.jsonl")]
    for path in paths:
        path.write_bytes(entry("m", 0.5, kind="job", job="j-1").to_line())
    _, out, _ = run(capsys, *map(str, paths), "--json")
    assert json.loads(out)["total"]["credits"] == 0.5


def test_a_line_that_is_none_is_told_and_the_rest_is_counted(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ledger.open("ab") as file:
        file.write(b'{"time": "2026-')
    code, out, err = run(capsys, str(ledger))
    assert code == 1
    assert f"{ledger}:6" in err
    assert "total" in out


def test_a_ledger_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, str(tmp_path / "none.jsonl"))
    assert (code, out) == (2, "")
    assert "there is no such file" in err


def test_a_name_from_a_backend_steers_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "spend.jsonl"
    path.write_bytes(entry("evil\x1b[31m\nname", 0.5).to_line())
    for options in ([], ["--plot"], ["--format", "csv"], ["--json"]):
        _, out, _ = run(capsys, str(path), *options)
        assert "\x1b" not in out


@pytest.mark.parametrize("name", ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_name_is_a_formula_in_a_spreadsheet(name: str) -> None:
    rows = list(csv.reader(as_csv(add_up([Entry("2026-11-27T08:00:00Z", name, 0.5, "reported")], "model"))))
    assert rows[1][0][0] == "'"
    assert rows[1][2] == "0.5"


def test_a_name_with_a_line_separator_stays_in_its_row() -> None:
    spend = add_up([Entry("2026-11-27T08:00:00Z", "a\u2028b\x85c", 0.5, "reported")], "model")
    assert len(list(as_csv(spend))) == 2


def test_nothing_spent_is_a_table_of_nothing() -> None:
    assert add_up((), "model").total.credits == 0
