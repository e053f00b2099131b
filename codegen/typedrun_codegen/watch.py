"""Pull, generate and judge in one go: what `typedrun watch` does and says."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import evolve, frozen

from typedrun_codegen.diffs.checkers import Checker
from typedrun_codegen.diffs.report import FailOn, Report, as_json, as_markdown
from typedrun_codegen.diffs.sources import compare, looking_at
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.publish import Published, publish
from typedrun_codegen.snapshots.fetch import Progress
from typedrun_codegen.snapshots.pull import Pulled, pull
from typedrun_codegen.text.words import count, markdown_code, markdown_text, shown


@frozen(kw_only=True)
class Watched:
    """What the three steps brought."""

    pulled: Pulled
    published: Published
    report: Report | None
    """None after the first pull, which has nothing to be compared with."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that was skipped or held back, each once."""
        report = self.report
        impact = report.impact.problems if report is not None and report.impact is not None else ()
        compared = report.problems if report is not None else ()
        return tuple(dict.fromkeys((*self.pulled.problems, *self.published.problems, *compared, *impact)))

    @property
    def has_changed(self) -> bool:
        """Whether there is something to commit."""
        pulled, written = self.pulled, self.published.report
        return bool(
            pulled.added or pulled.changed or pulled.removed or pulled.lists or written.written or written.removed
        )

    @property
    def title(self) -> str:
        """Of the pull request."""
        report = self.report
        if report is not None and report.impact is not None:
            lines = report.impact.counts().get("breaking", 0)
            return (
                f"Model catalog changed: {count(lines, 'line')} of code {'breaks' if lines == 1 else 'break'}"
                if lines
                else "Model catalog changed"
            )
        breaking = report.counts()["breaking"] if report is not None else 0
        return f"Model catalog changed ({breaking} breaking)" if breaking else "Model catalog changed"

    def fails(self, fail_on: FailOn) -> bool:
        """Whether somebody must look at it before it is merged."""
        return self.report is not None and self.report.fails(fail_on)

    def body(self) -> Iterator[str]:
        """The text of the pull request, in Markdown."""
        if self.report is None:
            yield f"The first pull: {count(len(self.pulled.added), 'model')}."
        else:
            yield from as_markdown(evolve(self.report, problems=()))
        if self.problems:
            yield ""
            yield f"**Problems** ({len(self.problems)})"
            yield ""
            for problem in self.problems:
                place = markdown_code(str(problem.location))
                yield f"- {markdown_text(problem.title)}: {place}. {markdown_text(problem.next_step)}"

    def outputs(self, fail_on: FailOn) -> Iterator[str]:
        """`name=value` lines for the next step of a job."""
        yield f"changed={str(self.has_changed).lower()}"
        yield f"failing={str(self.fails(fail_on)).lower()}"
        yield f"title={self.title}"

    def as_json(self, fail_on: FailOn) -> JSON:
        """The answer of `typedrun watch --json`."""
        return {
            "changed": self.has_changed,
            "failing": self.fails(fail_on),
            "title": self.title,
            "pull": self.pulled.as_json(),
            "generate": self.published.as_json(),
            "diff": None if self.report is None else as_json(self.report),
        }


def watch(
    config: Config,
    progress: Progress,
    code: Sequence[Path],
    *,
    checker: Checker | None = None,
    api_key: str | None = None,
    backend_url: str | None = None,
    allow_removals: bool = False,
) -> Watched:
    """Pull the catalog, generate the package, and judge what changed.

    Args:
        config: the project.
        progress: shows how far the pull is.
        code: the user's code; empty looks at none.
        checker: which checker to ask.
        api_key: as for `pull`.
        backend_url: as for `pull`.
        allow_removals: as for `pull`.

    Raises:
        UsageProblem: the backend cannot be read, or the configuration is none to pull with.
        Interrupted: Ctrl-C or SIGTERM came.
    """
    with tempfile.TemporaryDirectory(prefix="typedrun-watch-") as scratch:
        before = Path(scratch) / "catalog"
        if config.snapshot is not None and config.snapshot.is_dir():
            shutil.copytree(config.snapshot, before)
        pulled = pull(config, progress, api_key=api_key, backend_url=backend_url, allow_removals=allow_removals)
        published = publish(config)
        report: Report | None = None
        if before.exists():
            look = looking_at(config, code, checker) if code else None
            found = compare(config, str(before), _no_pull, look)
            report = evolve(found, old="before", new=shown(pulled.snapshot))
    return Watched(pulled=pulled, published=published, report=report)


def _no_pull(config: Config) -> tuple[Problem, ...]:  # noqa: ARG001  # a `Puller`
    return ()
