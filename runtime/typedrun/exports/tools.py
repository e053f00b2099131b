"""Models as tools of a language model: definitions in the vendor's form, and the calls that come back."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeAlias, TypeVar, Unpack, get_args

from typedrun.errors import OperationFailedError, ParameterError, ValidationError
from typedrun.exports.arguments import check_arguments, name_arguments
from typedrun.exports.content import content_blocks, output_schema, text_of
from typedrun.exports.jsonschema import (
    ANTHROPIC,
    DRAFT,
    EXACT,
    OPENAI,
    PLAIN,
    model_schema,
    tool_names,
)
from typedrun.exports.limits import MAX_DESCRIPTION, Allowance, check_size
from typedrun.jsontypes import is_object
from typedrun.metadata.described import DescribedModel
from typedrun.prices import unit_words
from typedrun.results import ModelResult
from typedrun.wording import closest

if TYPE_CHECKING:
    from typedrun.model import Model, ModelRunParams
    from typedrun.sending.driver import Driver
    from typedrun.session import Session

ToolFormat: TypeAlias = Literal["openai", "anthropic", "mcp", "json-schema"]
"""Whose form the definitions have."""

FORMATS: Final[tuple[ToolFormat, ...]] = get_args(ToolFormat)

Definition: TypeAlias = dict[str, Any]
"""One tool, as JSON."""

ModelT = TypeVar("ModelT", bound=DescribedModel)

Models: TypeAlias = "Iterable[Model[Any] | str]"
"""Models, or their ids and paths."""


class ToolsBase(list[Definition], Generic[ModelT]):
    """What the tools of both clients are, but for their running."""

    def __init__(self, models: Iterable[ModelT], *, format: ToolFormat = "openai", taken: Collection[str] = ()) -> None:
        """Describe models as tools.

        Args:
            models: One tool each, in this order.
            format: Whose form.
            taken: Names of other tools that are offered beside these.

        Raises:
            ValidationError: there is no such format, or a model is listed twice.
        """
        if format not in FORMATS:
            raise ValidationError(f"There is no tool format {format!r}. Next: one of {', '.join(FORMATS)}")
        listed = list(models)
        try:
            names = tool_names(listed, taken)
        except ValueError as refused:
            raise ValidationError(f"Tools need different models: {refused}") from None
        self.format: ToolFormat = format
        """Whose form the definitions have."""
        self.models: Mapping[str, ModelT] = dict(zip(names, listed, strict=True))
        """Name of the tool → model."""
        super().__init__(_definitions(self.models, format))

    def _given(self, name: str, arguments: Mapping[str, Any] | str) -> tuple[ModelT, dict[str, Any]]:
        """The model that a tool stands for, and the arguments by its names, checked."""
        model = self._find(name)
        given = name_arguments(model, _read_arguments(name, arguments))
        check_arguments(model, given)
        return model, given

    def _content(self, result: ModelResult[Any]) -> str | list[dict[str, Any]]:
        return _content(result, self.format)

    def _told(self, identity: str, content: str | list[dict[str, Any]] | Exception) -> dict[str, Any]:
        """The message that answers a tool call: with its output, or with what was wrong with it."""
        is_error = isinstance(content, Exception)
        if isinstance(content, Exception):
            content = _text_content(str(content), self.format)
        if self.format == "openai":
            return {"role": "tool", "tool_call_id": identity, "content": content}
        if self.format == "anthropic":
            return {"type": "tool_result", "tool_use_id": identity, "content": content, "is_error": is_error}
        return {"content": content, "isError": is_error}

    def _find(self, name: str) -> ModelT:
        if name in self.models:
            return self.models[name]
        near = closest(name, self.models)
        hint = f"did you mean '{near}'?" if near else f"there are {', '.join(self.models) or 'none'}."
        raise ParameterError(f"There is no tool '{name}': {hint} Nothing was sent")


class Tools(ToolsBase["Model[Any]"]):
    """Models as tools: a list of definitions, ready for a vendor's `tools=`, that knows how to run what a language model calls.

    Example:
        >>> tools = aix.tools([aix.models.openai.gpt_5_4], format="openai")  # doctest: +SKIP
        >>> reply = openai.chat.completions.create(model="…", messages=messages, tools=tools)  # doctest: +SKIP
        >>> messages += [tools.answer(call) for call in reply.choices[0].message.tool_calls]  # doctest: +SKIP
    """

    def call(
        self, name: str, arguments: Mapping[str, Any] | str, **controls: Unpack[ModelRunParams]
    ) -> str | list[dict[str, Any]]:
        """Run what a language model called.

        Args:
            name: The tool.
            arguments: As the language model gave them: a mapping, or its JSON text. A null is an argument that is left out.
            controls: Run controls, which the language model cannot set: `timeout`, `identifier` …

        Returns:
            The output as content for the language model: a list of content blocks for `anthropic` and `mcp`, else a text.

        Raises:
            ParameterError: there is no such tool, or the arguments do not fit; the message has every problem. Nothing was sent.
            OperationFailedError: the model failed.
        """
        return self._content(self.run(name, arguments, **controls))

    def run(
        self, name: str, arguments: Mapping[str, Any] | str, **controls: Unpack[ModelRunParams]
    ) -> ModelResult[Any]:
        """Run the model of a tool call as `call` does, and give the whole result: its usage and what it cost, too."""
        model, given = self._given(name, arguments)
        result: ModelResult[Any] = model.run(**given, **{**controls, "stream": False})
        return result

    def answer(self, call: Any, **controls: Unpack[ModelRunParams]) -> dict[str, Any]:
        """Write the message that answers a tool call of a language model, whether the run succeeds or not.

        A call that does not fit and a run that failed are told to the language model, which can try again; whatever it cannot
        mend (no key, no credit, no network) is raised.

        Args:
            call: A tool call as the vendor gives it, as object or mapping: `id` and `function` with `name` and `arguments`, or
                `id`, `name` and `input`.
            controls: As for `call`.

        Returns:
            A message of role `tool` for `openai`, a block `tool_result` for `anthropic`; for the others the content and whether it
            is an error.
        """
        identity, name, arguments = read_call(call)
        try:
            return self._told(identity, self.call(name, arguments, **controls))
        except (ParameterError, OperationFailedError) as error:
            return self._told(identity, error)


def open_tools(
    session: Session[Driver], fetch: Callable[[str], Model[Any]], models: Models, format: ToolFormat
) -> Tools:
    """Tools of a client's models, which may be named by id or path: the generated class where there is one, else fetched."""
    return Tools([_model(session, fetch, model) for model in models], format=format)


