"""CPU microseconds of json.loads and a plain cattrs converter: argv = kind, file."""

import json
from typing import Any

import attrs
import cattrs
from shapes import CLASSES, ROOTS, annotations
from timing import arguments, tell

made: dict[str, Any] = {}
for name in CLASSES:
    made[name] = attrs.define(type(name, (), {"__annotations__": annotations(name, made)}))
kind, content = arguments()
converter, root = cattrs.Converter(), made[ROOTS[kind]]
tell(lambda: converter.structure(json.loads(content), root))
