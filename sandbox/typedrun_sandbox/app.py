"""The one place that picks a marketplace by its name, and puts it and the engine together."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

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


def serve_snapshot(snapshot: Path, settings: Settings, package: str | None = None, marketplace: str = "") -> Served:
    """Make the backend of a snapshot: a directory, or a JSON list of models.

    Args:
        snapshot: where it is.
        settings: how it behaves.
        package: import name of what was generated from it; when None, that of the package that ships with typedrun for the
            snapshot that ships with it.
        marketplace: whose wire is spoken; when empty, that of the snapshot's manifest.

    Raises:
        UsageProblem: nothing at that path can be read as a snapshot, or its marketplace has no folder here.
    """
    name = marketplace or marketplace_name(snapshot)
    if name not in played():
        raise UsageProblem(_unknown(snapshot, name, is_named=bool(marketplace)))
    open_catalog: OpenCatalog = import_module(f"{_FOLDERS}.{name}.wire").open_catalog
    wire = open_catalog(read_snapshot(snapshot), settings)
    backend = Backend(wire, settings, generated_package(snapshot, name, package))
    return Served(backend, wire, build_app(backend, wire))


def played() -> list[str]:
    """The marketplaces that have a folder here."""
    names = (found.name for found in iter_modules(import_module(_FOLDERS).__path__) if found.ispkg)
    return sorted(names)


def snapshot_of(marketplace: str) -> Path:
    """The snapshot of a marketplace that ships with typedrun; of the first where none is named.

    Raises:
        UsageProblem: there is none.
    """
    if marketplace and not (marketplace in MARKETPLACES and marketplace in played()):
        raise UsageProblem(_unknown(Path(), marketplace, is_named=True))
    return shipped_snapshot(marketplace)


def marketplace_name(snapshot: Path) -> str:
    """The marketplace that a snapshot's manifest names; the first where there is no manifest, or it does not say."""
    return (read_manifest(snapshot).backend if snapshot.is_dir() else "") or DEFAULT.name


def snapshot_to_serve(configured: Path | None, marketplace: str) -> Path:
    """The configured snapshot where it is of this marketplace, or none is named; else the one that ships with typedrun.

    Raises:
        UsageProblem: there is none of this marketplace.
    """
    if configured is None or (marketplace and marketplace_name(configured) != marketplace):
        return snapshot_of(marketplace)
    return configured


def _unknown(snapshot: Path, name: str, *, is_named: bool) -> Problem:
    where = Location("--marketplace") if is_named else Location(str(snapshot / "manifest.json"), "/backend")
    known = ", ".join(played())
    return Problem(
        "the sandbox cannot play this marketplace",
        where,
        found=repr(name),
        next_step=f"name one of: {known}" if is_named else f"serve a snapshot of one of: {known}",
    )


def generated_package(snapshot: Path, name: str, package: str | None) -> Package | None:
    """The package whose call the page shows, if there is one."""
    known = MARKETPLACES.get(name)
    if known is None:
        return None
    if package is None and snapshot.resolve() == shipped_snapshot(name).resolve():
        package = known.package
    return Package(package, known.client) if package else None


def build_app(backend: Backend, marketplace: Marketplace) -> Starlette:
    """Build every endpoint of one sandbox."""
    own = (downloads, control, page)
    return Starlette(routes=[*marketplace.routes(backend), *(route for each in own for route in each.routes(backend))])
