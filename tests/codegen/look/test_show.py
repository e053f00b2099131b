"""Looking models up in the snapshot."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

from tests.codegen.conftest import Workshop
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import UsageProblem
from typedrun_codegen.ir.settings import Config, Typing
from typedrun_codegen.look.show import (
    Named,
    example_lines,
    find_model,
    list_lines,
    read_named,
    search,
    show_json,
    show_lines,
    signature_lines,
)
from typedrun_codegen.look.why import why
from typedrun_codegen.package.publish import publish
from typedrun_codegen.plans.models import plan_model
from typedrun_codegen.plans.prose import SHOWN_OPTIONS
from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.server import Sandbox

ROOT = Path(__file__).parents[3]

TEXT: JSON = {"name": "text", "required": True, "dataType": "text", "dataSubType": "text"}


def model(id: str, name: str, path: str | None, *params: JSON, **fields: JSON) -> dict[str, JSON]:
    return {
        "id": id,
        "name": name,
        **({"path": path} if path else {}),
        "function": {"id": "translation", "name": "Translation"},
        "vendor": {"id": 1, "name": "Acme", "code": "acme"},
        "params": [TEXT, *params],
        **fields,
    }


TONE: JSON = {
    "name": "tone",
    "dataType": "label",
    "dataSubType": "label",
    "availableOptions": [{"value": "warm", "label": "Warm"}, {"value": "cold", "label": "Cold"}],
    "defaultValues": [{"value": "warm", "label": "Warm"}],
}

MODELS: list[JSON] = [
    model("a1", "Lighthouse", "acme/lighthouse/acme", TONE, {"name": "class", "dataType": "text"}),
    model("a2", "Lighthouse Mini", "acme/lighthouse-mini/acme", description="Small and quick."),
    model("b1", "Buoy", "boats/buoy/one", vendor={"code": "boats"}, function={"id": "speech-recognition"}),
    model("b2", "Buoy", "boats/buoy/two", vendor={"code": "boats"}),
    model("c1", "فنار", None, params=None),
    model("d1", "Needs much", "acme/much", {"name": "source_audio", "required": True, "dataType": "audio"}),
]


@pytest.fixture
def named(tmp_path: Path) -> Named:
    (tmp_path / "models.json").write_text(json.dumps(MODELS))
    return read_named(
        Config(root=tmp_path, snapshot=tmp_path / "models.json", output=tmp_path, package="aixplain_models")
    )


@pytest.mark.parametrize(
    ("wanted", "id"),
    [
        pytest.param("a1", "a1", id="id"),
        pytest.param("acme/lighthouse/acme", "a1", id="path"),
        pytest.param("ACME/Lighthouse/acme", "a1", id="path in another case"),
        pytest.param("acme.lighthouse_mini", "a2", id="attribute"),
        pytest.param("aix.models.acme.lighthouse_mini", "a2", id="as code has it"),
        pytest.param("lighthouse_mini", "a2", id="module"),
        pytest.param("LighthouseMini", "a2", id="class"),
        pytest.param("lighthouse mini", "a2", id="name"),
        pytest.param("فنار", "c1", id="a name without latin letters"),
    ],
)
def test_a_model_is_found_by_whatever_is_at_hand(wanted: str, id: str, named: Named) -> None:
    assert find_model(named, wanted).id == id


@pytest.mark.parametrize(
    ("wanted", "next_step"),
    [
        ("acme/lighthose/acme", "did you mean acme/lighthouse/acme"),
        ("lighthouse_mni", "did you mean acme/lighthouse-mini/acme"),
        ("zzzzzzzz", "`typedrun models` lists what there is"),
        ("", "`typedrun models` lists what there is"),
    ],
)
def test_a_miss_says_what_comes_close(wanted: str, next_step: str, named: Named) -> None:
    with pytest.raises(UsageProblem) as missed:
        find_model(named, wanted)
    assert missed.value.problem.next_step.startswith(next_step)


def test_an_ambiguous_name_lists_the_choices(named: Named) -> None:
    with pytest.raises(UsageProblem) as missed:
        find_model(named, "Buoy")
    assert "boats/buoy/one, boats/buoy/two" in missed.value.problem.next_step


def test_a_path_means_its_model_although_another_is_called_that(tmp_path: Path) -> None:
    models: list[JSON] = [model("a1", "acme/lamp", "acme/other"), model("a2", "Lamp", "acme/lamp")]
    (tmp_path / "models.json").write_text(json.dumps(models))
    named = read_named(
        Config(root=tmp_path, snapshot=tmp_path / "models.json", output=tmp_path, package="aixplain_models")
    )
    assert find_model(named, "acme/lamp").id == "a2"


@pytest.mark.parametrize(
    ("query", "options", "ids"),
    list[tuple[str, dict[str, list[str]], set[str]]](
        [
            ("", {}, {"a1", "a2", "b1", "b2", "c1", "d1"}),
            ("LIGHT", {}, {"a1", "a2"}),
            ("quick small", {}, {"a2"}),
            ("buoy speech", {}, {"b1"}),
            ("", {"functions": ["speech-recognition"]}, {"b1"}),
            ("", {"suppliers": ["BOATS"]}, {"b1", "b2"}),
            ("buoy", {"suppliers": ["acme"]}, set()),
        ]
    ),
)
def test_a_search_takes_words_in_any_order(
    query: str, options: dict[str, list[str]], ids: set[str], named: Named
) -> None:
    assert {each.id for each in search(named, query, **options)} == ids


def test_a_listing_is_aligned_and_names_the_attribute(named: Named) -> None:
    lines = list(list_lines(named, search(named, "lighthouse")))
    assert lines[0].startswith("acme.lighthouse       translation")
    assert len({line.index("translation") for line in lines}) == 1


def test_a_model_is_shown_with_everything_that_a_call_needs(named: Named) -> None:
    text = "\n".join(show_lines(named, find_model(named, "a1")))
    for words in (
        "Attribute: aix.models.acme.lighthouse",
        "from aixplain_models.models.acme import Lighthouse",
        "text: str,",
        'tone: Literal["warm", "cold"] | None = "warm",',
        "class_ (on the wire 'class')",
        'Default "warm".',
        'aix.models.acme.lighthouse.run(text="Hello")',
    ):
        assert words in text, words


def test_a_fixed_parameter_is_shown_as_such(tmp_path: Path) -> None:
    fixed: JSON = {"name": "sourcelanguage", "isFixed": True, "dataType": "label", "values": [{"value": "en"}]}
    (tmp_path / "models.json").write_text(json.dumps([model("a1", "L", "acme/l", fixed)]))
    named = read_named(
        Config(root=tmp_path, snapshot=tmp_path / "models.json", output=tmp_path, package="aixplain_models")
    )
    assert '  sourcelanguage: fixed by the catalog to "en"' in list(show_lines(named, named.models[0]))


@pytest.mark.parametrize(("options", "is_listed_again"), [(SHOWN_OPTIONS, False), (SHOWN_OPTIONS + 1, True)])
def test_options_that_do_not_fit_into_the_text_are_listed_below_it(
    options: int, is_listed_again: bool, tmp_path: Path
) -> None:
    voices: list[JSON] = [{"value": f"v{number}", "label": f"Voice {number}"} for number in range(options)]
    voice: JSON = {"name": "voice", "dataType": "label", "dataSubType": "label", "availableOptions": voices}
    (tmp_path / "models.json").write_text(json.dumps([model("a1", "L", "acme/l", voice)]))
    named = read_named(
        Config(root=tmp_path, snapshot=tmp_path / "models.json", output=tmp_path, package="aixplain_models")
    )
    text = " ".join("\n".join(show_lines(named, named.models[0])).split())
    assert (f'all {options}: "v0", "v1",' in text) == is_listed_again


def test_names_that_the_package_has_locked_are_shown(tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text(json.dumps([model("a1", "Old name", "acme/x")]))
    config = Config(root=tmp_path, snapshot=tmp_path / "models.json", output=tmp_path, package="aixplain_models")
    publish(config)
    (tmp_path / "models.json").write_text(json.dumps([model("a1", "New name", "acme/x")]))
    named = read_named(config)
    assert named.attribute(named.models[0]) == "acme.old_name"


def test_text_of_a_backend_cannot_steer_the_terminal(tmp_path: Path) -> None:
    hostile = "\x1b[2J\u202eevil\x07"
    (tmp_path / "models.json").write_text(
        json.dumps([model("a1", hostile, hostile, {"name": hostile, "dataType": "text"}, description=hostile)])
    )
    named = read_named(
        Config(root=tmp_path, snapshot=tmp_path / "models.json", output=tmp_path, package="aixplain_models")
    )
    found = named.models[0]
    lines = [*show_lines(named, found), *list_lines(named, named.models), *why(named, found, hostile).lines()]
    assert not any(char in line for line in lines for char in "\x1b\u202e\x07")


# --- why


def test_why_names_file_pointer_fragment_and_rule(named: Named) -> None:
    answer = why(named, find_model(named, "a1"), "tone")
    assert answer.file.endswith("models.json")
    assert (answer.pointer, answer.fragment) == ("/0/params/1", TONE)
    assert answer.rule == "label"
    assert answer.reason.endswith("narrowed to its 2 options")
    assert answer.written == 'tone: Literal["warm", "cold"] | None = "warm"'
    assert "  pointer   /0/params/1" in list(answer.lines())


def test_why_takes_the_python_name_too(named: Named) -> None:
    assert why(named, find_model(named, "a1"), "class_").name == "class"


@pytest.mark.parametrize(
    ("wanted", "next_step"),
    [("tne", "did you mean 'tone'?"), ("to", "did you mean 'tone'?"), ("zzz", "its parameters are text, tone, class")],
)
def test_why_of_an_unknown_parameter_says_what_comes_close(wanted: str, next_step: str, named: Named) -> None:
    with pytest.raises(UsageProblem) as missed:
        why(named, find_model(named, "a1"), wanted)
    assert missed.value.problem.next_step.startswith(next_step)


@pytest.mark.parametrize(
    ("output", "rule", "annotation", "pointer"),
    [
        ([{"dataType": "text"}], "output-text", "str", "/items/0/output"),
        ([{"dataType": "audio"}, {"dataType": "text"}], "output-several", "JSON", "/items/0/output"),
        ([{"dataType": "hologram"}], "output-unknown", "JSON", "/items/0/output"),
        (None, "output-unknown", "JSON", "/items/0"),
    ],
)
def test_why_tells_how_the_result_was_typed(
    output: JSON, rule: str, annotation: str, pointer: str, tmp_path: Path
) -> None:
    named = with_functions(tmp_path, {"id": "translation", "output": output})
    answer = why(named, named.models[0], "result.data")
    assert (answer.rule, answer.annotation, answer.pointer) == (rule, annotation, pointer)
    assert answer.file.endswith("functions.json")
    assert answer.written == f"-> ModelResult[{annotation}]"
    assert output is None or answer.fragment == output
    assert why(named, named.models[0], "data") == answer


def test_without_metadata_of_the_function_the_model_itself_is_named(named: Named) -> None:
    answer = why(named, find_model(named, "a1"), "result.data")
    assert (answer.rule, answer.pointer) == ("output-unknown", "/0/function")
    assert answer.fragment == {"id": "translation", "name": "Translation"}


def test_a_parameter_and_the_result_of_one_name_can_both_be_asked_for(tmp_path: Path) -> None:
    params: list[JSON] = [{"name": name, "dataType": "number"} for name in ("data", "result.data", "L", "inputs.data")]
    (tmp_path / "models.json").write_text(json.dumps([model("a1", "L", "acme/l", *params)]))
    named = read_named(
        Config(root=tmp_path, snapshot=tmp_path / "models.json", output=tmp_path, package="aixplain_models")
    )
    found = {
        wanted: (answer.kind, answer.name)
        for wanted in (
            "data",
            "inputs.data",
            "result.data",
            "inputs.result.data",
            "L",
            "inputs.L",
            "inputs.inputs.data",
        )
        for answer in (why(named, named.models[0], wanted),)
    }
    assert found == {
        "data": ("parameter", "data"),
        "inputs.data": ("parameter", "data"),
        "inputs.inputs.data": ("parameter", "inputs.data"),
        "result.data": ("result", "result.data"),
        "inputs.result.data": ("parameter", "result.data"),
        "L": ("class", "L"),
        "inputs.L": ("parameter", "L"),
    }


@pytest.mark.parametrize(
    ("wanted", "file", "pointer", "rule", "written"),
    [
        ("Lighthouse", "models/a1.json", "", "class-streaming", "class Lighthouse(Model[str])"),
        ("LighthouseInputs", "models/a1.json", "/params", "class-inputs", "class LighthouseInputs(TypedInputs)"),
        ("AcmeModels", "models/a1.json", "/vendor", "class-supplier", "class AcmeModels(SupplierModels)"),
        ("Translation", "functions.json", "/items/0", "class-function", "class Translation(Protocol)"),
    ],
)
def test_every_class_can_be_traced(
    wanted: str, file: str, pointer: str, rule: str, written: str, tmp_path: Path
) -> None:
    named = with_functions(tmp_path, {"id": "translation", "output": [{"dataType": "text"}]})
    answer = why(named, named.models[0], wanted)
    assert answer.file.endswith(file)
    assert (answer.kind, answer.pointer, answer.rule) == ("class", pointer, rule)
    assert answer.written == written


def test_the_classes_of_a_large_catalog_are_explained_as_they_were_written(tmp_path: Path) -> None:
    with_functions(tmp_path, {"id": "translation", "output": [{"dataType": "text"}]})
    named = read_named(
        Config(root=tmp_path, snapshot=tmp_path, output=tmp_path, typing=Typing(mypy_tree=0), package="aixplain_models")
    )
    assert why(named, named.models[0], "AcmeModels").written == "class AcmeModels(LargeSupplier)"


def test_the_fragment_of_a_class_leaves_the_parameters_to_their_own_question(named: Named) -> None:
    answer = why(named, find_model(named, "a1"), "Lighthouse")
    assert isinstance(answer.fragment, dict)
    assert answer.fragment["id"] == "a1"
    assert "params" not in answer.fragment


@pytest.fixture(scope="module", params=["aixplain", "replicate", "fal"])
def bundled(request: pytest.FixtureRequest) -> Named:
    name: str = request.param
    snapshot, output = Path("schemas", name, "catalog").absolute(), Path("generated").absolute()
    return read_named(Config(root=Path.cwd(), snapshot=snapshot, output=output, package=f"{name}_models", backend=name))


def test_everything_in_the_packages_that_are_generated_here_is_explained(bundled: Named) -> None:
    for each in bundled.models[::10]:
        answer = why(bundled, each, str(bundled.names[each.id].name))
        assert (answer.kind, answer.file.endswith(each.location.file)) == ("class", True)
        assert why(bundled, each, "result.data").reason
        for parameter in each.parameters:
            answer = why(bundled, each, f"inputs.{parameter.name}")
            assert (answer.kind, answer.file.endswith(each.location.file)) == ("parameter", True)
        if each.function:
            assert why(bundled, each, bundled.package_names.protocols[each.function]).rule == "class-function"


def test_a_result_that_the_models_own_schema_tells_is_explained_by_the_model(bundled: Named) -> None:
    told = [each for each in bundled.models if each.output is not None]
    assert bool(told) is (bundled.catalog.backend != "aixplain")
    for each in told[:1]:
        answer = why(bundled, each, "result.data")
        assert answer.file.endswith(each.location.file)
        assert "JSON Schema" in answer.reason


def test_whether_a_class_streams_is_explained_in_the_words_of_its_marketplace(bundled: Named) -> None:
    can, cannot = {
        "aixplain": ("supportsStreaming is not false", "supportsStreaming is false"),
        "replicate": ("the output is an iterator", "the output is no iterator"),
        "fal": ("an address for streams", "no address for streams"),
    }[bundled.catalog.backend]
    for streams, base, reason in ((True, "(Model[", can), (False, "(NonStreamingModel[", cannot)):
        model = next(each for each in bundled.models if each.can_stream is streams)
        answer = why(bundled, model, str(bundled.names[model.id].name))
        assert reason in answer.reason
        assert base in answer.written


def with_functions(root: Path, *functions: JSON) -> Named:
    """A snapshot directory of one model, and what it tells of functions."""
    (root / "models").mkdir()
    (root / "models" / "a1.json").write_text(json.dumps(MODELS[0]))
    (root / "functions.json").write_text(json.dumps({"items": functions}))
    return read_named(Config(root=root, snapshot=root, output=root, package="aixplain_models"))


def test_json_carries_the_same_facts(named: Named) -> None:
    value = show_json(named, find_model(named, "a1"))
    assert isinstance(value, dict)
    assert (value["attribute"], value["class"], value["path"]) == (
        "acme.lighthouse",
        "Lighthouse",
        "acme/lighthouse/acme",
    )
    assert isinstance(value["parameters"], list)
    assert value["parameters"][1] == {
        "name": "tone",
        "wire_name": "tone",
        "required": False,
        "fixed": False,
        "type": 'Literal["warm", "cold"]',
        "default": "warm",
        "options": ["warm", "cold"],
        "rule": "label",
        "where": "models.json#/0/params/1",
    }


# --- the example


def test_the_example_of_every_bundled_model_compiles_and_gives_what_must_be_given() -> None:
    bundled = read_named(
        Config(
            root=Path.cwd(), snapshot=bundled_snapshot(), output=Path("generated").absolute(), package="aixplain_models"
        )
    )
    for each in bundled.models:
        text = "\n".join(example_lines(bundled, each))
        compile(text, each.label, "exec")
        for parameter in each.parameters:
            if parameter.must_be_given:
                assert f"{bundled.scope.parameters[each.id][parameter.name]}=" in text


@pytest.mark.parametrize("wanted", ["a1", "a2", "d1"])
def test_the_example_runs_as_it_is(wanted: str, tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text(json.dumps(MODELS))
    config = Config(root=tmp_path, snapshot=tmp_path / "models.json", package="demo_models", output=tmp_path)
    publish(config)
    named = read_named(config)
    script = "\n".join(example_lines(named, find_model(named, wanted)))
    with Sandbox(tmp_path / "models.json") as sandbox:
        ran = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={**os.environ, **sandbox.environment},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()


def test_long_options_do_not_make_a_long_line_of_an_explanation(workshop: Workshop) -> None:
    from typedrun_codegen.look.show import find_model, read_named
    from typedrun_codegen.look.why import why

    options = [{"value": letter * 300, "label": letter} for letter in "abc"]
    workshop.write(
        [workshop.model(params=[workshop.param("style", availableOptions=options, defaultValues=options[:1])])]
    )
    named = read_named(workshop.config)
    answer = why(named, find_model(named, "Echo"), "style")
    told = [line for line in answer.lines() if line.startswith(("  type ", "  written "))]
    assert [len(line) < 300 for line in told] == [True, True]
    assert f'"{"b" * 57}…"' in told[0]
    assert "b" * 300 in str(answer.as_json())


@pytest.mark.parametrize("backend", ["aixplain", "replicate", "fal"])
def test_the_signature_is_the_one_of_the_generated_module(backend: str) -> None:
    package = f"{backend}_models"
    config = Config(
        root=ROOT,
        backend=backend,
        snapshot=ROOT / "schemas" / backend / "catalog",
        output=ROOT / "generated",
        package=package,
    )
    named = read_named(config)
    assert named.models
    for model in named.models:
        place = named.names[model.id]
        module = ROOT / "generated" / package / "models" / place.supplier / f"{place.module}.py"
        text = "\n".join(signature_lines(plan_model(model, place, named.scope)))
        assert f'    @declared\n{indent(text, "    ")}\n        """Run ' in module.read_text(encoding="utf-8"), model.id
        assert ast.parse(f"{text} ...").body  # whole: from `def` to the colon
