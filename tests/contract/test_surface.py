"""Every member of the reference's documented surface exists, with its arguments and defaults, and has a test.

The signatures are facts of the documentation of the reference: argument names, their order where they are positional, defaults.
"""

import ast
import inspect
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import aixplain_models
from aixplain_models import Function, Supplier

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "migration.md"

SURFACE: dict[str, dict[str, str]] = {
    "Message": {}, "Detail": {}, "Usage": {}, "ModelResult": {}, "StreamChunk": {}, "Attribute": {}, "Parameter": {},
    "Version": {}, "Pricing": {}, "VendorInfo": {}, "ModelSearchParams": {}, "ModelRunParams": {}, "Page": {},
    "ModelResponseStreamer": {
        "__init__": "response", "__iter__": "", "__next__": "", "close": "", "__enter__": "", "__exit__": "exc_type, exc_val, exc_tb",
    },
    "InputsProxy": {
        "__init__": "model", "__getitem__": "key", "__setitem__": "key, value", "__getattr__": "name",
        "__setattr__": "name, value", "__contains__": "key", "__len__": "", "__iter__": "", "keys": "", "values": "",
        "items": "", "get": "key, default=None", "update": "**kwargs", "clear": "", "copy": "", "has_parameter": "param_name",
        "get_parameter_names": "", "get_required_parameters": "", "get_parameter_info": "param_name",
        "get_all_parameters": "", "reset_parameter": "param_name", "reset_all_parameters": "", "__repr__": "",
    },
    "Model": {
        "is_sync_only": "", "is_async_capable": "", "build_run_url": "**kwargs", "mark_as_deleted": "", "get": "id, **kwargs",
        "search": "query=None, **kwargs", "run": "**kwargs", "run_async": "**kwargs", "run_stream": "**kwargs", "as_tool": "",
        "get_parameters": "",
    },
    "LLM": {
        "__init__": "id, name, description='', api_key=None, supplier='aiXplain', version=None, function=None, "
        "is_subscribed=False, cost=None, temperature=0.001, function_type='ai', **additional_info",
        "run": "data, context=None, prompt=None, history=None, temperature=None, max_tokens=128, top_p=1.0, "
        "name='model_process', timeout=300.0, parameters=None, wait_time=0.5, stream=False",
        "run_async": "data, context=None, prompt=None, history=None, temperature=None, max_tokens=128, top_p=1.0, "
        "name='model_process', parameters=None",
    },
    "ModelResponse": {"__getitem__": "key"},
}  # fmt: skip
FUNCTIONS = {"find_supplier_by_id": "supplier_id", "find_function_by_id": "function_id"}
FIELDS = {
    "Message": "role content", "Detail": "index message logprobs finish_reason",
    "Usage": "prompt_tokens completion_tokens total_tokens",
    "ModelResult": "status completed error_message url result supplier_error data details run_time used_credits usage asset",
    "StreamChunk": "status data reasoning_content tool_calls usage finish_reason",
    "Parameter": "name required multiple_values is_fixed data_type data_sub_type values default_values available_options",
    "Version": "name id", "Pricing": "price unit_type unit_type_scale", "VendorInfo": "id name code",
    "Page": "results page_number page_total total",
}  # fmt: skip
FILTERS = "q host developer path functions suppliers vendors source_languages target_languages is_finetunable status saved sort_by sort_order ownership page_number page_size"
CONTROLS = "stream timeout wait_time run_retries run_retry_wait identifier session_id agent_name"
MEMBERS = [(name, member) for name, members in SURFACE.items() for member in members]


def documented(text: str) -> list[inspect.Parameter]:
    """The parameters of a signature written as text."""
    namespace: dict[str, Any] = {}
    exec(f"def f({text}): pass", namespace)
    return list(inspect.signature(namespace["f"]).parameters.values())


