"""What `typedrun doctor` finds, and where; `typedrun generate` says nothing of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.codegen.conftest import Workshop
from tests.commandline import Ran, run_command
from typedrun_codegen.look.doctor import Diagnosis, as_json, as_markdown, as_table, diagnose
from typedrun_codegen.package.publish import publish

ROOT = Path(__file__).resolve().parents[3]
MARKETPLACE = ROOT.parent / "shared" / "catalogs" / "marketplace-348.json"


def option(value: object) -> dict[str, object]:
    return {"value": value, "label": str(value)}


CASES: dict[str, tuple[dict[str, object], str, str]] = {
    "default is not one of the options": (
        {"availableOptions": [option("low"), option("high")], "defaultValues": [option("extreme")]},
        "/defaultValues",
        "'extreme'; options are 'low', 'high'",
    ),
    "default does not fit the type": (
        {"dataSubType": "number", "defaultValues": [option("hot")]},
        "/defaultValues",
        "'hot'; the type is text/number",
    ),
    "default is out of range": (
        {"dataSubType": "number", "defaultValues": [option("3")], "min": 0, "max": 2},
        "/defaultValues",
        "3; the range is from 0 to 2",
    ),
    "the range is empty": ({"dataSubType": "number", "minimum": 5, "maximum": 2}, "", "5 to 2"),
    "required, and there is a default": ({"required": True, "defaultValues": [option("x")]}, "/required", "'x'"),
    "several defaults for one value": ({"defaultValues": [option("x"), option("y")]}, "/defaultValues", "'x', 'y'"),
    "an option has no value": ({"availableOptions": [option("x"), {}, {"label": "y"}]}, "/availableOptions", "2 of 3"),
    "an option is listed twice": (
        {"availableOptions": [option("x"), option("y"), option("x")]},
        "/availableOptions",
        "'x'",
    ),
    "an option does not fit the type": (
        {"dataSubType": "number", "availableOptions": [option("1"), option("many")]},
        "/availableOptions",
        "'many'; the type is text/number",
    ),
    "fixed, and there is no value": ({"isFixed": True}, "/values", "nothing"),
    "a dataType that typedrun does not know": ({"dataType": "pointcloud"}, "/dataType", "'pointcloud'"),
}


def examined(workshop: Workshop, *models: object) -> Diagnosis:
    workshop.write(list(models))
    return diagnose(workshop.config)


@pytest.mark.parametrize("title", CASES)
def test_a_parameter_that_contradicts_itself_is_found_with_its_pointer(title: str, workshop: Workshop) -> None:
    fields, part, found = CASES[title]
    diagnosis = examined(workshop, workshop.model(params=[workshop.param("text"), workshop.param("style") | fields]))
    (finding,) = diagnosis.findings
    assert (finding.title, finding.found, finding.parameter) == (title, found, "style")
    assert str(finding.location) == f"catalog.json#/0/params/1{part}"
    assert finding.model == "Echo (0123456789abcdef01234567)"
    assert finding.next_step.startswith("correct the catalog; until then ")


def test_a_default_that_is_an_option_is_not_called_none_of_them(workshop: Workshop) -> None:
    fields = {"availableOptions": [{"value": 1}, {"value": {"layers": 2}}], "defaultValues": [{"value": 1}]}
    diagnosis = examined(workshop, workshop.model(params=[workshop.param("coat") | fields]))
    assert [(one.title, one.found) for one in diagnosis.findings] == [
        ("default does not fit the type", "1; the type is text/text"),
        ("an option does not fit the type", "1, {'layers': 2}; the type is text/text"),
    ]


@pytest.mark.parametrize("title", CASES)
def test_generate_is_quiet_about_what_it_mends(title: str, workshop: Workshop) -> None:
    fields, _, _ = CASES[title]
    workshop.write([workshop.model(params=[workshop.param("style") | fields])])
    assert publish(workshop.config).problems == ()


def test_two_parameters_with_one_name_are_found_and_the_first_is_generated(workshop: Workshop) -> None:
    params = [workshop.param("text"), workshop.param("size", "number"), workshop.param("text", "number")]
    diagnosis = examined(workshop, workshop.model(params=params))
    (finding,) = diagnosis.findings
    assert (finding.title, str(finding.location)) == ("two parameters have the same name", "catalog.json#/0/params/2")
    assert finding.found == "'text' is already /params/0"
    assert workshop.signature(*params)["text"].startswith("str")
    assert publish(workshop.config).problems == ()


def test_what_models_contradict_each_other_and_the_lists_in_is_found(workshop: Workshop, tmp_path: Path) -> None:
    catalog = tmp_path / "lists"
    (catalog / "models").mkdir(parents=True)
    (catalog / "functions.json").write_text(json.dumps({"items": [{"id": "translation", "name": "Translation"}]}))
    (catalog / "suppliers.json").write_text(json.dumps([{"id": 2, "name": "Other", "code": "other"}]))
    for number in range(2):
        value = workshop.model(id=f"m{number}", path="acme/echo", pricing={"price": -1, "unitType": "TOKEN"})
        (catalog / "models" / f"m{number}.json").write_text(json.dumps(value))
    workshop.config = workshop.config.__class__(root=tmp_path, snapshot=catalog, package="made", output=tmp_path)
    assert dict(diagnose(workshop.config).kinds()) == {
        "the function is not in the list of functions": 2,
        "the supplier is not in the list of suppliers": 2,
        "several models have the same path": 2,
        "the price is negative": 2,
    }


def test_a_sound_catalog_has_nothing_to_correct(workshop: Workshop) -> None:
    sound = workshop.param("style", availableOptions=[option("low"), option("high")], defaultValues=[option("low")])
    flags = workshop.param("flag", "text", "boolean", availableOptions=[option("1"), option("0")])
    fixed = workshop.param("tone", isFixed=True, required=True, values=[option("kind")])
    diagnosis = examined(workshop, workshop.model(params=[sound, flags, fixed]))
    assert diagnosis.findings == ()
    assert diagnosis.summary().endswith("catalog.json: 1 model, nothing to correct")


def test_entries_that_cannot_be_read_are_listed_as_well(workshop: Workshop) -> None:
    diagnosis = examined(workshop, {"name": "no id"}, 5)
    assert {finding.title for finding in diagnosis.findings} == {
        "this model has no id",
        "this entry is not a model object",
    }


def test_the_three_formats_say_the_same(workshop: Workshop) -> None:
    diagnosis = examined(workshop, workshop.model("A | <b> `c`", [workshop.param("style", isFixed=True)]))
    document = as_json(diagnosis)
    assert document == {
        "format": 1,
        "snapshot": diagnosis.snapshot,
        "models": 1,
        "summary": {"fixed, and there is no value": 1},
        "findings": [
            {
                "title": "fixed, and there is no value",
                "model": "A | <b> `c` (0123456789abcdef01234567)",
                "parameter": "style",
                "file": "catalog.json",
                "pointer": "/0/params/0/values",
                "found": "nothing",
                "next": "correct the catalog; until then it is never sent",
            }
        ],
    }
    assert list(as_table(diagnosis)) == [
        "A | <b> `c` (0123456789abcdef01234567)",
        "  style: fixed, and there is no value: nothing",
        "    catalog.json#/0/params/0/values",
        "    correct the catalog; until then it is never sent",
        "",
        "     1  fixed, and there is no value",
    ]
    assert list(as_markdown(diagnosis))[-1] == (
        "| A \\| &lt;b&gt; \\`c\\` (0123456789abcdef01234567) | <code>style</code> | nothing "
        "| <code>catalog.json#/0/params/0/values</code> | correct the catalog; until then it is never sent |"
    )


def doctor(*arguments: str) -> Ran:
    return run_command(ROOT, "doctor", *arguments)


def test_the_exit_code_says_whether_there_is_anything(workshop: Workshop) -> None:
    workshop.write([workshop.model()])
    catalog = str(workshop.root / "catalog.json")
    assert doctor("--snapshot", catalog).returncode == 0
    workshop.write([workshop.model(params=[workshop.param("style", isFixed=True)])])
    told = doctor("--snapshot", catalog, "--json")
    assert (told.returncode, json.loads(told.stdout)["summary"]) == (1, {"fixed, and there is no value": 1})
    assert doctor("--snapshot", catalog, "--format", "markdown").stdout.startswith("### ")
    assert doctor("--snapshot", str(workshop.root / "nowhere")).returncode == 2


def test_the_figures_of_the_documentation_are_those_of_the_bundled_catalog() -> None:
    lines = doctor("--snapshot", "schemas/aixplain/catalog").stdout.splitlines()
    page = (ROOT / "docs" / "cli.md").read_text()
    for line in lines[-3:]:
        assert line.strip() in page


def test_every_catalog_of_the_configuration_is_read() -> None:
    told = doctor("--format", "markdown")
    heads = [line for line in told.stdout.splitlines() if line.startswith("### ")]
    assert [head.split("/")[1] for head in heads] == ["aixplain", "replicate", "fal"]
    page = (ROOT / "docs" / "cli.md").read_text()
    assert [head for head in heads if head not in page] == []


@pytest.mark.skipif(
    not MARKETPLACE.is_file(), reason="../shared with the marketplace's catalog is not beside this checkout"
)
def test_the_figures_of_the_documentation_are_those_of_the_marketplace() -> None:
    told = doctor("--snapshot", str(MARKETPLACE))
    assert (told.returncode, told.stdout) == (0, "")
    assert told.stderr.endswith("marketplace-348.json: 348 models, nothing to correct\n")
    assert "348 models, nothing to correct" in (ROOT / "docs" / "cli.md").read_text()
