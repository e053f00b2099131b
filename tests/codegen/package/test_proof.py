"""What a user could not import is found before anything is written, and said with its place."""

from __future__ import annotations

import gc
import json
import os
import re
import sys
import weakref
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.warm import IS_HERE, Warm
from typedrun_codegen.cli.app import main
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package import prepared, proof, trial
from typedrun_codegen.package.build import build_package
from typedrun_codegen.package.prepared import WORTH
from typedrun_codegen.package.proof import GROUP, _grouped, find_faults
from typedrun_codegen.package.publish import publish
from typedrun_codegen.package.trial import Texts

pytestmark = pytest.mark.usefixtures("proofs_begun_anew")
HEAD = "from __future__ import annotations\n\n"

BROKEN = {
    "a body that raises": (HEAD + "class A(int, int):\n    '''A.'''\n", "TypeError: duplicate base class int"),
    "a name that the checkers alone import": (
        HEAD + "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from made.other import Missing\n",
        "ImportError: cannot import name 'Missing' from 'made.other'",
    ),
    "an annotation without a meaning": (
        HEAD + "def run(value: Absent) -> None: ...\n",
        "NameError: name 'Absent' is not defined",
    ),
    "an annotation of a declaration for the checkers": (
        HEAD
        + "from typing import TYPE_CHECKING\n\nclass A:\n    if TYPE_CHECKING:\n        def f(self) -> Gone: ...\n",
        "NameError: name 'Gone' is not defined",
    ),
    "an empty block": (HEAD + "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\nX = 1\n", "expected an indented"),
    "an escape that Python warns of": ("X = '\\d'\n", "invalid escape sequence"),
    "a parameter twice": ("def f(a, a): ...\n", "duplicate argument 'a'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_module_that_cannot_be_imported_is_found_with_its_reason(case: str) -> None:
    text, reason = BROKEN[case]
    files = {"__init__.py": "", "other.py": "X = 1\n", "bad.py": text}
    faults = find_faults(files, "made", ["__init__.py", "bad.py", "other.py"])
    assert list(faults) == ["bad.py"]
    assert reason in faults["bad.py"]


def test_the_module_at_fault_is_blamed_not_those_that_import_it() -> None:
    files = {"__init__.py": "", "bad.py": "X = missing\n", "user.py": "from made.bad import X\n"}
    assert list(find_faults(files, "made", ["user.py"])) == ["bad.py"]


def test_code_that_no_template_writes_is_not_executed(tmp_path: Path) -> None:
    trace = tmp_path / "executed"
    files = {"__init__.py": "", "bad.py": f"import pathlib\npathlib.Path({str(trace)!r}).touch()\n"}
    assert "something that no template writes" in find_faults(files, "made", ["bad.py"])["bad.py"]
    assert not trace.exists()


def test_a_type_that_only_the_first_reply_would_ask_for_is_found() -> None:
    types = "MODULES = {'A': 'a'}\nfrom typedrun.catalog import lazy_exports\n"
    types += "__getattr__, __dir__ = lazy_exports(__name__, {'A': 'made.types.a'})\n"
    a = HEAD + "from attrs import define\nfrom typing import TYPE_CHECKING\nfrom typedrun.structure import ApiObject\n"
    a += (
        "if TYPE_CHECKING:\n    from made.types.b import B\n\n@define(kw_only=True)\nclass A(ApiObject):\n    rest: B\n"
    )
    files = {"__init__.py": "", "types/__init__.py": types, "types/a.py": a, "types/b.py": "class B:\n    '''B.'''\n"}
    faults = find_faults(files, "made", ["types/a.py", "types/b.py"])
    assert list(faults) == ["types/a.py"]  # B exists and the checkers find it; the runtime does not: it is not exported
    assert "'B'" in faults["types/a.py"]


def model(number: int, name: str = "Model") -> dict[str, Any]:
    text = {"name": "text", "required": True, "dataType": "text", "dataSubType": "text"}
    vendor = {"id": 1, "name": "Acme", "code": "acme"}
    return {"id": f"{number:024x}", "name": f"{name} {number}", "vendor": vendor, "params": [text]}


def project(root: Path, names: dict[str, Any], *models: dict[str, Any]) -> Config:
    """A catalog, and a manifest whose locked names somebody has edited."""
    (root / "catalog.json").write_text(json.dumps(models))
    (root / "made").mkdir(exist_ok=True)
    config = Config(root=root, snapshot=root / "catalog.json", package="made", output=root)
    manifest = json.loads(build_package(config).manifest.text())
    manifest["names"] |= names
    (root / "made/manifest.json").write_text(json.dumps(manifest | {"files": {}}))
    return config


def test_a_model_that_cannot_be_imported_is_left_out_and_reported(tmp_path: Path) -> None:
    bad = model(1)["id"]
    config = project(tmp_path, {"parameters": {bad: {"text": "timeout"}}}, model(1), model(2))
    done = publish(config)
    assert done.counts["models"] == 1
    assert (tmp_path / "made/models/acme/model_2.py").is_file()
    assert not (tmp_path / "made/models/acme/model_1.py").exists()
    assert "model_1" not in (tmp_path / "made/models/acme/__init__.py").read_text()
    (problem,) = done.problems
    assert (problem.model, str(problem.location)) == (bad, "catalog.json#/0")
    assert "SyntaxError" in problem.found
    assert "made/models/acme/model_1.py" in problem.found


def test_a_package_that_needs_the_module_is_not_written_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = project(tmp_path, {}, model(1))
    publish(config)
    before = {path: path.read_bytes() for path in (tmp_path / "made").rglob("*") if path.is_file()}
    members = {"Function": {}, "Language": {}, "License": {}, "Supplier": {"acme": "mro"}}
    config = project(tmp_path, {"members": members}, model(1), model(2))
    before[tmp_path / "made/manifest.json"] = (tmp_path / "made/manifest.json").read_bytes()
    arguments = ["generate", "--snapshot", str(config.snapshot), "--package", "made", "--output", str(tmp_path)]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert {path: path.read_bytes() for path in (tmp_path / "made").rglob("*") if path.is_file()} == before
    said = capsys.readouterr()
    assert re.search(r"made/_supplier.py: line \d+: ValueError: .*'mro'", said.err)
    assert "nothing was written" in said.out


def test_only_modules_that_the_last_generation_did_not_write_are_tried(tmp_path: Path) -> None:
    config = project(tmp_path, {}, model(1))
    publish(config)
    manifest = json.loads((tmp_path / "made/manifest.json").read_text())
    built = build_package(config)
    assert all(manifest["files"][path] == sha for path, sha in built.manifest.files.items())
    assert find_faults({"bad.py": "X = missing\n"}, "made", []) == {}


def test_a_module_too_deep_for_the_interpreter_is_found_and_the_rest_is_tried() -> None:
    deep = "X = " + "-" * 200_000 + "1\n"
    files = {"__init__.py": "", "models/__init__.py": "", "bad.py": "X = missing\n"}
    files |= {
        "models/a/__init__.py": "",
        "models/a/deep.py": deep,
        "models/b/__init__.py": "",
        "models/b/x.py": "X = y\n",
    }
    faults = find_faults(files, "made", sorted(files))
    assert {"bad.py", "models/a/deep.py", "models/b/x.py"} <= set(faults)
    assert not {"models/b/__init__.py", "__init__.py"} & set(faults)


@pytest.mark.skipif(not IS_HERE, reason="tests fork on Linux alone")
def test_the_forks_that_other_tests_try_with_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {f"{number}.py": text for number, (text, _) in enumerate(BROKEN.values())}
    deep = {"models/a/deep.py": "X = " + "-" * 200_000 + "1\n", "models/b/x.py": "X = y\n"}
    files = {"__init__.py": "", "other.py": "X = 1\n", "models/__init__.py": "", **broken, **deep}
    anew = find_faults(files, "made", sorted(files))
    warm = Warm()
    monkeypatch.setattr(proof, "_begin", warm.begin)
    try:
        assert find_faults(files, "made", sorted(files)) == anew
    finally:
        warm.close()
    assert broken.keys() | deep.keys() <= anew.keys()


def test_an_option_set_that_was_named_like_an_import_keeps_its_name_and_works(tmp_path: Path) -> None:
    options = [{"value": word, "label": word} for word in ("a", "b", "c")]
    price = {"name": "pricing", "dataType": "label", "availableOptions": options}
    models = [{**model(n), "pricing": {"price": 1.0}, "params": [price]} for n in (1, 2)]
    config = project(tmp_path, {}, *models)
    key = next(iter(build_package(config).manifest.names.options))
    config = project(tmp_path, {"options": {key: "Pricing"}}, *models)
    assert publish(config).problems == ()
    assert "Pricing: TypeAlias" in (tmp_path / "made/options.py").read_text()
    assert "import Pricing as PricingOption" in (tmp_path / "made/models/acme/model_1.py").read_text()


def many(count: int = WORTH + 20) -> dict[str, str]:
    text = (
        HEAD
        + "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from made.m0 import A as B\nclass A:\n    x: B | int\n"
    )
    return {"__init__.py": "", **{f"m{number}.py": text for number in range(count)}}


def test_faults_are_found_though_a_helper_reads_ahead(tmp_path: Path) -> None:
    trace = tmp_path / "executed"
    foreign = f"import pathlib\npathlib.Path({str(trace)!r}).touch()\n"
    files = {**many(), "a.py": "X = missing\n", "m5.py": "class A(\n", "z.py": foreign, "zz.py": "X = missing\n"}
    faults = find_faults(files, "made", sorted(files))
    assert {path: reason.partition(" ")[0] for path, reason in faults.items()} == {
        "a.py": "line", "m5.py": "SyntaxError:", "z.py": "it", "zz.py": "line",
    }  # fmt: skip
    assert not trace.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="without fork there is no helper")
def test_a_helper_prepares_modules_as_the_trial_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "processors", lambda: 2)
    ahead, files = prepared.Ahead(), many()
    ahead.start(files, "made")
    try:
        os.waitid(os.P_PID, ahead._helper, os.WEXITED | os.WNOWAIT)
        found = ahead.take("m0.py")
        assert found is not None
        own = prepared.prepare(files["m0.py"], "m0.py", "made")
        assert (found.code, found.checked, sorted(found.annotations)) == (
            own.code,
            own.checked,
            sorted(own.annotations),
        )
        assert found.annotations == (b"B | int",)
        assert found.checked == (("made.m0", (("A", "B"),)),)
    finally:
        ahead.stop()
    assert ahead.take("m1.py") is None


