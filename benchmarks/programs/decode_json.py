"""CPU microseconds of json.loads: argv = kind, file."""

import json

from timing import arguments, tell

_, content = arguments()
tell(lambda: json.loads(content))
