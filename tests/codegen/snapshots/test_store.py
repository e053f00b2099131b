"""Reading and writing catalog snapshots."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.narrowing import of_path, present
from tests.strategies import json_values
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import UsageProblem
from typedrun_codegen.marketplaces.aixplain.documents import model_path
from typedrun_codegen.snapshot import bundled_schema, bundled_snapshot
from typedrun_codegen.snapshots.store import file_name, load_json, pretty, read_snapshot, slug, snapshot_files

MODEL: dict[str, JSON] = {"id": "a1", "name": "Lighthouse", "path": "acme/lighthouse/acme", "params": []}


def write(root: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def test_a_directory_gives_back_what_was_written(tmp_path: Path) -> None:
    root = write(tmp_path, snapshot_files([MODEL], {"functions": {"items": []}, "suppliers": []}))
    snapshot = read_snapshot(root)
    assert [(entry.file, entry.pointer, entry.value) for entry in snapshot.models] == [
        ("models/acme-lighthouse-acme--a1.json", "", MODEL)
    ]
    assert (snapshot.functions, snapshot.suppliers, snapshot.languages) == ({"items": []}, [], None)
    assert snapshot.problems == ()


def test_a_list_file_is_a_snapshot_whose_entries_have_pointers(tmp_path: Path) -> None:
    file = tmp_path / "models.json"
    file.write_text(json.dumps([MODEL, "not a model", {"id": "b2"}]))
    snapshot = read_snapshot(file)
    assert [(entry.file, entry.pointer) for entry in snapshot.models] == [("models.json", "/0"), ("models.json", "/2")]
    assert [str(problem.location) for problem in snapshot.problems] == ["models.json#/1"]


def test_a_broken_file_is_a_problem_and_the_rest_is_read(tmp_path: Path) -> None:
    root = write(tmp_path, snapshot_files([MODEL], {"functions": []}))
    (root / "models" / "broken.json").write_text('{"id": ')
    (root / "licenses.json").write_bytes(b"\xff\xfe")
    snapshot = read_snapshot(root)
    assert len(snapshot.models) == 1
    assert sorted(problem.location.file for problem in snapshot.problems) == ["licenses.json", "models/broken.json"]


@pytest.mark.parametrize(
    ("make", "title"),
    [
        pytest.param(of_path(lambda root: root / "nowhere"), "there is no snapshot at this path", id="nothing there"),
        pytest.param(of_path(lambda root: root), "this directory is not a snapshot", id="an empty directory"),
        pytest.param(of_path(lambda root: _file(root, '{"a": 1}')), "this file is not a snapshot", id="an object"),
        pytest.param(of_path(lambda root: _file(root, "[1,")), "this file cannot be read as JSON", id="half a file"),
        pytest.param(
            of_path(lambda root: _file(root, "[" * 100_000)), "this file cannot be read as JSON", id="too deep"
        ),
        pytest.param(
            of_path(lambda root: write(root, {"manifest.json": b'{"format": 2}'})),
            "this snapshot has a format that this typedrun does not read",
            id="a newer format",
        ),
    ],
)
def test_what_is_no_snapshot_at_all_is_refused(make: Callable[[Path], Path], title: str, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as refused:
        read_snapshot(make(tmp_path))
    assert refused.value.problem.title == title
    assert refused.value.problem.next_step


def _file(root: Path, text: str) -> Path:
    (root / "models.json").write_text(text)
    return root / "models.json"


def test_bytes_depend_on_the_value_alone() -> None:
    assert pretty({"b": 1, "a": "ü"}) == pretty({"a": "ü", "b": 1}) == '{\n  "a": "ü",\n  "b": 1\n}\n'.encode()


def test_a_lone_surrogate_survives_writing_and_reading() -> None:
    assert load_json(pretty({"name": "\ud800"})) == {"name": "\ud800"}


def test_numbers_that_json_lacks_become_null() -> None:
    assert load_json('{"a": NaN, "b": -Infinity}') == {"a": None, "b": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("openai/gpt-5.4/openai", "openai-gpt-5.4-openai"),
        ("Slack Tool (17)", "slack-tool-17"),
        ("../../etc/passwd", "etc-passwd"),
        ("فنار", "model"),
        ("x" * 80, "x" * 60),
        ("", "model"),
    ],
)
def test_slugs_are_readable_and_stay_inside_the_directory(text: str, expected: str) -> None:
    assert slug(text) == expected


@pytest.mark.parametrize("id", ["../up", "a/b", "", "A1", ".hidden", "x" * 300, "a\0b"])
def test_no_id_leaves_the_directory(id: str) -> None:
    name = file_name({"id": id, "name": "n"})
    assert Path(name).name == name
    assert name.startswith("n--")
    assert len(name) < 140
    assert "\0" not in name


def test_ids_that_differ_only_in_case_have_different_files() -> None:
    assert file_name({"id": "AB", "name": "n"}).lower() != file_name({"id": "ab", "name": "n"}).lower()


def test_a_model_keeps_the_file_that_it_has() -> None:
    files = snapshot_files([{**MODEL, "path": "acme/renamed"}], {}, names={"a1": "acme-lighthouse-acme--a1.json"})
    assert set(files) == {"models/acme-lighthouse-acme--a1.json", "manifest.json"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"path": "top"}, "top"),
        ({"path": "top", "assetInfo": {"assetPath": "asset"}}, "asset"),
        ({"assetInfo": {"assetPath": "asset", "instanceId": "host/asset/x"}}, "host/asset/x"),
        ({"assetInfo": {"assetPath": "asset", "instanceId": None}}, "asset"),
        ({"path": "top", "assetInfo": "odd"}, "top"),
        ({}, None),
    ],
)
def test_the_path_of_a_model(value: dict[str, JSON], expected: str | None) -> None:
    assert model_path(value) == expected


def test_what_ships_with_typedrun_is_found() -> None:
    assert read_snapshot(bundled_snapshot()).models
    assert present(bundled_schema()).name == "openapi.yaml"


def test_the_bundled_snapshot_is_exactly_what_the_writer_gives() -> None:
    snapshot = read_snapshot(bundled_snapshot())
    lists = {name: getattr(snapshot, name) for name in ("functions", "suppliers", "languages", "licenses")}
    files = snapshot_files([entry.value for entry in snapshot.models], lists)
    files["manifest.json"] = pretty({**json.loads(files["manifest.json"]), "sample": True})
    for path, data in files.items():
        assert (bundled_snapshot() / path).read_bytes() == data, path


@settings(deadline=None)
@given(
    models=st.dictionaries(
        st.text(min_size=1),
        st.dictionaries(st.text(), json_values(texts=st.text(st.characters(codec=None)))),
        max_size=3,
    )
)
def test_whatever_a_backend_sends_comes_back_from_disk(
    models: dict[str, dict[str, JSON]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    values: list[dict[str, JSON]] = [{**value, "id": id} for id, value in models.items()]
    root = write(tmp_path_factory.mktemp("snapshot"), snapshot_files(values, {"functions": []}))
    read = {str(entry.value["id"]): entry.value for entry in read_snapshot(root).models}
    assert read == {str(value["id"]): value for value in values}


def test_a_sample_says_so_in_its_manifest_and_no_pull_makes_one(tmp_path: Path) -> None:
    files = snapshot_files([MODEL], {"functions": []})
    assert not read_snapshot(write(tmp_path / "pulled", files)).is_sample
    manifest = pretty({**json.loads(files["manifest.json"]), "sample": True})
    assert read_snapshot(write(tmp_path / "sample", {**files, "manifest.json": manifest})).is_sample
    assert read_snapshot(bundled_snapshot()).is_sample
