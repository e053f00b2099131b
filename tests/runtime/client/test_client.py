"""The client: where key and addresses come from, and what it never gives away."""

import inspect
import logging
import os
import pickle
import pydoc
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aixplain_models import Aixplain, AsyncAixplain
from fal_models import AsyncFal, Fal
from replicate_models import AsyncReplicate, Replicate
from tests.runtime.conftest import Bench
from typedrun.client import Client
from typedrun.errors import ConfigurationError, FileUploadError, UntrustedURLError, ValidationError
from typedrun.model import Model
from typedrun.settings import Timeout
from typedrun.testing import Answer, ScriptedNetwork

KEY = "canary-0123456789"


def key_of(client: Client) -> str:
    return client.driver.settings.api_key.reveal()


def test_without_a_key_there_is_no_client() -> None:
    with pytest.raises(ConfigurationError, match=r"no API key\. Next: pass api_key=, or set TEAM_API_KEY"):
        Client()


@pytest.mark.parametrize(
    ("argument", "team", "individual", "used"),
    [("a", "t", "i", "a"), (None, "t", "i", "t"), (None, "", "i", "i"), (None, None, "i", "i")],
)
def test_the_key_is_the_argument_then_the_team_key_then_the_other(
    monkeypatch: pytest.MonkeyPatch, argument: str | None, team: str | None, individual: str, used: str
) -> None:
    if team is not None:
        monkeypatch.setenv("TEAM_API_KEY", team)
    monkeypatch.setenv("AIXPLAIN_API_KEY", individual)
    assert key_of(Client(argument)) == used


def test_addresses_default_to_production() -> None:
    client = Client(KEY)
    assert (client.backend_url, client.model_url) == (
        "https://platform-api.aixplain.com",
        "https://models.aixplain.com/api/v2/execute",
    )


def test_addresses_come_from_the_environment_and_arguments_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND_URL", "https://b.test/")
    monkeypatch.setenv("MODELS_RUN_URL", "https://m.test/api/v1/execute/")
    client = Client(KEY)
    assert (client.backend_url, client.model_url) == ("https://b.test", "https://m.test/api/v2/execute")
    assert Client(KEY, "https://c.test").backend_url == "https://c.test"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x",
        "nonsense",
        "https://user:pass@host",
        "https://",
        "https://host?key=pass",
        "https://[::1",
        "https://h:pass",
        "https://host#pass",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(ConfigurationError, match="backend_url must be an http") as caught:
        Client(KEY, url)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize("key", ["schlüssel", "a\nb"])
def test_a_key_that_cannot_travel_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client(key)
    assert key not in str(caught.value)


def test_a_key_loses_the_white_space_around_it() -> None:
    assert key_of(Client(f" {KEY}\n")) == KEY


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (None, Timeout(10, 300, 600)),
        (20, Timeout(10, 300, 20)),
        (Timeout(1, 2, 3), Timeout(1, 2, 3)),
    ],
)
def test_one_number_is_the_total_limit(argument: Any, expected: Timeout) -> None:
    assert Client(KEY, timeout=argument).driver.settings.timeout == expected


def test_limits_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIXPLAIN_HTTP_CONNECT_TIMEOUT", "2.5")
    monkeypatch.setenv("AIXPLAIN_HTTP_READ_TIMEOUT", "30")
    assert Client(KEY).driver.settings.timeout == Timeout(2.5, 30, 600)


@pytest.mark.parametrize("text", ["-1", "0", "soon", "inf", "nan"])
def test_a_limit_that_makes_no_sense_is_ignored_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    monkeypatch.setenv("AIXPLAIN_HTTP_READ_TIMEOUT", text)
    with caplog.at_level(logging.WARNING, logger="typedrun"):
        assert Client(KEY).driver.settings.timeout.idle == 300
    assert "AIXPLAIN_HTTP_READ_TIMEOUT must be a positive number of seconds" in caplog.text


def test_trusted_hosts_come_from_the_environment_or_the_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIXPLAIN_TRUSTED_HOSTS", "a.test, http://b.test:8080, ://bad")
    assert Client(KEY).driver.settings.trusted_urls == ("https://a.test", "http://b.test:8080")
    assert Client(KEY, trusted_hosts=["c.test"]).driver.settings.trusted_urls == ("https://c.test",)


def test_the_environment_is_never_written() -> None:
    before = dict(os.environ)
    Client(KEY, "https://b.test", None, "https://m.test")
    assert dict(os.environ) == before


