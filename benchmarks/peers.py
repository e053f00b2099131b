"""The peers, by the name of their environment: what each needs from the public registry."""

from pathlib import Path

from measure import peer_python

REQUIREMENTS = {
    "openai": ("openai",),
    "anthropic": ("anthropic",),
    "replicate": ("replicate",),
    "aixplain": ("aixplain==0.2.48",),
    "httpx": ("httpx",),
    "requests": ("requests",),
}


def interpreter(peer: str) -> Path | None:
    """The interpreter of the peer's own environment; None when it cannot be installed."""
    return peer_python(peer, REQUIREMENTS[peer])
