"""Files: an address is asked for, the bytes are put there, without the key and with the very Content-Type of the question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from typedrun.core.exchange import send
from typedrun.core.origins import origin_of
from typedrun.core.outgoing import Put, put
from typedrun.core.reply import decode_object
from typedrun.core.request import KeyField, Kind, Request

if TYPE_CHECKING:
    from typedrun.core.course import Rules, Terms
    from typedrun.core.effects import Flow
    from typedrun.core.outgoing import Outgoing

_MIB: Final = 2**20

SIZE_LIMITS: Final = {"audio": 50 * _MIB, "application": 25 * _MIB, "video": 300 * _MIB, "image": 25 * _MIB}
"""Bytes by main type."""
DATABASE_LIMIT: Final = 300 * _MIB
OTHER_LIMIT: Final = 50 * _MIB
_DATABASE_NAMES: Final = (".db", ".sqlite", ".sqlite3")
_TOKEN: Final = KeyField("Authorization", "token ")


def size_limit(content_type: str, name: str = "") -> int:
    """Largest size in bytes for a file of this type."""
    if name.endswith(_DATABASE_NAMES):
        return DATABASE_LIMIT
    return SIZE_LIMITS.get(content_type.partition("/")[0], OTHER_LIMIT)


def upload(ask_at: str, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
    """Put a file into temporary storage.

    Args:
        ask_at: Where addresses are given out.
        file: The file.
        rules: What holds for the client.
        terms: What holds for each of the two requests.

    Raises:
        FileUploadError: The backend named no usable address, or the storage did not take the file.
    """
    to, address = yield from _ask(ask_at, file, rules, terms)
    reply = yield from put(file, Put(url=to, content_type=file.content_type), file.body, rules, terms)
    if reply.status != 200:
        raise file.error(f"was not taken by the storage: it answered with HTTP {reply.status} instead of 200")
    return address


def _ask(ask_at: str, file: Outgoing, rules: Rules, terms: Terms) -> Flow[tuple[str, str]]:
    """Where to send the bytes, and where they can be fetched afterwards."""
    request = Request(
        "POST",
        ask_at,
        body=urlencode({"contentType": file.content_type, "originalName": file.name}).encode(),
        kind=Kind.KEYED,  # asking twice gives two addresses, of which one stays unused
        content_type="application/x-www-form-urlencoded",
        auth=_TOKEN,
        model=file.model,
    )
    answer = decode_object((yield from send(request, rules, terms)))
    to, address = answer.get("uploadUrl"), answer.get("downloadUrl")
    if not isinstance(to, str) or origin_of(to) is None:
        raise file.error("was not sent: the backend gave no usable address to send it to")
    if not isinstance(address, str) or origin_of(address) is None:
        raise file.error("was not sent: the backend gave no usable address to fetch it from")
    return to, address
