"""Names: readable, ASCII, never a keyword, the same for the same text."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedrun.marketplaces.aixplain.controls import CONTROLS
from typedrun_codegen.text.names import (
    MAX_CLASS_LENGTH,
    FoldedNames,
    Identifier,
    claim,
    class_name,
    const_name,
    is_readable,
    parameter_name,
    pascal_name,
    portable,
    snake_name,
)


@pytest.mark.parametrize(
    ("text", "snake", "pascal", "const"),
    [
        ("GPT-5.4", "gpt_5_4", "Gpt54", "GPT_5_4"),
        ("GPT-4o Mini", "gpt_4o_mini", "Gpt4oMini", "GPT_4O_MINI"),
        ("Llama 3.3 70B Instruct", "llama_3_3_70b_instruct", "Llama3370bInstruct", "LLAMA_3_3_70B_INSTRUCT"),
        ("maxTokens", "max_tokens", "MaxTokens", "MAX_TOKENS"),
        ("HTTPServer", "http_server", "HttpServer", "HTTP_SERVER"),
        ("text-generation", "text_generation", "TextGeneration", "TEXT_GENERATION"),
        ("other-(multipurpose)", "other_multipurpose", "OtherMultipurpose", "OTHER_MULTIPURPOSE"),
        ("Ünïcode Näme", "unicode_name", "UnicodeName", "UNICODE_NAME"),
        ("文本", "u6587_u672c", "U6587U672c", "U6587_U672C"),
        ("class", "class_", "Class", "CLASS"),
        ("None", "none", "None_", "NONE"),
        ("3d model", "value_3d_model", "Value3dModel", "VALUE_3D_MODEL"),
    ],
)
def test_a_name_can_be_read(text: str, snake: str, pascal: str, const: str) -> None:
    assert (snake_name(text), pascal_name(text), const_name(text)) == (snake, pascal, const)


def test_a_class_name_that_is_too_long_ends_in_a_hash_and_is_as_long_as_one_may_be() -> None:
    name = class_name(*["Extremely long words"] * 12)
    assert name == "ExtremelyLongWordsExtremelyLongWordsExtremelyLongWordsEXlekjmkid"
    assert len(name) == MAX_CLASS_LENGTH


@pytest.mark.parametrize(
    ("text", "readable"), [("abc 文本", True), ("ab 文本", True), ("a 文本", False), ("é 文", True), ("12", False)]
)
def test_a_text_can_be_read_when_half_of_its_letters_can(text: str, readable: bool) -> None:
    assert is_readable(text) == readable


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("temperature", "temperature"),
        ("maxTokens", "maxTokens"),
        ("max-tokens", "max_tokens"),
        ("from", "from_"),
        ("class", "class_"),
        ("self", "self_"),
        ("timeout", "timeout_"),
        ("stream", "stream_"),
        ("controls", "controls_"),
        ("data", "data"),
        ("model", "model"),
        ("kwargs", "kwargs"),
        ("run", "run"),
        ("inputs", "inputs"),
        ("list", "list"),
        ("__dunder", "dunder"),
        ("2x", "parameter_2x"),
        ("size (px)", "size_px"),
        ("größe", "grosse"),
    ],
)
def test_a_parameter_keeps_its_wire_name_where_python_allows(wire: str, python: str) -> None:
    assert parameter_name(wire, CONTROLS) == python


@pytest.mark.parametrize(
    ("text", "module"),
    [("nul", "nul_"), ("com0", "com0_"), ("LPT9", "lpt9_"), ("com10", "com10"), ("lpt", "lpt"), ("console", "console")],
)
def test_a_module_is_never_called_like_a_device_of_windows(text: str, module: str) -> None:
    assert portable(snake_name(text)) == module


def argument_name(text: str) -> str:
    return parameter_name(text, CONTROLS)


MAKERS = [snake_name, pascal_name, const_name, argument_name]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
@given(text=st.text())
def test_any_text_becomes_an_ascii_identifier(make: type[Identifier], text: str) -> None:
    name = make(text)
    assert name.isidentifier()
    assert name.isascii()
    assert not keyword.iskeyword(name)
    assert not name.startswith("_")
    assert len(name) <= 80
    assert make(text) == name


@given(texts=st.lists(st.text(max_size=3), unique=True, max_size=20))
def test_claimed_names_never_collide(texts: list[str]) -> None:
    taken = FoldedNames()
    names: list[str] = []
    for text in texts:
        names.append(claim(snake_name(text), taken, seed=text))
        taken.add(names[-1])
    assert len({name.lower() for name in names}) == len(texts)


def test_a_second_claimant_gets_its_alternative_then_a_hash_of_what_it_is() -> None:
    taken = FoldedNames(["llama"])
    assert claim(snake_name("Llama"), taken, snake_name("Llama groq"), seed="1") == "llama_groq"
    taken.add("llama_groq")
    again = claim(snake_name("Llama"), taken, snake_name("Llama groq"), seed="1")
    assert again.startswith("llama_")
    assert again == claim(snake_name("Llama"), taken, snake_name("Llama groq"), seed="1")
    assert again != claim(snake_name("Llama"), taken, snake_name("Llama groq"), seed="2")
