"""Budgets: limits that hold in a block of the program, and tags that the block's runs carry.

What is open is kept in a context variable, so that tasks of asyncio inherit it and blocks of different tasks do not mix. Python's
threads inherit no context (before 3.14, and there by choice), and a limit that holds in the thread that set it and not in the pool
that does the work is none. So `threading.Thread.start` notes, from the first block on, what is open where a thread is started: the
thread belongs to these blocks for as long as they are open. One that is older than the block is bound by `bind`.
"""

from __future__ import annotations

import functools
import math
import os
import threading
import weakref
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, ParamSpec, Self, TypeAlias, TypeVar

from typedrun.errors import BudgetExceeded, ValidationError
from typedrun.prices import Basis, Cost, exact, plain

if TYPE_CHECKING:
    from typedrun.core.protocols import Accounts

ParametersT = ParamSpec("ParametersT")
ReturnT = TypeVar("ReturnT")
Tag: TypeAlias = "str | int | float | bool | None"
Unpriced: TypeAlias = Literal["allow", "refuse"]


class _Lock:
    """One lock for all sums: a reservation is taken in every budget that holds, or in none.

    Reentrant, because a streamer that is collected as garbage closes its bill in whichever thread that happens; and held across a
    fork, so that the child starts with whole sums.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=lambda: self.lock.acquire(),
                after_in_parent=lambda: self.lock.release(),
                after_in_child=self._renew,
            )

    def _renew(self) -> None:
        self.lock = threading.RLock()


_SUMS: Final = _Lock()
_here: ContextVar[tuple[Frame, ...] | None] = ContextVar("typedrun frames", default=None)
_inherited: weakref.WeakKeyDictionary[threading.Thread, tuple[Frame, ...]] = weakref.WeakKeyDictionary()
"""Thread -> what was open where it was started."""


@functools.cache
def _watch_threads() -> None:
    """Make threads note what is open where they are started. Audit hooks would tell, too, but not in Python 3.11."""
    start = threading.Thread.start

    @functools.wraps(start)
    def noting_start(thread: threading.Thread) -> None:
        if frames := _frames():
            _inherited[thread] = frames
        start(thread)

    threading.Thread.start = noting_start  # type: ignore[method-assign, assignment]  # the purpose


class Frame:
    """An open block: a budget, or tags."""

    def __init__(self, books: Accounts) -> None:
        self._books = books
        self._tokens = list[Token[tuple[Frame, ...] | None]]()

    def __enter__(self) -> Self:
        _watch_threads()
        self._books.is_kept = True
        self._tokens.append(_here.set((*_frames(), self)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for token in self._tokens[::-1]:  # a copy: other threads leave the same block meanwhile
            try:
                _here.reset(token)
            except ValueError:  # of another thread or task, which opened the same one
                continue
            self._tokens.remove(token)
            return
        self._tokens.pop()  # a generator that was closed elsewhere than it was started: the block is over all the same

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trace)

    def bind(self, function: Callable[ParametersT, ReturnT]) -> Callable[ParametersT, ReturnT]:
        """Bind a function to what is open here: it runs under that wherever it is called, also in threads that are older than the block."""
        frames = _frames()

        @functools.wraps(function)
        def bound(*args: ParametersT.args, **kwargs: ParametersT.kwargs) -> ReturnT:
            token = _here.set(frames)
            try:
                return function(*args, **kwargs)
            finally:
                _here.reset(token)

        return bound

    def belongs_to(self, books: Accounts) -> bool:
        """Whether it was opened with the client of these books."""
        return self._books is books

    @property
    def is_open(self) -> bool:
        """Whether a block of it is open somewhere."""
        return bool(self._tokens)


def _frames() -> tuple[Frame, ...]:
    here = _here.get()
    if here is not None:
        return here
    return tuple(frame for frame in _inherited.get(threading.current_thread(), ()) if frame.is_open)


def budgets_of(books: Accounts) -> tuple[Budget, ...]:
    """The budgets that hold here for a client, outermost first; one that is open twice holds once."""
    found = [frame for frame in _frames() if isinstance(frame, Budget) and frame.belongs_to(books)]
    return tuple(dict.fromkeys(found))


def tags_of(books: Accounts) -> dict[str, Tag]:
    """The tags of the runs that start here; an inner block's win."""
    found = [frame.tags for frame in _frames() if isinstance(frame, Tags) and frame.belongs_to(books)]
    return {name: value for tags in found for name, value in tags.items()}


class Tags(Frame):
    """Words for the ledger, on every line of the block's runs."""

    def __init__(self, books: Accounts, tags: Mapping[str, Tag]) -> None:
        super().__init__(books)
        for name, value in tags.items():
            if not (value is None or isinstance(value, str | bool | int) or _is_finite(value)):
                raise ValidationError(f"Tag '{name}' must be a text, a number, True, False or None; got {value!r}")
        self.tags: dict[str, Tag] = dict(tags)


