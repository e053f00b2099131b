"""Models as a service for agents: which tools there are, and what comes of calling one. Knows no protocol and blocks its caller.

Chosen models are tools of their own; every other model of the catalog is reached by `search_models`, `describe_model` and `run_model`.
Every run stands in the budget, if there is one. A local file is read by `upload_file` alone, and only below the allowed folder.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import typedrun.errors as errors
from typedrun.exports.arguments import check_arguments, name_arguments
from typedrun.exports.content import content_blocks, structured_output
from typedrun.exports.folder import Folder
from typedrun.exports.jsonschema import PLAIN, Schema, model_schema
from typedrun.exports.sealed import SealedJobs
from typedrun.exports.toolforms import Tool, closed, job_schema, read_arguments
from typedrun.exports.tools import Tools, describe
from typedrun.jsontypes import is_object
from typedrun.records import frozen
from typedrun.results import ModelResult
from typedrun.wording import closest

if TYPE_CHECKING:
    from typedrun.job import Job
    from typedrun.model import Model
    from typedrun.money.budget import Budget
    from typedrun.settings import Secret

MOST_TOOLS: Final = 30
"""Models that are tools of their own; a list of more makes language models choose badly."""

_GENERAL: Final = frozenset({"search_models", "describe_model", "run_model", "get_job", "cancel_job", "upload_file"})
"""Names of tools that are no models; no model's tool has one of them."""

_FOUND: Final = 10
_MOST_FOUND: Final = 50

_MODEL: Final[Schema] = {"type": "string", "description": "Id or path of a model, as search_models tells it."}
_JOB: Final[Schema] = {"type": "string", "description": "A job, as run_model or a run that took too long told it."}


class NoSuch(Exception):
    """There is no such model, function or job; the message is for the caller and names the nearest."""


class Catalog(Protocol):
    """Every model that may be run."""

    def find(self, wanted: str) -> Model[Any]:
        """Find the model of this id or path.

        Raises:
            NoSuch: there is none; the message names the nearest.
        """
        ...

    def __iter__(self) -> Iterator[Model[Any]]:
        """All of them."""
        ...


class _Chosen:
    """The chosen models as the whole catalog."""

    def __init__(self, models: Sequence[Model[Any]]) -> None:
        self._models = {key: model for model in models for key in (model.id, model.path) if key}

    def find(self, wanted: str) -> Model[Any]:
        if wanted in self._models:
            return self._models[wanted]
        near = closest(wanted, self._models)
        raise NoSuch(f"Model {wanted!r} is not offered" + (f": did you mean '{near}'?" if near else ""))

    def __iter__(self) -> Iterator[Model[Any]]:
        return iter({model.id: model for model in self._models.values()}.values())


class Watch:
    """How far a call is, told from the thread that works on it; and whether its caller still waits."""

    def __init__(self) -> None:
        self.said: str = "running"
        """What is known of the run."""
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Stop waiting."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the waiting was stopped."""
        return self._cancelled.is_set()

    def polled(self, job: Job[Any]) -> None:
        """Hear that the backend was asked how far a run is."""
        self.said = "finished" if job.completed else job.status.lower().replace("_", " ")
        if self.is_cancelled:
            raise Cancelled(job)

    def uploaded(self, parameter: str, sent: int, total: int) -> None:
        """Hear how many bytes are sent."""
        self.said = f"uploading {parameter}: {sent} of {total} bytes"


class Cancelled(Exception):
    """The caller of a tool has gone; the backend is not asked any further."""

    def __init__(self, job: Job[Any]) -> None:
        super().__init__()
        self.job = job
        """The run whose waiting was stopped."""


@frozen()
class Outcome:
    """What came of a call."""

    content: Sequence[Mapping[str, Any]]
    """Content blocks of the Model Context Protocol."""
    structured: Mapping[str, Any] | None = None
    """The content as an object that fits the tool's output schema; None for an error."""
    is_error: bool = False


