"""Which lines of a user's code break: by the installed checkers, by the syntax tree, with cause and remedy."""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from attrs import evolve

from typedrun_codegen.cli.app import main
from typedrun_codegen.cli.select import selected
from typedrun_codegen.diffs.apis import JUDGEMENTS as API_JUDGEMENTS
from typedrun_codegen.diffs.changes import JUDGEMENTS, Change
from typedrun_codegen.diffs.checkers import Checker, find_checker
from typedrun_codegen.diffs.code import OPEN, Code, Directory, find_files, parse_files, read_code
from typedrun_codegen.diffs.effects import effect
from typedrun_codegen.diffs.remedies import REMEDIES, remedy
from typedrun_codegen.ir.problems import UsageProblem

QUILL, BABEL = "64aaaaaaaaaaaaaaaaaaaaaa", "64bbbbbbbbbbbbbbbbbbbbbb"


def param(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "required": False, "dataType": "text", "dataSubType": "text", **fields}


def options(*values: str) -> list[dict[str, str]]:
    return [{"value": value, "label": value} for value in values]


CATALOG: list[dict[str, Any]] = [
    {
        "id": QUILL,
        "name": "Quill",
        "path": "acme/quill/acme",
        "status": "onboarded",
        "function": {"id": "text-generation"},
        "vendor": {"id": 1, "name": "Acme", "code": "acme"},
        "supportsStreaming": True,
        "pricing": {"price": 0.5, "unitType": "TOKEN"},
        "params": [
            param("text", required=True),
            param("temperature", dataSubType="number"),
            param("effort", availableOptions=options("low", "high")),
        ],
    },
    {
        "id": BABEL,
        "name": "Babel",
        "path": "acme/babel/acme",
        "status": "onboarded",
        "function": {"id": "translation"},
        "vendor": {"id": 1, "name": "Acme", "code": "acme"},
        "params": [param("text", required=True), param("from"), param("to", availableOptions=options("es", "fr"))],
    },
]

