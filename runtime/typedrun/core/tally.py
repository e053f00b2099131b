"""What was used up of further tries: by one request, and by all that a host was bothered with."""

from __future__ import annotations

from typedrun.records import evolve, frozen


@frozen()
class Tally:
    """What this request has used up so far."""

    retries: int = 0
    resends: int = 0


@frozen()
class Budget:
    """Retries that a host may still be bothered with: 10, each costs one, each success gives a tenth back.

    So a host that answers nothing gets the tries of a few requests, then one try each, however many threads call it.
    """

    tokens: float = 10.0
    full: float = 10.0
    cost: float = 1.0
    refund: float = 0.1

    def can_pay(self) -> bool:
        """Whether a retry is left."""
        return self.tokens >= self.cost

    def spent(self) -> Budget:
        """The budget after a retry."""
        return evolve(self, tokens=max(0.0, self.tokens - self.cost))

    def refunded(self) -> Budget:
        """The budget after a success."""
        return self if self.tokens >= self.full else evolve(self, tokens=min(self.full, self.tokens + self.refund))
