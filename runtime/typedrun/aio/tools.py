"""Models as tools of a language model, their calls awaited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from typedrun.errors import OperationFailedError, ParameterError
from typedrun.exports.tools import ToolFormat, ToolsBase, at_hand, read_call

if TYPE_CHECKING:
    from typedrun.aio.driver import AsyncDriver
    from typedrun.aio.model import AsyncModel
    from typedrun.model import ModelRunParams
    from typedrun.results import ModelResult
    from typedrun.session import Session

AsyncModels: TypeAlias = "Iterable[AsyncModel[Any] | str]"
"""Models, or their ids and paths."""


class AsyncTools(ToolsBase["AsyncModel[Any]"]):
    """Models as tools: a list of definitions, ready for a vendor's `tools=`, that knows how to run what a language model calls.

    Example:
        >>> tools = await aix.tools([aix.models.openai.gpt_5_4], format="openai")  # doctest: +SKIP
        >>> reply = await openai.chat.completions.create(model="…", messages=messages, tools=tools)  # doctest: +SKIP
        >>> messages += [await tools.answer(call) for call in reply.choices[0].message.tool_calls]  # doctest: +SKIP
    """

    async def call(
        self, name: str, arguments: Mapping[str, Any] | str, **controls: Unpack[ModelRunParams]
    ) -> str | list[dict[str, Any]]:
        """Run what a language model called. Arguments, result and errors as for the blocking client's."""
        return self._content(await self.run(name, arguments, **controls))

    async def run(
        self, name: str, arguments: Mapping[str, Any] | str, **controls: Unpack[ModelRunParams]
    ) -> ModelResult[Any]:
        """Run the model of a tool call as `call` does, and give the whole result: its usage and what it cost, too."""
        model, given = self._given(name, arguments)
        result: ModelResult[Any] = await model.run(**given, **{**controls, "stream": False})
        return result

    async def answer(self, call: Any, **controls: Unpack[ModelRunParams]) -> dict[str, Any]:
        """Write the message that answers a tool call of a language model, whether the run succeeds or not; as for the blocking client's."""
        identity, name, arguments = read_call(call)
        try:
            return self._told(identity, await self.call(name, arguments, **controls))
        except (ParameterError, OperationFailedError) as error:
            return self._told(identity, error)


async def open_tools(session: Session[AsyncDriver], models: AsyncModels, format: ToolFormat) -> AsyncTools:
    """Tools of a client's models, which may be named by id or path: the generated class where there is one, else fetched."""
    from typedrun.aio.model import fetch_model

    found = [at_hand(session, model) for model in models]
    return AsyncTools(
        [await fetch_model(session, model) if isinstance(model, str) else model for model in found], format=format
    )
