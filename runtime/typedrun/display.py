"""How values look: short plain lines, and HTML for notebooks. Everything that a backend wrote is escaped; addresses are shown as media
only if they are http(s) or embedded media.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import attrs

from typedrun.answers.outputs import as_json, files_in, is_api_object
from typedrun.jsontypes import is_array
from typedrun.prices import unit_words
from typedrun.remotefile import RemoteFile

if TYPE_CHECKING:
    from typedrun.answers.started import StartedRun
    from typedrun.metadata.described import DescribedModel
    from typedrun.parameters import Parameter, Pricing
    from typedrun.results import ModelResult

_LONGEST: Final = 120
"""Characters of one value in a plain line."""
_LONGEST_HTML: Final = 20_000
_ROWS: Final = 50
"""Rows of a table in a notebook."""
_PLAYERS: Final[Mapping[str, str]] = {
    "image": '<img src="{0}" style="max-width: 100%; max-height: 30em">',
    "audio": '<audio controls preload="none" src="{0}"></audio>',
    "video": '<video controls preload="metadata" src="{0}" style="max-width: 100%; max-height: 30em"></video>',
}


# --- plain


def fields_line(value: Any, *, hidden: Iterable[str] = ()) -> str:
    """`Class(field=value, …)` with the fields that differ from their defaults, long values cut."""
    shown = [
        f"{each.name}={short(getattr(value, each.name))}"
        for each in attrs.fields(value.__class__)
        if each.repr and each.name not in hidden and not _is_default(each, getattr(value, each.name))
    ]
    return f"{type(value).__name__}({', '.join(shown)})"


def _is_default(each: attrs.Attribute[Any], value: object) -> bool:
    default = each.default
    return default is not attrs.NOTHING and type(default) is type(value) and default == value


def short(value: object) -> str:
    """The `repr` of a value, cut in its middle where it is long."""
    text = repr(value)
    half = (_LONGEST - 3) // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"


# --- HTML


def table(rows: Iterable[tuple[object, ...]], head: tuple[str, ...] = ()) -> str:
    """Rows of cells; a cell that is `Html` stands as it is."""
    listed = list(rows)
    lines = [_row("th", head)] if head else []
    lines += [_row("td", cells) for cells in listed[:_ROWS]]
    if len(listed) > _ROWS:
        lines.append(_row("td", (f"… and {len(listed) - _ROWS} more",)))
    return f"<table>{''.join(lines)}</table>"


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def _row(tag: str, cells: Iterable[object]) -> str:
    inner = "".join(
        f'<{tag} style="text-align: left">{cell if isinstance(cell, Html) else escape(str(cell))}</{tag}>'
        for cell in cells
    )
    return f"<tr>{inner}</tr>"


def caption(text: str) -> str:
    """A line above a value."""
    return f"<div><b>{escape(text)}</b></div>"


def result_html(result: ModelResult[Any]) -> str:
    """The output first, then what the run was."""
    usage = result.usage
    facts = {
        "status": result.status,
        "error": result.error_message,
        "tokens": usage.total_tokens if usage else None,
        "credits": result.used_credits,
        "seconds": result.run_time,
        "request": result.request_id,
    }
    told = " · ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
    return f"{data_html(result.data)}<div><small>{escape(told)}</small></div>"


def data_html(data: object) -> str:
    """A model's output: a player for media, a table for rows, else text."""
    if data is None:
        return ""
    if isinstance(data, RemoteFile):
        return _file_html(data)
    if (is_api_object(data) or is_array(data)) and (files := list(files_in(data))):
        shown = "".join(map(_file_html, files[:_ROWS]))
        return shown if is_array(data) else f"{shown}{data_html(as_json(data))}"
    data = as_json(data)
    if isinstance(data, str):
        kind = media_kind(data)
        if kind is not None:
            return _PLAYERS[kind].format(escape(data, quote=True))
        return f'<pre style="white-space: pre-wrap">{escape(data[:_LONGEST_HTML])}</pre>'
    rows = _rows(data)
    if rows and all(isinstance(row, dict) for row in rows):
        return _rows_html(cast("list[dict[str, object]]", rows))
    if rows and all(isinstance(row, str) and media_kind(row) for row in rows):
        return "".join(map(data_html, rows[:_ROWS]))
    return f'<pre style="white-space: pre-wrap">{escape(_as_text(data)[:_LONGEST_HTML])}</pre>'