@frozen()
class _Entry:
    tool: Tool
    call: Callable[[Mapping[str, Any], Watch], Outcome]


class Served(Protocol):
    """A client, as far as the service needs one."""

    @property
    def api_key(self) -> Secret:
        """Its key."""
        ...

    def upload(
        self, source: Any, *, parameter: str | None = None, progress: Callable[[int, int], object] | None = None
    ) -> str:
        """Put a local file where a model can read it; its address."""
        ...

    def job(self, token_or_url: str) -> Job[Any]:
        """Pick up a run that was started elsewhere."""
        ...


class Service:
    """The tools of one client."""

    def __init__(
        self,
        client: Served,
        catalog: Catalog,
        *,
        chosen: Iterable[Model[Any]] = (),
        only_chosen: bool = False,
        budget: Budget | None = None,
        folder: Folder | None = None,
    ) -> None:
        """Put a service together; nothing is sent.

        Args:
            client: What runs, asks and uploads.
            catalog: Every model that may be run.
            chosen: Models that are tools of their own; those beyond `MOST_TOOLS` are reached like the rest.
            only_chosen: Whether no other model may be run.
            budget: Every run stands in it.
            folder: The only place from which files are read. Default: no file is read.

        Raises:
            ValidationError: a model is chosen twice.
        """
        listed = list(chosen)
        self._client = client
        self._catalog = _Chosen(listed) if only_chosen else catalog
        self._budget = budget
        self._folder = folder
        self._jobs = SealedJobs(client.job, client.api_key.reveal())
        self._tools = Tools(listed[:MOST_TOOLS], format="mcp", taken=_GENERAL)
        self._entries = self._make_entries(has_rest=not only_chosen or len(listed) > MOST_TOOLS)

    @property
    def tools(self) -> list[Tool]:
        """Every tool, the chosen models first."""
        return [entry.tool for entry in self._entries.values()]

    def call(self, name: str, arguments: Mapping[str, Any], watch: Watch) -> Outcome:
        """Call a tool. Whatever is wrong with it is an outcome that a language model can read, and no exception.

        Args:
            name: The tool.
            arguments: By the tool's input schema; nulls are left out.
            watch: Told how far the call is.
        """
        entry = self._entries.get(name)
        if entry is None:
            near = closest(name, self._entries)
            return _failed(f"There is no tool '{name}'" + (f": did you mean '{near}'?" if near else ""))
        given = {argument: value for argument, value in arguments.items() if value is not None}
        try:
            return entry.call(given, watch)
        except errors.TimeoutError as late:
            return _failed(f"{late}{self._keep_late(late)}")
        except (errors.TypedrunError, NoSuch) as error:
            return _failed(str(error))
        except Cancelled as gone:
            return _failed(f"The call was cancelled; the run {_stop(gone.job)}")

    def _keep_late(self, late: errors.TimeoutError) -> str:
        job = cast("Job[Any] | None", late.job)  # the tools run their models by the blocking client
        return "" if job is None else f". Next: ask get_job for {self._jobs.keep(job)!r}"

    # --- the tools

    def _make_entries(self, *, has_rest: bool) -> dict[str, _Entry]:
        models = [
            _Entry(
                Tool(
                    definition["name"],
                    definition["title"],
                    definition["description"],
                    definition["inputSchema"],
                    definition["outputSchema"],
                ),
                self._runner(model),
            )
            for definition, model in zip(self._tools, self._tools.models.values(), strict=True)
        ]
        general = [
            *((self._search(), self._describe(), self._run()) if has_rest else ()),
            self._get_job(),
            self._cancel_job(),
            *(() if self._folder is None else (self._upload(self._folder),)),
        ]
        return {entry.tool.name: entry for entry in (*models, *general)}

    def _runner(self, model: Model[Any]) -> Callable[[Mapping[str, Any], Watch], Outcome]:
        return lambda arguments, watch: _finished(self._run_model(model, arguments, watch))

    def _search(self) -> _Entry:
        tool = Tool(
            "search_models",
            "Search models",
            "Find models by words of their name, path, function, supplier and description. Costs nothing.",
            closed(
                {
                    "query": {"type": "string", "description": "Words that a model has; none finds every model."},
                    "function": {"type": "string", "description": "What it does: text-generation, translation …"},
                    "limit": {"type": "integer", "minimum": 1, "maximum": _MOST_FOUND, "default": _FOUND},
                    "offset": {"type": "integer", "minimum": 0, "default": 0},
                }
            ),
            closed(
                {"models": {"type": "array", "items": {"type": "object"}}, "total": {"type": "integer"}},
                required=("models", "total"),
            ),
            only_reads=True,
        )
        return _Entry(tool, lambda given, _: self._found(**read_arguments(tool, given)))

    def _found(self, query: str = "", function: str = "", limit: int = _FOUND, offset: int = 0) -> Outcome:
        words = query.casefold().split()
        fits = [
            model
            for model in self._catalog
            if (not function or str(model.function) == function) and all(word in _text(model) for word in words)
        ]
        if function and not fits and not any(str(model.function) == function for model in self._catalog):
            near = closest(function, {str(model.function) for model in self._catalog if model.function is not None})
            raise NoSuch(f"No model has the function '{function}'" + (f": did you mean '{near}'?" if near else ""))
        listed = [_summary(model) for model in fits[offset : offset + limit]]
        return _told({"models": listed, "total": len(fits)})

    def _describe(self) -> _Entry:
        tool = Tool(
            "describe_model",
            "Describe a model",
            "Tell what a model takes, as JSON Schema for the arguments of run_model, and what it costs. Costs nothing.",
            closed({"model": _MODEL}, required=("model",)),
            {"type": "object", "properties": {"input_schema": {"type": "object"}}, "required": ["input_schema"]},
            only_reads=True,
        )
        return _Entry(tool, lambda given, _: self._described(**read_arguments(tool, given)))

    def _described(self, model: str) -> Outcome:
        found = self._catalog.find(model)
        return _told({**_summary(found), "input_schema": model_schema(found, PLAIN)})

    def _run(self) -> _Entry:
        tool = Tool(
            "run_model",
            "Run a model",
            "Run any model of the catalog with the arguments that describe_model tells. It costs what the model costs.",
            closed(
                {
                    "model": _MODEL,
                    "arguments": {"type": "object", "description": "As describe_model tells."},
                    "background": {
                        "type": "boolean",
                        "default": False,
                        "description": "Return a job at once, to be asked for with get_job.",
                    },
                },
                required=("model", "arguments"),
            ),
            job_schema(),
        )
        return _Entry(tool, lambda given, watch: self._ran(watch, **read_arguments(tool, given)))

    def _ran(self, watch: Watch, model: str, arguments: Mapping[str, Any], background: bool = False) -> Outcome:
        found = self._catalog.find(model)
        given = {name: value for name, value in arguments.items() if value is not None}
        if not background:
            return _finished(self._run_model(found, given, watch))
        given = name_arguments(found, given)
        check_arguments(found, given)
        with self._budgeted():
            job: Job[Any] = found.run_async(**given, on_upload=watch.uploaded)
        return self._state_of(self._jobs.keep(job) if not job.completed else None, job)

    def _get_job(self) -> _Entry:
        tool = Tool(
            "get_job",
            "Ask for a job",
            "Ask once what became of a run; its output once it is finished.",
            closed({"job": _JOB}, required=("job",)),
            job_schema(),
            only_reads=True,
        )
        return _Entry(tool, lambda given, _: self._asked(**read_arguments(tool, given)))

    def _asked(self, job: str) -> Outcome:
        known = self._known(job)
        with self._budgeted():
            known.poll()
        return self._state_of(job, known)

    def _cancel_job(self) -> _Entry:
        tool = Tool(
            "cancel_job",
            "Cancel a job",
            "Ask the backend to end a run. One that it cannot end goes on there, and is billed.",
            closed({"job": _JOB}, required=("job",)),
            closed({"job": {"type": "string"}, "status": {"type": "string"}}, required=("job", "status")),
        )
        return _Entry(tool, lambda given, _: self._cancelled(**read_arguments(tool, given)))

    def _cancelled(self, job: str) -> Outcome:
        return _told({"job": job, "status": _stop(self._known(job))})

    def _upload(self, folder: Folder) -> _Entry:
        tool = Tool(
            "upload_file",
            "Upload a file",
            "Put a file of the allowed folder where models can read it; the answer is an address for media arguments.",
            closed({"path": {"type": "string", "description": "Relative to the allowed folder."}}, required=("path",)),
            closed({"url": {"type": "string"}}, required=("url",)),
        )
        return _Entry(tool, lambda given, watch: self._uploaded(folder, watch, **read_arguments(tool, given)))

    def _uploaded(self, folder: Folder, watch: Watch, path: str) -> Outcome:
        with folder.open(path) as file:
            url = self._client.upload(file, parameter=path, progress=partial(watch.uploaded, path))
        return Outcome(({"type": "resource_link", "uri": url, "name": path},), {"url": url})

    # --- running

    def _budgeted(self) -> AbstractContextManager[object]:
        return nullcontext() if self._budget is None else self._budget

    def _run_model(self, model: Model[Any], arguments: Mapping[str, Any], watch: Watch) -> ModelResult[Any]:
        given = name_arguments(model, arguments)
        check_arguments(model, given)
        with self._budgeted():
            return model.run(**given, on_poll=watch.polled, on_upload=watch.uploaded)

    def _known(self, name: str) -> Job[Any]:
        """A job that was started here, or by an earlier process with this key."""
        if (job := self._jobs.find(name)) is None:
            raise NoSuch("This is no job. Next: pass what run_model told")
        return job

    def _state_of(self, token: str | None, job: Job[Any]) -> Outcome:
        if not job.completed:
            return _told({"status": str(job.status), "job": token})
        if token is not None:
            self._jobs.forget(token)
        return _finished(job.result())