def test_a_helper_that_ends_early_costs_nothing_but_its_help() -> None:
    files = {**many(), "z.py": "X = " + "-" * 200_000 + "1\n"}  # it reads this first, and may not survive that
    assert list(find_faults(files, "made", [path for path in files if path != "z.py"])) == []
    assert "z.py" in find_faults(files, "made", sorted(files))


def test_a_trial_holds_nothing_of_the_models_that_it_is_done_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 10,000 models every child held all that it had tried, by way of the package that they are imported below."""
    files: dict[str, str] = dict.fromkeys(("__init__.py", "models/__init__.py", "models/acme/__init__.py"), "")
    overloaded = (
        "from typing import overload\nclass A(str):\n    @overload\n    def f(self): ...\n    def f(self): ...\n"
    )
    files["models/acme/echo.py"] = overloaded

    def ask(request: str | dict[str, str]) -> str | None:
        return files.get(request) if isinstance(request, str) else None

    texts = Texts("tried", ask)
    monkeypatch.setattr(sys, "meta_path", [texts, *sys.meta_path])
    kept = import_module("tried.models")
    done = ["tried.models.acme", "tried.models.acme.echo"]
    tried = [weakref.ref(import_module(name)) for name in done]
    tried.append(weakref.ref(import_module(done[1]).A))
    texts.forget(done)
    gc.collect()
    assert [each() for each in tried] == [None, None, None]
    assert sys.modules.pop("tried.models") is kept
    assert sys.modules.pop("tried").__name__ == "tried"


def test_every_module_is_read_once_though_a_supplier_has_more_than_a_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The module for asyncio imports the other one, and a supplier names the classes of all of its models."""
    config = project(tmp_path, {}, *(model(number) for number in range(GROUP)))
    files = build_package(config).files
    paths = [path for path in files if path.endswith(".py")]
    groups = list(_grouped(paths))
    assert sorted(path for group in groups for path in group) == sorted(paths)
    assert len(groups) > 2
    read = Counter[str]()
    frozen: list[int] = []

    def counted(text: str, origin: str, package: str) -> prepared.Prepared:
        read[origin] += 1
        return prepared.prepare(text, origin, package)

    def ask(request: str | dict[str, str]) -> str | dict[str, str] | None:
        if isinstance(request, str):
            return files.get(request)
        assert request == {}
        frozen.append(gc.get_freeze_count())
        return {path: files[path] for path in groups.pop(0)} if groups else None

    monkeypatch.setattr(trial, "prepare", counted)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    try:
        trial._serve("made", ask)
    finally:
        gc.unfreeze()
        gc.enable()
        for name in [name for name in sys.modules if name.partition(".")[0] == "made"]:
            del sys.modules[name]
    suppliers = {"models/acme/__init__.py", "aio/models/acme/__init__.py"}  # every group needs them, being below them
    assert {path: times for path, times in read.items() if times > 1 and path not in suppliers} == {}
    assert read.keys() == set(paths)
    assert max(frozen) == frozen[1]  # what is frozen later, a cache may hold for now, and then nobody drops it


def test_a_class_that_a_supplier_names_and_a_model_of_another_group_lacks_is_missed() -> None:
    supplier = HEAD + "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from made.models.acme.echo import {}\n"
    files: dict[str, str] = dict.fromkeys(("__init__.py", "models/__init__.py"), "")
    files["models/acme/echo.py"] = "X = 1\n\n\nclass Echo(str):\n    '''Echo.'''\n"
    faults = [
        find_faults({**files, "models/acme/__init__.py": supplier.format(name)}, "made", ["models/acme/__init__.py"])
        for name in ("Echo", "Ekko")
    ]
    assert faults[0] == {}
    assert "cannot import name 'Ekko'" in faults[1]["models/acme/__init__.py"]