class Budget(Frame):
    """What the runs of a block may cost, and what they did.

    Amounts are credits (1 credit is 1 US dollar). Budgets hold within one process.
    """

    def __init__(self, books: Accounts, limit: float | Decimal, *, unpriced: Unpriced = "allow") -> None:
        super().__init__(books)
        given: object = limit
        if isinstance(given, bool) or not _is_finite(given) or limit < 0:
            raise ValidationError(f"The limit of a budget must be a number of credits of at least 0; got {limit!r}")
        if unpriced not in ("allow", "refuse"):
            raise ValidationError(f"unpriced must be 'allow' or 'refuse'; got {unpriced!r}")
        self.unpriced: Unpriced = unpriced
        """Whether a run may start whose cost the catalog does not tell, or tells only in part."""
        self._limit = limit if isinstance(limit, Decimal) else exact(limit)
        self._held = _ZERO
        self._possible = _ZERO
        self._by_basis: dict[Basis, Decimal] = {}
        self._runs = 0
        self._untold = 0

    @property
    def limit(self) -> float:
        """What may be spent."""
        return float(self._limit)

    @property
    def spent(self) -> float:
        """What finished runs cost."""
        return float(self._spent)

    @property
    def reserved(self) -> float:
        """The estimates of runs and jobs under way."""
        return float(self._held)

    @property
    def possible(self) -> float:
        """The estimates of runs that may have been executed, and of those whose cost nothing tells."""
        return float(self._possible)

    @property
    def left(self) -> float:
        """What further runs may cost; not below 0."""
        return float(max(_ZERO, self._left))

    @property
    def runs(self) -> int:
        """How many runs were billed."""
        return self._runs

    @property
    def untold(self) -> int:
        """How many of them cost what neither the answer nor the catalog tells; they are not in `spent`."""
        return self._untold

    @property
    def by_basis(self) -> Mapping[str, float]:
        """`spent` by where its amounts come from: `reported`, `metrics`, `usage`, `catalog`."""
        with _SUMS.lock:
            return {str(basis): float(amount) for basis, amount in self._by_basis.items()}

    def __float__(self) -> float:
        return self.spent

    def __repr__(self) -> str:
        parts = [f"{plain(self.spent)} of {plain(self.limit)} credits spent"]
        parts += [f"{plain(self.reserved)} reserved"] if self._held else []
        parts += [f"{plain(self.possible)} possibly spent"] if self._possible else []
        return f"Budget({', '.join(parts)})"

    @property
    def _spent(self) -> Decimal:
        with _SUMS.lock:
            return sum(self._by_basis.values(), _ZERO)

    @property
    def _left(self) -> Decimal:
        with _SUMS.lock:
            return self._limit - self._spent - self._held - self._possible

    def objection(self, cost: Cost, amount: Decimal) -> str | None:
        """Why a run must not start, as a sentence; None if it may.

        Args:
            cost: Its estimate.
            amount: What would be reserved for it.
        """
        is_told = cost.credits is not None and cost.is_complete
        if self.unpriced == "refuse" and not is_told:
            return f"what it would cost is not known ({cost.note}), and the budget takes no such runs"
        if amount > 0:
            return self._objection(f"it would cost {cost}") if amount > self._left else None
        return (
            self._objection(f"what it would cost is not known ({cost.note})")
            if not is_told and self._left <= 0
            else None
        )

    def _objection(self, why: str) -> str:
        used = [f"{plain(self.spent)} spent"]
        used += [f"{plain(self.reserved)} reserved for runs under way"] if self._held else []
        used += [f"{plain(self.possible)} possibly spent"] if self._possible else []
        return (
            f"{why}, and of the budget of {plain(self.limit)} credits {plain(self.left)} are left ({', '.join(used)})"
        )

    # --- for holds; under the lock

    def hold(self, amount: Decimal) -> None:
        """Reserve."""
        self._held += amount

    def release(self, amount: Decimal) -> None:
        """Give a reservation back."""
        self._held -= amount

    def keep(self, amount: Decimal) -> None:
        """Count an amount as possibly spent."""
        self._possible += amount

    def charge(self, cost: Cost) -> None:
        """Count what a run cost."""
        self._runs += 1
        if cost.credits is None:
            self._untold += 1
        else:
            self._by_basis[cost.basis] = self._by_basis.get(cost.basis, _ZERO) + exact(cost.credits)


class Hold:
    """What one run may cost, reserved in every budget that holds for it, until it is known."""

    def __init__(self, budgets: tuple[Budget, ...], once: Decimal, times: int) -> None:
        self._budgets = budgets
        self._once = once
        self._times = times
        self._is_held = True

    def charge(self, cost: Cost, lost: int = 0) -> None:
        """The run is over.

        Args:
            cost: What it cost.
            lost: How often it was sent before without anybody knowing what became of it.
        """
        untold = int(cost.credits is None)  # then its estimate stands for it
        with _SUMS.lock:
            if self._end():
                for budget in self._budgets:
                    budget.charge(cost)
                    budget.keep(self._once * (lost + untold))

    def release(self) -> None:
        """Give the amount back: the run was not executed, or not billed."""
        with _SUMS.lock:
            self._end()

    def keep(self, sent: int = 1) -> None:
        """Keep the amount reserved: whether the run was executed is unknown.

        Args:
            sent: How often it was sent.
        """
        with _SUMS.lock:
            if self._end():
                for budget in self._budgets:
                    budget.keep(self._once * sent)

    def _end(self) -> bool:
        """Whether it was held until now."""
        was_held, self._is_held = self._is_held, False
        if was_held:
            for budget in self._budgets:
                budget.release(self._once * self._times)
        return was_held


def reserve(budgets: tuple[Budget, ...], cost: Cost, model: str, times: int = 1) -> Hold:
    """Reserve the estimate of a run in every budget, or in none.

    Args:
        budgets: Those that hold.
        cost: The estimate.
        model: For the message.
        times: How often the run may be executed at most.

    Raises:
        BudgetExceeded: It would pass a limit.
    """
    once = exact(cost.credits or 0.0)
    amount = once * times
    with _SUMS.lock:
        for budget in budgets:
            if (objection := budget.objection(cost, amount)) is not None:
                raise BudgetExceeded(
                    f"Model {model} was not run: {objection}. Nothing was sent. Next: raise the limit, or run something cheaper",
                    model=model,
                    estimate=cost.credits,
                    limit=budget.limit,
                    left=budget.left,
                )
        for budget in budgets:
            budget.hold(amount)
    return Hold(budgets, once, times)


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and math.isfinite(value)


_ZERO: Final = Decimal(0)