CODE = {
    "src/app/__init__.py": "",
    "src/app/talk.py": """
        from acme_models import Aixplain

        aix = Aixplain()
        quill = aix.models.acme.quill


        def talk(text: str, warmth: float) -> str:
            wrong: int = "an old error is none of the catalog's"
            return quill.run(text=text, temperature=warmth).data


        def look_up(text: str, name: str) -> None:
            aix.models["acme/quill/acme"].run(text=text, temperature=0.5)
            aix.Model.get("acme/babel/acme").run(text=text, to="fr")
            aix.Model.get("acme/babel/acme").run(text=text, to=name)
            aix.models[name].run(text=text)
    """,
    "tests/test_talk.py": """
        from acme_models.models.acme import Babel
        from app.talk import quill


        def test_translation(babel: Babel) -> None:
            babel.run(text="Hello", to="es")
            with quill.run_stream(text="Hello") as stream:
                stream.final()
    """,
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with code, the catalog as it was (`old.json`) and the same catalog (`new.json`)."""
    for name, text in CODE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(dedent(text).lstrip())
    (tmp_path / "typedrun.toml").write_text('snapshot = "new.json"\npackage = "acme_models"\noutput = "src"\n')
    for name in ("old.json", "new.json"):
        (tmp_path / name).write_text(json.dumps(CATALOG))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change_catalog(project: Path) -> None:
    catalog = deepcopy(CATALOG)
    quill, babel = catalog
    quill["params"] = [each for each in quill["params"] if each["name"] != "temperature"]
    quill["supportsStreaming"] = False
    quill["pricing"]["price"] = 0.6
    babel["params"][1]["required"] = True
    babel["params"][2]["availableOptions"] = options("es", "de")
    (project / "new.json").write_text(json.dumps(catalog))


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def brief(line: dict[str, Any]) -> tuple[Any, ...]:
    return (f"{line['file']}:{line['line']}", line["cause"]["kind"], line["cause"]["parameter"], line["typed"])


@pytest.mark.parametrize("checker", ["pyright", "mypy"])
def test_new_errors_of_the_checker_are_shown_with_cause_and_remedy(
    checker: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_catalog(project)
    code, out, _ = run(
        capsys, "diff", "--against", "old.json", "--code", "src", "tests", "--checker", checker, "--json"
    )
    assert code == 1
    impact = json.loads(out)["impact"]
    breaking = [line for line in impact["lines"] if line["level"] == "breaking"]
    assert sorted(map(brief, breaking)) == [
        ("src/app/talk.py:13", "parameter-removed", "temperature", False),
        ("src/app/talk.py:14", "became-required", "from", False),
        ("src/app/talk.py:14", "option-removed", "to", False),
        ("src/app/talk.py:15", "became-required", "from", False),
        ("src/app/talk.py:15", "option-removed", "to", False),
        ("src/app/talk.py:9", "parameter-removed", "temperature", True),
        ("tests/test_talk.py:6", "became-required", "from", True),
        ("tests/test_talk.py:7", "streaming-lost", "", True),
    ]
    assert {line["remedy"] for line in breaking} >= {"leave temperature out", "pass from_"}
    assert [line["line"] for line in breaking if not line["certain"]] == [15]
    assert impact["unknown"] == ["src/app/talk.py:16"]
    assert impact["checker"] == checker
    risky = {(line["file"], line["line"]) for line in impact["lines"] if line["level"] == "risky"}
    assert ("src/app/talk.py", 9) in risky  # the price


@pytest.mark.usefixtures("asks_pyright_again")
def test_markdown_for_a_pull_request_has_file_and_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change_catalog(project)
    _, out, _ = run(
        capsys, "diff", "--against", "old.json", "--code", "tests/test_talk.py", "--code", "src", "--format", "markdown"
    )
    assert "**Your code (3 files, checked with pyright): 8 break" in out
    assert '| <code>src/app/talk.py:9</code> | No parameter named "temperature" |' in out
    assert "(untyped)" in out
    assert "(untyped, depends on a value)" in out
    assert out.index("Your code") < out.index("**Breaking (")


@pytest.mark.usefixtures("asks_pyright_again")
def test_lines_and_not_the_catalog_decide_the_exit_code(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change_catalog(project)
    (project / "other.py").write_text("print('no model here')\n")
    code, out, _ = run(capsys, "diff", "--against", "old.json", "--code", "other.py", "--fail-on", "any")
    assert code == 0
    assert "no line is affected" in out
    (project / "other.py").write_text(
        "from acme_models import Aixplain\nAixplain().models.acme.quill.run(text='Hello')\n"
    )
    assert run(capsys, "diff", "--against", "old.json", "--code", "other.py")[0] == 0  # dearer is no break
    assert run(capsys, "diff", "--against", "old.json", "--code", "other.py", "--fail-on", "risky")[0] == 1


def test_without_a_change_no_checker_runs(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("typedrun_codegen.diffs.impact.check", None)
    code, out, _ = run(capsys, "diff", "--against", "old.json", "--code", "src")
    assert code == 0
    assert "your code (2 files): no line is affected" in out


@pytest.mark.parametrize(
    ("beside", "on_path", "wanted", "found"),
    list[tuple[str, str, Checker | None, str]](
        [
            ("mypy pyright", "pyright", None, "beside/pyright"),
            ("mypy", "pyright", None, "path/pyright"),
            ("mypy", "mypy", None, "beside/mypy"),
            ("pyright", "mypy", "mypy", "path/mypy"),
            ("pyright", "pyright", "mypy", ""),
        ]
    ),
)
def test_a_checker_of_this_environment_is_used_before_one_on_the_path(
    beside: str, on_path: str, wanted: Checker | None, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, names in (("beside", beside), ("path", on_path)):
        (tmp_path / folder).mkdir()
        for name in names.split():
            (tmp_path / folder / name).touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "beside" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    if found:
        assert find_checker(wanted).command == str(tmp_path / found)
        return
    with pytest.raises(UsageProblem, match=f"no type checker is installed: {wanted}"):
        find_checker(wanted)


@pytest.mark.usefixtures("asks_pyright_again")
def test_a_removed_model_breaks_every_place_that_names_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "new.json").write_text(json.dumps(CATALOG[:1]))
    _, out, _ = run(capsys, "diff", "--against", "old.json", "--code", "src", "tests", "--json")
    lines = [brief(line) for line in json.loads(out)["impact"]["lines"]]
    assert ("tests/test_talk.py:1", "model-removed", "", True) in lines
    assert ("src/app/talk.py:14", "model-removed", "", False) in lines


def test_code_that_is_not_there_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["--code", "nowhere"], ["src"]):
        code, out, err = run(capsys, "diff", "--against", "old.json", *options)
        assert (code, out) == (2, "")
        assert "--code" in err


def test_a_file_that_is_no_python_is_told_and_the_others_are_looked_at(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_catalog(project)
    (project / "src/app/broken.py").write_text("def (:\n")
    code, out, err = run(capsys, "diff", "--against", "old.json", "--code", "src", "--checker", "mypy")
    assert code == 1
    assert "src/app/talk.py:9:" in out
    assert "broken.py" in err


# --- the syntax tree

DIRECTORY = Directory(
    package="acme_models",
    attributes={"acme.quill": QUILL, "acme.babel": BABEL},
    classes={"acme.Quill": QUILL, "acme.Babel": BABEL},
    keys=dict.fromkeys((QUILL, "acme/quill/acme"), QUILL),
    pinned=frozenset({QUILL}),
)


def read(tmp_path: Path, text: str) -> Code:
    (tmp_path / "code.py").write_text(dedent(text))
    return read_code(parse_files([tmp_path / "code.py"]).trees, DIRECTORY)


@pytest.mark.parametrize(
    ("text", "model", "is_typed"),
    [
        ("aix.models.acme.quill.run(text='x')", QUILL, True),
        ("Aixplain().models.acme.quill.run(text='x')", QUILL, True),
        ("acme = self.aix.models.acme\nacme.babel.run(text='x')", BABEL, True),
        ("models = aix.models\nmodels.acme.quill.run(text='x')", QUILL, True),
        ("self.m = aix.models.acme.quill\nself.m.run(text='x')", QUILL, True),
        ("if m := aix.models.acme.quill:\n    m.run(text='x')", QUILL, True),
        ("a = b = aix.models.acme.quill\nb.run(text='x')", QUILL, True),
        (f"aix.models['{QUILL}'].run(text='x')", QUILL, True),
        ("aix.models['acme/quill/acme'].run(text='x')", QUILL, False),
        ("aix.Model.get('acme/quill/acme').run(text='x')", QUILL, False),
        (f"m = Model.get(id='{QUILL}')\nm.run(text='x')", QUILL, False),
        ("m = aix.models.acme.quill\naix.Model.get(m.id).run(text='x')", QUILL, False),
        (f"aix.LLM('{QUILL}', 'Quill').run('x', text='x')", QUILL, False),
        ("from acme_models.models.acme import Quill as Q\nQ(aix).run(text='x')", QUILL, True),
        ("from acme_models.models.acme import Quill\ndef f(q: Quill): q.run(text='x')", QUILL, True),
        ("from acme_models.models.acme.quill import Quill\nq: Quill = make()\nq.run(text='x')", QUILL, True),
        ("async def f(): await aix.models.acme.quill.run(text='x')", QUILL, True),
    ],
)
def test_a_call_is_found_however_the_model_is_named(tmp_path: Path, text: str, model: str, is_typed: bool) -> None:
    calls = [site for site in read(tmp_path, text).sites if site.method]
    assert [(site.model, site.is_typed, site.method, site.arguments["text"]) for site in calls] == [
        (model, is_typed, "run", "x")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "quill.run(text='x')",
        "self.models['acme'].run(text='x')",
        "subprocess.run(text=True)",
        "m = aix.models.acme.quill\nm = other\nm.run(text='x')",
        "def f():\n    m = aix.models.acme.quill\ndef g(m): m.run(text='x')",
        "a = b\nb = a\na.run(text='x')",
        "Session.get('acme/quill/acme').run(text='x')",
    ],
)
def test_other_calls_are_left_alone(tmp_path: Path, text: str) -> None:
    assert not [site for site in read(tmp_path, text).sites if site.method]


def test_arguments_are_read_as_far_as_they_are_written_out(tmp_path: Path) -> None:
    code = read(tmp_path, "aix.models.acme.quill.run(text=t, tools=[1, 2], effort='low', **more)")
    (call,) = [site for site in code.sites if site.method]
    assert call.arguments == {"text": OPEN, "tools": [1, 2], "effort": "low"}
    assert call.has_more


@pytest.mark.parametrize(
    "text",
    [
        "result = aix.models.acme.quill.run(text='x')\nprint(result.data)",
        "text = aix.models.acme.quill.run(text='x').data\nprint(text)",
        "async def f():\n    result = await aix.models.acme.quill.run(text='x')\n    print(result.details[0])",
        "with aix.models.acme.quill.run_stream(text='x') as stream:\n    print(stream.final().data)",
    ],
)
def test_what_a_model_answered_is_followed_to_where_it_is_read(tmp_path: Path, text: str) -> None:
    last = len(text.splitlines())
    (site, *_) = [site for site in read(tmp_path, text).sites if site.is_answer and site.line == last]
    change = Change(level="breaking", kind="output-changed", what="", reason="", model=QUILL)
    assert (site.model, effect(change, site, "")) == (QUILL, True)
    assert effect(evolve(change, kind="model-removed"), site, "") is None


def test_a_model_is_followed_from_file_to_file(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    texts = {
        "app/use.py": "from app import again\nfrom app.again import q as mine\nmine.run(text='x')\n",
        "app/again.py": "from .models_here import q\n",
        "app/models_here.py": "q = aix.models.acme.quill\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    code = read_code(parse_files(tmp_path / name for name in texts).trees, DIRECTORY)
    assert [site.file.name for site in code.sites if site.method] == ["use.py"]


def test_environments_and_caches_are_not_the_users_code(tmp_path: Path) -> None:
    for name in ("a.py", "b/c.pyi", ".hidden/d.py", "venv/lib/e.py", "__pycache__/f.py", "package/g.py", "h.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "venv/pyvenv.cfg").touch()
    found = find_files([tmp_path, tmp_path / "a.py"], tmp_path / "package")
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a.py", "b/c.pyi"]


# --- which change affects which call


def affected(tmp_path: Path, text: str, kind: str, **fields: Any) -> bool | None:
    change = Change(level=JUDGEMENTS[kind][0], kind=kind, what="", reason="", model=QUILL, **fields)
    found = [effect(change, site, fields.get("parameter", "")) for site in read(tmp_path, text).sites]
    return next((each for each in found if each is not None), None)


CALL = "aix.Model.get('acme/quill/acme').run"


@pytest.mark.parametrize(
    ("text", "kind", "fields", "expected"),
    [
        (f"{CALL}(a=1)", "parameter-removed", {"parameter": "a"}, True),
        (f"{CALL}(b=1)", "parameter-removed", {"parameter": "a"}, None),
        (f"{CALL}(**more)", "parameter-removed", {"parameter": "a"}, False),
        (f"{CALL}(b=1)", "required-parameter-added", {"parameter": "a"}, True),
        (f"{CALL}(a=1)", "required-parameter-added", {"parameter": "a"}, None),
        (f"{CALL}(**more)", "became-required", {"parameter": "a"}, False),
        (f"{CALL}(a='x')", "option-removed", {"parameter": "a", "old": ["x"]}, True),
        (f"{CALL}(a=['y', 'x'])", "option-removed", {"parameter": "a", "old": ["x"]}, True),
        (f"{CALL}(a=1)", "option-removed", {"parameter": "a", "old": [1, 2]}, True),
        (f"{CALL}(a='y')", "option-removed", {"parameter": "a", "old": ["x"]}, None),
        (f"{CALL}(a=y)", "option-removed", {"parameter": "a", "old": ["x"]}, False),
        (f"{CALL}(b=1)", "default-changed", {"parameter": "a"}, True),
        (f"{CALL}(a=1)", "default-changed", {"parameter": "a"}, None),
        (f"{CALL}(text='x')", "streaming-lost", {}, None),
        (f"{CALL}(text='x', stream=True)", "streaming-lost", {}, True),
        (f"{CALL}(text='x', stream=False)", "streaming-lost", {}, None),
        (f"{CALL}_stream(text='x')", "streaming-lost", {}, True),
        (f"{CALL}_async(text='x')", "asynchronous-lost", {}, True),
        (f"{CALL}(text='x')", "asynchronous-lost", {}, None),
        (f"{CALL}(text='x')", "synchronous-lost", {}, True),
        (f"{CALL}_async(text='x')", "synchronous-lost", {}, None),
        (f"{CALL}_stream(text='x')", "synchronous-lost", {}, None),
        (f"{CALL}(text='x', stream=live)", "streaming-lost", {}, False),
        (f"{CALL}(text='x')", "model-removed", {}, True),
        (f"{CALL}(text='x')", "path-changed", {"old": "acme/quill/acme"}, True),
        ("aix.models.acme.quill.run(text='x')", "path-changed", {"old": "acme/quill/acme"}, None),
        (f"{CALL}(text='x')", "model-id-changed", {"old": QUILL}, None),
        (f"aix.models['{QUILL}']", "model-id-changed", {"old": QUILL}, True),
        (f"{CALL}(text='x')", "price-raised", {}, True),
        (f"{CALL}(text='x')", "model-added", {}, None),
    ],
)
def test_a_change_affects_the_calls_that_it_is_about(
    tmp_path: Path, text: str, kind: str, fields: dict[str, Any], expected: bool | None
) -> None:
    assert affected(tmp_path, text, kind, **fields) is expected


WHATEVER_IS_PASSED = (
    *("supplier-changed", "function-changed", "output-changed", "version-changed", "status-changed", "price-raised"),
    *("price-changed", "parameters-unlisted", "parameters-listed", "fixed-value-changed"),
)
WHERE_IT_IS_PASSED = (
    *("parameter-removed", "parameter-renamed", "became-fixed", "type-narrowed", "type-changed", "range-narrowed"),
    *("multiplicity-narrowed", "multiplicity-widened"),
)
WHERE_IT_IS_LEFT_OUT = ("required-parameter-added", "became-required", "default-changed")


@pytest.mark.parametrize(
    ("kinds", "with_it", "without"),
    [
        (WHATEVER_IS_PASSED, True, True),
        (WHERE_IT_IS_PASSED, True, None),
        (WHERE_IT_IS_LEFT_OUT, None, True),
    ],
    ids=["whatever is passed", "where it is passed", "where it is left out"],
)
def test_kinds_of_changes_affect_calls_alike(
    tmp_path: Path, kinds: tuple[str, ...], with_it: bool | None, without: bool | None
) -> None:
    for kind in kinds:
        found = [affected(tmp_path, f"{CALL}({name}=1)", kind, parameter="a") for name in "ab"]
        assert found == [with_it, without], kind
        assert affected(tmp_path, "model = aix.models.acme.quill", kind, parameter="a") is None, kind


@pytest.mark.parametrize("table", [JUDGEMENTS, API_JUDGEMENTS])
def test_every_change_that_is_not_compatible_has_a_remedy(table: dict[str, tuple[str, str]]) -> None:
    missing = {kind for kind, (level, _) in table.items() if level != "compatible"} - REMEDIES.keys()
    assert not missing
    for kind in REMEDIES:
        change = Change(level="breaking", kind=kind, what="", reason="", parameter="from", old=["a"], new=None)
        assert "{" not in remedy(change, "from_")
        assert "from " not in remedy(change, "from_").replace("from_", "")


# --- the selection


def test_the_selection_is_written_by_the_code(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "src/app/more.py").write_text("Model.get('acme/new/acme').run(text='x')\n")
    code, out, err = run(capsys, "select", "--from-code", "src", "tests")
    assert code == 1  # a look-up by a variable
    assert out.splitlines()[:3] == ["acme/babel/acme", "acme/new/acme", "acme/quill/acme"]
    assert "src/app/talk.py:16" in err
    text = (project / "typedrun.toml").read_text()
    assert text.startswith('snapshot = "new.json"\npackage = "acme_models"\n')
    assert '[select]\nmodels = [\n    "acme/babel/acme",\n    "acme/new/acme",\n    "acme/quill/acme",\n]\n' in text
    assert run(capsys, "models", "--quiet")[0] == 0  # it can be read


def test_a_dry_run_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (project / "typedrun.toml").read_text()
    _, out, _ = run(capsys, "select", "--from-code", "tests", "--dry-run")
    assert out.splitlines() == ["acme/babel/acme"]
    assert (project / "typedrun.toml").read_text() == before


def test_code_without_models_leaves_the_selection(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "select", "--from-code", "src/app/__init__.py")
    assert (code, out) == (2, "")
    assert "no model is used there" in err


@pytest.mark.parametrize(
    ("text", "is_whole", "expected"),
    [
        (
            "[tool.typedrun]\npackage = 'm'  # mine\n",
            False,
            "[tool.typedrun]\npackage = 'm'  # mine\n\n[tool.typedrun.select]\n",
        ),
        ("[tool.typedrun.select]\nmodels = ['b']\nstatus = ['onboarded']\n", False, "status = ['onboarded']\n"),
    ],
)
def test_the_rest_of_the_configuration_stays(text: str, is_whole: bool, expected: str) -> None:
    made = selected(text, ("a",), is_whole=is_whole)
    assert expected in made
    assert 'models = [\n    "a",\n]' in made
    assert "'b'" not in made
