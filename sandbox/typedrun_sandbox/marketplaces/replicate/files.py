"""The files API: what is uploaded has an id, and a link that models can be given."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import cast

from attrs import define
from starlette.responses import Response
from starlette.routing import Route

from typedrun_sandbox.answers.chance import name
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, route
from typedrun_sandbox.engine.files import StoredFile
from typedrun_sandbox.engine.multipart import Part, read_parts
from typedrun_sandbox.engine.refusals import Refusal, json_response
from typedrun_sandbox.jsontypes import JSON, JSONObject
from typedrun_sandbox.marketplaces.replicate.errors import HEADERS, invalid, not_found
from typedrun_sandbox.marketplaces.replicate.keys import TOKEN
from typedrun_sandbox.marketplaces.replicate.predictions import stamp

LARGEST = 100 * 1024 * 1024
"""Bytes of one file."""

_BINARY = "application/octet-stream"


def routes(files: Files) -> list[Route]:
    """The endpoints below `/v1/files`."""
    backend = files.backend
    return [
        route(backend, "POST", "/v1/files", files.create, keys=TOKEN, operation="upload"),
        route(backend, "GET", "/v1/files", files.list_all, keys=TOKEN, operation="list"),
        route(backend, "GET", "/v1/files/{name}", files.get, keys=TOKEN, operation="get"),
        route(backend, "DELETE", "/v1/files/{name}", files.delete, keys=TOKEN, operation="delete"),
    ]


@define
class Files:
    """The functions behind the files API."""

    backend: Backend
    known: dict[str, JSONObject]
    """What is told of each file, by id."""

    def create(self, call: Call) -> Response:
        """`POST /v1/files`: a form with `content`."""
        parts = {part.name: part for part in read_parts(call.request.headers.get("content-type", ""), call.body)}
        content = parts.get("content")
        if content is None:
            raise invalid([("required", "content", "content is required")])
        if len(content.content) > LARGEST:
            raise Refusal(413, body={"detail": "Files must be less than 100MB in size"}, headers=HEADERS)
        kind = _text(parts.get("type")) or content.content_type or _BINARY
        file_name = _text(parts.get("filename")) or content.file_name or "file"
        id = name("upload", file_name, str(len(self.known)))
        digest = hashlib.sha256(content.content).hexdigest()
        now = datetime.now(UTC)
        shown: JSONObject = {
            "id": id,
            "name": file_name,
            "content_type": kind,
            "size": len(content.content),
            "etag": digest[:32],
            "checksums": {"sha256": digest},
            "metadata": _metadata(parts.get("metadata")),
            "created_at": stamp(now),
            "expires_at": stamp(now + timedelta(days=1)),
            "urls": {"get": f"{call.base_url}/v1/files/{id}"},
        }
        self.known[id] = shown
        self.backend.files.put(id, StoredFile(content.content, kind))
        return json_response(shown, 201)

    def list_all(self, _call: Call) -> Response:
        """`GET /v1/files`: newest first."""
        found: list[JSON] = list(reversed(self.known.values()))
        return json_response({"next": None, "previous": None, "results": found})

    def get(self, call: Call) -> Response:
        """`GET /v1/files/{id}`: what is known of it."""
        return json_response(self._found(call))

    def delete(self, call: Call) -> Response:
        """`DELETE /v1/files/{id}`."""
        del self.known[str(self._found(call)["id"])]
        return Response(status_code=204)

    def _found(self, call: Call) -> JSONObject:
        shown = self.known.get(call.name or "")
        if shown is None:
            raise not_found()
        return shown


def _text(part: Part | None) -> str:
    return part.content.decode("utf-8", "replace").strip() if part else ""


def _metadata(part: Part | None) -> JSON:
    if part is None:
        return {}
    try:
        found = cast("JSON", json.loads(part.content))
    except ValueError:
        raise invalid([("invalid", "metadata", "metadata must be valid JSON")]) from None
    return found
