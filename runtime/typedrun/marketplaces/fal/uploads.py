"""Files: to fal's own storage with a token for it, in parts where they are large; else to an address that the service gives out.

The key goes to the service alone. The storage's token is for the storage's origin alone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from attrs import evolve

import typedrun.errors as errors
from typedrun.core.bodies import Body
from typedrun.core.encoding import encode_body
from typedrun.core.exchange import send
from typedrun.core.headers import ShownHeaders
from typedrun.core.hostile import is_same_origin
from typedrun.core.origins import origin_of
from typedrun.core.outgoing import Put, put
from typedrun.core.reply import decode_object
from typedrun.core.request import Auth, Kind, Request
from typedrun.records import field, frozen
from typedrun.settings import Secret

if TYPE_CHECKING:
    from typedrun.core.course import Rules, Terms
    from typedrun.core.effects import Flow
    from typedrun.core.outgoing import Outgoing

_LARGE: Final = 100 * 2**20
"""Bytes above which a file is sent in parts, as the published client does."""
_PART: Final = 10 * 2**20

_log = logging.getLogger("typedrun")


def upload(rest: str, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
    """Put a file where models can read it.

    Args:
        rest: Base of the service's storage endpoints.
        file: The file.
        rules: What holds for the client.
        terms: What holds for each request.

    Raises:
        FileUploadError: Neither way took it.
    """
    try:
        return (yield from _to_storage(rest, file, rules, terms))
    except errors.TimeoutError:
        raise
    except (errors.APIError, errors.TransportError, errors.FileUploadError) as error:
        if isinstance(error, errors.AuthenticationError | errors.PermissionDeniedError | errors.UntrustedURLError):
            raise file.refused(error) from error
        _log.debug("the storage did not take a file (%s); it is sent the other way", error)
        first = error.message
    try:
        return (yield from _to_address(rest, file, rules, terms))
    except errors.TimeoutError:
        raise
    except errors.APIError as error:
        failed = file.refused(error)
        failed.add_note(f"fal's own storage had not taken it before: {first}")
        raise failed from error


@frozen(eq=False)
class _Storage:
    """fal's own storage, and the token for it."""

    base: str
    authorization: str = field(repr=False)

    def headers(self, **others: str) -> Mapping[str, str]:
        """Of a request to it."""
        named = {name.replace("_", "-"): value for name, value in others.items()}
        return ShownHeaders({"Authorization": self.authorization, **named})

    def request(self, file: Outgoing, method: str, url: str, body: bytes | Body | None, **others: str) -> Request:
        """A request to it, with its token and without our key.

        Raises:
            FileUploadError: The address is not the storage's.
        """
        if not is_same_origin(url, self.base):
            raise file.error("was not sent: the storage named an address of another host")
        content_type = others.pop("content_type", file.content_type)
        return Request(
            method,
            url,
            self.headers(**others),
            body,
            Kind.KEYED,  # a repetition makes another copy, or the same part again
            content_type=content_type,
            auth=Auth.NONE,
            model=file.model,
        )


def _to_storage(rest: str, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
    asking = Request(
        "POST", f"{rest}/storage/auth/token?storage_type=fal-cdn-v3", body=b"{}", kind=Kind.KEYED, model=file.model
    )
    answer = decode_object((yield from send(asking, rules, terms)))
    token, kind, base = answer.get("token"), answer.get("token_type"), answer.get("base_url")
    if not (isinstance(token, str) and isinstance(kind, str) and isinstance(base, str) and origin_of(base)):
        raise file.error("was not sent: the service gave no usable token for its storage")
    storage = _Storage(base.rstrip("/"), f"{kind} {token}")
    keys = (*rules.settings.further_keys, Secret(token))  # which no error may spread, either
    rules = evolve(rules, settings=evolve(rules.settings, further_keys=keys))
    if file.body.size > _LARGE:
        return (yield from _in_parts(storage, file, rules, terms))
    name = quote(file.name, safe=" !#$&'()+,-.;=@[]^_`{}~")
    request = storage.request(file, "POST", f"{storage.base}/files/upload", file.body, X_Fal_File_Name=name)
    return _usable(decode_object((yield from send(request, rules, terms))).get("access_url"), file)


def _in_parts(storage: _Storage, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
    name = quote(file.name, safe=" !#$&'()+,-.;=@[]^_`{}~")
    begin = storage.request(file, "POST", f"{storage.base}/files/upload/multipart", None, X_Fal_File_Name=name)
    answer = decode_object((yield from send(begin, rules, terms)))
    address, identity = _usable(answer.get("access_url"), file), answer.get("uploadId")
    place = f"{address}/multipart/{identity}"
    parts: list[dict[str, object]] = []
    for number, start in enumerate(range(0, file.body.size, _PART), 1):
        part = file.part(start, min(_PART, file.body.size - start))
        reply = yield from send(storage.request(file, "PUT", f"{place}/{number}", part), rules, terms)
        parts.append({"partNumber": number, "etag": reply.header("etag")})
    end = storage.request(
        file, "POST", f"{place}/complete", encode_body({"parts": parts}), content_type="application/json"
    )
    yield from send(end, rules, terms)
    return address


def _to_address(rest: str, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
    asking = Request(
        "POST",
        f"{rest}/storage/upload/initiate?storage_type=gcs",
        body=encode_body({"file_name": file.name, "content_type": file.content_type}),
        kind=Kind.KEYED,
        model=file.model,
    )
    answer = decode_object((yield from send(asking, rules, terms)))
    to, address = _usable(answer.get("upload_url"), file), _usable(answer.get("file_url"), file)
    yield from put(file, Put(url=to, content_type=file.content_type), file.body, rules, terms)
    return address


def _usable(address: object, file: Outgoing) -> str:
    if not isinstance(address, str) or origin_of(address) is None:
        raise file.error("was not sent: the service gave no usable address")
    return address
