"""Jobs: where they are asked for, what the answers say, how they are found again."""

from __future__ import annotations

from urllib.parse import urlsplit

from typedrun.core.reply import Reply, decode_object
from typedrun.core.request import Request
from typedrun.jsontypes import JSON, is_object
from typedrun.marketplaces.aixplain.answers import read_result
from typedrun.marketplaces.aixplain.polls import is_hostile_place, resolve_poll_url
from typedrun.marketplaces.aixplain.states import FAILED, IN_PROGRESS
from typedrun.marketplaces.aixplain.verdicts import operation_error
from typedrun.marketplaces.orders import Done, Failed, Running, State
from typedrun.marketplaces.tokens import no_token, untrusted_place
from typedrun.marketplaces.unfollowed import no_place
from typedrun.records import frozen


@frozen()
class Jobs:
    """The jobs of one client. A handle is the place to ask, as the backend named it, and its name of the run."""

    backend_url: str
    models_url: str

    def ask(self, handle: JSON, label: str | None) -> Request:
        """Ask once what became of a run.

        Raises:
            UntrustedURLError: The place to ask may lead elsewhere than it seems to.
            DecodingError: It is none.
        """
        url, request_id = _parts(handle)
        if url is not None and is_hostile_place(url):
            raise untrusted_place(url, label)
        place = None if url is None else self._place(url)
        if place is None:
            raise no_place(label, request_id)
        return Request("GET", place, model=label)

    def asked(self, handle: JSON, reply: Reply, label: str | None) -> State:
        """What a poll brought."""
        url, request_id = _parts(handle)
        answer = read_result(decode_object(reply), request_id=request_id or reply.request_id)
        if not answer.completed:
            return Running(handle, answer)
        if answer.status != FAILED:
            return Done(answer)
        place = self._place(url or "")
        return Failed(operation_error(answer.raw, model=label, url=place, request_id=answer.request_id), answer)

    def resume(self, said: JSON, label: str | None) -> Running:
        """Resume a run by its handle, or by a poll address.

        Raises:
            ValidationError: It is neither.
            UntrustedURLError: The address may lead elsewhere than it seems to.
        """
        url, request_id = (said, None) if isinstance(said, str) else _parts(said)
        if url is not None and is_hostile_place(url):
            raise untrusted_place(url, label)
        place = None if url is None else self._place(url)
        if place is None:
            raise no_token()
        answer = read_result({"status": IN_PROGRESS, "url": place}, request_id=request_id)
        return Running({"url": place, "request": request_id}, answer)

    def name_of(self, handle: JSON) -> str:
        """The backend's token for the run, from its poll address."""
        place = self._place(_parts(handle)[0] or "") or ""
        return urlsplit(place).path.rstrip("/").removesuffix("/result").rpartition("/")[2]

    def _place(self, text: str) -> str | None:
        """The address to ask for a job, from what an answer names; None if this is none."""
        return resolve_poll_url(text, backend_url=self.backend_url, run_url=self.models_url)


def _parts(handle: JSON) -> tuple[str | None, str | None]:
    """The place to ask, and the backend's name of the run."""
    if not is_object(handle):
        return None, None
    url, request_id = handle.get("url"), handle.get("request")
    return (url if isinstance(url, str) else None), (request_id if isinstance(request_id, str) else None)
