"""The one place that picks a marketplace by its name, and puts it and the engine together."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen
from starlette.applications import Starlette

from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.marketplaces import DEFAULT, MARKETPLACES, shipped_snapshot
from typedrun_codegen.snapshots.store import read_manifest, read_snapshot
from typedrun_sandbox.engine import control, downloads, page
from typedrun_sandbox.engine.backend import Backend, Package
from typedrun_sandbox.marketplaces.protocol import Marketplace, OpenCatalog
from typedrun_sandbox.settings import Settings

_FOLDERS = "typedrun_sandbox.marketplaces"


@frozen
class Served:
    """What one sandbox is made of."""

    backend: Backend
    marketplace: Marketplace
    app: Starlette


def serve_snapshot(snapshot: Path, settings: Settings, package: str | None = None) -> Served:
    """Make the backend of a snapshot: a directory, or a JSON list of models.

    Args:
        snapshot: where it is.
        settings: how it behaves.
        package: import name of what was generated from it; when None, that of the package that ships with typedrun for the
            snapshot that ships with it.

    Raises:
        UsageProblem: nothing at that path can be read as a snapshot, or its marketplace has no folder here.
    """
    name = marketplace_name(snapshot)
    if name not in MARKETPLACES or find_spec(f"{_FOLDERS}.{name}") is None:
        raise UsageProblem(_unknown(snapshot, name))
    open_catalog: OpenCatalog = import_module(f"{_FOLDERS}.{name}.wire").open_catalog
    marketplace = open_catalog(read_snapshot(snapshot), settings)
    backend = Backend(marketplace, settings, generated_package(snapshot, name, package))
    return Served(backend, marketplace, build_app(backend, marketplace))


def marketplace_name(snapshot: Path) -> str:
    """The marketplace that a snapshot's manifest names; the first where there is no manifest, or it does not say."""
    return (read_manifest(snapshot).backend if snapshot.is_dir() else "") or DEFAULT.name


def _unknown(snapshot: Path, name: str) -> Problem:
    return Problem(
        "the sandbox cannot play this marketplace",
        Location(str(snapshot / "manifest.json"), "/backend"),
        found=repr(name),
        next_step=f"serve a snapshot of one of: {', '.join(MARKETPLACES)}",
    )


def generated_package(snapshot: Path, name: str, package: str | None) -> Package | None:
    """The package whose call the page shows, if there is one."""
    known = MARKETPLACES[name]
    if package is None and snapshot.resolve() == shipped_snapshot(name).resolve():
        package = known.package
    return Package(package, known.client) if package else None


def build_app(backend: Backend, marketplace: Marketplace) -> Starlette:
    """Every endpoint of one sandbox."""
    own = (downloads, control, page)
    return Starlette(routes=[*marketplace.routes(backend), *(route for each in own for route in each.routes(backend))])
