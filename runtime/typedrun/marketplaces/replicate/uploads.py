"""Files: one form to the files API, whose address models can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typedrun.errors as errors
from typedrun.core.exchange import send
from typedrun.core.origins import origin_of
from typedrun.core.reply import decode_object
from typedrun.core.request import Kind, Request
from typedrun.jsontypes import is_object
from typedrun.marketplaces.multipart import FormBody

if TYPE_CHECKING:
    from typedrun.core.course import Rules, Terms
    from typedrun.core.effects import Flow
    from typedrun.core.outgoing import Outgoing


def upload(url: str, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
    """Put a file into the files API.

    Args:
        url: Where it is.
        file: The file.
        rules: What holds for the client.
        terms: What holds for the request.

    Raises:
        FileUploadError: It did not take the file, or named no usable address.
    """
    form = FormBody.of("content", file)
    request = Request(
        "POST",
        url,
        body=form,
        kind=Kind.KEYED,  # a repetition makes another file, which stays unused
        content_type=form.content_type,
        model=file.model,
    )
    try:
        answer = decode_object((yield from send(request, rules, terms)))
    except errors.TimeoutError:
        raise
    except errors.APIError as error:
        raise file.refused(error) from error
    urls = answer.get("urls")
    address = urls.get("get") if is_object(urls) else None
    if not isinstance(address, str) or origin_of(address) is None:
        raise file.error("was sent, but the backend gave no usable address to read it from")
    return address