def missing_arguments(found: inspect.Signature, text: str) -> list[str]:
    """Documented arguments that are not accepted as documented."""
    theirs = {name: one for name, one in found.parameters.items() if name != "self"}
    is_open = any(one.kind is one.VAR_KEYWORD for one in theirs.values())
    positional = [name for name, one in theirs.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
    wanted = documented(text)
    wrong = [one.name for number, one in enumerate(w for w in wanted if w.kind is w.POSITIONAL_OR_KEYWORD)
             if positional[number : number + 1] != [one.name] or theirs[one.name].default != one.default]  # fmt: skip
    return wrong + ["**" for one in wanted if one.kind is one.VAR_KEYWORD and not is_open]


@pytest.mark.parametrize(("name", "member"), MEMBERS, ids=lambda value: value)
def test_a_documented_member_takes_its_documented_arguments(name: str, member: str) -> None:
    getattr(getattr(aixplain_models, name), member)  # some come with their first use
    found = inspect.getattr_static(getattr(aixplain_models, name), member)
    if isinstance(found, property):
        return
    signature = inspect.signature(getattr(found, "__func__", found))  # a class method's function takes the class, too
    own = signature.replace(parameters=[one for one in signature.parameters.values() if one.name != "cls"])
    if name == "ModelResponseStreamer" and member == "__exit__":
        assert len(own.parameters) == 4
        return
    assert missing_arguments(own, SURFACE[name][member]) == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_documented_function_takes_its_documented_arguments(name: str) -> None:
    assert missing_arguments(inspect.signature(getattr(aixplain_models, name)), FUNCTIONS[name]) == []


@pytest.mark.parametrize("name", FIELDS)
def test_a_documented_field_exists(name: str) -> None:
    fields = {field.name for field in getattr(aixplain_models, name).__attrs_attrs__}
    assert set(FIELDS[name].split()) - fields == set()


@pytest.mark.parametrize(("name", "keys"), [("ModelSearchParams", FILTERS), ("ModelRunParams", CONTROLS)])
def test_a_documented_keyword_exists(name: str, keys: str) -> None:
    known = {key for cls in (getattr(aixplain_models, name),) for key in cls.__required_keys__ | cls.__optional_keys__}
    assert set(keys.split()) - known == set()


def test_listings_are_found_by_id() -> None:
    assert aixplain_models.find_function_by_id("text-generation") is Function.TEXT_GENERATION
    assert aixplain_models.find_supplier_by_id("openai") is Supplier.OPENAI
    by_number = aixplain_models.find_supplier_by_id(1)
    assert by_number is Supplier.AIXPLAIN
    assert aixplain_models.find_supplier_by_id("1") is by_number
    assert aixplain_models.find_supplier_by_id(-1) is None
    assert aixplain_models.find_function_by_id("no-such-function") is None


# --- the table of docs/migration.md


def rows() -> dict[str, str]:
    """Member -> test."""
    found: dict[str, str] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = re.fullmatch(r"\| (`[^|]+`) \| `(tests/[^|`]+)` \|", line)
        if cells:
            owner = ""
            for name in re.findall(r"`([^`]+)`", cells[1]):
                owner = name.partition(".")[0] if "." in name else owner
                found[name if "." in name or not owner else f"{owner}.{name}"] = cells[2]
    return found


ROWS = rows()


@pytest.mark.parametrize("member", [f"{name}.{member}" for name, member in MEMBERS if name != "ModelResponse"])
def test_the_table_names_a_test_for_each_member(member: str) -> None:
    assert member in ROWS or member.partition(".")[0] in ROWS


@pytest.mark.parametrize("name", [*(name for name, members in SURFACE.items() if not members), *FUNCTIONS])
def test_the_table_names_a_test_for_each_class_and_function(name: str) -> None:
    assert name in ROWS


@cache
def functions_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("test", sorted(set(ROWS.values())))
def test_each_test_in_the_table_exists(test: str) -> None:
    path, _, name = test.partition("::")
    names = functions_in(path)
    assert (name in names) if name else any(found.startswith("test_") for found in names)
