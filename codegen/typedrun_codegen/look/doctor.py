"""Where a catalog contradicts itself, for the people who keep it: what `typedrun doctor` finds, as table, JSON or Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, problem_json
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.snapshots.store import read_snapshot
from typedrun_codegen.text.words import count, markdown_code, markdown_text, printable_line, shown

FORMAT = 1
"""Version of the JSON document; a field may be added without raising it."""


@frozen(kw_only=True)
class Diagnosis:
    """What is wrong with a catalog."""

    snapshot: str
    models: int
    findings: tuple[Problem, ...]
    """Contradictions, which generated packages mend, and entries that cannot be read and are skipped; model by model."""

    def kinds(self) -> list[tuple[str, int]]:
        """How often each kind was found, the most frequent first."""
        return Counter(finding.title for finding in self.findings).most_common()

    def summary(self) -> str:
        """One line."""
        if not self.findings:
            return f"{self.snapshot}: {count(self.models, 'model')}, nothing to correct"
        ill = len({finding.model for finding in self.findings})
        return f"{self.snapshot}: {count(len(self.findings), 'finding')} in {ill} of {count(self.models, 'model')}"


def diagnose(config: Config) -> Diagnosis:
    """Examine the configured snapshot.

    Raises:
        UsageProblem: there is no snapshot, or it cannot be read.
    """
    path = config.require_snapshot()
    snapshot = read_snapshot(path)
    of = marketplace(config.backend).reader()
    read = of.read_catalog(snapshot)
    found = (*read.problems, *of.find_contradictions(read.catalog, snapshot.models))
    return Diagnosis(
        snapshot=shown(path),
        models=len(snapshot.models),
        findings=tuple(sorted(found, key=lambda finding: finding.model or "")),  # in the catalog's order within a model
    )


def as_json(diagnosis: Diagnosis) -> JSON:
    """The document of `--format json`, described in docs/cli.md."""
    return {
        "format": FORMAT,
        "snapshot": diagnosis.snapshot,
        "models": diagnosis.models,
        "summary": dict(diagnosis.kinds()),
        "findings": [problem_json(finding) for finding in diagnosis.findings],
    }


def as_table(diagnosis: Diagnosis) -> Iterator[str]:
    """A block for each model, three lines for each finding, then how often each kind was found."""
    for model, findings in groupby(diagnosis.findings, key=lambda finding: finding.model):
        yield printable_line(model or "(no model)")
        for finding in findings:
            subject = f"{finding.parameter}: " if finding.parameter else ""
            yield printable_line(f"  {subject}{finding.title}: {finding.found}")
            yield printable_line(f"    {finding.location}")
            yield printable_line(f"    {finding.next_step}")
        yield ""
    for kind, number in diagnosis.kinds():
        yield f"{number:>6}  {kind}"


def as_markdown(diagnosis: Diagnosis) -> Iterator[str]:
    """Text for an issue at the catalog's keepers: what there is of each kind, and where."""
    yield f"### {markdown_text(diagnosis.summary())}"
    for kind, number in diagnosis.kinds():
        yield ""
        yield f"**{markdown_text(kind)}** ({number})"
        yield ""
        yield "| Model | Parameter | Found | Where | Next |"
        yield "|---|---|---|---|---|"
        for finding in (each for each in diagnosis.findings if each.title == kind):
            cells = (
                markdown_text(finding.model or ""),
                markdown_code(finding.parameter or ""),
                markdown_text(finding.found),
                markdown_code(str(finding.location)),
                markdown_text(finding.next_step),
            )
            yield f"| {' | '.join(cells)} |"