def test_neither_repr_nor_pickle_holds_the_key() -> None:
    client = Client(KEY)
    assert KEY not in repr(client) + str(vars(client)) + repr(client.driver.settings)
    assert KEY.encode() not in pickle.dumps(client)


def test_a_pickled_client_reads_the_key_where_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = pickle.dumps(Client(KEY, "https://b.test"))
    monkeypatch.setenv("TEAM_API_KEY", "theirs")
    thawed = pickle.loads(frozen)
    assert (key_of(thawed), thawed.backend_url) == ("theirs", "https://b.test")


def test_a_client_pickles_after_its_doors_were_used(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench()
    assert made.client.Model
    assert made.client.LLM
    model = pickle.loads(pickle.dumps(made.model(language_model)))
    assert (model.name, model.inputs.temperature) == ("Quill", 0.7)


def test_it_closes_with_its_block(bench: type[Bench]) -> None:
    made = bench(Answer(json={"id": "x"}), Answer(json={"id": "x"}))
    with made.client as client:
        client.Model.get("x")
    client.Model.get("x")  # opens again when it is used again


def test_the_key_and_headers_of_the_client_go_with_each_request() -> None:
    from typedrun.testing import ScriptedNetwork

    network = ScriptedNetwork([Answer(json={"id": "x"})])
    Client(KEY, headers={"x-team": "blue"}, transport=network).Model.get("x")
    assert {"x-api-key": KEY, "x-team": "blue", "Content-Type": "application/json"}.items() <= network.received[
        0
    ].headers.items()


def test_a_job_is_picked_up_by_address_or_token(bench: type[Bench]) -> None:
    poll = Answer(json={"status": "SUCCESS", "completed": True, "data": "x"})
    made = bench(poll, poll)
    job = made.client.job("https://models.test/api/v1/data/abc")
    assert job.wait().data == "x"
    assert made.client.job(made.client.job("https://models.test/api/v1/data/abc").token()).wait().data == "x"
    assert [request.url for request in made.sent] == ["https://models.test/api/v1/data/abc"] * 2


def test_a_job_elsewhere_is_refused(bench: type[Bench]) -> None:
    made = bench()
    with pytest.raises(UntrustedURLError):
        made.client.job("https://evil.test/api/v1/data/abc")
    with pytest.raises(ValidationError):
        made.client.job("job_rubbish")
    assert made.sent == []


def test_the_door_makes_plain_models_bound_to_the_client(bench: type[Bench]) -> None:
    made = bench()
    model = made.client.Model(id="x", name="X")
    assert model.client is made.client
    assert type(model).__name__ == "Model"
    assert isinstance(model, made.client.Model)
    assert not isinstance("x", made.client.Model)


def test_a_subclass_of_the_door_keeps_its_class(bench: type[Bench]) -> None:
    made = bench()

    class Mine(made.client.Model):  # type: ignore[misc, name-defined]  # a class made at run time
        pass

    assert type(Mine(id="x")) is Mine
    assert Mine(id="x").client is made.client


def test_importing_opens_nothing_logs_nothing_and_writes_no_environment(tmp_path: Path) -> None:
    code = """
import logging, os, socket, sys
before = dict(os.environ)
socket.socket = None
import typedrun, typedrun.client, typedrun.model, typedrun.llm, typedrun.search
from typedrun import *
assert dict(os.environ) == before
assert not logging.getLogger().handlers and not logging.getLogger("typedrun").handlers
print(sorted({"urllib3", "cattrs", "ssl", "http.client", "requests"} & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_enumerations_are_at_hand() -> None:
    client = Client(KEY)
    assert client.Function.TEXT_GENERATION == "text-generation"
    assert client.SortBy.NAME.value == "name"
    with pytest.raises(AttributeError, match="'Client' object has no attribute 'Fruit'"):
        _ = client.Fruit  # type: ignore[attr-defined]  # that is the point


def test_a_generated_client_has_the_generated_enumerations() -> None:
    models = pytest.importorskip("aixplain_models")
    client = models.Aixplain(KEY)
    assert client.Function is models.Function
    assert client.Supplier is models.Supplier


def test_an_empty_file_is_refused_before_anything_is_sent() -> None:
    network = ScriptedNetwork([])
    aix = Client("k", "https://b.test", transport=network, clock=network.clock)
    with pytest.raises(FileUploadError, match="is empty"):
        aix.upload(b"")
    assert network.received == []


# --- variants


def test_a_client_with_other_options_shares_key_addresses_and_connections() -> None:
    network = ScriptedNetwork([Answer(json={})] * 2)
    aix = Client("k", "https://b.test", headers={"X-A": "1", "X-B": "1"}, transport=network, clock=network.clock)
    other = aix.with_options(timeout=5, headers={"X-B": "2"})
    assert (other.driver.settings.timeout.total, other.driver.settings.run_timeout) == (5, 5)
    assert aix.driver.settings.run_timeout == 300
    endless = other.with_options(timeout=Timeout(total=None))
    assert (endless.driver.settings.timeout.total, endless.driver.settings.run_timeout) == (None, None)
    assert other.api_key == aix.api_key
    assert other.warned_models is aix.warned_models
    aix.get_json("x")
    other.get_json("x")
    assert [(sent.headers["X-A"], sent.headers["X-B"]) for sent in network.received] == [("1", "1"), ("1", "2")]


def test_models_of_a_variant_belong_to_it() -> None:
    aix = Aixplain("k")
    gpt = aix.models.openai.gpt_5_4
    other = aix.with_options(timeout=1)
    assert type(other) is Aixplain
    assert other.models.openai.gpt_5_4.client is other
    assert gpt.client is aix


def test_variants_open_one_network_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    def connect(settings: object) -> ScriptedNetwork:
        opened.append(settings)
        return ScriptedNetwork([Answer(json={})] * 2)

    monkeypatch.setattr("typedrun.drivers.urllib3_network.connect", connect)
    aix = Client("k", "https://b.test")
    aix.with_options(timeout=5).get_json("x")
    aix.get_json("x")
    assert len(opened) == 1


def test_the_key_of_a_client_is_not_shown() -> None:
    key = Client("canary-4711").api_key
    assert "canary" not in f"{key} {key!r}"
    assert key.reveal() == "canary-4711"


def test_help_explains_every_argument() -> None:
    text = pydoc.plain(pydoc.render_doc(Aixplain))
    for name in inspect.signature(Aixplain).parameters:
        assert f"\n |          {name}: " in text, name


def test_a_model_knows_whose_it_is() -> None:
    client = Client(api_key="k")
    model = client.Model(id="m", name="M")
    assert model.client is client
    assert model.client.backend_url == client.backend_url  # a type that checkers know, no Any
    with pytest.raises(ConfigurationError, match="belongs to no client"):
        _ = Model(id="m", name="M").client


REFERENCES = {"BACKEND_URL": "backend_url", "MODELS_RUN_URL": "model_url", "PIPELINES_RUN_URL": "pipeline_url"}
"""The reference's name of an address -> ours."""
ENUMERATIONS = {
    *(
        "AuthenticationScheme",
        "ErrorHandler",
        "FileType",
        "OnboardStatus",
        "OwnershipType",
        "Privacy",
        "SortBy",
        "SortOrder",
    ),
    "StorageType",
}
"""Those that one marketplace has."""


@pytest.mark.parametrize("kind", [Aixplain, AsyncAixplain, Client])
def test_a_client_of_the_first_marketplace_has_the_names_of_the_reference(kind: Any) -> None:
    client = kind(KEY)
    assert {name: getattr(client, name) for name in REFERENCES} == {
        name: getattr(client, ours) for name, ours in REFERENCES.items()
    }
    assert {name for name in ENUMERATIONS if getattr(kind, name).__name__ == name} == ENUMERATIONS
    assert {*REFERENCES, *ENUMERATIONS, "ResponseStatus"} <= set(dir(client))


@pytest.mark.parametrize("kind", [Fal, AsyncFal, Replicate, AsyncReplicate])
def test_a_client_of_another_marketplace_has_none_of_them(kind: Any) -> None:
    client = kind(KEY)
    assert {*REFERENCES, *ENUMERATIONS} & set(dir(client)) == set()
    assert [name for name in [*REFERENCES, *ENUMERATIONS] if hasattr(client, name) or hasattr(kind, name)] == []
    with pytest.raises(AttributeError, match="has no attribute 'SortBy'"):
        client.SortBy  # noqa: B018  # raises
    assert client.ResponseStatus.SUCCESS == "SUCCESS"
    assert "BACKEND_URL" not in str(kind.__init__.__doc__)
