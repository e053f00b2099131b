"""Whoever imports this has generated a package: what a generation loads is loaded, and trials are forks (tests/warm.py)."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.warm import IS_HERE, Warm
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package import proof
from typedrun_codegen.package.publish import publish

sys.path.append(str(Path(__file__).parents[1]))  # a server of forks knows it as the folder in which it began alone
if IS_HERE:
    pytest.MonkeyPatch().setattr(proof, "_begin", Warm().begin)

with TemporaryDirectory() as folder:
    CATALOG = Path(__file__).with_name("golden") / "models-fields" / "catalog"
    publish(Config(root=Path(folder), snapshot=CATALOG, package="fields", output=Path(folder)))
