"""What a flow can ask for: values that a driver executes.

A flow is a generator. It yields an effect, is sent the outcome, and returns its result; it opens, reads and waits for nothing itself, so
every driver (blocking, asyncio) executes the same flows. Rules:
- Of what goes wrong, `Failure` alone (a try that brought no reply) is thrown into a flow as it is. Whatever else a driver meets (a hook
  or a callback that raises, a file that cannot be read, a signal handler, Ctrl-C, a cancelled task) ends the flow and goes to the caller:
  a flow cannot mistake it for the network's. It is told by `Ended`, which it lets through when it has cleaned up.
- A flow that ends in an error leaves nothing open: the driver closes the reply that it held.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar, final

from typedrun.core.request import Limits

if TYPE_CHECKING:
    from typedrun.core.bodies import Body
    from typedrun.core.transports import IncomingReply
    from typedrun.settings.events import Event


@final
class Send(NamedTuple):
    """Make one try of a request. Outcome: an `IncomingReply` whose head has arrived; or `Failure`."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | Body | None
    limits: Limits

    def __repr__(self) -> str:  # the key is among the headers
        return f"Send({self.method!r}, {self.url!r})"


@final
class ReadAll(NamedTuple):
    """Read a body. Outcome: its bytes, cut after `most`, and whether they are all; or `Failure`."""

    incoming: IncomingReply
    most: int
    until: float | None


DRAIN_SECONDS: Final = 0.05
"""How long the rest of a body that nobody wants is read: about what a new connection costs, of one to three round trips."""

DRAIN_BYTES: Final = 65536
"""How much of it: what comes in that time at 10 Mbit/s."""


@final
class Drain(NamedTuple):
    """Read what little is left of a body, so that its connection can be used again; else close it. Outcome: None."""

    incoming: IncomingReply


@final
class Sleep(NamedTuple):
    """Wait that many seconds. Outcome: None."""

    seconds: float


@final
class Now:
    """Look at the clock. Outcome: seconds."""


@final
class Tell(NamedTuple):
    """Tell the log and the hooks. Outcome: None."""

    event: Event


@final
class Call(NamedTuple):
    """Call a function of the caller's. Outcome: what it returns; an asyncio driver awaits that where it can be awaited."""

    function: Callable[..., Any]
    arguments: tuple[object, ...]


@final
class Work(NamedTuple):
    """Call a function that may block, on a file. Outcome: what it returns; an asyncio driver calls it in another thread."""

    function: Callable[[], Any]


class Ended(BaseException):
    """Thrown into a flow that something else than a `Failure` ends: the time to clean up, and to note on the error what is known."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error
        """What the caller gets."""
        self.leaves: object = None
        """What goes on elsewhere although the flow has ended, for whoever called the flow that knows it."""


def abandon(flow: Flow[Any], error: BaseException) -> None:
    """Tell a flow that an error ends it; one that raised the error itself is over already."""
    try:
        flow.throw(Ended(error))
    except Ended:
        return
    raise RuntimeError(f"a flow went on although {type(error).__name__} had ended it")


NOW: Final = Now()

Effect: TypeAlias = Send | ReadAll | Drain | Sleep | Now | Tell | Call | Work
T = TypeVar("T")
Flow: TypeAlias = Generator[Effect, Any, T]  # the outcome of an effect depends on which it is
