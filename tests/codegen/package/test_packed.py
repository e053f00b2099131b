"""A large package does not fit into memory whole: its texts are packed, and taken one after the other."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest

from typedrun_codegen.package.guard import find_foreign_code
from typedrun_codegen.package.packed import Packed, Packer, Text, pack
from typedrun_codegen.package.proof import find_faults
from typedrun_codegen.package.writer import digest, find_drift, write_tree

FILES = {
    "__init__.py": '"""Größe."""\n',
    "b.py": "X = 1\n",
    "folder/__init__.py": "from made.b import X\n",
    "py.typed": "",
}


class OneByOne(Packed):
    """Refuses to give all texts together."""

    def items(self) -> NoReturn:
        raise AssertionError("all texts are held beside each other")

    values = items


@pytest.fixture
def files() -> Mapping[str, str]:
    return OneByOne({path: pack(text) for path, text in FILES.items()})


def test_packed_texts_are_those_that_were_packed() -> None:
    packed = Packed({path: pack(text) for path, text in FILES.items()})
    assert packed == FILES
    assert (list(packed), len(packed)) == (list(FILES), 4)
    assert "b.py" in packed
    assert "c.py" not in packed
    assert packed.get("c.py") is None
    with pytest.raises(KeyError):
        packed["c.py"]


def test_nothing_that_is_done_with_a_package_holds_all_of_its_texts(files: Mapping[str, str], tmp_path: Path) -> None:
    assert find_foreign_code(files, "made") == ()
    assert find_faults(files, "made", ["__init__.py", "b.py", "folder/__init__.py"]) == {}
    assert write_tree(tmp_path, files, {}).written == tuple(sorted(FILES))
    assert {path: (tmp_path / path).read_text("utf-8") for path in FILES} == FILES
    assert not find_drift(tmp_path, files, {})


def test_a_text_that_stands_on_disk_is_read_when_it_is_asked_for_and_has_to_be_the_same(tmp_path: Path) -> None:
    place = tmp_path / "b.py"
    place.write_text(FILES["b.py"])
    texts = Packed({"b.py": Text(digest(FILES["b.py"]), path=str(place))})
    assert texts["b.py"] == FILES["b.py"]
    place.write_text("X = 2\n")
    with pytest.raises(OSError, match="changed while the package was generated"):
        texts["b.py"]


def test_texts_whose_hashes_are_known_are_compared_without_being_read(tmp_path: Path) -> None:
    class Unread(Packed):
        def __getitem__(self, path: str) -> NoReturn:
            raise AssertionError(f"{path} is read")

    texts = {path: pack(text) for path, text in FILES.items()}
    hashes = {path: text.sha for path, text in texts.items()}
    write_tree(tmp_path, FILES, {})
    assert write_tree(tmp_path, Unread(texts), hashes, digests=hashes).unchanged == tuple(sorted(FILES))
    assert not find_drift(tmp_path, Unread(texts), hashes, hashes)
    (tmp_path / "b.py").write_text("X = 2\n")
    assert find_drift(tmp_path, Unread(texts), hashes, hashes).edited == ("b.py",)


def test_texts_of_one_template_take_little_more_room_than_what_tells_them_apart() -> None:
    texts = [
        "".join(f"    parameter_{each}: {sha256(b'%d' % each).hexdigest()}\n" for each in range(100))
        + f"MODEL = {model}\n"
        for model in range(50)
    ]
    packer = Packer()
    packed = pickle.loads(pickle.dumps([packer.pack(text) for text in texts]))  # as a helper sends them
    assert [text.read() for text in packed] == texts
    assert sum(len(text.packed) for text in packed[1:]) < 0.05 * 49 * len(packed[0].packed)
