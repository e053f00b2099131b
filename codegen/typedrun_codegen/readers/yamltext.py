"""YAML by the rules of its version 1.2: `on`, `no` and `2020-01-01` are text, as they are in the JSON that OpenAPI means."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from typing import Any

import yaml

# The C loader is twenty times faster; it is absent where PyYAML was built without libyaml.
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc]  # the base is chosen at run time
    """YAML 1.2 core scalars, and no silent loss of a repeated key."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        build: Callable[..., dict[Hashable, object]] = _BASE.construct_mapping
        return build(self, node, deep=deep)


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    rules = (
        ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("tag:yaml.org,2002:int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
        (
            "tag:yaml.org,2002:float",
            r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
            "-+.0123456789",
        ),
        ("tag:yaml.org,2002:merge", r"<<", "<"),
    )
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, pattern, first in rules:
        for char in first:
            table.setdefault(char, []).append((tag, re.compile(rf"(?:{pattern})\Z")))
    return table


_Loader.yaml_implicit_resolvers = _resolvers()


class SpeltInt(int):
    """An integer that was written otherwise than Python writes it: `010`, `0x1F`."""

    spelling: str


class SpeltFloat(float):
    """A number that was written otherwise than Python writes it: `1.50`, `1e3`. A version without quotes is one."""

    spelling: str


def _int(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    bases = {"0x": 16, "0o": 8}
    value = int(text[2:], bases[text[:2]]) if text[:2] in bases else int(text)
    if str(value) == text:
        return value
    spelt = SpeltInt(value)
    spelt.spelling = text
    return spelt


def _float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node))
    value = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if str(value) == text:
        return value
    spelt = SpeltFloat(value)
    spelt.spelling = text
    return spelt


_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def load_yaml(text: str) -> object:
    """Load what a YAML text says.

    Raises:
        yaml.YAMLError: it is none.
    """
    loaded: object = yaml.load(text, Loader=_Loader)  # noqa: S506  # a SafeLoader underneath
    return loaded
