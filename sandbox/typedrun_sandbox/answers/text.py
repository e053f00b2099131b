"""Text generation: a sensible reply to the prompt, tool calls, structured output, token limits, stop words, reasoning."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from typedrun_sandbox.answers import tokens
from typedrun_sandbox.answers.answer import ABSENT, Answer, Question, Usage
from typedrun_sandbox.answers.schemas import sample
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_number, as_object, as_text


def generate(question: Question) -> Answer:
    """Answer as a chat model does: with a tool call where tools are offered, else in words."""
    calls = tool_calls(question, question.text)
    if calls:
        return call_tools(question, calls)
    prompt = question.text
    whole = structured(question.value("response_format"), prompt) or reply(prompt)
    text, finish = tokens.cut(whole, token_limit(question), stop_words(question.value("stop")))
    return say(question, text, finish)


def say(question: Question, text: str, finish: str = "stop") -> Answer:
    """An answer in words, with usage and the reasoning that was asked for."""
    reasoning = reason(question, question.text)
    details = choice(text, finish, reasoning, ())
    return Answer(
        data=text,
        details=details,
        usage=usage_of(question, text + reasoning),
        pieces=tokens.split(text),
        finish_reason=finish,
        reasoning=reasoning,
        raw={"object": "chat.completion", "choices": details},
    )


def call_tools(question: Question, calls: tuple[JSONObject, ...]) -> Answer:
    """An answer that calls tools has no `data`."""
    reasoning = reason(question, question.text)
    written = json.dumps([call["function"] for call in calls])
    return Answer(
        data=ABSENT,
        details=choice(None, "tool_calls", reasoning, calls),
        usage=usage_of(question, written + reasoning),
        tool_calls=calls,
        finish_reason="tool_calls",
        reasoning=reasoning,
    )


def usage_of(question: Question, written: str) -> Usage:
    """What was read and what was written, in tokens."""
    return Usage(tokens.count(everything_said(question)), tokens.count(written))


def choice(content: str | None, finish: str, reasoning: str, calls: tuple[JSONObject, ...]) -> list[JSON]:
    """The `details` of a chat answer."""
    message: JSONObject = {"role": "assistant", "content": content}
    if reasoning:
        message["reasoning_content"] = reasoning
    if calls:
        message["tool_calls"] = list(calls)
    return [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}]


def everything_said(question: Question) -> str:
    """All text that the model has to read: it is what prompt tokens count."""
    names = ("text", "data", "prompt", "context", "history", "tools")
    return " ".join(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for value in (question.body[name] for name in names if name in question.body)
    )


def token_limit(question: Question) -> int | None:
    """`max_tokens` as a number; None when it is not set."""
    value = question.value("max_tokens", "max_completion_tokens", "maxTokens")
    limit = int(as_number(value, -1))
    return limit if limit >= 0 else None


def stop_words(value: JSON) -> tuple[str, ...]:
    """`stop`: one text or a list."""
    return (value,) if isinstance(value, str) else tuple(map(as_text, as_list(value)))


def reason(question: Question, prompt: str) -> str:
    """A short thought when `reasoning_effort` asks for one."""
    effort = as_text(question.value("reasoning_effort"))
    if effort in ("", "none", "minimal"):
        return ""
    return f"The user wants: {shorten(prompt, 60)} I answer directly."


# --- replies


def reply(prompt: str) -> str:
    """A reply that fits the prompt: the first rule that recognises it."""
    for pattern, answer in _RULES:
        found = pattern.search(prompt)
        if found:
            return answer(found)
    return (
        f"You said: {shorten(prompt, 200)} I am a model of the local sandbox, so this is all I can tell you about it."
    )


def shorten(text: str, limit: int) -> str:
    """The text on one line, cut at a word, with a full stop at the end."""
    line = " ".join(text.split())
    if len(line) > limit:
        line = line[:limit].rsplit(" ", 1)[0] + " …"
    return line if line.endswith((".", "?", "!", "…")) else line + "."


def _calculate(found: re.Match[str]) -> str:
    left, sign, right = float(found[1]), found[2].lower(), float(found[3])
    if sign in "/÷" and right == 0:
        return "That is a division by zero."
    results: dict[str, Callable[[], float]] = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "x": lambda: left * right,
        "/": lambda: left / right,
        "÷": lambda: left / right,
    }
    return f"{left:g} {sign} {right:g} = {results[sign]():g}."


def _story(found: re.Match[str]) -> str:
    subject = re.sub(r"[.!?]+$", "", (found[1] or "").strip()) or "a small machine"
    return (
        f"Once there was {subject}. Every evening it watched the light change and asked what the next day would bring. "
        "One night the answer came: a stranger knocked, tired and far from home. "
        "They talked until morning, and neither of them was alone again."
    )


def _list(found: re.Match[str]) -> str:
    count = min(int(found[1]), 20)
    things = found[2].strip(" .?!")
    return "\n".join(f"{number}. {things} number {number}" for number in range(1, count + 1))


def _rule(
    pattern: str, answer: Callable[[re.Match[str]], str]
) -> tuple[re.Pattern[str], Callable[[re.Match[str]], str]]:
    return re.compile(pattern, re.IGNORECASE), answer


_RULES = (
    _rule(r"(-?\d+(?:\.\d+)?)\s*([-+*/x÷])\s*(-?\d+(?:\.\d+)?)", _calculate),
    _rule(r"\bstory\b(?:\s+(?:about|of|on)\s+([^\n]+))?", _story),
    _rule(r"\b(?:list|name|give me)\s+(\d+)\s+([^\n]+)", _list),
    _rule(r"\brainbow\b", lambda _: "Red, orange, yellow, green, blue, indigo and violet."),
    _rule(r"\b(?:capital of france)\b", lambda _: "The capital of France is Paris."),
    _rule(
        r"\bfun fact\b",
        lambda _: "Honey does not spoil: pots of it found in old tombs were still edible.",
    ),
    _rule(r"\bsay\s+hello\b|^\s*(?:hello|hi|hey)\b", lambda _: "Hello! How can I help you today?"),
    _rule(
        r"\bexplain\s+([^\n.?!]+)",
        lambda m: (
            f"{m[1].strip()[:1].upper()}{m[1].strip()[1:]}, in short: many small steps that follow a clear rule, "
            "repeated until the result is useful."
        ),
    ),
)


# --- structured output and tools


def structured(response_format: JSON, prompt: str) -> str:
    """JSON text that fits `response_format`; empty when none is asked for."""
    if isinstance(response_format, str):
        response_format = _read_format(response_format)
    rules = as_object(response_format)
    if rules.get("type") == "text" or not rules:
        return ""
    schema = as_object(as_object(rules.get("json_schema")).get("schema")) or as_object(rules.get("schema"))
    if not schema and rules.get("type") == "json_object":
        return json.dumps({"answer": reply(prompt)}, ensure_ascii=False)
    return json.dumps(sample(schema or rules, prompt), ensure_ascii=False)


def _read_format(text: str) -> JSON:
    """A format given as text: the name of one, or a JSON document."""
    try:
        found: JSON = json.loads(text)
    except ValueError:
        return {"type": "json_object"} if "json" in text.lower() else {"type": "text"}
    return found


def tool_calls(question: Question, prompt: str) -> tuple[JSONObject, ...]:
    """A call of the tool that fits best; none when tools are off or a tool's result was just given."""
    tools = [as_object(tool) for tool in as_list(_parsed(question.value("tools")))]
    wanted = question.value("tool_choice", "toolChoice")
    if not tools or wanted == "none" or _has_tool_result(question):
        return ()
    function = as_object(choose_tool(tools, wanted, prompt).get("function"))
    arguments = sample(function.get("parameters") or {"type": "object"}, prompt)
    name = as_text(function.get("name"))
    return (
        {
            "id": f"call_{name}_1",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)},
        },
    )


def choose_tool(tools: list[JSONObject], wanted: JSON, prompt: str) -> JSONObject:
    """The tool that `tool_choice` names, else the one whose name and description share most words with the prompt."""
    name = as_text(as_object(as_object(wanted).get("function")).get("name")) or as_text(as_object(wanted).get("name"))
    named = [tool for tool in tools if name and as_object(tool.get("function")).get("name") == name]
    said = set(re.findall(r"\w+", prompt.casefold()))

    def shared(tool: JSONObject) -> int:
        function = as_object(tool.get("function"))
        words = f"{as_text(function.get('name')).replace('_', ' ')} {as_text(function.get('description'))}"
        return len(said & set(re.findall(r"\w+", words.casefold())))

    return max(named or tools, key=shared)


def _parsed(value: JSON) -> JSON:
    """Tools may come as JSON text, because their parameter is text/json."""
    if not isinstance(value, str):
        return value
    try:
        found: JSON = json.loads(value)
    except ValueError:
        return None
    return found


def _has_tool_result(question: Question) -> bool:
    messages = as_list(question.value("text")) or as_list(question.value("data"))
    return bool(messages) and as_object(messages[-1]).get("role") == "tool"
