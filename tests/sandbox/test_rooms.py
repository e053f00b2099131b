"""A marketplace is one folder: the engine and the answers know none, and another one is an addition."""

from __future__ import annotations

import datetime
import json
import ssl
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import urllib3
from attrs import frozen
from cryptography import x509
from starlette.responses import Response
from starlette.routing import BaseRoute

from typedrun_codegen.ir.problems import UsageProblem
from typedrun_sandbox.answers.answer import Question
from typedrun_sandbox.answers.functions import answer
from typedrun_sandbox.app import build_app
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.cards import Card
from typedrun_sandbox.engine.certificates import make_certificate
from typedrun_sandbox.engine.exchange import Call, route
from typedrun_sandbox.engine.keys import KeyPlaces
from typedrun_sandbox.engine.listening import Background
from typedrun_sandbox.engine.protocol import Addresses
from typedrun_sandbox.engine.refusals import Refusal, json_response
from typedrun_sandbox.jsontypes import JSON, JSONObject
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Certificate, Settings

# --- another marketplace


@frozen
class EchoModel:
    """A model with a published schema of its output."""

    id: str
    path: str = ""
    name: str = "Echo"
    function: str = "whatever"
    output: str = ""
    vector_size: int | None = None
    output_schema: JSONObject | None = None

    def preset(self, _parameter: str) -> str:
        return ""


SCHEMA: JSONObject = {
    "type": "object",
    "properties": {"count": {"type": "integer", "minimum": 2}, "said": {"type": "string"}},
    "required": ["count", "said"],
}


@frozen
class EchoCatalog:
    models: Sequence[EchoModel] = (EchoModel("owner/echo", output_schema=SCHEMA),)

    def find(self, name: str) -> EchoModel | None:
        return next((model for model in self.models if model.id == name), None)


BEARER = KeyPlaces(schemes=("bearer",))


@frozen
class Echo:
    """A marketplace whose ids have slashes, whose key is a bearer's and whose errors are a `detail`."""

    catalog: EchoCatalog = EchoCatalog()
    operations: tuple[str, ...] = ("run",)
    keys: KeyPlaces = BEARER
    key_variable: str = "ECHO_TOKEN"
    hints: tuple[str, ...] = ()
    page_script: str = "export const run = 1;"

    def error_body(self, status: int, message: str) -> JSON:
        return {"detail": f"{status} {message}"}

    def error_headers(self, status: int) -> dict[str, str]:
        return {"X-Echo": str(status)}

    def addresses(self, url: str) -> Addresses:
        return Addresses(url, f"{url}/v9")

    def environment(self, url: str, key: str) -> dict[str, str]:
        return {self.key_variable: key, "ECHO_URL": url}

    def cards(self) -> list[Card]:
        return [Card(id=model.id, name=model.name) for model in self.catalog.models]

    def reset(self) -> None:
        """Nothing is kept."""

    def routes(self, backend: Backend) -> list[BaseRoute]:
        def run(call: Call) -> Response:
            model = self.catalog.find(call.name or "")
            if model is None:
                raise Refusal(404, "no such model")
            question = Question(model=model, body=call.json(), files=backend.files_at(call.base_url))
            return json_response({"output": answer(question).data})

        path = "/predictions/{name}"
        return [route(backend, "POST", path, run, keys=self.keys, operation="run", has_slashes=True)]


@pytest.fixture(scope="module")
def echo() -> Iterator[tuple[Background, Backend]]:
    marketplace = Echo()
    backend = Backend(marketplace, Settings(api_key="k"))
    running = Background(build_app(backend, marketplace), backend, "127.0.0.1", 0)
    yield running, backend
    running.close()


def ask(running: Background, model: str, **headers: str) -> tuple[int, JSON]:
    reply = urllib3.request("POST", f"{running.url}/predictions/{model}", json={"prompt": "7 boats"}, headers=headers)
    return reply.status, reply.json()


def test_another_marketplace_runs_on_the_same_engine(echo: tuple[Background, Backend]) -> None:
    running, backend = echo
    assert ask(running, "owner/echo", Authorization="Bearer k") == (200, {"output": {"count": 7, "said": "7 boats"}})
    assert ask(running, "owner/none", Authorization="Bearer k") == (404, {"detail": "404 no such model"})
    assert ask(running, "owner/echo") == (401, {"detail": "401 Unauthorized"})
    assert [entry.operation for entry in backend.log.entries()] == ["run"] * 3
    assert "Bearer" not in str(backend.log.entries())


