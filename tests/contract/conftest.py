"""The published packages, against which ours are compared."""

from __future__ import annotations

import pytest

from published import published_python


@pytest.fixture(scope="session")
def reference_python() -> str:
    """The interpreter of an environment that holds the published package."""
    return published_python("aixplain==0.2.48", "TYPEDRUN_REFERENCE_PYTHON")


@pytest.fixture(scope="session")
def replicate_python() -> str:
    """The same for `replicate`."""
    return published_python("replicate==1.0.7", "TYPEDRUN_REPLICATE_PYTHON")


@pytest.fixture(scope="session")
def fal_python() -> str:
    """The same for `fal_client`."""
    return published_python("fal-client==1.0.3", "TYPEDRUN_FAL_PYTHON")
