"""The rules by which flows and drivers live together, on flows of a few lines."""

from collections.abc import Callable
from typing import Any

import pytest

from typedrun.core.effects import Call, Ended, Flow, Now, Sleep, Work
from typedrun.drivers.blocking import drive
from typedrun.errors import TypedrunError
from typedrun.testing import ScriptedNetwork, VirtualClock


def driven(flow: Flow[Any]) -> Any:
    clock = VirtualClock()
    return drive(flow, ScriptedNetwork([], clock), clock, lambda event: None)


def asking(what: type[Call] | type[Work], function: Callable[[], object], seen: list[object]) -> Flow[object]:
    try:
        return (yield Call(function, ()) if what is Call else Work(function))
    except TypedrunError as error:  # what a careless flow might do
        seen.append(error)
        return None
    except Ended as ended:
        seen.append(ended.error)
        raise
    finally:
        seen.append("cleaned up")


@pytest.mark.parametrize("what", [Call, Work])
def test_what_a_function_returns_is_the_outcome(what: type[Call] | type[Work]) -> None:
    assert driven(asking(what, lambda: 7, [])) == 7


@pytest.mark.parametrize("what", [Call, Work])
@pytest.mark.parametrize(
    "error", [TypedrunError("mine"), KeyboardInterrupt(), StopIteration(3)], ids=lambda e: type(e).__name__
)
def test_what_a_function_raises_goes_to_the_caller_and_no_flow_mistakes_it_for_the_networks(
    what: type[Call] | type[Work], error: BaseException
) -> None:
    def fail() -> None:
        raise error

    seen: list[object] = []
    with pytest.raises(type(error)) as caught:
        driven(asking(what, fail, seen))
    assert caught.value is error
    assert seen == [error, "cleaned up"]


def test_a_flow_that_goes_on_after_its_end_is_a_mistake_of_ours() -> None:
    def stubborn() -> Flow[None]:
        while True:
            try:
                yield Work(lambda: 1 // 0)
            except Ended:
                continue

    with pytest.raises(RuntimeError, match="went on"):
        driven(stubborn())


def test_waits_pass_on_the_clock() -> None:
    def waiting() -> Flow[float]:
        began: float = yield Now()
        yield Sleep(2.5)
        now: float = yield Now()
        return now - began

    assert driven(waiting()) == 2.5