def _model(session: Session[Driver], fetch: Callable[[str], Model[Any]], model: Model[Any] | str) -> Model[Any]:
    found = at_hand(session, model)
    return fetch(found) if isinstance(found, str) else found


def at_hand(session: Session[Any], model: ModelT | str) -> ModelT | str:
    """A model as it was given, or the generated one of an id or path; of one that was not generated, the id."""
    if not isinstance(model, str):
        return model
    generated: Callable[[Session[Any]], ModelT] | None = (
        session.registry.find(model) if session.registry is not None else None
    )
    return model if generated is None else generated(session)


# --- definitions


def _definitions(models: Mapping[str, DescribedModel], format: ToolFormat) -> list[Definition]:
    if format == "openai":
        return [_for_openai(name, model) for name, model in models.items()]
    if format == "anthropic":
        allowance = Allowance()
        return [_for_anthropic(name, model, allowance) for name, model in models.items()]
    return [_for_mcp(n, m) if format == "mcp" else _as_schema(n, m) for n, m in models.items()]


def _for_openai(name: str, model: DescribedModel) -> Definition:
    strict = model_schema(model, OPENAI)
    is_strict = strict is not None and check_size(strict)
    parameters = strict if is_strict else model_schema(model, PLAIN)
    function = {"name": name, "description": describe(model), "parameters": parameters, "strict": is_strict}
    return {"type": "function", "function": function}


def _for_anthropic(name: str, model: DescribedModel, allowance: Allowance) -> Definition:
    strict = model_schema(model, ANTHROPIC)
    definition: Definition = {"name": name, "description": describe(model)}
    if strict is not None and allowance.takes(strict):
        return definition | {"input_schema": strict, "strict": True}
    return definition | {"input_schema": model_schema(model, PLAIN)}


def _for_mcp(name: str, model: DescribedModel) -> Definition:
    return {
        "name": name,
        "title": model.name or name,
        "description": describe(model),
        "inputSchema": model_schema(model, PLAIN),
        "outputSchema": output_schema(),
    }


def _as_schema(name: str, model: DescribedModel) -> Definition:
    return {"$schema": DRAFT, "title": name, "description": describe(model), **(model_schema(model, EXACT) or {})}


def describe(model: DescribedModel) -> str:
    """Describe what a model is, for a reader who has to choose a tool: its words in the catalog, what it does and what it costs."""
    function = "" if model.function is None else str(model.function).replace("-", " ")
    facts = [
        f"{model.name or model.label}{f': {function}' if function else ''}.",
        " ".join((model.description or "").split()),
        _price(model),
    ]
    text = " ".join(fact for fact in facts if fact)
    return text if len(text) <= MAX_DESCRIPTION else f"{text[: MAX_DESCRIPTION - 1]}…"


def _price(model: DescribedModel) -> str:
    pricing = model.pricing
    if pricing is None or pricing.price is None:
        return ""
    unit = unit_words(pricing)
    currency = f" {pricing.currency}" if pricing.currency else ""
    return f"Price: {pricing.price:g}{currency}{f' per {unit}' if unit else ''}."


# --- calls


def _read_arguments(name: str, arguments: Mapping[str, Any] | str) -> dict[str, Any]:
    """The arguments without nulls: what a strict schema makes a language model say is what another leaves out."""
    try:
        read = json.loads(arguments) if isinstance(arguments, str) else arguments
    except ValueError as refused:
        raise ParameterError(f"The arguments of '{name}' are not JSON: {refused}. Nothing was sent") from None
    if not is_object(read):
        raise ParameterError(f"The arguments of '{name}' are no JSON object. Nothing was sent")
    return {argument: value for argument, value in read.items() if value is not None}


def read_call(call: Any) -> tuple[str, str, Mapping[str, Any] | str]:
    """Id, tool and arguments of a tool call, as either vendor gives it."""
    function = _member(call, "function")
    named = call if function is None else function
    arguments = _member(named, "arguments")
    arguments = _member(named, "input") if arguments is None else arguments
    identity, name = _member(call, "id"), _member(named, "name")
    if not isinstance(name, str):
        raise ParameterError(f"This is no tool call: it names no tool ({type(call).__name__}). Nothing was sent")
    return str(identity), name, {} if arguments in (None, "") else arguments


def _member(value: Any, name: str) -> Any:
    return value.get(name) if is_object(value) else getattr(value, name, None)


def _content(result: ModelResult[Any], format: ToolFormat) -> str | list[dict[str, Any]]:
    return content_blocks(result) if format == "mcp" else _text_content(text_of(result), format)


def _text_content(text: str, format: ToolFormat) -> str | list[dict[str, Any]]:
    return [{"type": "text", "text": text}] if format in {"anthropic", "mcp"} else text
