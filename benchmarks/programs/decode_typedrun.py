"""CPU microseconds from a reply to what `run` and `Model.search` return: argv = kind, file."""

import functools
from typing import Any

from timing import arguments, tell

from aixplain_models import Aixplain
from typedrun.core.head import Fields
from typedrun.core.reply import Reply, decode_json
from typedrun.marketplaces.aixplain.wire import read_answer
from typedrun.model import from_document
from typedrun.results import ModelResult
from typedrun.search import Page, read_page

kind, content = arguments()
head = Fields([("Content-Type", "application/json")])  # as the network makes it
reply = Reply(200, head, content, "https://platform-api.aixplain.com/")
client = Aixplain(api_key="k")


def result() -> ModelResult[str]:
    return read_answer(reply, model="m")


def page() -> Page[Any]:
    read = functools.partial(from_document, client=client)
    return read_page(client.driver.wire, decode_json(reply), {}, read, no_more, Page)


def no_more(_filters: object) -> Page[Any]:
    raise IndexError


if kind == "page":
    read = page().results
    assert len(read) == 100
    assert all(len(model.params) == 12 for model in read)
tell({"result": result, "page": page}[kind])