def test_its_faults_are_aimed_at_its_own_operations_and_speak_its_shape(echo: tuple[Background, Backend]) -> None:
    running, backend = echo
    control = {"x-api-key": "k"}
    wrong = urllib3.request("POST", f"{running.url}/sandbox/faults", json={"on": "search"}, headers=control)
    assert wrong.json() == {"detail": "400 a fault cannot wait for 'search'; choose any or one of run"}
    urllib3.request("POST", f"{running.url}/sandbox/faults", json={"on": "run", "status": 503}, headers=control)
    assert ask(running, "owner/echo", Authorization="Bearer k") == (503, {"detail": "503 Service Unavailable"})
    assert backend.faults.pending() == ()


def test_the_page_lists_its_models(echo: tuple[Background, Backend]) -> None:
    running, _ = echo
    shown = urllib3.request("GET", f"{running.url}/sandbox/models", headers={"x-api-key": "k"}).json()
    assert [model["id"] for model in shown["models"]] == ["owner/echo"]
    assert shown["package"] is None
    assert urllib3.request("GET", f"{running.url}/wire.js").data == b"export const run = 1;"


def test_a_snapshot_of_a_marketplace_that_nobody_plays_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 1, "backend": "nowhere", "models": {}}))
    with pytest.raises(UsageProblem) as caught:
        Sandbox(tmp_path)
    assert caught.value.problem.found == "'nowhere'"
    assert caught.value.problem.location.file == str(tmp_path / "manifest.json")


# --- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A self-signed certificate for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return made


def test_a_sandbox_speaks_tls_with_a_certificate_of_the_users(snapshot: Path, certificate: Certificate) -> None:
    with Sandbox(snapshot, host="localhost", settings=Settings(certificate=certificate)) as sandbox:
        assert sandbox.url.startswith("https://localhost:")
        with urllib3.PoolManager(ca_certs=str(certificate.certificate), retries=False) as pool:
            headers = {"x-api-key": sandbox.api_key}
            reply = pool.request("POST", f"{sandbox.model_url}/chat", json={"text": "What is 2 + 2?"}, headers=headers)
            assert reply.json()["data"] == "2 + 2 = 4."
            sandbox.fail_next(reset=True)
            with pytest.raises(urllib3.exceptions.ProtocolError, match=r"reset|closed|aborted"):
                pool.request("POST", f"{sandbox.model_url}/chat", json={"text": "x"}, headers=headers)


def test_the_generated_client_takes_the_certificate_from_its_bundle(
    snapshot: Path, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    with (
        Sandbox(snapshot, host="localhost", settings=Settings(certificate=certificate)) as sandbox,
        sandbox.client() as aix,
    ):
        assert aix.Model.get("chat").run(text="What is 2 + 2?").data == "2 + 2 = 4."


def test_a_sandbox_makes_a_certificate_that_is_gone_with_it(snapshot: Path) -> None:
    with Sandbox(snapshot, tls=True) as sandbox:
        bundle = Path(sandbox.environment["SSL_CERT_FILE"])
        assert sandbox.url.startswith("https://127.0.0.1:")
        for host in ("127.0.0.1", "localhost"):
            strict = ssl.create_default_context(cafile=str(bundle))
            strict.verify_flags |= ssl.VERIFY_X509_STRICT
            with urllib3.PoolManager(ssl_context=strict, retries=False) as pool:
                url = sandbox.url.replace("127.0.0.1", host)
                assert pool.request("GET", f"{url}/files/none").status == 404
    assert not bundle.exists()


def test_the_certificate_says_what_rfc_5280_asks_of_one_that_vouches_for_itself() -> None:
    certificate = x509.load_pem_x509_certificate(make_certificate()[0])
    assert {extension.oid for extension in certificate.extensions if extension.critical} == {
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
    }
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign) == (True, True)
    others = (usage.crl_sign, usage.content_commitment, usage.key_encipherment, usage.data_encipherment)
    assert (*others, usage.key_agreement) == (False,) * 5
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    now = datetime.datetime.now(datetime.UTC)
    assert certificate.not_valid_before_utc < now - datetime.timedelta(minutes=4)
    assert datetime.timedelta(0) < certificate.not_valid_after_utc - now


def test_a_marketplace_can_be_named_where_the_snapshot_does_not_say(snapshot: Path, tmp_path: Path) -> None:
    models = tmp_path / "models.json"
    models.write_text('[{"owner": "acme", "name": "echo"}]')
    with Sandbox(models, marketplace="replicate") as sandbox:
        assert sandbox.backend.catalog.find("acme/echo") is not None
    with pytest.raises(UsageProblem) as caught:
        Sandbox(snapshot, marketplace="nowhere")
    assert caught.value.problem.next_step.startswith("name one of: aixplain, ")


def test_a_client_of_ones_own_package_is_made(snapshot: Path) -> None:
    from typedrun.client import Client

    with Sandbox(snapshot) as sandbox, sandbox.client(Client) as client:
        assert type(client) is Client
        assert client.Model.get("chat").run(text="What is 2 + 2?").data == "2 + 2 = 4."
