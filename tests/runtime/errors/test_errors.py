import copy
import pickle
from pathlib import Path

import pytest

from typedrun import errors
from typedrun.errors import Attempt, TypedrunError, shown_url

CLASSES = [found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, TypedrunError)]
KEY = "canary-4e11"


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_every_class_pickles_and_copies_with_all_it_knows(error: type[TypedrunError]) -> None:
    made = error("it broke", model="m", parameter="p")
    made.url, made.status_code, made.code = "https://x.example/y", 418, "err.x"
    made.response_data = {"a": [1]}
    made.attempts = (Attempt("reset", 1.0, 0.5), Attempt("HTTP 503", 2.0))
    made.add_note("a note")
    for again in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        assert type(again) is error
        assert vars(again) == vars(made)
        assert str(again) == str(made)
        assert again.args == made.args


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_no_class_shows_what_a_url_may_hide(error: type[TypedrunError]) -> None:
    url = f"https://user:{KEY}@models.example.com/data/1?signature={KEY}#{KEY}"
    made = error("it broke", url=url)
    shown = str(made) + repr(made) + str(vars(made)) + str(pickle.dumps(made))
    assert KEY not in shown
    assert "https://models.example.com/data/1" in str(made)


@pytest.mark.parametrize(
    ("error", "also"),
    [
        (errors.ParameterError, ValueError),
        (errors.ParameterError, errors.ValidationError),
        (errors.TimeoutError, TimeoutError),
        (errors.TransportError, ConnectionError),
        (errors.NotFoundError, errors.ResourceError),
        (errors.NotFoundError, errors.APIError),
        (errors.OutcomeUnknown, errors.APIError),
        (errors.OutcomeUnknownTimeout, errors.OutcomeUnknown),
        (errors.OutcomeUnknownTimeout, errors.TimeoutError),
        (errors.UntrustedURLError, errors.APIError),
        (errors.OperationFailedError, errors.APIError),
    ],
    ids=lambda kind: kind.__name__,
)
def test_errors_are_caught_by_the_names_that_people_know(error: type[Exception], also: type[Exception]) -> None:
    assert issubclass(error, also)


def test_an_api_error_takes_the_sdks_positional_arguments() -> None:
    error = errors.APIError("no", 402, {"a": 1}, "err.not_enough_balance")
    assert (error.message, error.status_code, error.response_data, error.error) == (
        "no",
        402,
        {"a": 1},
        "err.not_enough_balance",
    )
    assert errors.APIError("no").error == "no"


def test_a_message_says_what_is_known_and_nothing_twice() -> None:
    error = errors.ServerError(
        "model m is down",
        503,
        model="m",
        url="https://x.example/y",
        request_id="r-1",
        attempts=[Attempt("HTTP 503", 0.1, 0.25), Attempt("HTTP 503", 0.1, 2), Attempt("HTTP 503", 0.1)],
    )
    assert str(error) == (
        "model m is down (HTTP 503; https://x.example/y; request id r-1; 3 attempts, waited 0.25 s, 2 s)"
    )
    assert repr(error) == f"ServerError({str(error)!r})"
    assert str(TypedrunError("plain")) == "plain"


def test_a_list_of_messages_becomes_lines() -> None:
    assert errors.APIError(["a", "b"]).message == "a\nb"


def test_outcome_unknown_is_never_safe_to_retry() -> None:
    assert errors.OutcomeUnknown().maybe_billed
    assert not errors.OutcomeUnknown().is_retry_safe
    assert not errors.OutcomeUnknownTimeout().is_retry_safe
    assert errors.TransportError().is_retry_safe


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/b?c#d", "https://a.example/b"),
        ("https://u:p@a.example:8443/b", "https://a.example:8443/b"),
        ("/relative/path?x=1", "/relative/path"),
        ("https://[bad/x", "(a malformed URL)"),
    ],
)
def test_only_the_harmless_part_of_a_url_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_every_class_is_documented(error: type[TypedrunError]) -> None:
    page = Path(__file__).parents[3] / "docs" / "errors.md"
    assert f"`{error.__name__}`" in page.read_text("utf-8")
    assert error.__doc__


def test_generated_packages_export_every_error_of_the_runtime() -> None:
    import aixplain_models

    known = [name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)]
    assert [name for name in known if getattr(aixplain_models, name, None) is not getattr(errors, name)] == []
