"""Words of a command line as arguments, a run as curl would send it, and outputs as files."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import Bench
from typedrun.errors import ParameterError
from typedrun.exports.commandline import complete_word, read_words
from typedrun.exports.curl import curl_of
from typedrun.exports.saving import files_of, save_files, save_output
from typedrun.model import Model
from typedrun.results import ModelResult
from typedrun.testing import Answer

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


def param(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "required": False, "dataType": "text", "dataSubType": "text"} | fields


EAR = {
    "id": "64dddddddddddddddddddddd",
    "name": "Ear",
    "function": {"id": "speech-recognition"},
    "assetInfo": {"instanceId": "acme/ear/acme"},
    "params": [
        param("audio", dataType="audio", dataSubType="audio", required=True),
        param("language", dataType="label", dataSubType="label", availableOptions=["en", "de"]),
        param("keyterm", multipleValues=True),
        param("weights", dataType="array", dataSubType="number"),
        param("count", dataType="integer", dataSubType="integer"),
        param("fast", dataType="boolean", dataSubType="boolean"),
        param("config", dataType="json", dataSubType="json"),
        param("3d-model"),
    ],
}


@pytest.fixture
def ear(bench: type[Bench]) -> Model[Any]:
    model: Model[Any] = bench().model(EAR)
    return model


URL = "audio=https://example.com/a.wav"


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        (["language=de"], {"language": "de"}),
        (["count=3", "fast=true"], {"count": 3, "fast": True}),
        (["count:=3", "fast:=false"], {"count": 3, "fast": False}),
        (['config={"a": 1}'], {"config": {"a": 1}}),
        (['config:=["a"]'], {"config": ["a"]}),
        (["keyterm=a=b", "keyterm=c@d"], {"keyterm": ["a=b", "c@d"]}),
        (["keyterm=one"], {"keyterm": "one"}),
        (["weights=1.5"], {"weights": [1.5]}),
        (["weights:=[1, 2]", "weights=3"], {"weights": [1, 2, 3]}),
        (["3d-model=x"], {"parameter_3d_model": "x"}),
        (["parameter_3d_model=x"], {"parameter_3d_model": "x"}),
        (["keyterm="], {"keyterm": ""}),
        (["keyterm=a:=b"], {"keyterm": "a:=b"}),
    ],
)
def test_words_are_read_as_their_parameters_ask(words: list[str], arguments: dict[str, Any], ear: Model[Any]) -> None:
    assert read_words(ear, [URL, *words]) == {"audio": "https://example.com/a.wav", **arguments}


def test_files_are_media_as_they_are_and_texts_for_everything_else(ear: Model[Any], tmp_path: Path) -> None:
    sound, text, config = tmp_path / "a.wav", tmp_path / "terms.txt", tmp_path / "config.json"
    sound.write_bytes(WAV)
    text.write_text("größe\n", "utf-8")
    config.write_text('{"a": [1]}')
    words = [f"audio@{sound}", f"keyterm@{text}", f"keyterm=@{text}", f"config:=@{config}"]
    assert read_words(ear, words) == {"audio": sound, "keyterm": ["größe", "größe"], "config": {"a": [1]}}


def test_a_dash_is_standard_input(ear: Model[Any]) -> None:
    assert read_words(ear, [URL, "keyterm=-"], lambda: b"one\ntwo\r\n")["keyterm"] == "one\ntwo"
    assert read_words(ear, ["audio@-"], lambda: WAV) == {"audio": WAV}
    assert read_words(ear, [URL, "config:=-"], lambda: b'{"a": 1}')["config"] == {"a": 1}
    assert read_words(ear, [URL, 'keyterm:="-"'])["keyterm"] == "-"


def test_every_problem_is_in_one_message(ear: Model[Any], tmp_path: Path) -> None:
    words = [
        f"audio@{tmp_path / 'missing.wav'}",
        "langauge=en",
        "count=many",
        "count=3",
        "config:={",
        "keyterm",
        "fast=perhaps",
        f"3d-model=@{tmp_path}",
    ]
    with pytest.raises(ParameterError) as caught:
        read_words(ear, words)
    told = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 8
    assert "there is no file" in told
    assert "did you mean 'language'?" in told
    assert "'count' is given twice" in told
    assert "Expected a whole number, got 'many'" in told
    assert "'config' is no JSON" in told
    assert "'keyterm' is no argument: write name=text" in told
    assert "Expected True or False, got 'perhaps'" in told
    assert "cannot be read: Is a directory" in told
    assert "is missing" not in told


def test_nothing_is_read_for_a_name_that_is_no_parameter(ear: Model[Any], tmp_path: Path) -> None:
    for word in ("audoi=-", "audoi:=@nowhere", f"audoi@{tmp_path}"):
        with pytest.raises(ParameterError) as refused:
            read_words(ear, [word], lambda: pytest.fail("standard input was read"))
        assert "did you mean 'audio'?" in refused.value.problems[0]


def test_standard_input_has_one_reader_and_must_be_text(ear: Model[Any]) -> None:
    with pytest.raises(ParameterError, match="Standard input is read once, and 'audio' has it"):
        read_words(ear, ["audio@-", "keyterm=-"], lambda: WAV)
    with pytest.raises(ParameterError, match="standard input is none"):
        read_words(ear, [URL, "keyterm=-"], lambda: b"\xff\xfe\x00")


def test_a_path_without_the_sign_for_files_is_told_how_to_send_it(ear: Model[Any]) -> None:
    with pytest.raises(ParameterError, match="audio@FILE sends a file of this machine"):
        read_words(ear, ["audio=speech.wav"])


# --- curl


def test_curl_shows_the_request_that_is_sent_with_the_key_masked(
    language_model: dict[str, Any], bench: type[Bench], done: Answer
) -> None:
    one = bench(done)
    model = one.model(language_model)
    given = {"text": "it's $HOME", "effort": "low", "identifier": "user-7"}
    words = shlex.split(curl_of(model, given))
    model.run(**given)
    (sent,) = one.sent
    assert words[:4] == ["curl", "-X", "POST", sent.url]
    headers = dict(word.split(": ", 1) for flag, word in pairwise(words) if flag == "-H")
    assert headers == {
        "x-api-key": "***",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "x-user-id": "user-7",
    }
    assert json.loads(words[-1]) == json.loads(sent.body)
    assert len(one.sent) == 1


def test_curl_says_which_files_are_uploaded_first(ear: Model[Any]) -> None:
    text = curl_of(ear, {"audio": Path("/tmp/a.wav")})
    assert text.startswith("# audio: /tmp/a.wav is uploaded first")
    assert json.loads(shlex.split(text, comments=True)[-1]) == {"audio": "<address of /tmp/a.wav>"}


def test_a_files_name_cannot_leave_its_comment(ear: Model[Any]) -> None:
    text = curl_of(ear, {"audio": Path("a.wav\ntouch owned\x1b[2J")})
    assert text.startswith(
        "# audio: a.wav\\ntouch owned\\x1b[2J is uploaded first; its address stands in its place\ncurl "
    )


def test_curl_asks_for_a_stream(language_model: dict[str, Any], bench: type[Bench]) -> None:
    text = curl_of(bench().model(language_model), {"text": "Hello"}, stream=True)
    assert "--no-buffer" in text
    assert json.loads(shlex.split(text)[-1])["options"] == {"stream": True}
    assert "Accept: text/event-stream" in text


# --- files


def result(data: Any) -> ModelResult[Any]:
    return ModelResult(status="SUCCESS", completed=True, data=data)


def served(bench: type[Bench], *answers: Answer) -> Model[Any]:
    model: Model[Any] = bench(*answers).model(EAR)
    return model


def test_addresses_are_files_but_a_language_models_text_is_none(
    ear: Model[Any], language_model: dict[str, Any], bench: type[Bench]
) -> None:
    assert files_of(ear, result("https://cdn.test/a.wav")) == ["https://cdn.test/a.wav"]
    assert files_of(ear, result(["https://cdn.test/a.png", "https://cdn.test/b.png"]))[1] == "https://cdn.test/b.png"
    assert files_of(ear, result("see https://cdn.test/a.wav")) == []
    assert files_of(ear, result("https://[::1/a.wav")) == []
    picture = {"url": "https://cdn.test/a.png", "content_type": "image/png"}
    assert files_of(ear, result({"images": [picture], "seed": 1})) == ["https://cdn.test/a.png"]
    assert files_of(ear, result({"url": "https://cdn.test/a.wav"})) == []
    assert files_of(bench().model(language_model), result("https://cdn.test/a.wav")) == []


@pytest.mark.parametrize(
    ("address", "headers", "name"),
    [
        ("https://cdn.test/speech.wav?sig=1", {}, "speech.wav"),
        ("https://cdn.test/x/..%2F..%2Fetc%2Fpasswd", {}, "passwd.wav"),
        ("https://cdn.test/.bashrc", {}, "bashrc.wav"),
        ("https://cdn.test/", {}, "acme_ear_acme.wav"),
        ("https://cdn.test/-rf.wav", {}, "rf.wav"),
        ("https://cdn.test/a%00b%0ac.wav", {}, "a_b_c.wav"),
        ("https://cdn.test/" + "a" * 101, {}, "a" * 100 + ".wav"),
        ("https://cdn.test/" + "a" * 101 + "." + "b" * 20, {}, "a" * 100 + "." + "b" * 19),
    ],
)
def test_files_are_named_by_their_address_and_cannot_lead_elsewhere(
    address: str, headers: dict[str, str], name: str, bench: type[Bench], tmp_path: Path
) -> None:
    model = served(bench, Answer(body=WAV, headers=headers))
    (path,) = save_files(model, [address], tmp_path)
    assert path == tmp_path / name
    assert path.read_bytes() == WAV
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_key_does_not_travel_to_where_a_file_is(bench: type[Bench], tmp_path: Path) -> None:
    one = bench(Answer(body=WAV))
    list(save_files(one.model(EAR), ["https://cdn.test/a.wav"], tmp_path))
    assert "canary" not in repr(dict(one.sent[0].headers))


def test_a_file_that_is_there_stays_unless_it_is_named(bench: type[Bench], tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("old")
    model = served(bench, *[Answer(body=WAV)] * 3)
    assert [path.name for path in save_files(model, ["https://c.test/a.wav"] * 2, tmp_path)] == ["a-1.wav", "a-2.wav"]
    assert (tmp_path / "a.wav").read_text() == "old"
    list(save_files(model, ["https://c.test/a.wav"], tmp_path / "a.wav"))
    assert (tmp_path / "a.wav").read_bytes() == WAV


def test_several_files_of_one_name_are_numbered(bench: type[Bench], tmp_path: Path) -> None:
    model = served(bench, *[Answer(body=WAV)] * 2)
    made = list(save_files(model, ["https://c.test/a.wav", "https://c.test/b.wav"], tmp_path / "out.wav"))
    assert [path.name for path in made] == ["out-1.wav", "out-2.wav"]


def test_a_data_url_is_written_without_a_request(ear: Model[Any], tmp_path: Path) -> None:
    (path,) = save_files(ear, ["data:image/png;base64,iVBORw0KGgo="], tmp_path)
    assert path.name == "acme_ear_acme.png"
    assert path.read_bytes() == b"\x89PNG\r\n\x1a\n"


def test_a_text_is_saved_as_it_is_and_anything_else_as_json(ear: Model[Any], tmp_path: Path) -> None:
    assert save_output(ear, result("größe"), tmp_path).name == "acme_ear_acme.txt"
    path = save_output(ear, result({"a": 1}), tmp_path / "out.json")
    assert json.loads(path.read_text()) == {"a": 1}


# --- completion


def test_words_are_completed_from_the_table(ear: Model[Any]) -> None:
    assert complete_word(ear, "la") == ["language=", "language:="]
    assert complete_word(ear, "au") == ["audio=", "audio@"]
    assert complete_word(ear, "language=") == ["language=en", "language=de"]
    assert complete_word(ear, "fast=t") == ["fast=true"]
    assert complete_word(ear, "count=") == []
    assert "audio=" not in complete_word(ear, "", ["audio@a.wav"])
