import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from aixplain_models import Aixplain
from typedrun.drivers.proxies import find_proxies
from typedrun.drivers.tls import find_ca_bundle
from typedrun.errors import ConfigurationError
from typedrun.marketplaces import find_marketplace
from typedrun.settings import Proxies, Secret, Settings, Timeout, secret_from_environment, secret_of

KEY = "canary-77aa"
KEYS = find_marketplace("aixplain").environment.keys
SETTINGS = Settings(
    backend_url="https://platform.example.com",
    run_url="https://models.example.com/api/v2/execute",
    api_key=Secret(KEY),
    headers={"Authorization": f"Bearer {KEY}"},
    proxies=Proxies({"https": f"http://user:{KEY}@proxy.example:1"}),
)


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret(KEY)
    assert secret.reveal() == KEY
    assert KEY not in f"{secret} {secret!r} {[secret]} {secret:}"
    assert (bool(secret), bool(Secret(""))) == (True, False)
    assert secret == Secret(KEY)
    assert secret != Secret("other")
    assert len({secret, Secret(KEY)}) == 1


@pytest.mark.parametrize("key", ["  k-1\n", "k-1", "\tk-1"])
def test_blanks_around_a_key_are_dropped_wherever_it_comes_from(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIXPLAIN_API_KEY", raising=False)
    monkeypatch.setenv("TEAM_API_KEY", key)
    assert secret_of(key).reveal() == secret_from_environment(KEYS).reveal() == "k-1"
    assert pickle.loads(pickle.dumps(Secret("other", KEYS))).reveal() == "k-1"


@pytest.mark.parametrize("key", ["k\r\nX: y", "two words", "schlüssel", "k\x00"])
def test_a_key_that_cannot_travel_is_refused_wherever_it_comes_from(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[Callable[[], Secret]] = [lambda: secret_of(key)]
    if "\x00" not in key:
        monkeypatch.setenv("TEAM_API_KEY", key)
        refused += [lambda: secret_from_environment(KEYS), lambda: pickle.loads(pickle.dumps(Secret("other", KEYS)))]
    for read in refused:
        with pytest.raises(ConfigurationError, match="cannot travel") as caught:
            read()
        assert key not in str(caught.value)


def test_a_blank_variable_holds_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_API_KEY", " \n")
    monkeypatch.setenv("AIXPLAIN_API_KEY", "k-2")
    assert secret_from_environment(KEYS).reveal() == "k-2"


def test_a_copy_keeps_the_secret_a_pickle_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Secret(KEY, KEYS)
    assert copy.copy(secret) is copy.deepcopy(secret) is secret
    packed = pickle.dumps(secret)
    assert KEY.encode() not in packed
    monkeypatch.delenv("TEAM_API_KEY", raising=False)
    monkeypatch.delenv("AIXPLAIN_API_KEY", raising=False)
    assert not pickle.loads(packed)
    monkeypatch.setenv("AIXPLAIN_API_KEY", "theirs")
    assert pickle.loads(packed).reveal() == "theirs"


def test_settings_print_without_secrets() -> None:
    shown = repr(SETTINGS)
    assert KEY not in shown
    assert "Authorization" in shown
    assert "proxy.example:1" in shown


def test_settings_pickle_without_the_key() -> None:
    settings = evolve(SETTINGS, headers={}, proxies=None)
    packed = pickle.dumps(settings)
    assert KEY.encode() not in packed
    assert pickle.loads(packed).backend_url == settings.backend_url


@pytest.mark.parametrize(
    ("given", "environment", "found"),
    [
        ("/arg.pem", {"SSL_CERT_FILE": "/env.pem"}, "/arg.pem"),
        (None, {"SSL_CERT_FILE": "/a.pem", "REQUESTS_CA_BUNDLE": "/b.pem"}, "/a.pem"),
        (None, {"REQUESTS_CA_BUNDLE": "/b.pem"}, "/b.pem"),
        (None, {"SSL_CERT_DIR": "/"}, "/"),
        (None, {"SSL_CERT_DIR": "/nowhere"}, None),
        (None, {"SSL_CERT_DIR": f"/nowhere{os.pathsep}/{os.pathsep}{os.pathsep}/tmp"}, f"/{os.pathsep}/tmp"),
        (None, {}, None),
    ],
)
def test_the_ca_bundle_is_the_argument_or_the_environments(
    given: str | None, environment: dict[str, str], found: str | None
) -> None:
    assert find_ca_bundle(evolve(SETTINGS, ca_bundle=given), environment) == found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"headers": {"X-Team": None}}, "the value of 'X-Team' must be printable ASCII, got NoneType"),
        ({"headers": {5: "x"}}, "headers: 5 is no name of a header"),
        ({"headers": {"Content-Length": "3"}}, "'Content-Length' says how long the body is"),
        ({"max_reply_bytes": "1 MB"}, "max_reply_bytes must be a whole number of bytes, at least 1; got '1 MB'"),
        ({"max_reply_bytes": 0}, "at least 1; got 0"),
        ({"max_upload_bytes": 0}, "max_upload_bytes must be a whole number of bytes, at least 1; got 0"),
        ({"timeout": float("nan")}, "'total' must be a number of seconds, at least 0; got nan"),
        ({"timeout": "fast"}, "at least 0; got 'fast'"),
        ({"timeout": -1}, "at least 0; got -1"),
        ({"client_cert": ["a.pem", "b.pem"]}, "client_cert must be a path, or a tuple of two"),
        ({"client_cert": ("a.pem",)}, "client_cert must be a path, or a tuple of two"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_work_is_refused_by_the_constructor(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Aixplain(api_key=KEY, **arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "limits", [{"connect": None}, {"idle": float("nan")}, {"idle": True}, {"total": -0.5}], ids=str
)
def test_a_limit_that_is_no_number_of_seconds_is_refused(limits: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="must be a number of seconds, at least 0"):
        Timeout(**limits)


def test_given_proxies_replace_the_environments() -> None:
    environment = {"HTTPS_PROXY": "http://env:1"}
    assert find_proxies(evolve(SETTINGS, proxies=None), environment).by_scheme == {"https": "http://env:1"}
    assert find_proxies(evolve(SETTINGS, proxies=Proxies()), environment).by_scheme == {}


def test_importing_the_driver_imports_no_network_code_logs_nothing_and_writes_no_environment() -> None:
    code = (
        "import os, sys, logging; before = dict(os.environ);"
        "import typedrun.sending.driver, typedrun.job, typedrun.transfers.media, typedrun.testing;"
        "from typedrun.settings import Settings;"
        "typedrun.sending.driver.Driver(Settings(backend_url='https://a.example', run_url='https://b.example'));"
        "heavy = {'urllib3', 'ssl', 'socket', 'http', 'cattrs', 'email', 'importlib.metadata'};"
        "print(sorted(heavy & set(sys.modules)), before == dict(os.environ),"
        " logging.getLogger().handlers, logging.getLogger('typedrun').handlers)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert ran.stdout.split("\n")[0] == "[] True [] []"
    assert ran.stderr == ""
