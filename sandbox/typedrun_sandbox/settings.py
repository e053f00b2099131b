"""What can be set on a sandbox, and nothing that changes while it runs."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import frozen

Dialect: TypeAlias = Literal["auto", "data", "openai"]
"""Which stream frames are sent; `auto` follows `options.raw` of the request."""

PollForm: TypeAlias = Literal[
    "v1-data", "v2-data", "sdk-models", "sdk-models-result", "sdk-runs", "sdk-runs-result", "relative"
]
"""Which kind of poll URL a job is given; every kind is answered, whichever is given out."""

SANDBOX_KEY = "typedrun-sandbox-key"
"""The key that a sandbox accepts unless it is given another."""


@frozen(kw_only=True)
class Settings:
    """How the sandbox behaves."""

    api_key: str = SANDBOX_KEY
    """The team key that is accepted."""
    token_seconds: float = 0.01
    """Pause before each streamed frame, in seconds."""
    job_seconds: float = 0.0
    """How long an asynchronous job takes at least, in seconds."""
    job_polls: int = 2
    """How many polls answer IN_PROGRESS before the result, at least."""
    dialect: Dialect = "auto"
    """Stream dialect."""
    poll_form: PollForm = "v1-data"
    """Form of the poll URLs that are given out."""
    validate: bool = True
    """Whether parameters are checked before a model runs (400 bodies)."""
