"""Runs that an agent may ask for: those that were started here, under names that nobody can make up.

A job's token says where the backend is asked, and a client asks there with its key. An agent that reads strangers' texts can be talked into
any token, so it gets tokens with a seal, and no other is followed.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from typedrun.job import Job

_MOST: Final = 1000
"""Started runs that are kept; then the oldest is picked up by its token again."""


class SealedJobs:
    """Started runs by their sealed tokens."""

    def __init__(self, resume: Callable[[str], Job[Any]], key: str) -> None:
        """Keep nothing yet.

        Args:
            resume: Picks up a run by its token.
            key: Makes the seals; who has it, in another process too, made them.
        """
        self._resume = resume
        self._key = key.encode()
        self._jobs: dict[str, Job[Any]] = {}
        self._lock = threading.Lock()

    def keep(self, job: Job[Any]) -> str:
        """Keep a run; its sealed token."""
        token = job.token()
        name = f"{token}.{self._seal(token)}"
        with self._lock:
            self._jobs[name] = job
            while len(self._jobs) > _MOST:
                self._jobs.pop(next(iter(self._jobs)))
        return name

    def find(self, name: str) -> Job[Any] | None:
        """Find the run of a sealed token; None where the seal is not ours."""
        if (known := self._jobs.get(name)) is not None:
            return known
        token, _, seal = name.rpartition(".")
        is_ours = hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(token).encode())
        return self._resume(token) if is_ours else None

    def forget(self, name: str) -> None:
        """The run is over."""
        with self._lock:
            self._jobs.pop(name, None)

    def _seal(self, token: str) -> str:
        return hmac.digest(self._key, b"typedrun job " + token.encode("utf-8", "replace"), "sha256").hex()[:32]
