"""The older surface: `LLM` with its own arguments, and `ModelResponse`.

A run that fails, for whatever reason on the way or at the backend, comes back as a response with status FAILED: that is what
users of this surface check. The error itself is in `ModelResponse.exception`. Wrong arguments and a missing key raise.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from typedrun.llm.languagemodel import TIMEOUT, LanguageModel, Prompt
from typedrun.llm.responses import ModelResponse as ModelResponse
from typedrun.model import Model
from typedrun.settings import WAIT_TIME

if TYPE_CHECKING:
    from typedrun.sending.driver import Driver
    from typedrun.session import Session
    from typedrun.streaming import ModelResponseStreamer


class LLM(LanguageModel, Model[str]):
    """A language model under the older surface.

    Args:
        id: Id of the model.
        name: Name of the model.
        description: What it is.
        api_key: Key to run it with. Default: the client's, or the environment's.
        supplier: Who made it: a code, an id, a member of `Supplier`, or an object with `id`, `name` and `code`.
        version: Its version.
        function: Must be text generation.
        is_subscribed: Is the team subscribed to it?
        cost: What it costs.
        temperature: Used when a run gives none.
        function_type: What kind of asset it is.
        additional_info: Anything else, kept in `additional_info`.

    Raises:
        AssertionError: the function is not text generation.
    """

    if TYPE_CHECKING:

        @property
        def session(self) -> Session[Driver]:
            """That of its client."""
            ...

    @overload  # type: ignore[override]  # the older surface has arguments and a result of its own
    def run(
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        timeout: float | None = TIMEOUT,
        parameters: Mapping[str, Any] | None = None,
        wait_time: float = WAIT_TIME,
        stream: Literal[False] = False,
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponse: ...
    @overload
    def run(
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        timeout: float | None = TIMEOUT,
        parameters: Mapping[str, Any] | None = None,
        wait_time: float = WAIT_TIME,
        *,
        stream: Literal[True],
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponseStreamer: ...
    @overload
    def run(
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        timeout: float | None = TIMEOUT,
        parameters: Mapping[str, Any] | None = None,
        wait_time: float = WAIT_TIME,
        stream: bool = False,
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponse | ModelResponseStreamer: ...
    def run(  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        timeout: float | None = TIMEOUT,
        parameters: Mapping[str, Any] | None = None,
        wait_time: float = WAIT_TIME,
        stream: bool = False,
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponse | ModelResponseStreamer:
        """Generate text and wait for it.

        Args:
            data: The prompt, or an object whose members are the body; a path is uploaded first.
            context: System message.
            prompt: Put before the text.
            history: Earlier messages, in the OpenAI form.
            temperature: Default: the model's.
            max_tokens: How many tokens to write at most.
            top_p: Nucleus sampling; None sends nothing.
            name: Taken for compatibility.
            timeout: Seconds for the whole run; None is no limit. Omitted, the client's total for runs: 300, unless it was made with
                another.
            parameters: Further members of the body; they win over the arguments.
            wait_time: Seconds before the second poll.
            stream: True gives a streamer.
            response_format: A word or a JSON schema object.

        Returns:
            The response, with status FAILED when the run failed; a streamer with `stream=True`.
        """
        del name
        arguments = self._arguments(context, prompt, history, temperature, max_tokens, top_p, response_format)
        if stream:
            return self._streamed_text(data, arguments, parameters, timeout)
        return self.session.driver.drive(self.run_flow(data, arguments, parameters, timeout, wait_time))

    def run_async(  # type: ignore[override]  # as above
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        parameters: Mapping[str, Any] | None = None,
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponse:
        """Start a run and return at once; the arguments are those of `run`.

        Returns:
            A response with status IN_PROGRESS and the `url` to ask (`poll`, `sync_poll`).
        """
        del name
        arguments = self._arguments(context, prompt, history, temperature, max_tokens, top_p, response_format)
        return self.session.driver.drive(self.submit_flow(data, arguments, parameters))

    def run_stream(
        self, data: str | Mapping[str, Any], parameters: Mapping[str, Any] | None = None
    ) -> ModelResponseStreamer:
        """Generate text and read it as it is written.

        Args:
            data: The prompt, or an object whose members are the body.
            parameters: Further members of the body.
        """
        return self._streamed_text(data, {}, parameters, TIMEOUT)

    def poll(  # type: ignore[override]  # as above
        self, poll_url: str, name: str = "model_process"
    ) -> ModelResponse:
        """Ask once what became of a run."""
        del name
        return self.session.driver.drive(self.poll_flow(poll_url))

    def sync_poll(  # type: ignore[override]  # as above
        self, poll_url: str, name: str = "model_process", wait_time: float = WAIT_TIME, timeout: float | None = TIMEOUT
    ) -> ModelResponse:
        """Wait until a run is finished, `timeout` seconds at most; omitted, the client's total for runs (300)."""
        del name
        return self.session.driver.drive(self.wait_flow(poll_url, timeout, wait_time))

    def _streamed_text(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None, timeout: float | None
    ) -> ModelResponseStreamer:
        from typedrun.streaming import ModelResponseStreamer

        driver = self.session.driver
        live = driver.live(driver.drive(self.stream_flow(data, arguments, parameters, timeout)))
        return ModelResponseStreamer(
            live, model=self.label, url=live.url, request_id=live.request_id, reader=driver.wire.answer_reader()
        )
