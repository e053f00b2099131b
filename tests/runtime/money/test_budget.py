"""Budgets: what is reserved, refused, counted; in nested blocks, threads, tasks and forks."""

import asyncio
import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.conftest import Bench
from tests.strategies import AMOUNTS
from typedrun.client import Client
from typedrun.core.request import Stage
from typedrun.errors import (
    BudgetExceeded,
    InvalidRequestError,
    OperationFailedError,
    OutcomeUnknown,
    StreamInterrupted,
    TimeoutError,  # noqa: A004
    TransportError,
    ValidationError,
)
from typedrun.money.budget import Budget, Hold, reserve
from typedrun.prices import Basis, Cost
from typedrun.testing import Answer, Fault

PRICED = {"pricing": {"price": 0.1, "unitType": "REQUEST", "unitTypeScale": None}}


def finished(credits: float | None = None, **fields: Any) -> Answer:
    body = {"status": "SUCCESS", "completed": True, "data": "Hola", "requestId": "r-1"} | fields
    return Answer(json=body if credits is None else body | {"usedCredits": credits})


def frames(*events: str) -> Answer:
    return Answer(
        blocks=tuple(f"data: {event}\n\n".encode() for event in events), headers={"content-type": "text/event-stream"}
    )


# --- what a block counts


def test_a_budget_counts_what_answers_report(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(finished(0.25), finished(0.5))
    model = here.model(translator | PRICED)
    with here.client.budget(2.5) as spent:
        model.run(text="one", targetlanguage="es")
        model.run(text="two", targetlanguage="es")
    assert (spent.spent, spent.left, spent.reserved, spent.runs) == (0.75, 1.75, 0.0, 2)
    assert spent.by_basis == {"reported": 0.75}


def test_a_run_that_would_pass_the_limit_is_refused_before_a_byte_is_sent(
    bench: type[Bench], translator: dict[str, Any]
) -> None:
    here = bench(finished(0.1), finished(0.1))
    model = here.model(translator | PRICED)
    with here.client.budget(0.25) as spent:
        model.run(text="one", targetlanguage="es")
        model.run(text="two", targetlanguage="es")
        with pytest.raises(
            BudgetExceeded, match=r"would cost 0\.1 credits \(catalog, 1 request\).* 0\.05 are left"
        ) as refused:
            model.run(text="three", targetlanguage="es")
    assert len(here.sent) == 2
    assert (refused.value.estimate, refused.value.limit, refused.value.left) == (0.1, 0.25, 0.05)
    assert spent.spent == 0.2


def test_a_limit_can_be_spent_to_the_last_tenth_of_a_cent(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(*[finished(0.1)] * 3)
    model = here.model(translator | PRICED)
    with here.client.budget(0.3) as spent:  # 0.1 + 0.1 + 0.1 is more than 0.3 in binary fractions
        for _ in range(3):
            model.run(text="x", targetlanguage="es")
    assert (spent.spent, spent.left) == (0.3, 0.0)


def test_all_nested_budgets_hold(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(*[finished(0.1)] * 3)
    model = here.model(translator | PRICED)
    with here.client.budget(0.3) as outer:
        with here.client.budget(0.1) as inner:
            model.run(text="x", targetlanguage="es")
            with pytest.raises(BudgetExceeded, match=r"budget of 0\.1"):
                model.run(text="x", targetlanguage="es")
        with here.client.budget(10) as generous:
            model.run(text="x", targetlanguage="es")
            model.run(text="x", targetlanguage="es")
            with pytest.raises(BudgetExceeded, match=r"budget of 0\.3"):
                model.run(text="x", targetlanguage="es")
    assert (outer.spent, inner.spent, generous.spent, generous.reserved) == (0.3, 0.1, 0.2, 0.0)


def test_after_its_block_a_budget_holds_no_more(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(finished(0.1))
    with here.client.budget(0) as spent:
        pass
    here.model(translator | PRICED).run(text="x", targetlanguage="es")
    assert spent.runs == 0


def test_a_budget_is_its_clients(bench: type[Bench], translator: dict[str, Any]) -> None:
    here, there = bench(), bench(finished(0.1))
    with here.client.budget(0) as spent:
        there.model(translator | PRICED).run(text="x", targetlanguage="es")
    assert spent.runs == 0


@pytest.mark.parametrize("limit", [-1, float("nan"), float("inf"), True, "2.50", None])
def test_a_limit_that_is_no_amount_is_refused(bench: type[Bench], limit: Any) -> None:
    with pytest.raises(ValidationError, match="must be a number of credits"):
        bench().client.budget(limit)


def test_a_budget_says_in_short_how_it_stands(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(finished(0.1))
    with here.client.budget(Decimal("2.50")) as spent:
        here.model(translator | PRICED).run(text="x", targetlanguage="es")
    assert repr(spent) == "Budget(0.1 of 2.5 credits spent)"
    assert float(spent) == 0.1


# --- runs whose cost is not told


def test_a_run_without_a_price_may_start_while_something_is_left(
    bench: type[Bench], translator: dict[str, Any]
) -> None:
    here = bench(finished(0.4), finished())
    model = here.model(translator)
    with here.client.budget(0.3) as spent:
        model.run(text="x", targetlanguage="es")
        with pytest.raises(BudgetExceeded, match="not known"):
            model.run(text="x", targetlanguage="es")
    assert (spent.spent, spent.left, spent.untold) == (0.4, 0.0, 0)


def test_a_strict_budget_refuses_runs_without_a_price(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench()
    with here.client.budget(10, unpriced="refuse"), pytest.raises(BudgetExceeded, match="names no price"):
        here.model(translator).run(text="x", targetlanguage="es")
    assert here.sent == []


def test_a_cost_that_nobody_tells_is_counted_as_untold(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(finished())
    with here.client.budget(1) as spent:
        here.model(translator).run(text="x", targetlanguage="es")
    assert (spent.spent, spent.runs, spent.untold) == (0.0, 1, 1)


def test_a_cost_that_nobody_tells_stays_reserved_as_far_as_it_was_estimated(
    bench: type[Bench], language_model: dict[str, Any]
) -> None:
    here = bench(finished(data={"odd": True}))
    with here.client.budget(1) as spent:
        here.model(language_model | TOKENS).run(text="x" * 30)
    assert (spent.spent, spent.untold, spent.possible, spent.left) == (0.0, 1, 0.01, 0.99)


def test_a_free_model_runs_even_when_nothing_is_left(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(finished())
    free = translator | {"pricing": {"id": "free"}}
    with here.client.budget(0) as spent:
        here.model(free).run(text="x", targetlanguage="es")
    assert (spent.spent, spent.runs, spent.untold) == (0.0, 1, 0)


# --- errors


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (Answer(status=400, json={"message": "no"}), InvalidRequestError),
        (Answer(status=200, json={"status": "FAILED", "completed": True, "supplierError": "no"}), OperationFailedError),
        (Fault(Stage.NEVER_SENT), TransportError),
    ],
)
def test_a_run_that_was_not_executed_costs_nothing(
    bench: type[Bench], translator: dict[str, Any], outcome: Any, error: type[Exception]
) -> None:
    here = bench(lambda _: outcome)
    with here.client.budget(1) as spent, pytest.raises(error):
        here.model(translator | PRICED).run(text="x", targetlanguage="es")
    assert (spent.spent, spent.reserved, spent.possible, spent.left) == (0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    "outcome", [Fault(Stage.NO_REPLY), Answer(status=500, json={}), Answer(status=200, body=b"<html>")]
)
def test_a_run_whose_outcome_is_unknown_keeps_its_reservation(
    bench: type[Bench], translator: dict[str, Any], outcome: Any
) -> None:
    here = bench(outcome)
    with here.client.budget(1) as spent, pytest.raises(Exception, match=r"."):
        here.model(translator | PRICED).run(text="x", targetlanguage="es")
    assert (spent.spent, spent.reserved, spent.possible, spent.left) == (0.0, 0.0, 0.1, 0.9)


def test_each_further_try_of_a_run_is_reserved_and_kept(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(Fault(Stage.NO_REPLY), Fault(Stage.NO_REPLY), finished(0.1))
    model = here.model(translator | PRICED)
    with here.client.budget(0.35) as spent:
        with pytest.raises(BudgetExceeded):
            model.run(text="x", targetlanguage="es", run_retries=3)
        model.run(text="x", targetlanguage="es", run_retries=2)
    assert (spent.spent, spent.possible, spent.reserved) == (0.1, 0.2, 0.0)


def test_a_failed_run_that_names_its_cost_is_counted(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(Answer(json={"status": "FAILED", "completed": True, "supplierError": "no", "usedCredits": 0.07}))
    with here.client.budget(1) as spent, pytest.raises(OperationFailedError):
        here.model(translator | PRICED).run(text="x", targetlanguage="es")
    assert (spent.spent, spent.runs) == (0.07, 1)


def test_an_upload_that_fails_gives_the_reservation_back(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(lambda _: Answer(status=403, json={}))
    document = translator | PRICED | {"params": [{"name": "audio", "required": True, "dataType": "audio"}]}
    with here.client.budget(1) as spent, pytest.raises(Exception, match=r"."):
        here.model(document).run(audio=b"RIFF")
    assert (spent.possible, spent.reserved) == (0.0, 0.0)


# --- jobs

STARTED = {
    "status": "IN_PROGRESS",
    "completed": False,
    "data": "https://platform.test/sdk/runs/j-1",
    "requestId": "r-1",
}


def test_a_job_is_reserved_until_it_is_over(bench: type[Bench], language_model: dict[str, Any]) -> None:
    here = bench(Answer(json=STARTED), Answer(json={"status": "IN_PROGRESS", "completed": False}), finished(0.04))
    model = here.model(language_model | PRICED)
    with here.client.budget(0.1) as spent:
        job = model.run_async(text="x")
        with pytest.raises(BudgetExceeded, match="reserved for runs under way"):
            model.run_async(text="x")
    assert (spent.spent, spent.reserved) == (0.0, 0.1)
    job.wait()
    assert (spent.spent, spent.reserved, spent.runs) == (0.04, 0.0, 1)
    job.result()
    assert spent.runs == 1


def test_a_job_that_is_picked_up_by_its_token_is_billed_once(
    bench: type[Bench], language_model: dict[str, Any]
) -> None:
    here = bench(Answer(json=STARTED), finished(0.04), finished(0.04))
    with here.client.budget(1) as spent:
        job = here.model(language_model | PRICED).run_async(text="x")
    here.client.job(job.token()).wait()
    job.wait()
    assert (spent.spent, spent.reserved, spent.runs) == (0.04, 0.0, 1)


def test_a_wait_that_times_out_leaves_the_reservation(bench: type[Bench], language_model: dict[str, Any]) -> None:
    here = bench(Answer(json=STARTED), *[Answer(json={"status": "IN_PROGRESS", "completed": False})] * 200)
    with here.client.budget(1) as spent, pytest.raises(TimeoutError):
        here.model(language_model | PRICED).run(text="x", timeout=5)
    assert (spent.reserved, spent.possible) == (0.1, 0.0)


def test_a_job_that_fails_gives_its_reservation_back(bench: type[Bench], language_model: dict[str, Any]) -> None:
    here = bench(Answer(json=STARTED), Answer(json={"status": "FAILED", "completed": True, "supplierError": "no"}))
    with here.client.budget(1) as spent, pytest.raises(OperationFailedError):
        here.model(language_model | PRICED).run(text="x")
    assert (spent.reserved, spent.possible, spent.spent) == (0.0, 0.0, 0.0)


# --- streams

TOKENS = {"pricing": {"price": 0.001, "unitType": "TOKEN", "unitTypeScale": None}}


def test_a_stream_is_billed_by_its_usage(bench: type[Bench], language_model: dict[str, Any]) -> None:
    here = bench(
        frames(
            '{"data": "Hel"}', '{"data": "lo", "finish_reason": "stop"}', '{"usage": {"total_tokens": 12}}', "[DONE]"
        )
    )
    with here.client.budget(1) as spent, here.model(language_model | TOKENS).run_stream(text="x") as stream:
        assert "".join(chunk.data for chunk in stream) == "Hello"
    assert spent.by_basis == {"usage": 0.012}


def test_a_stream_that_breaks_off_keeps_its_reservation(bench: type[Bench], language_model: dict[str, Any]) -> None:
    here = bench(frames('{"data": "Hel"}'))
    with here.client.budget(1) as spent:
        stream = here.model(language_model | PRICED).run_stream(text="x")
        assert spent.reserved == 0.1
        with pytest.raises(StreamInterrupted):
            list(stream)
    assert (spent.reserved, spent.possible, spent.spent) == (0.0, 0.1, 0.0)


def test_a_stream_that_is_closed_early_keeps_its_reservation(
    bench: type[Bench], language_model: dict[str, Any]
) -> None:
    here = bench(frames('{"data": "Hel"}', '{"data": "lo", "finish_reason": "stop"}', "[DONE]"))
    with here.client.budget(1) as spent, here.model(language_model | PRICED).run_stream(text="x"):
        pass
    assert (spent.reserved, spent.possible) == (0.0, 0.1)


# --- the older surface


def test_llm_runs_are_counted_and_refused_alike(bench: type[Bench]) -> None:
    here = bench(finished(0.2), Answer(json=STARTED), finished(0.05))
    llm = here.client.LLM(
        "64aaaaaaaaaaaaaaaaaaaaaa", "Quill", function="text-generation", cost={"price": 0.1, "unitType": "REQUEST"}
    )
    with here.client.budget(0.35) as spent:
        assert llm.run("one").data == "Hola"
        started = llm.run_async("two")
        assert (spent.spent, spent.reserved) == (0.2, 0.1)
        with pytest.raises(BudgetExceeded):
            llm.run("three")
        with pytest.raises(BudgetExceeded):
            llm.run_stream("three")
        assert llm.poll(started.url or "").data == "Hola"
    assert (spent.spent, spent.reserved, spent.runs) == (0.25, 0.0, 2)


def test_an_llm_run_with_an_unknown_outcome_keeps_its_reservation(bench: type[Bench]) -> None:
    here = bench(Fault(Stage.NO_REPLY))
    llm = here.client.LLM(
        "64aaaaaaaaaaaaaaaaaaaaaa", "Quill", function="text-generation", cost={"price": 0.1, "unitType": "REQUEST"}
    )
    with here.client.budget(1) as spent:
        assert isinstance(llm.run("one").exception, OutcomeUnknown)
    assert spent.possible == 0.1


# --- threads, tasks, forks


def test_runs_at_the_same_time_do_not_pass_a_limit_together(bench: type[Bench], translator: dict[str, Any]) -> None:
    under_way = threading.Barrier(3)

    def slow(_request: object) -> Answer:
        under_way.wait(30)  # so many are allowed at once, and no more
        return finished(0.1)

    here = bench(slow)
    model = here.model(translator | PRICED)
    refused = list[BaseException]()

    def run(_number: int) -> None:
        try:
            model.run(text="x", targetlanguage="es")
        except BudgetExceeded as error:
            refused.append(error)

    with here.client.budget(0.3) as spent, ThreadPoolExecutor(12) as pool:
        list(pool.map(run, range(12)))
    assert (len(refused), spent.spent, len(here.sent)) == (9, 0.3, 3)


def test_a_thread_that_is_older_than_the_block_is_bound_to_it(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(finished(0.1), finished(0.1))
    model = here.model(translator | PRICED)

    def run() -> None:
        model.run(text="x", targetlanguage="es")

    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()  # now its thread exists
        with here.client.budget(1) as spent:
            pool.submit(run).result()
            assert spent.runs == 0
            pool.submit(spent.bind(run)).result()
            assert spent.runs == 1


def test_a_thread_leaves_the_block_that_started_it_when_the_block_ends(
    bench: type[Bench], translator: dict[str, Any]
) -> None:
    here = bench(finished(0.1), finished(0.1))
    model = here.model(translator | PRICED)

    def run() -> None:
        model.run(text="x", targetlanguage="es")

    with ThreadPoolExecutor(1) as pool:
        with here.client.budget(0.1) as spent:
            pool.submit(run).result()
        pool.submit(run).result()
    assert spent.runs == 1


def test_a_thread_that_a_thread_of_the_block_starts_belongs_to_it(
    bench: type[Bench], translator: dict[str, Any]
) -> None:
    here = bench(finished(0.1))
    model = here.model(translator | PRICED)

    def run() -> None:
        thread = threading.Thread(target=model.run, kwargs={"text": "x", "targetlanguage": "es"})
        thread.start()
        thread.join()

    with here.client.budget(1) as spent:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    assert spent.runs == 1


def test_blocks_of_two_threads_do_not_mix(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(*[finished(0.1)] * 2)
    model = here.model(translator | PRICED)
    both = threading.Barrier(2)
    sums = list[float]()

    def work() -> None:
        with here.client.budget(1) as spent:
            both.wait(30)
            model.run(text="x", targetlanguage="es")
            both.wait(30)
        sums.append(spent.spent)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums == [0.1, 0.1]


def test_tasks_of_asyncio_belong_to_the_block_that_starts_them(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(*[finished(0.1)] * 3)
    model = here.model(translator | PRICED)

    async def one() -> None:
        await asyncio.to_thread(model.run, text="x", targetlanguage="es")

    async def main() -> tuple[Budget, Budget]:
        async with here.client.budget(1) as outer:
            async with here.client.budget(1) as inner:
                task = asyncio.create_task(one())
            await asyncio.gather(one(), task)
        await one()
        return outer, inner

    outer, inner = asyncio.run(main())
    assert (outer.runs, inner.runs) == (2, 1)


def test_one_budget_can_be_shared_by_several_blocks(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(*[finished(0.1)] * 8)
    model = here.model(translator | PRICED)
    shared = here.client.budget(0.5)
    refused = list[BaseException]()

    def work() -> None:
        with shared:
            try:
                model.run(text="x", targetlanguage="es")
            except BudgetExceeded as error:
                refused.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (shared.runs, len(refused)) == (5, 3)
    model.run(text="x", targetlanguage="es")
    assert shared.runs == 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_goes_on_with_whole_sums_of_its_own(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench(*[finished(0.1)] * 9)
    model = here.model(translator | PRICED)
    with here.client.budget(0.3) as spent:
        model.run(text="x", targetlanguage="es")
        context = multiprocessing.get_context("fork")
        told = context.Queue()

        def child() -> None:
            model.run(text="x", targetlanguage="es")
            told.put(spent.spent)

        process = context.Process(target=child)
        process.start()
        assert told.get(timeout=60) == 0.2
        process.join(60)
    assert spent.spent == 0.1


# --- properties

ENDS = st.sampled_from(["charge", "release", "keep", "hold"])


def make(limit: float) -> Budget:
    return Budget(Client("canary-0123456789").driver.rules.books, limit)


@given(st.lists(AMOUNTS, min_size=1, max_size=4), st.lists(st.tuples(AMOUNTS, ENDS), max_size=30))
def test_no_budget_is_passed_by_runs_that_cost_what_was_estimated(
    limits: list[float], runs: list[tuple[float, str]]
) -> None:
    budgets = tuple(map(make, limits))
    used = Decimal(0)
    for amount, end in runs:
        cost = Cost(amount, Basis.CATALOG)
        fits = all(used + Decimal(str(amount)) <= Decimal(str(limit)) for limit in limits) or amount == 0
        try:
            hold: Hold = reserve(budgets, cost, "m")
        except BudgetExceeded:
            assert not fits
            continue
        assert fits
        if end == "charge":
            hold.charge(cost)
            hold.charge(cost)  # a second end is none
        elif end == "release":
            hold.release()
            continue
        elif end == "keep":
            hold.keep()
        used += Decimal(str(amount))
    for budget in budgets:
        assert Decimal(str(budget.spent)) + Decimal(str(budget.reserved)) + Decimal(str(budget.possible)) == used


@given(st.lists(AMOUNTS, min_size=1, max_size=24), AMOUNTS, AMOUNTS)
def test_threads_that_reserve_together_pass_neither_of_two_limits(
    amounts: list[float], outer: float, inner: float
) -> None:
    budgets = (make(outer), make(inner))

    def run(amount: float) -> float:
        try:
            reserve(budgets, Cost(amount, Basis.CATALOG), "m").charge(Cost(amount, Basis.CATALOG))
        except BudgetExceeded:
            return 0.0
        return amount

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(run, amounts))
    total = sum(Decimal(str(amount)) for amount in done)
    for budget, limit in zip(budgets, (outer, inner), strict=True):
        assert Decimal(str(budget.spent)) == total <= Decimal(str(limit))


def test_a_client_without_budget_and_ledger_loads_no_bookkeeping() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from typedrun.client import Client; from typedrun.testing import *; from typedrun.model import Model\n"
        "clock = VirtualClock()\n"
        "aix = Client('k', transport=ScriptedNetwork([Answer(json={'status': 'SUCCESS', 'completed': True})], clock), clock=clock)\n"
        "Model(aix, id='a' * 24).run(text='x'); print(sorted({'typedrun.money.billing', 'typedrun.money.budget', 'decimal'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_pickled_client_has_no_budget_of_the_old_process(bench: type[Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    monkeypatch.setenv("TEAM_API_KEY", "canary-0123456789")
    here = bench()
    with here.client.budget(0):
        copy: Client = pickle.loads(pickle.dumps(here.client))
        assert not copy.driver.rules.books.is_kept
