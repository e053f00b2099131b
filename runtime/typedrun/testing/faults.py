"""Bad days by seed: the same seed gives the same faults at the same moments."""

from __future__ import annotations

import random
from collections.abc import Callable

from attrs import evolve

from typedrun.core.request import Stage
from typedrun.testing.clock import VirtualClock
from typedrun.testing.network import Answer, Fault, Outcome, Received, ScriptedNetwork

Backend = Callable[[Received], Answer]
"""What the backend would answer on a good day; called only for requests that it executes."""
FaultMaker = Callable[[random.Random, Received, Backend], Outcome]


def _refused(_: random.Random, __: Received, ___: Backend) -> Outcome:
    return Fault(Stage.NEVER_SENT, "connection refused")


def _connect_timeout(_: random.Random, __: Received, ___: Backend) -> Outcome:
    return Fault(Stage.NEVER_SENT, "timed out", after=1e6)


def _lost_reply(_: random.Random, request: Received, backend: Backend) -> Outcome:
    backend(request)
    return Fault(Stage.NO_REPLY, "connection reset")


def _silence(_: random.Random, request: Received, backend: Backend) -> Outcome:
    backend(request)
    return Fault(Stage.NO_REPLY, "timed out", after=1e6)


def _cut_reply(dice: random.Random, request: Received, backend: Backend) -> Outcome:
    body = b"".join(backend(request).pieces())
    return Answer(body=body[: dice.randrange(len(body) + 1)], is_cut=True)


def _trickle(dice: random.Random, request: Received, backend: Backend) -> Outcome:
    answer = backend(request)
    body = b"".join(answer.pieces())
    return evolve(answer, blocks=tuple(body[at : at + 8] for at in range(0, len(body), 8)), between=dice.random() * 5)


def _slow(dice: random.Random, request: Received, backend: Backend) -> Outcome:
    return evolve(backend(request), after=dice.random() * 60)


def _refusal(status: int, **headers: str) -> FaultMaker:
    def refuse(_: random.Random, __: Received, ___: Backend) -> Outcome:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(status=status, json={"message": "not now", "statusCode": status}, headers=named)

    return refuse


def _executed_500(_: random.Random, request: Received, backend: Backend) -> Outcome:
    backend(request)  # the worst case: it ran, and the gateway lost the answer
    return Answer(status=500, json={"message": "internal error", "statusCode": 500})


def _html_page(_: random.Random, __: Received, ___: Backend) -> Outcome:
    return Answer(status=503, body=b"<html><body>Be right back</body></html>", headers={"retry-after": "1"})


FAULTS: dict[str, FaultMaker] = {
    "refused": _refused,
    "connect timeout": _connect_timeout,
    "lost reply": _lost_reply,
    "silence": _silence,
    "cut reply": _cut_reply,
    "trickle": _trickle,
    "slow": _slow,
    "429": _refusal(429),
    "429 with seconds": _refusal(429, Retry_After="2"),
    "429 for too long": _refusal(429, Retry_After="7200"),
    "497": _refusal(497),
    "503 with Retry-After": _refusal(503, Retry_After="1"),
    "503 page": _html_page,
    "500 after execution": _executed_500,
}
"""What can go wrong with one try, by name."""


class FaultyNetwork(ScriptedNetwork):
    """A backend behind a network that fails as the seed says.

    `history` names what happened to each try, so a failing seed can be read as a story.
    """

    def __init__(self, backend: Backend, *, seed: int, rate: float = 0.5, clock: VirtualClock | None = None) -> None:
        """Args: the backend, the seed, the share of tries that go wrong (default a half), the clock."""
        super().__init__(self._outcome, clock)
        self.seed = seed
        self.executed: list[Received] = []
        """Requests that the backend executed, whether or not the answer came back."""
        self.history: list[str] = []
        self._dice = random.Random(seed)  # noqa: S311  # a replayable schedule, no secret
        self._rate = rate
        self._backend = backend

    def _outcome(self, request: Received) -> Outcome:
        if self._dice.random() >= self._rate:
            self.history.append("fine")
            return self._execute(request)
        name = self._dice.choice(list(FAULTS))
        self.history.append(name)
        return FAULTS[name](self._dice, request, self._execute)

    def _execute(self, request: Received) -> Answer:
        self.executed.append(request)
        return self._backend(request)
