"""CPU microseconds from a reply to the attrs classes of the API schema: argv = kind, file."""

from timing import arguments, tell

from aixplain_models.api.types.page import Page
from aixplain_models.api.types.run_result import RunResult
from typedrun.core.reply import Reply, decode_json
from typedrun.structure import decode

kind, content = arguments()
reply = Reply(200, {"content-type": "application/json"}, content, "https://platform-api.aixplain.com/")
shape = {"result": RunResult, "page": Page}[kind]


def read() -> object:
    return decode(decode_json(reply), shape, strict=False)


tell(read)