def _stop(job: Job[Any]) -> str:
    """Ask the backend to end a run; what becomes of it, in words."""
    try:
        said = job.cancel()
    except errors.TypedrunError as refused:
        return f"goes on at the backend, and is billed ({str(refused).partition(' Next: ')[0]})"
    return f"is asked to end; the backend says: {said.outcome.replace('_', ' ')}"


# --- outcomes


def _finished(result: ModelResult[Any]) -> Outcome:
    return Outcome(content_blocks(result), structured_output(result))


def _told(answer: Mapping[str, Any]) -> Outcome:
    return Outcome(({"type": "text", "text": json.dumps(answer, ensure_ascii=False)},), answer)


def _failed(sentence: str) -> Outcome:
    return Outcome(({"type": "text", "text": sentence},), None, is_error=True)


# --- models


def _text(model: Model[Any]) -> str:
    supplier = (model.vendor.name, model.vendor.code) if model.vendor else ()
    parts = (model.path, model.name, model.id, model.function, *supplier, model.description)
    return " ".join(str(part) for part in parts if part).casefold()


def _summary(model: Model[Any]) -> dict[str, Any]:
    pricing = model.pricing
    price = None if pricing is None else {"price": pricing.price, "unit": pricing.unit_type}
    said = {
        "model": model.path or model.id,
        "name": model.name,
        "function": None if model.function is None else str(model.function),
        "supplier": model.vendor.name if model.vendor else None,
        "description": describe(model),
        "price": price,
    }
    return {
        name: value
        for name, value in said.items()
        if value is not None and (not is_object(value) or any(value.values()))
    }
