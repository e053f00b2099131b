"""The peers, by the name of their environment: what each needs from the public registry."""

import json
import subprocess
from pathlib import Path

from measure import ENVIRONMENTS, peer_python

REQUIREMENTS = {
    "openai": ("openai",),
    "anthropic": ("anthropic",),
    "replicate": ("replicate",),
    "aixplain": ("aixplain==0.2.48",),
    "httpx": ("httpx",),
    "requests": ("requests",),
    "pydantic": ("pydantic",),
    "dataclasses-json": ("dataclasses-json",),
    "openapi-python-client": ("openapi-python-client",),
    "datamodel-code-generator": ("datamodel-code-generator==0.89.0",),
    # The last four are what its packages need.
    "openapi-generator": ("openapi-generator-cli", "pydantic>=2.11", "python-dateutil", "typing-extensions", "urllib3"),
    "boto3-stubs": ("boto3", "boto3-stubs[s3]"),
    "orjson": ("attrs", "cattrs", "urllib3", "orjson"),
}
"""`orjson` is no peer: it is typedrun's own dependencies with the optional faster JSON."""


_asked: dict[str, None] = {}


def interpreter(peer: str) -> Path | None:
    """The interpreter of the peer's own environment; None when it cannot be installed."""
    _asked[peer] = None
    return peer_python(peer, REQUIREMENTS[peer])


def versions() -> list[str]:
    """Which versions of the peers were measured since the last call."""
    found = [version for version in map(_version, _asked) if version]
    _asked.clear()
    return [f"peers: {', '.join(found)}"] if found else []


def _version(peer: str) -> str:
    python = ENVIRONMENTS / peer / "bin" / "python"
    if not python.exists():
        return ""
    asked = f"import importlib.metadata as m, json; print(json.dumps(m.version({peer!r})))"
    ran = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)
    return f"{peer} {json.loads(ran.stdout)}" if ran.returncode == 0 else ""
