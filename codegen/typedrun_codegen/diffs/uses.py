"""Which models some code uses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from typedrun_codegen.diffs.code import parse_files, read_code
from typedrun_codegen.diffs.impact import code_files, directory, unreadable
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.package.build import name_catalog
from typedrun_codegen.package.manifest import read_manifest
from typedrun_codegen.snapshots.store import read_snapshot
from typedrun_codegen.text.words import shown


@frozen(kw_only=True)
class Used:
    """The models of some code."""

    models: tuple[str, ...]
    """Paths, ids of those without one; sorted."""
    unknown: tuple[str, ...]
    """`file:line` of look-ups by something that is not written out there."""
    problems: tuple[Problem, ...]


def find_used(config: Config, paths: Sequence[Path]) -> Used:
    """Find the models that code uses: by attribute, class, id or path.

    Raises:
        UsageProblem: there is no snapshot, or no such code.
    """
    path = config.require_snapshot()
    catalog = marketplace(config.backend).reader().read_catalog(read_snapshot(path)).catalog
    names, _, _ = name_catalog(catalog, read_manifest(config.package_dir).names, config, path.name)
    parsed = parse_files(code_files(config, paths))
    code = read_code(parsed.trees, directory(config, names, catalog))
    labels = {model.id: model.path or model.id for model in catalog.models}
    known = {labels.get(site.model, site.model) for site in code.sites}
    return Used(
        models=tuple(sorted(known | {key for _, _, key in code.strangers})),
        unknown=tuple(f"{shown(file)}:{line}" for file, line in code.unknown),
        problems=unreadable(parsed),
    )
