"""A transport that answers from a script."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from typedrun.core.bodies import Body
from typedrun.core.request import Failure, Limits, Stage, patience
from typedrun.core.transports import mark_cut
from typedrun.testing.clock import VirtualClock

_BLOCK = 65536


@frozen
class Received:
    """A request as it reached the scripted backend."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=lambda headers: f"<{', '.join(headers)}>")  # the key is among them
    body: bytes = field(repr=False)
    at: float
    """Seconds on the clock."""

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json_module.loads(self.body)


@frozen(kw_only=True)
class Answer:
    """A reply to give."""

    status: int = 200
    json: Any = None
    """The body as a JSON value; `body` or `blocks` take its place."""
    body: bytes | None = None
    blocks: tuple[bytes, ...] | None = None
    """The body in pieces, as a stream delivers it."""
    headers: Mapping[str, str] = field(factory=dict[str, str])
    after: float = 0.0
    """Seconds until the head arrives."""
    between: float = 0.0
    """Seconds before each piece of the body."""
    is_cut: bool = False
    """Whether the connection breaks where the body should end."""

    def pieces(self) -> tuple[bytes, ...]:
        """The body as it arrives."""
        if self.blocks is not None:
            return self.blocks
        body = json_module.dumps(self.json).encode() if self.body is None else self.body
        return (body,) if body else ()


@frozen
class Fault:
    """A try that brings no reply."""

    stage: Stage = Stage.NO_REPLY
    """`Stage.NEVER_SENT` does not reach the backend, `Stage.NO_REPLY` does."""
    what: str = "connection reset"
    after: float = 0.0
    """Seconds until it shows."""


Outcome: TypeAlias = Answer | Fault
Script: TypeAlias = Iterable[Outcome] | Callable[[Received], Outcome]


class ScriptedReply:
    """A reply whose pieces arrive by the clock."""

    def __init__(self, answer: Answer, limits: Limits, clock: VirtualClock) -> None:
        self.status: int = answer.status
        content = {} if answer.json is None else {"content-type": "application/json"}
        self.headers: Mapping[str, str] = content | {name.lower(): value for name, value in answer.headers.items()}
        self.was_kept: bool = False
        """Whether the body was read to its end, so that a real connection could be used again."""
        self.is_closed: bool = False
        self._pieces: Iterator[bytes] = iter(answer.pieces())
        self._answer = answer
        self._limits = limits
        self._clock = clock
        self._rest = b""

    def read(self, until: float | None) -> bytes:
        """Read the next bytes; `b""` at the end and after `close`."""
        if self.is_closed:
            return b""
        if not self._rest:
            self._rest = self._next_piece(until)
        block, self._rest = self._rest[:_BLOCK], self._rest[_BLOCK:]
        return block

    def read_all(self, most: int, until: float | None) -> tuple[bytes, bool]:
        """Read the body, and whether it is whole."""
        body = b""
        while block := self.read(until):
            body += block
            if len(body) > most:
                self.close()
                return body, False
        return body, True

    def drain(self, seconds: float, most: int) -> bool:
        """Read the rest if it is short and soon there."""
        until = self._clock.now() + seconds
        try:
            while block := self.read(until):
                most -= len(block)
                if most < 0:
                    break
            else:
                return self.was_kept
        except Failure:
            pass
        self.close()
        return False

    def close(self) -> None:
        """Break the connection off."""
        self.is_closed = True

    def _next_piece(self, until: float | None) -> bytes:
        piece = next(self._pieces, None)
        if piece is None:
            if self._answer.is_cut:
                raise Failure(Stage.NO_REPLY, "the reply was cut short")
            self.was_kept = True
            return b""
        pass_time(self._answer.between, self._limits.idle, until, self._clock, Stage.NO_REPLY)
        return piece


def pass_time(seconds: float, idle: float, until: float | None, clock: VirtualClock, stage: Stage) -> None:
    """Let time pass, or as much of it as the limits allow and then fail as a timeout does."""
    allowed = patience(idle, until, clock.now())
    if allowed <= 0 or seconds > allowed:
        clock.advance(allowed)
        raise Failure(stage, "timed out", timed_out=True)
    clock.advance(seconds)


