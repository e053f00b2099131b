"""What can be set on a sandbox that speaks aiXplain's wire, beyond what every sandbox has."""

from __future__ import annotations

from typing import Literal, TypeAlias

from attrs import asdict, frozen

from typedrun_sandbox.settings import Settings

Dialect: TypeAlias = Literal["auto", "data", "openai", "result"]
"""Which stream frames are sent; `auto` follows `options.raw` of the request, `result` is `data` with the whole result at the end."""

PollForm: TypeAlias = Literal[
    "v1-data", "v2-data", "sdk-models", "sdk-models-result", "sdk-runs", "sdk-runs-result", "relative"
]
"""Which kind of poll URL a job is given; every kind is answered, whichever is given out."""


@frozen(kw_only=True)
class AixplainSettings(Settings):
    """How the sandbox behaves as aiXplain."""

    dialect: Dialect = "auto"
    """Stream dialect."""
    poll_form: PollForm = "v1-data"
    """Form of the poll URLs that are given out."""


def own_settings(settings: Settings) -> AixplainSettings:
    """The settings with those of aiXplain, at their defaults where only the common ones were given."""
    if isinstance(settings, AixplainSettings):
        return settings
    return AixplainSettings(**asdict(settings, recurse=False))
