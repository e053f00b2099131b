"""CPU microseconds of pydantic's model_validate_json: argv = kind, file."""

from pydantic import create_model
from shapes import CLASSES, ROOTS, annotations
from timing import arguments, tell

made = {}
for name in CLASSES:
    made[name] = create_model(name, **{field: (kind, ...) for field, kind in annotations(name, made).items()})
kind, content = arguments()
root = made[ROOTS[kind]]
tell(lambda: root.model_validate_json(content))
