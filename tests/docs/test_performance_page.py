"""The figures of docs/performance.md are those of benchmarks/results.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def hold(code: str) -> None:
    """Run assertions where `benchmarks/page.py` is imported by its own name."""
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "benchmarks", capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_the_page_is_what_the_results_give() -> None:
    code = (
        "import page\n"
        "text = page.PAGE.read_text('utf-8')\n"
        "assert page.with_tables(text, page.RESULTS.read_text('utf-8')) == text, 'next: python benchmarks/page.py'\n"
    )
    hold(code)


def test_the_page_has_no_other_figures_of_measurements() -> None:
    code = (
        "import page, re\n"
        "words = page.without_tables(page.PAGE.read_text('utf-8'))\n"
        "typed = re.findall(r'\\d[\\d.,]* ?(?:×|%|(?:[mµ]?s|[KMG]iB|[KMG]B|seconds|times)\\b)', words)\n"
        "assert 'Growth' in words and not typed, typed\n"
    )
    hold(code)


def test_a_run_of_one_benchmark_leaves_the_tables_of_the_others() -> None:
    code = (
        "import run\n"
        "assert set(run.kept()) == set(run.BENCHMARKS)\n"
        "assert run.page_of(run.kept()) == run.RESULTS.read_text('utf-8')\n"
    )
    hold(code)
