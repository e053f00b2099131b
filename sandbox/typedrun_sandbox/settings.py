"""What can be set on a sandbox, and nothing that changes while it runs."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

SANDBOX_KEY = "typedrun-sandbox-key"
"""The key that a sandbox accepts unless it is given another."""


@frozen
class Certificate:
    """What makes a sandbox speak TLS: a certificate and its key, each a PEM file."""

    certificate: Path
    key: Path


@frozen(kw_only=True)
class Settings:
    """How the sandbox behaves. A marketplace may have a subclass with options of its own."""

    api_key: str = SANDBOX_KEY
    """The key that is accepted."""
    token_seconds: float = 0.01
    """Pause before each streamed frame, in seconds."""
    job_seconds: float = 0.0
    """How long an asynchronous job takes at least, in seconds."""
    job_polls: int = 2
    """How many polls find a job unfinished, at least."""
    validate: bool = True
    """Whether parameters are checked before a model runs."""
    certificate: Certificate | None = None
    """Speak TLS with this; plain HTTP when None."""
