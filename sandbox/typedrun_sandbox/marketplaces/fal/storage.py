"""Uploads: a token for the CDN and a POST there, in parts where a file is large, or a place that is asked for and a PUT."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from attrs import define, field
from starlette.responses import Response
from starlette.routing import Route

from typedrun_sandbox.answers.chance import name
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, route
from typedrun_sandbox.engine.files import Slot, StoredFile
from typedrun_sandbox.engine.keys import is_authorized
from typedrun_sandbox.engine.refusals import Refusal, json_response
from typedrun_sandbox.jsontypes import as_list, as_object, as_text
from typedrun_sandbox.marketplaces.fal.errors import request_error
from typedrun_sandbox.marketplaces.fal.keys import KEY, TOKEN

_BINARY = "application/octet-stream"


@define
class Parts:
    """A large file that comes in several requests."""

    content_type: str
    pieces: dict[int, bytes] = field(factory=dict[int, bytes])


@define
class Uploads:
    """What is under way: the parts of large files, and how many files there were."""

    parts: dict[str, Parts] = field(factory=dict[str, Parts])
    count: int = 0

    def clear(self) -> None:
        """Forget it all."""
        self.parts.clear()
        self.count = 0


def routes(storage: Storage) -> list[Route]:
    """The endpoints of the hosts for uploads."""
    backend, parts = storage.backend, "/files/{name}/multipart/{upload}"
    return [
        route(backend, "POST", "/rest/storage/auth/token", storage.token, keys=KEY, operation="upload"),
        route(backend, "POST", "/rest/storage/upload/initiate", storage.initiate, keys=KEY, operation="upload"),
        route(backend, "PUT", "/storage/{name}", storage.put, keys=None, operation="put", has_slashes=True),
        route(backend, "POST", "/cdn/files/upload/multipart", storage.begin, keys=None, operation="put"),
        route(backend, "POST", "/cdn/files/upload", storage.upload, keys=None, operation="put"),
        route(backend, "POST", f"{parts}/complete", storage.complete, keys=None, operation="put", has_slashes=True),
        route(backend, "PUT", f"{parts}/{{number}}", storage.part, keys=None, operation="put", has_slashes=True),
    ]


@define
class Storage:
    """The functions behind uploads."""

    backend: Backend
    uploads: Uploads

    def token(self, call: Call) -> Response:
        """`POST storage/auth/token`: what uploads to the CDN carry in place of the key."""
        ends = datetime.now(UTC) + timedelta(hours=1)
        return json_response(
            {
                "token": self._token(),
                "token_type": "Bearer",
                "base_url": f"{call.base_url}/cdn",
                "expires_at": ends.isoformat(timespec="seconds"),
            }
        )

    def upload(self, call: Call) -> Response:
        """`POST cdn/files/upload`: the bytes."""
        self._check_token(call)
        key = self._key(call.request.headers.get("x-fal-file-name", "upload.bin"))
        self.backend.files.put(key, StoredFile(call.body, _kind(call)))
        return json_response({"access_url": self._link(call, key)})

    def begin(self, call: Call) -> Response:
        """`POST cdn/files/upload/multipart`: the first of several requests."""
        self._check_token(call)
        key = self._key(call.request.headers.get("x-fal-file-name", "upload.bin"))
        upload = name("multipart", key)
        self.uploads.parts[upload] = Parts(_kind(call))
        return json_response({"access_url": self._link(call, key), "uploadId": upload})

    def part(self, call: Call) -> Response:
        """`PUT access_url/multipart/{uploadId}/{number}`."""
        self._check_token(call)
        number = call.part("number")
        self._parts(call).pieces[int(number) if number.isdigit() else 0] = call.body
        return Response(status_code=200, headers={"ETag": f'"{hashlib.md5(call.body).hexdigest()}"'})  # noqa: S324  # what stores send

    def complete(self, call: Call) -> Response:
        """`POST access_url/multipart/{uploadId}/complete`: the file is what the named parts make."""
        self._check_token(call)
        parts = self._parts(call)
        numbers = [as_object(part).get("partNumber") for part in as_list(call.json().get("parts"))]
        if sorted(parts.pieces) != sorted(number for number in numbers if isinstance(number, int)):
            raise request_error("bad_request", "The parts are not those that were sent")
        whole = b"".join(parts.pieces[number] for number in sorted(parts.pieces))
        self.backend.files.put(call.name or "", StoredFile(whole, parts.content_type))
        return json_response({})

    def initiate(self, call: Call) -> Response:
        """`POST storage/upload/initiate`: a place for one file."""
        body = call.json()
        kind = as_text(body.get("content_type")) or _BINARY
        key = self._key(as_text(body.get("file_name")) or "upload.bin")
        signature = name("slot", key, kind)
        self.backend.files.promise(Slot(key, kind, signature))
        upload = f"{call.base_url}/storage/{quote(key)}?signature={signature}"
        return json_response({"upload_url": upload, "file_url": self._link(call, key)})

    def put(self, call: Call) -> Response:
        """`PUT upload_url`: the bytes, with the content type that was asked for."""
        slot = self.backend.files.slot(call.name or "")
        if slot is None or call.request.query_params.get("signature") != slot.signature:
            raise Refusal(403, body={"detail": "The signature is missing or wrong"})
        if _kind(call) != slot.content_type:
            raise Refusal(403, body={"detail": "Content-Type differs from the one that was asked for"})
        self.backend.files.put(slot.key, StoredFile(call.body, slot.content_type))
        return Response(status_code=200)

    def _check_token(self, call: Call) -> None:
        if not is_authorized(call.request.headers, TOKEN, (self._token(),)):
            raise Refusal(401, body={"detail": "A token for uploads is missing or wrong"})

    def _token(self) -> str:
        """The token that uploads carry: it depends on the key alone, so one that a client keeps outlives a reset."""
        return name("cdn token", self.backend.settings.api_key)

    def _key(self, file_name: str) -> str:
        self.uploads.count += 1
        return f"upload/{self.uploads.count:04}_{file_name.replace('/', '_')}"

    def _link(self, call: Call, key: str) -> str:
        return f"{call.base_url}/files/{quote(key)}"

    def _parts(self, call: Call) -> Parts:
        found = self.uploads.parts.get(call.part("upload"))
        if found is None:
            raise Refusal(404, body={"detail": "Upload not found"})
        return found


def _kind(call: Call) -> str:
    return call.request.headers.get("content-type", _BINARY)
