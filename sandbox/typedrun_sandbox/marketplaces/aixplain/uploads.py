"""File upload in three steps: ask for a place, PUT the bytes there without a key, use the download link."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, quote

from attrs import define
from starlette.responses import Response
from starlette.routing import Route

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.downloads import storage_error
from typedrun_sandbox.engine.exchange import Call, Handler, route
from typedrun_sandbox.engine.files import Slot, StoredFile
from typedrun_sandbox.engine.refusals import json_response
from typedrun_sandbox.jsontypes import JSON
from typedrun_sandbox.marketplaces.aixplain.errors import bad_request
from typedrun_sandbox.marketplaces.aixplain.keys import KEY_OR_TOKEN, TOKEN

LIMITS = {"audio": 50, "application": 25, "video": 300, "image": 25}
"""Largest upload by MIME main type, in MiB."""
OTHER_LIMIT = 50

_FORM = "application/x-www-form-urlencoded"


def routes(backend: Backend) -> list[Route]:
    """Asking and sending; fetching is the engine's."""
    uploads = Uploads(backend)
    return [
        route(backend, "POST", "/sdk/file/upload/temp-url", uploads.ask("temp"), keys=TOKEN, operation="upload"),
        route(backend, "POST", "/sdk/file/upload-url", uploads.ask("files"), keys=TOKEN, operation="upload"),
        route(backend, "PUT", "/upload/{name}", uploads.put, keys=None, operation="put", has_slashes=True),
    ]


@define
class Uploads:
    """The functions behind the upload endpoints."""

    backend: Backend

    def ask(self, folder: str) -> Handler:
        """`POST sdk/file/upload…`: a place for one file. Permanent uploads also need a licence and tags in their form."""

        def answer(call: Call) -> Response:
            form = read_form(call, ("contentType", "originalName"))
            number = self.backend.files.count() + 1
            key = f"{folder}/{number:04}/{form['originalName'].replace('/', '_')}"
            signature = hashlib.sha256(f"{key} {form['contentType']}".encode()).hexdigest()
            self.backend.files.promise(Slot(key, form["contentType"], signature))
            path = quote(key)
            query = f"X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Expires=3600&X-Amz-Signature={signature}"
            return json_response(
                {
                    "key": key,
                    "uploadUrl": f"{call.base_url}/upload/{path}?{query}",
                    "downloadUrl": f"{call.base_url}/files/{path}",
                }
            )

        return answer

    def put(self, call: Call) -> Response:
        """`PUT uploadUrl`: the raw bytes, with the content type that was asked for and without a key."""
        slot = self.backend.files.slot(call.name or "")
        if slot is None:
            raise storage_error(404, "NoSuchKey", "No upload was asked for under this key.")
        headers = call.request.headers
        if KEY_OR_TOKEN.are_used(headers):
            raise storage_error(400, "InvalidArgument", "A presigned URL must be called without a key.")
        if call.request.query_params.get("X-Amz-Signature") != slot.signature:
            raise storage_error(403, "AccessDenied", "The signature is missing or wrong.")
        if headers.get("content-type", "") != slot.content_type:
            raise storage_error(403, "SignatureDoesNotMatch", "Content-Type differs from the one that was asked for.")
        if len(call.body) > limit(slot.content_type):
            raise storage_error(400, "EntityTooLarge", "The file is larger than its kind may be.")
        self.backend.files.put(slot.key, StoredFile(call.body, slot.content_type))
        return Response(status_code=200)


def read_form(call: Call, required: tuple[str, ...]) -> dict[str, str]:
    """Read the form-encoded body.

    Raises:
        Refusal: 400, it is not form-encoded or lacks a field.
    """
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"))) if kind == _FORM else {}
    missing = [name for name in required if not form.get(name)]
    errors: list[JSON] = [{"field": name, "message": f"{name} should not be empty"} for name in missing]
    if errors:
        raise bad_request(f"{', '.join(missing)} should not be empty; the body must be {_FORM}", errors)
    return form


def limit(content_type: str) -> int:
    """Largest size in bytes."""
    return LIMITS.get(content_type.partition("/")[0], OTHER_LIMIT) * 1024 * 1024
