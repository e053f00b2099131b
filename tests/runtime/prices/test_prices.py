"""What a call costs, by its answer and by the catalog."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.conftest import Bench
from typedrun.errors import ParameterError
from typedrun.marketplaces.aixplain.answers import read_result
from typedrun.marketplaces.aixplain.documents import decode_pricing
from typedrun.model import Model
from typedrun.parameters import Parameter, Pricing
from typedrun.prices import Basis, Cost, Size, cost_of, estimate, measure, times
from typedrun.results import ModelResult

TOKEN = Pricing(0.001, "TOKEN")
SECOND = Pricing(0.01, "REQUEST", "SECOND")


def answer(**fields: Any) -> Any:
    told: dict[str, Any] = {"status": "SUCCESS", "completed": True, "data": "Hola"} | fields
    return read_result(told)


@pytest.mark.parametrize(
    ("pricing", "size", "cost"),
    [
        (Pricing(0.2, "REQUEST"), Size(), Cost(0.2, Basis.CATALOG, 1, "request")),
        (Pricing(0.2), Size(), Cost(0.2, Basis.CATALOG, 1, "request")),
        (Pricing(1e-06, "CHAR"), Size(characters=300), Cost(0.0003, Basis.CATALOG, 300, "char")),
        (TOKEN, Size(octets=30, written=90), Cost(0.1, Basis.CATALOG, 100, "token")),
        (TOKEN, Size(octets=31, writes=False), Cost(0.011, Basis.CATALOG, 11, "token")),
        (SECOND, Size(seconds=5), Cost(0.05, Basis.CATALOG, 5, "second")),
        (Pricing(0.6, "MINUTE"), Size(seconds=30), Cost(0.3, Basis.CATALOG, 0.5, "minute")),
        (Pricing(0.04, "images"), Size(outputs=3), Cost(0.12, Basis.CATALOG, 3, "image")),
        (Pricing(0.1, "1000 characters", currency="USD"), Size(characters=500), Cost(0.05, Basis.CATALOG, 500, "char")),
        (Pricing(0.05, "seconds", currency="USD"), Size(seconds=8), Cost(0.4, Basis.CATALOG, 8, "output second")),
        (Pricing(3.0, "minutes", currency="USD"), Size(seconds=30), Cost(1.5, Basis.CATALOG, 0.5, "output minute")),
        (
            Pricing(0.03, "megapixels", currency="USD"),
            Size(megapixels=2, outputs=2),
            Cost(0.12, Basis.CATALOG, 4, "megapixel"),
        ),
        (Pricing(0.002, "steps", currency="USD"), Size(steps=100), Cost(0.2, Basis.CATALOG, 100, "step")),
        (Pricing(0.3, "generations", currency="USD"), Size(), Cost(0.3, Basis.CATALOG, 1, "generation")),
        (Pricing(0.0, "TOKEN"), Size(), Cost(0.0, Basis.CATALOG)),
        (Pricing(id="free"), Size(), Cost(0.0, Basis.CATALOG)),
    ],
)
def test_an_estimate_is_price_times_units(pricing: Pricing, size: Size, cost: Cost) -> None:
    assert estimate(pricing, size) == cost


@pytest.mark.parametrize(
    ("pricing", "size", "credits", "words"),
    [
        (None, Size(), None, "names no price"),
        (Pricing(), Size(), None, "names no price"),
        (Pricing(0.5, "REQUEST", currency="EUR"), Size(), None, "in EUR"),
        (Pricing(float("inf"), "REQUEST"), Size(), None, "price is inf"),
        (Pricing(-1.0, "REQUEST"), Size(), None, "price is -1"),
        (Pricing(0.5, "FURLONG"), Size(), None, "FURLONG"),
        (Pricing(0.5, "TOKEN", "MILLION"), Size(), None, "TOKEN MILLION"),
        (SECOND, Size(), None, "time that it takes"),
        (Pricing(0.05, "seconds", currency="USD"), Size(), None, "how long the result is"),
        (Pricing(0.03, "megapixels", currency="USD"), Size(), None, "how large the result is"),
        (TOKEN, Size(octets=3), 0.001, "no limit on the tokens"),
        (TOKEN, Size(octets=3, written=1, has_more=True), 0.002, "no text"),
    ],
)
def test_an_estimate_says_what_it_does_not_know(
    pricing: Pricing | None, size: Size, credits: float | None, words: str
) -> None:
    cost = estimate(pricing, size)
    assert cost.credits == credits
    assert words in cost.note
    assert not (cost.credits is not None and cost.is_complete)


@pytest.mark.parametrize(
    ("result", "pricing", "cost"),
    [
        (answer(usedCredits=6.4e-06), TOKEN, Cost(6.4e-06, Basis.REPORTED)),
        (answer(usedCredits=0.2, usage={"total_tokens": 7}), TOKEN, Cost(0.2, Basis.REPORTED, 7, "token")),
        (answer(usedCredits=0.2), Pricing(0.2, "REQUEST"), Cost(0.2, Basis.REPORTED, 1, "request")),
        (answer(usedCredits=-1, usage={"total_tokens": 7}), TOKEN, Cost(0.007, Basis.USAGE, 7, "token")),
        (answer(usedCredits="NaN", runTime=2.5), SECOND, Cost(0.025, Basis.METRICS, 2.5, "second")),
        (answer(metrics={"predict_time": 4.0}, runTime=9), SECOND, Cost(0.04, Basis.METRICS, 4.0, "second")),
        (answer(runTime=0), SECOND, Cost(0.0, Basis.METRICS, 0, "second")),
        (answer(runTime=90), Pricing(0.1, "MINUTE"), Cost(0.15, Basis.METRICS, 1.5, "minute")),
        (answer(usage={"prompt_tokens": 3, "completion_tokens": "4"}), TOKEN, Cost(0.007, Basis.USAGE, 7, "token")),
        (answer(), Pricing(0.2, "REQUEST"), Cost(0.2, Basis.CATALOG, 1, "request")),
        (answer(), Pricing(0.1, "CHAR"), Cost(0.6, Basis.CATALOG, 6, "char")),
        (answer(), TOKEN, Cost(0.004, Basis.CATALOG, 4, "token")),
        (answer(), Pricing(0.0, "TOKEN"), Cost(0.0, Basis.CATALOG)),
    ],
)
def test_a_cost_comes_from_the_answer_else_from_the_catalog(result: Any, pricing: Pricing, cost: Cost) -> None:
    assert cost_of(result, pricing, Size(characters=6, octets=6)) == cost


def test_of_two_limits_the_larger_one_counts() -> None:
    said = measure({"max_completion_tokens": 1, "max_tokens": "4096", "n": 1, "num_images": 3}, texts=())
    assert (said.written, said.outputs) == (4096 * 3, 3)


@pytest.mark.parametrize("pricing", [None, SECOND, Pricing(0.5, "FURLONG")])
def test_a_cost_that_nobody_tells_is_unknown(pricing: Pricing | None) -> None:
    cost = cost_of(answer(), pricing, Size())
    assert (cost.credits, cost.basis) == (None, Basis.UNKNOWN)
    assert cost.note


def test_texts_of_messages_are_counted_and_pictures_are_seen() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "Straße"}, {"type": "image_url", "image_url": {"url": "https://x"}}],
        },
    ]
    size = measure({"text": messages, "max_tokens": "128", "n": 2, "language": "de"}, texts=["text"])
    assert (size.characters, size.octets, size.written, size.has_more) == (15, 16, 256, True)
    assert not measure({"text": messages[:1]}, texts=["text"]).has_more


@pytest.mark.parametrize(("levels", "characters"), [(1, 5), (51, 5), (52, 0)])
def test_texts_are_looked_for_fifty_levels_down(levels: int, characters: int) -> None:
    value: Any = "Hello"
    for _ in range(levels):
        value = [value]
    assert measure({"text": value}, texts=["text"]).characters == characters


@given(
    st.recursive(
        st.none() | st.text() | st.integers() | st.floats(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_value_can_be_measured(value: object) -> None:
    size = measure({"text": value, "max_tokens": value, "n": value, "duration": value}, texts=["text"], media=["audio"])
    assert size.characters >= 0
    assert size.octets >= size.characters


@given(st.decimals(0, 10, places=6).map(float), st.integers(0, 10**6))
def test_price_times_units_is_what_a_person_would_write(price: float, units: int) -> None:
    from fractions import Fraction

    assert times(price, units) == float(Fraction(repr(price)) * units)


def test_a_model_tells_what_a_call_would_cost(bench: type[Bench], translator: dict[str, Any]) -> None:
    here = bench()
    model = here.model(translator | {"pricing": {"price": "1e-06", "unitType": "CHAR"}})
    cost = model.estimate(text="Guten Tag", targetlanguage="es")
    assert cost == Cost(9e-06, Basis.CATALOG, 9, "char")
    assert str(cost) == "0.000009 credits (catalog, 9 chars)"
    with pytest.raises(ParameterError, match="targetlanguag"):
        model.estimate(text="Guten Tag", targetlanguag="es")
    assert here.sent == []


def test_an_llm_tells_what_a_call_would_cost(bench: type[Bench]) -> None:
    llm = bench().client.LLM("a" * 24, "Quill", function="text-generation", cost={"price": 0.001, "unitType": "TOKEN"})
    assert llm.estimate("abc", context="defghi", max_tokens=97) == Cost(0.1, Basis.CATALOG, 100, "token")
    assert bench().client.LLM("a" * 24, "Quill", function="text-generation").estimate("abc").credits is None


def test_a_model_without_a_price_has_that_of_its_generated_class() -> None:
    from aixplain_models import Aixplain

    aix = Aixplain("canary-0123456789")
    gpt = aix.models.openai.gpt_5_4
    llm = aix.LLM(gpt.id, "GPT", function="text-generation")
    assert llm.estimate("abc", max_tokens=9).credits == times(gpt.pricing.price, 10)


def test_every_price_of_the_catalog_can_be_estimated_or_said_to_be_none() -> None:
    import json
    from pathlib import Path

    root = Path(__file__).parents[3]
    files = sorted((root / "schemas/aixplain/catalog/models").glob("*.json"))
    costs = [
        estimate(decode_pricing(json.loads(file.read_text())["pricing"]), Size(octets=30, written=10, seconds=1))
        for file in files
    ]
    assert len(costs) > 100
    assert {cost.note for cost in costs if cost.credits is None} == {"the catalog names no price"}


# --- prices of what is made


def made(raw: dict[str, Any], **fields: Any) -> ModelResult[Any]:
    return ModelResult(status="SUCCESS", completed=True, data=raw, raw=raw, **fields)


PICTURES = {
    "images": [
        {"url": "https://a.test/1", "width": 1024, "height": 1024},
        {"url": "https://a.test/2", "width": 1100, "height": 1000},
    ]
}


@pytest.mark.parametrize(
    ("unit", "result", "units"),
    [
        ("images", made(PICTURES), 2),
        ("megapixels", made(PICTURES), 3),
        ("megapixels", made({"images": [{"url": "https://a.test/1"}]}), None),
        ("compute seconds", made({}, metrics={"inference_time": 2.5}, run_time=2.5), 2.5),
        ("seconds", made({}, metrics={"inference_time": 2.5}, run_time=2.5), 8),  # of film, not of work
    ],
)
def test_what_was_made_is_counted_in_the_answer(unit: str, result: ModelResult[Any], units: float | None) -> None:
    cost = cost_of(result, Pricing(0.5, unit, currency="USD"), Size(seconds=8))
    assert cost.units == units
    assert cost.credits == (None if units is None else units / 2)


def test_a_run_without_a_price_says_how_long_it_took() -> None:
    cost = cost_of(made({}, metrics={"predict_time": 1.5}, run_time=1.5), None, Size())
    assert (cost.credits, cost.basis, cost.units, cost.unit) == (None, Basis.UNKNOWN, 1.5, "second")
    assert str(cost) == "unknown: the catalog names no price; the run took 1.5 s"


def test_a_size_is_measured_by_width_and_height_or_by_its_name() -> None:
    for values in (
        {"image_size": {"width": 2000, "height": 1000}},
        {"width": 2000, "height": 1000},
    ):
        assert measure(values, texts=()).megapixels == 2
    assert measure({"image_size": "square_hd", "duration": "8s", "num_inference_steps": 20}, texts=()) == Size(
        megapixels=1, seconds=8, steps=20
    )


def test_what_the_server_fills_in_is_billed_too(bench: type[Bench]) -> None:
    client = bench().client
    model: Model[Any] = Model(
        client,
        id="a/b",
        name="B",
        pricing=Pricing(0.05, "seconds", currency="USD"),
        params=(Parameter(name="duration", schema={"enum": ["5", "10"]}, default_values=("5",)),),
    )
    assert model.estimate() == Cost(0.25, Basis.CATALOG, 5, "output second")
    assert model.estimate(duration="10").credits == 0.5
    assert "0.05 USD per second" in model._repr_html_()
