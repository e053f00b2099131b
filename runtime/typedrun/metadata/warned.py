"""Warnings about the package that a user's program calls: each once for a client, with the line of that program."""

from __future__ import annotations

import warnings
from urllib.parse import urlsplit

from typedrun.metadata.described import DescribedModel

_SAMPLE = "sample"
"""Stands among the ids of models about which a client has warned, once this is settled; it is none."""


def warn_of_sample(model: DescribedModel) -> None:
    """Say once that the package's catalog is a sample, where a model of it is about to run at a real backend."""
    session = model.session
    registry = session.registry
    if registry is None or not registry.is_sample or _SAMPLE in session.warned:
        return
    if model.is_fetched or not model.is_generated:
        return
    session.warned.add(_SAMPLE)  # in play, too: where runs go is not asked again
    run_url: str = session.driver.rules.settings.run_url
    if session.driver.is_scripted or _is_loopback(urlsplit(run_url).hostname or ""):
        return
    from typedrun.errors import SampleCatalogWarning

    warnings.warn(
        f"{registry.package} was generated from a sample catalog: most of its parameters and prices are invented, {run_url} "
        f"may take others for {model.label}. Next: typedrun pull && typedrun generate",
        SampleCatalogWarning,
        stacklevel=frames_of_ours(),
    )


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def frames_of_ours() -> int:
    """How many frames above the caller of this are typedrun's: a warning names the line of the user's program."""
    import inspect

    frame, depth = inspect.currentframe(), 0
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "typedrun":
        frame, depth = frame.f_back, depth + 1
    return depth
