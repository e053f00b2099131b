"""A backend in a script and a clock that nobody waits for: tests of code that uses typedrun, and of typedrun itself.

    clock = VirtualClock()
    network = ScriptedNetwork([Answer(json={"status": "SUCCESS", "completed": True, "data": "Hola"})], clock)
    client = Client(api_key="test", transport=network, clock=clock)

An asyncio client gets both as `AsyncClient(api_key="test", transport=network.awaited, clock=clock.awaited)`. Everything but sockets
is the real thing: retries, deadlines, polling, decoding, errors.
"""

from typedrun.testing.clock import VirtualClock
from typedrun.testing.faults import FAULTS, FaultyNetwork
from typedrun.testing.network import Answer, Fault, Received, ScriptedNetwork

__all__ = ["FAULTS", "Answer", "Fault", "FaultyNetwork", "Received", "ScriptedNetwork", "VirtualClock"]
