"""A catalog → a package that imports and works; what is wrong with the catalog is reported, the rest is generated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.codegen.conftest import Workshop
from typedrun_codegen.ir.jsontypes import JSON

ID = "0123456789abcdef0123456{}"


def test_a_generated_package_finds_its_model_by_attribute_id_and_path(workshop: Workshop) -> None:
    workshop.generate([workshop.model(params=[workshop.param("text", required=True)], path="acme/echo")])
    printed = workshop.python(
        "from made import Aixplain\n"
        "from made.models.acme import Echo\n"
        "aix = Aixplain(api_key='k')\n"
        "echo = aix.models.acme.echo\n"
        "assert type(echo) is Echo\n"
        "assert aix.models['acme/echo'] is echo is aix.models[echo.id]\n"
        "assert 'acme/echo' in aix.models and len(aix.models) == 1 and list(aix.models) == [echo]\n"
        "assert aix.models.by_function('text-generation') == (echo,)\n"
        "assert 'acme' in dir(aix.models) and 'echo' in dir(aix.models.acme)\n"
        "try: aix.models['acme/ecko']\n"
        "except KeyError as error: print(error)\n"
    )
    assert printed.startswith("made has no model 'acme/ecko'. Did you mean 'acme/echo'?")


def test_importing_the_package_imports_no_model(workshop: Workshop) -> None:
    workshop.generate([workshop.model(f"Echo {n}", id=ID.format(n)) for n in range(5)])
    printed = workshop.python(
        "import sys, made\n"
        "aix = made.Aixplain(api_key='k')\n"
        "aix.models.acme.echo_3\n"
        "print(sorted(name for name in sys.modules if name.startswith('made.models.')))\n"
    )
    assert printed == "['made.models.acme', 'made.models.acme.echo_3']\n"


def test_generating_twice_gives_the_same_bytes(workshop: Workshop) -> None:
    models = [workshop.model(f"Echo {n}", id=ID.format(n), params=[workshop.param("text")]) for n in range(3)]
    first = workshop.generate(models)
    assert workshop.generate(models).files == first.files
    assert workshop.generate(models[::-1]).files.keys() == first.files.keys()


def test_a_model_that_changes_hands_stays_where_it_was(workshop: Workshop) -> None:
    workshop.generate([workshop.model(path="acme/echo")])
    workshop.generate([workshop.model(path="bolt/echo", vendor={"id": 2, "name": "Bolt", "code": "bolt"})])
    assert (
        workshop.python(
            "from made import Aixplain; from made.models.acme import Echo\n"
            "aix = Aixplain(api_key='k')\n"
            "print(aix.models.acme.echo is aix.models['bolt/echo'], Echo.vendor.name, len(aix.models), hasattr(aix.models, 'bolt'))"
        )
        == "True Bolt 1 False\n"
    )


def test_one_changed_model_changes_its_modules_and_the_manifest(workshop: Workshop) -> None:
    models = [workshop.model(f"Echo {n}", id=ID.format(n), params=[workshop.param("text")]) for n in range(3)]
    before = workshop.generate(models).files
    models[1] = {**models[1], "params": [workshop.param("text"), workshop.param("seed", "integer", "integer")]}
    after = workshop.generate(models).files
    changed = {path for path in after if after[path] != before[path]}
    assert changed == {"models/acme/echo_1.py", "aio/models/acme/echo_1.py", "manifest.json"}


BROKEN: dict[str, tuple[dict[str, object], str, str]] = {
    "no id": ({"id": None}, "this model has no id", "/0/id"),
    "blank id": ({"id": " "}, "this model has no id", "/0/id"),
    "params is a text": ({"params": "text"}, "params is not a list", "/0/params"),
    "parameter is a text": ({"params": ["text"]}, "this parameter is not an object", "/0/params/0"),
    "parameter without name": ({"params": [{}]}, "this parameter has no name", "/0/params/0"),
}


@pytest.mark.parametrize(("fields", "title", "pointer"), BROKEN.values(), ids=BROKEN)
def test_a_broken_entry_is_reported_and_the_rest_is_generated(
    workshop: Workshop, fields: dict[str, object], title: str, pointer: str
) -> None:
    whole = workshop.model("Whole", id=ID.format(1))
    built = workshop.build([{**workshop.model(), **fields}, whole])
    (problem,) = built.problems
    assert (problem.title, problem.location.pointer) == (title, pointer)
    assert problem.next_step
    assert "models/acme/whole.py" in built.files


def test_the_second_model_of_an_id_is_skipped_and_named(workshop: Workshop) -> None:
    built = workshop.build([workshop.model("First"), workshop.model("Second")])
    (problem,) = built.problems
    assert problem.title == "two models have the same id"
    assert "#/0 is generated" in problem.next_step
    assert "models/acme/second.py" not in built.files


@pytest.mark.parametrize(
    "fields",
    [
        {"params": {}},
        {"params": None},
        {"vendor": "openai"},
        {"vendor": 7},
        {"vendor": None},
        {"function": "text-generation"},
        {"function": None},
        {"pricing": {"id": "free"}},
        {"pricing": {"price": "1e-05", "currency": "USD"}},
        {"version": "1.0"},
        {"connectionType": "synchronous"},
        {"attributes": [{"name": "max_context_length", "code": "128000"}]},
        {"assetInfo": "none"},
        {"name": None, "path": "acme/echo"},
    ],
    ids=json.dumps,
)
def test_every_dialect_of_a_model_document_is_understood(workshop: Workshop, fields: dict[str, JSON]) -> None:
    built = workshop.generate([{**workshop.model(), **fields}])
    assert built.problems == ()
    workshop.python("from made import Aixplain\nprint([m.inputs for m in Aixplain(api_key='k').models])")


def test_a_model_without_parameter_metadata_takes_anything(workshop: Workshop) -> None:
    source = workshop.build([workshop.model(params={})]).files["models/acme/echo.py"]
    assert "**parameters: Any," in source
    assert "params = " not in source


@pytest.mark.parametrize(
    ("function", "data"),
    [
        ("text-generation", "str"),
        ("text-embedding", "list[float]"),
        ("guardrails", "dict[str, JSON]"),
        ("speech-synthesis", "str"),
        ("sentiment-analysis", "JSON"),
        ("never-heard-of", "JSON"),
    ],
)
def test_the_type_of_a_result_follows_the_function(
    tmp_path: Path, workshop: Workshop, function: str, data: str
) -> None:
    outputs = {"text-generation": "text", "speech-synthesis": "audio", "sentiment-analysis": "label"}
    functions = [{"id": f, "name": f, "output": [{"code": "data", "dataType": t}]} for f, t in outputs.items()]
    functions += [{"id": f, "name": f, "output": []} for f in ("text-embedding", "guardrails")]
    catalog = tmp_path / "snapshot"
    (catalog / "models").mkdir(parents=True)
    (catalog / "functions.json").write_text(json.dumps({"items": functions}))
    (catalog / "models" / "echo.json").write_text(json.dumps(workshop.model(function={"id": function})))
    workshop.config = type(workshop.config)(root=tmp_path, snapshot=catalog, package="made", output=tmp_path)
    from typedrun_codegen.package.build import build_package

    assert f"class Echo(NonStreamingModel[{data}])" in build_package(workshop.config).files["models/acme/echo.py"]


def test_long_options_and_defaults_stand_on_lines_of_their_own(workshop: Workshop) -> None:
    options = [{"value": letter * 300, "label": letter} for letter in "abc"]
    several = workshop.param("style", multipleValues=True, availableOptions=options, defaultValues=options)
    one = workshop.param("tone", availableOptions=options, defaultValues=options[:1])
    files = workshop.build([workshop.model(params=[several, one])]).files
    longest = max((line for path, text in files.items() if path.endswith(".py") for line in text.splitlines()), key=len)
    assert len(longest) < 360
    pieces = f'] = (\n    (\n        "{"a" * 110}"\n        "{"a" * 110}"\n        "{"a" * 80}"\n    ),\n'
    assert pieces in files["models/acme/echo.py"]


def test_no_value_of_a_catalog_makes_a_long_line(workshop: Workshop) -> None:
    """Only the header's file name and words of prose without a blank may be longer than a line."""
    long = "o" * 300
    options = [{"value": f"{letter}{long}", "label": letter} for letter in "abc"]
    model = workshop.model(
        name="Echo",
        description="x" * 20 + " word" * 100,
        path=f"acme/{long}",
        function={"id": f"f{long}"},
        vendor={"id": 1, "name": "A" + long, "code": "acme" + long},
        hostedBy=long,
        attributes=[{"name": long, "code": long}],
        params=[
            workshop.param("text", required=True),
            workshop.param("choice", "label", "label", availableOptions=options, defaultValues=[options[0]]),
            workshop.param("few", "label", "label", availableOptions=options[:1]),
            workshop.param("free", defaultValues=[{"value": long}]),
            workshop.param("given", "json", "json", defaultValues=[{"value": {"key": [long, long]}}]),
            workshop.param(f"p{long}"),
        ],
    )
    second = {**model, "id": "1" * 24, "path": "acme/other"}
    built = workshop.generate([model, second])
    too_long = {
        (path, line[:60])
        for path, text in built.files.items()
        if path.endswith(".py") and not path.startswith("models/_index")
        for line in text.splitlines()
        if len(line) > 120 and not line.startswith(("# Generated", '"""')) and long[:200] in line
    }
    assert too_long == set()
    said = workshop.python(
        "import made\n"
        "found = made.Aixplain(api_key='k').models['acme/other']\n"
        "print([len(o) for o in found.params[1].available_options], len(found.params[1].default_values[0]), len(found.host))\n"
        "print(found.description, len(found.function), found.inputs['given'])"
    )
    assert said.splitlines()[0] == "[301, 301, 301] 301 300"
    assert said.splitlines()[1].startswith(f"{model['description']} 301 ")