class ScriptedNetwork:
    """Answers each request with the next outcome of the script, or with what a function makes of it.

    Running out of outcomes is an error of the test and raises `AssertionError`.
    """

    is_scripted = True
    """Tells a client that there is no backend: it does not warn of what only matters with one."""

    def __init__(self, script: Script, clock: VirtualClock | None = None) -> None:
        """Take the outcomes in order, or a function from a received request to an outcome."""
        self.clock: VirtualClock = clock or VirtualClock()
        self.received: list[Received] = []
        """Every request that reached the backend."""
        self.replies: list[ScriptedReply] = []
        """Every reply that was begun."""
        self._script = script if callable(script) else _in_order(script)

    @property
    def awaited(self) -> AsyncScriptedNetwork:
        """This network for asyncio clients, to be given to them with `clock.awaited`."""
        return AsyncScriptedNetwork(self)

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body | None, limits: Limits
    ) -> ScriptedReply:
        """One try; raises `Failure` as the script says."""
        content = body if isinstance(body, bytes) else b"" if body is None else b"".join(body.blocks())
        request = Received(method, url, dict(headers), content, self.clock.now())
        outcome = self._script(request)
        stage = outcome.stage if isinstance(outcome, Fault) else Stage.NO_REPLY
        if stage is not Stage.NEVER_SENT:
            self.received.append(request)
        idle = min(limits.idle, limits.connect) if stage is Stage.NEVER_SENT else limits.idle
        pass_time(outcome.after, idle, limits.until, self.clock, stage)
        if isinstance(outcome, Fault):
            raise Failure(outcome.stage, outcome.what, timed_out="timed out" in outcome.what)
        reply = ScriptedReply(outcome, limits, self.clock)
        self.replies.append(reply)
        return reply

    def close(self) -> None:
        """Nothing is open."""


class AsyncScriptedReply:
    """A scripted reply that is awaited."""

    def __init__(self, reply: ScriptedReply) -> None:
        """Read that reply."""
        self._reply = reply
        self.status: int = reply.status
        self.headers: Mapping[str, str] = reply.headers

    async def read(self, until: float | None) -> bytes:
        """Read the next bytes; `b""` at the end and after `close`."""
        await self._take_turns()
        return self._reply.read(until)

    async def read_all(self, most: int, until: float | None) -> tuple[bytes, bool]:
        """Read the body, and whether it is whole."""
        await self._take_turns()
        return self._reply.read_all(most, until)

    async def drain(self, seconds: float, most: int) -> bool:
        """Read the rest if it is short and soon there."""
        return self._reply.drain(seconds, most)

    def close(self) -> None:
        """Break the connection off."""
        self._reply.close()

    async def _take_turns(self) -> None:
        import asyncio  # tests of blocking clients have no event loop

        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.close()
            raise


class AsyncScriptedNetwork:
    """A scripted network that is awaited: other tasks take their turns before a request is sent, before its head and before its body."""

    is_scripted = True

    def __init__(self, network: ScriptedNetwork) -> None:
        """Answers as that network does."""
        self._network = network

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body | None, limits: Limits
    ) -> AsyncScriptedReply:
        """One try; raises `Failure` as the script says."""
        import asyncio  # as above

        stage = Stage.NEVER_SENT
        try:
            await asyncio.sleep(0)
            stage = Stage.NO_REPLY
            reply = self._network.exchange(method, url, headers, body, limits)
            await asyncio.sleep(0)
        except asyncio.CancelledError as error:
            mark_cut(error, stage)
            raise
        return AsyncScriptedReply(reply)

    async def close(self) -> None:
        """Nothing is open."""


def _in_order(outcomes: Iterable[Outcome]) -> Callable[[Received], Outcome]:
    rest = iter(outcomes)

    def next_outcome(request: Received) -> Outcome:
        outcome = next(rest, None)
        if outcome is None:
            raise AssertionError(f"the script has no outcome left for {request.method} {request.url}")
        return outcome

    return next_outcome
