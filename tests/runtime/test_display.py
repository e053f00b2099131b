"""How values look in a console and in a notebook."""

from __future__ import annotations

from typing import Any

import pytest

from aixplain_models import Aixplain
from tests.runtime.conftest import Bench
from typedrun.display import data_html, media_kind
from typedrun.errors import TransportError
from typedrun.parameters import Parameter
from typedrun.results import ModelResult, Usage
from typedrun.testing import Answer, Fault

HOSTILE = "<script>alert(1)</script>"
POLL = "https://models.test/api/v1/data/abc-1"
STARTED = Answer(json={"status": "IN_PROGRESS", "completed": False, "data": POLL})
FINISHED = Answer(json={"status": "SUCCESS", "completed": True, "data": "Hola"})


def result(data: Any, **more: Any) -> ModelResult[Any]:
    return ModelResult(status="SUCCESS", completed=True, data=data, **more)


# --- plain


def test_a_result_prints_the_fields_that_say_something_and_cuts_long_ones() -> None:
    shown = repr(result("x" * 5000, used_credits=0.5, usage=Usage(1, 2, 3), raw={"secret": 1}))
    assert len(shown) < 400
    assert shown.startswith("ModelResult(status='SUCCESS', completed=True, data='xxx")
    assert "used_credits=0.5" in shown
    assert "total_tokens=3" in shown
    assert "error_message" not in shown
    assert "secret" not in shown


def test_a_parameter_prints_what_differs() -> None:
    assert (
        repr(Parameter("text", required=True, data_type="text"))
        == "Parameter(name='text', required=True, data_type='text')"
    )


def test_a_page_prints_where_it_is(bench: type[Bench], language_model: dict[str, Any]) -> None:
    page = bench(Answer(json={"results": [language_model], "total": 45})).client.Model.search("quill")
    assert repr(page) == "<Page 1 of 3: 1 of 45 models>"
    assert "quill/quill-2/quill" in page._repr_html_()
    assert "Page 1 of 3: 1 of 45 models" in page._repr_html_()


# --- notebooks


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("https://files.example.com/a.png?X-Signature=1", "image"),
        ("https://files.example.com/a.MP3", "audio"),
        ("http://127.0.0.1:1/files/a.mp4", "video"),
        ("data:audio/wav;base64,UklGRg==", "audio"),
        ("data:image/svg+xml;base64,PHN2Zz4=", None),
        ("data:text/html;base64,PHA+", None),
        ("data:image/png,plain", None),
        ("javascript:alert(1).png", None),
        ("https://files.example.com/report.pdf", None),
        ("https://files.example.com/a.png and a sentence", None),
        ("See a.png", None),
        ("https://[bad/a.png", None),
        ("", None),
    ],
)
def test_an_address_of_media_is_known_by_its_end(data: str, kind: str | None) -> None:
    assert media_kind(data) == kind


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("https://files.example.com/a.png", '<img src="https://files.example.com/a.png"'),
        ("https://files.example.com/a.mp3", '<audio controls preload="none" src="https://files.example.com/a.mp3">'),
        ("https://files.example.com/a.mp4", "<video controls"),
        (["https://files.example.com/a.png", "https://files.example.com/b.png"], 'b.png"'),
        ("plain & simple", "plain &amp; simple"),
        ([{"score": 0.5, "text": "fox"}, {"text": "dog"}], "<th"),
        ({"a": [1]}, "[\n    1\n  ]"),
    ],
)
def test_an_output_is_shown_as_what_it_is(data: Any, shown: str) -> None:
    assert shown in result(data)._repr_html_()


@pytest.mark.parametrize(
    "data",
    [
        HOSTILE,
        [{HOSTILE: HOSTILE}],
        {"a": HOSTILE},
        'https://x.example/"onerror="alert(1)".png',
        f"https://x.example/{HOSTILE}.png",
        [HOSTILE],
    ],
)
def test_nothing_of_an_output_becomes_markup(data: Any) -> None:
    html = data_html(data)
    assert "<script" not in html
    assert '"onerror' not in html.replace("&quot;", "")


def test_what_the_run_was_stands_below() -> None:
    html = result("Hi", used_credits=0.5, usage=Usage(1, 2, 3), request_id=HOSTILE)._repr_html_()
    assert "tokens 3" in html
    assert "credits 0.5" in html
    assert "<script" not in html


def test_a_model_shows_its_parameters(bench: type[Bench], language_model: dict[str, Any]) -> None:
    language_model["description"] = HOSTILE
    html = bench().model(language_model)._repr_html_()
    assert "quill/quill-2/quill" in html
    assert "temperature" in html
    assert "<script" not in html
    assert "How freely" in Aixplain(api_key="k").models.openai.gpt_5_4._repr_html_()


def test_a_job_in_a_notebook_shows_where_the_run_is_now(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(STARTED, FINISHED)
    job = made.model(language_model).run_async(text="Hi")
    assert "finished" in job._repr_html_()
    assert "Hola" in job._repr_html_()
    assert len(made.sent) == 2  # a finished one is not asked for


def test_a_job_that_cannot_be_asked_shows_what_is_known(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(STARTED, Fault())
    job = made.model(language_model).run_async(text="Hi")
    before = made.clock.now()
    assert "running" in job._repr_html_()
    assert made.clock.now() - before <= 2.0
    with pytest.raises((AssertionError, TransportError)):
        job.poll()


def test_ids_and_paths_complete_inside_the_brackets() -> None:
    offered = Aixplain(api_key="k").models._ipython_key_completions_()
    assert "openai/gpt-5.4/openai" in offered
    assert "69b7e5f1b2fe44704ab0e7d0" in offered
