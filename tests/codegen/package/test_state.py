"""The shortcut of an unchanged generation: taken only when nothing at all changed."""

from __future__ import annotations

import pytest

from typedrun_codegen.package.publish import publish
from typedrun_codegen.package.state import find_current


@pytest.fixture
def published(workshop):
    workshop.write([workshop.model(params=[workshop.param("text")])])
    publish(workshop.config)
    return workshop


def test_nothing_changed_is_known_without_generating(published):
    current = find_current(published.config)
    assert current is not None
    assert "models/acme/echo.py" in current.files
    assert current.counts["models"] == 1
    again = publish(published.config).report
    assert (again.written, again.removed) == ((), ())
    assert set(again.unchanged) == set(current.files)


def test_a_changed_catalog_is_generated_again(published):
    published.write([published.model("Other")])
    assert find_current(published.config) is None


@pytest.mark.parametrize("path", ["models/acme/echo.py", "manifest.json"])
def test_an_edited_file_is_generated_again(published, path):
    file = published.config.package_dir / path
    file.write_text(file.read_text() + "\n")
    assert find_current(published.config) is None


def test_a_missing_file_is_generated_again(published):
    (published.config.package_dir / "models/acme/echo.py").unlink()
    assert find_current(published.config) is None
    assert publish(published.config).report.written == ("models/acme/echo.py",)


def test_a_catalog_with_problems_is_read_every_time(workshop):
    workshop.write([workshop.model(), workshop.model("Twin")])
    assert publish(workshop.config).problems
    assert publish(workshop.config).problems
