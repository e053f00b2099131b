"""CPU microseconds of dataclasses-json's from_json: argv = kind, file."""

from dataclasses import make_dataclass

from dataclasses_json import dataclass_json
from shapes import CLASSES, ROOTS, annotations
from timing import arguments, tell

made = {}
for name in CLASSES:
    made[name] = dataclass_json(make_dataclass(name, list(annotations(name, made).items())))
kind, content = arguments()
root = made[ROOTS[kind]]
tell(lambda: root.from_json(content))