def _file_html(file: RemoteFile) -> str:
    """A player, if its type or its address says that there is one; else a link."""
    is_address = file.url.lower().startswith(("https://", "http://")) and not any(map(str.isspace, file.url))
    said = (file.content_type or "").partition("/")[0]
    is_told = is_address and said in _PLAYERS and "svg" not in (file.content_type or "")
    kind = said if is_told else media_kind(file.url)
    if kind is not None:
        return _PLAYERS[kind].format(escape(file.url, quote=True))
    name = escape(file.name or file.url[:_LONGEST])
    return f'<a href="{escape(file.url, quote=True)}">{name}</a>' if is_address else f"<pre>{name}</pre>"


def _rows(data: object) -> list[object]:
    return cast("list[object]", data) if isinstance(data, list) else []


def _rows_html(rows: list[dict[str, object]]) -> str:
    names = list(dict.fromkeys(name for row in rows[:_ROWS] for name in row))
    return table((tuple(short(row[name]) if name in row else "" for name in names) for row in rows), tuple(names))


def _as_text(value: object) -> str:
    try:
        return json.dumps(value, indent=2, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return repr(value)


def media_kind(text: str) -> str | None:
    """`image`, `audio` or `video` for an address of such a file, or for one that is embedded; else None."""
    start = text[:_LONGEST].lower()
    if start.startswith("data:"):
        kind = start[5:].partition("/")[0]
        return kind if kind in _PLAYERS and ";base64," in start and "svg" not in start.partition(";")[0] else None
    if not start.startswith(("https://", "http://")) or any(letter.isspace() for letter in text):
        return None
    try:
        path = urlsplit(text).path
    except ValueError:
        return None
    kind = (mimetypes.guess_type(f"x{path[path.rfind('.') :]}" if "." in path else "")[0] or "").partition("/")[0]
    return kind if kind in _PLAYERS else None


def model_html(model: DescribedModel) -> str:
    """What a model is, and its parameters."""
    price = model.pricing
    facts: dict[str, object] = {
        "path": model.path,
        "id": model.id,
        "supplier": model.vendor.name if model.vendor else None,
        "function": model.function,
        "price": _price_words(price) if price and price.price is not None else None,
        "streams": model.supports_streaming,
    }
    told = table((name, value) for name, value in facts.items() if value is not None)
    description = f"<div>{escape(model.description)}</div>" if model.description else ""
    return f"{caption(model.name or model.label)}{description}{told}{parameters_html(model.params or ())}"


def _price_words(price: Pricing) -> str:
    """What is asked for one unit."""
    return f"{price.price:g}{f' {price.currency}' if price.currency else ''} per {unit_words(price) or 'run'}"


def parameters_html(parameters: Iterable[Parameter]) -> str:
    """One row for each parameter."""
    rows = [
        (
            parameter.name,
            "fixed" if parameter.is_fixed else "required" if parameter.required else "",
            parameter.kind or "",
            "" if parameter.default is None else short(parameter.default),
            ", ".join(map(str, parameter.options[:12])) + (" …" if len(parameter.options) > 12 else ""),
            parameter.description,
        )
        for parameter in parameters
    ]
    return table(rows, ("parameter", "", "type", "default", "options", "")) if rows else ""


def models_html(title: str, models: Iterable[DescribedModel]) -> str:
    """One row for each model."""
    rows = [
        (model.name, model.path or model.id, model.vendor.name if model.vendor else "", model.function or "")
        for model in models
    ]
    return caption(title) + table(rows, ("model", "path", "supplier", "function"))


def job_html(job: StartedRun[Any]) -> str:
    """Where a run is; its output when there is one."""
    title = f"{job.label or 'job'}: {'finished' if job.completed else 'running'}"
    return f"{caption(title)}{result_html(job)}"