def test_an_option_without_a_label_has_no_empty_brackets(workshop: Workshop) -> None:
    options = [{"value": "a"}, {"value": "b", "label": "B sharp"}, {"value": "c", "label": " "}]
    text = workshop.build([workshop.model(params=[workshop.param("key", "label", "label", availableOptions=options)])])
    assert 'key: Key. One of "a", "b" (B sharp), "c".' in text.files["models/acme/echo.py"]


def test_true_is_no_one_among_options(workshop: Workshop) -> None:
    """Python says `1 == True`; two such sets have types, names and defaults of their own."""

    def model(number: int, *values: object) -> dict[str, object]:
        options = [{"value": value, "label": ""} for value in values]
        param = workshop.param("mode", "label", "label", availableOptions=options, defaultValues=[options[1]])
        return workshop.model(name=f"Echo {number}", id=f"{number:024x}", params=[param])

    built = workshop.build(
        [model(0, "auto", 1, 0), model(1, "auto", 1, 0), *(model(n, "auto", True, False) for n in (2, 3))]
    )
    shown = {line for line in built.files["options.py"].splitlines() if "TypeAlias =" in line}
    assert {line.partition("Literal")[2] for line in shown} == {'["auto", 1, 0]', '["auto", True, False]'}
    used = [built.files[f"models/acme/echo_{number}.py"] for number in range(4)]
    assert ["| None = 1," in text for text in used] == [True, True, False, False]
    assert ["| None = True," in text for text in used] == [False, False, True, True]
    assert len({line.split(" as ")[0] for text in used for line in text.splitlines() if "made.options" in line}) == 2
