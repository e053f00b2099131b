"""A package whose catalog is a sample says so where it matters: before the first run at a real backend."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from aixplain_models import Aixplain, SampleCatalogWarning, TransportError
from typedrun.core.request import Failure, Stage
from typedrun.settings import Policy
from typedrun.testing import Answer, ScriptedNetwork

REAL: dict[str, Any] = {"backend_url": "https://backend.test", "model_url": "https://models.test/api/v2/execute"}


class Nowhere:
    """A transport that reaches nobody, and is no script."""

    def exchange(self, *_: object) -> Any:
        raise Failure(Stage.NEVER_SENT, "nobody is there")

    def close(self) -> None: ...


def client(**settings: Any) -> Aixplain:
    arguments: dict[str, Any] = {**REAL, "transport": Nowhere(), **settings}
    return Aixplain(api_key="k", retry=Policy(retries=0), **arguments)


def caught(*calls: Callable[[], object]) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        for call in calls:
            with pytest.raises(TransportError):
                call()
    return found


def test_the_first_run_of_a_sample_at_a_real_backend_warns_once_and_names_the_callers_line() -> None:
    aix = client()
    gpt, translate = aix.models.openai.gpt_5_4, aix.models.aws.amazon_translate
    (warning,) = caught(
        lambda: gpt.run(text="Hi"),
        lambda: gpt.run_stream(text="Hi"),
        lambda: translate.run_async(text="Hi", sourcelanguage="en", targetlanguage="pt"),
    )
    assert warning.category is SampleCatalogWarning
    assert warning.filename == __file__
    assert "aixplain_models was generated from a sample catalog" in str(warning.message)
    assert "https://models.test/api/v2/execute" in str(warning.message)
    assert str(warning.message).endswith("Next: typedrun pull && typedrun generate")


def test_a_warning_made_an_error_sends_nothing() -> None:
    gpt = client().models.openai.gpt_5_4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(SampleCatalogWarning):
            gpt.run(text="Hi")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "sandbox.localhost"])
def test_the_sandbox_is_no_real_backend(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    aix = client(model_url=f"http://{host}:{port}/api/v2/execute", backend_url=f"http://{host}:{port}")
    assert caught(lambda: aix.models.openai.gpt_5_4.run(text="Hi")) == []


def test_a_script_is_no_real_backend() -> None:
    network = ScriptedNetwork([Answer(json={"status": "SUCCESS", "completed": True, "data": "Hello"})])
    aix = client(transport=network, clock=network.clock)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert aix.models.openai.gpt_5_4.run(text="Hi").data == "Hello"


def test_a_fetched_model_has_the_backends_own_parameters_and_warns_of_nothing() -> None:
    document = {"id": "6895d6d1d50c89537c1cf237aa", "name": "Quill"}
    answers = [Answer(json=document), Answer(json={"status": "SUCCESS", "completed": True, "data": "Hello"})]
    network = ScriptedNetwork(answers)
    network.is_scripted = False
    aix = client(transport=network, clock=network.clock)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert aix.Model.get("quill").run(text="Hi").data == "Hello"
