"""Problems: what is kept of one gives it again."""

from __future__ import annotations

import pytest

from typedrun_codegen.ir.problems import Location, Problem, problem_json, read_problem


@pytest.mark.parametrize(
    "problem",
    [
        Problem("a title", Location("a file", "/a/pointer"), "what was found", "what to do", "a model", "a parameter"),
        Problem("a title", Location("a file")),
    ],
    ids=["whole", "bare"],
)
def test_a_problem_that_was_kept_is_the_same_again(problem: Problem) -> None:
    kept = problem_json(problem)
    assert isinstance(kept, dict)
    assert read_problem(kept) == problem
