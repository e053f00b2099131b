"""`paths` → operations: parameters, bodies, answers. Their schemas are lifted like any other.

Types are read before every schema is lifted; `OperationDraft.finish` puts them in place when it is known which classes may be
null and which stand for others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, get_args

from attrs import evolve, field, frozen

from typedrun.files.mediatypes import content_of
from typedrun_codegen.ir.api import (
    ABSENT,
    ANY,
    ApiParameter,
    BodySpec,
    Leaf,
    Notes,
    OperationSpec,
    ReplySpec,
    Security,
    TypeExpr,
    placeholders,
)
from typedrun_codegen.ir.api import (
    Place as ParameterPlace,
)
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, excerpt
from typedrun_codegen.readers.contents import as_sent, is_described, parts_of, untyped
from typedrun_codegen.readers.forms import Node
from typedrun_codegen.readers.lift import Lifter
from typedrun_codegen.readers.misplaced import LIST, OBJECT, OPERATION, PATH, Forms, misplaced
from typedrun_codegen.readers.notes import read_notes
from typedrun_codegen.readers.pieces import BadSchema
from typedrun_codegen.readers.references import BadReference, Place, References
from typedrun_codegen.readers.servers import address_of, server_problems
from typedrun_codegen.text.names import pascal_name

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_STYLES: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "path": ("simple", frozenset({"simple", "label", "matrix"})),
    "query": ("form", frozenset({"form", "spaceDelimited", "pipeDelimited", "deepObject"})),
    "header": ("simple", frozenset({"simple"})),
    "cookie": ("form", frozenset({"form", "cookie"})),
}
_ANYTHING: Final = "any value is accepted here"
_LEFT_OUT: Final = "the parameter is left out"
_IGNORED_HEADERS: Final = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI: header parameters of these names are ignored; the transport writes them."""


@frozen
class OperationDraft:
    """An operation whose types are still slots."""

    spec: OperationSpec
    key: str
    slots: dict[str, TypeExpr] = field(factory=dict[str, TypeExpr])
    """Slot → its type."""

    def finish(self, types: Mapping[str, TypeExpr]) -> OperationSpec:
        """Give the operation with its types in place."""
        spec = self.spec
        return evolve(
            spec,
            parameters=tuple(evolve(one, type=types.get(f"p{i}", ANY)) for i, one in enumerate(spec.parameters)),
            bodies=tuple(
                evolve(one, type=as_sent(one.media_type, types.get(f"b{i}")) or one.type)
                for i, one in enumerate(spec.bodies)
            ),
            replies=tuple(evolve(one, type=types.get(f"r{i}", one.type)) for i, one in enumerate(spec.replies)),
        )


@frozen
class Operations:
    """Reads `paths`."""

    refs: References
    lifter: Lifter
    problems: list[Problem] = field(factory=list[Problem])

    def read(self, root: Node) -> list[OperationDraft]:
        """Read every operation of the document, in its order."""
        drafts = [
            draft for at, path, method, item in self._entries(root) if (draft := self._guarded(at, path, method, item))
        ]
        return list(self._told_apart(drafts))

    def _entries(self, root: Node) -> Iterator[tuple[Place, str, str, Node]]:
        for path, item in self.table(root, "paths", Place("", "")).items():
            if not path.startswith("x-"):
                yield from self._of_path(path, item)

    def _of_path(self, path: str, item: JSON) -> Iterator[tuple[Place, str, str, Node]]:
        """The operations of a path: those that stand there, and those of the path that it refers to."""
        own, skipped = Place("", "/paths").at(path), "correct it; its operations are skipped"
        if not isinstance(item, dict):
            return self._report("a path is not an object", own, excerpt(item), skipped)
        if not path.startswith("/"):
            self._report(
                "a path does not begin with a slash", own, repr(path), "write one; until then it is read as if it did"
            )
        found = [(own, item)]
        try:
            place, target = self._resolve(item, own)
        except BadReference as bad:
            self.problems.append(bad.problem)
        else:
            if isinstance(target, dict):
                found += [(place, target)] if place != own else []
            else:
                self._report("a path is not an object", place, excerpt(target), skipped)
        for method in METHODS:
            holder = next(((place, one) for place, one in found if method in one), None)
            if holder is not None:
                yield holder[0], path, method, holder[1]

    def _guarded(self, at: Place, path: str, method: str, item: Node) -> OperationDraft | None:
        try:
            place, operation = self.resolve_object(item[method], at.at(method), "an operation")
            return _Reader(self, place, at, path, method, item, operation).draft()
        except BadSchema as bad:
            self._report(bad.title, bad.place, bad.found, f"correct it; until then {method.upper()} {path} is skipped")
        except BadReference as bad:
            self.problems.append(bad.problem)
        return None

    def _told_apart(self, drafts: list[OperationDraft]) -> Iterator[OperationDraft]:
        """Operations with an id of their own: a second one of the same id is named by method and path."""
        seen: dict[str, Location] = {}
        for draft in drafts:
            spec, first = draft.spec, seen.get(draft.spec.id)
            if first is not None:
                own = derived_id(spec.method.lower(), spec.path)
                where, found = spec.location.at("operationId"), f"{spec.id!r}, as at {first}"
                next_step = f"give each operation an operationId of its own; until then this one is called {own!r}"
                self.problems.append(Problem("two operations have one operationId", where, found, next_step))
                if own in seen:
                    continue
                draft = evolve(draft, spec=evolve(spec, id=own))
            seen[draft.spec.id] = draft.spec.location
            yield draft

    def _report(self, title: str, place: Place, found: str, next_step: str) -> None:
        self.keep(Problem(title, self.refs.location(place), found, next_step))

    def keep(self, problem: Problem) -> None:
        """Keep a problem, once: several operations may share a part."""
        if problem not in self.problems:
            self.problems.append(problem)

    def table(self, holder: Node, key: str, at: Place) -> Node:
        """An object of an object; where something else stands, none and a problem."""
        self.look_for_misplaced(holder, at, {key: OBJECT})
        value = holder.get(key)
        return value if isinstance(value, dict) else {}

    def listed(self, holder: Node, key: str, at: Place) -> list[tuple[Place, JSON]]:
        """What a list of an object holds, each with its place; where something else stands, nothing and a problem."""
        self.look_for_misplaced(holder, at, {key: LIST})
        value = holder.get(key)
        return [(at.at(key, index), one) for index, one in enumerate(value if isinstance(value, list) else [])]

    def look_for_misplaced(self, holder: Node, at: Place, forms: Forms) -> None:
        """Keep a problem for each member that stands in another form."""
        for problem in misplaced(holder, at, forms, self.refs):
            self.keep(problem)

    def part(self, value: JSON, at: Place, what: str, until_then: str) -> tuple[Place, Node] | None:
        """A part of an operation that it can do without; None, and a problem, where it cannot be used."""
        try:
            return self.resolve_object(value, at, what)
        except BadReference as bad:
            self.keep(bad.until_then(until_then))
        except BadSchema as bad:
            self.leave_out(bad, until_then)
        return None

    def leave_out(self, bad: BadSchema, until_then: str) -> None:
        """Keep the problem of a part that cannot be used."""
        self._report(bad.title, bad.place, bad.found, f"correct it; until then {until_then}")

    def _resolve(self, value: JSON, at: Place) -> tuple[Place, JSON]:
        if isinstance(value, dict) and isinstance(ref := value.get("$ref"), str):
            place, target = self.refs.follow(ref, at)
            if isinstance(target, dict) and len(value) > 1:  # a description beside a reference replaces the target's
                target = {**target, **{key: one for key, one in value.items() if key in ("description", "summary")}}
            return place, target
        return at, value

    def resolve_object(self, value: JSON, at: Place, what: str) -> tuple[Place, Node]:
        """Find a part of the document that must be an object, references followed."""
        place, found = self._resolve(value, at)
        if not isinstance(found, dict):
            raise BadSchema(place, f"{what} is not an object", excerpt(found))
        return place, found


class _Reader:
    """Reads one operation."""

    def __init__(
        self, all_: Operations, at: Place, holder: Place, path: str, method: str, item: Node, operation: Node
    ) -> None:
        """Args: all operations; where this one and its path item really stand; its path, method, path item and text."""
        self.all, self.at, self.holder, self.path, self.method = all_, at, holder, path, method
        self.own = Place("", "/paths").at(path, method)  # its identity: two paths may refer to one operation
        self.item, self.operation = item, operation
        self.id = _id(operation, method, path)
        self.slots: dict[str, TypeExpr] = {}

    def draft(self) -> OperationDraft:
        self.all.look_for_misplaced(self.item, self.holder, PATH)
        self.all.look_for_misplaced(self.operation, self.at, OPERATION)
        bodies, is_required, description = self._bodies()
        security = read_security(self.operation)
        spec = OperationSpec(
            id=self.id,
            method=self.method.upper(),
            path=f"/{self.path.removeprefix('/')}",  # never a part of the host's name
            group=next((tag for tag in _list(self.operation.get("tags")) if isinstance(tag, str)), ""),
            summary=_text(self.operation.get("summary")) or _text(self.item.get("summary")),
            description=_text(self.operation.get("description")) or _text(self.item.get("description")),
            deprecated=self.operation.get("deprecated") is True,
            parameters=self._parameters(),
            bodies=bodies,
            body_required=is_required,
            body_description=description,
            replies=self._replies(),
            server=self._server(),
            is_open=security in ((), ((),)),
            security=security,
            location=self.all.refs.location(self.own),
        )
        return OperationDraft(spec, self.own.key, self.slots)

    def _server(self) -> str:
        """The address of the operation's own server, or of its path's; what is wrong with it is a problem."""
        for holder, at in ((self.operation, self.at), (self.item, self.holder)):
            if server := address_of(holder):
                next_step = f"until then calls need servers={{{server!r}: …}} of their client"
                for problem in server_problems(holder, at, self.all.refs, next_step):
                    self.all.keep(problem)
                return server
        return ""

    def _slot(self, name: str, schema: JSON, at: Place, *words: str) -> None:
        words_ = (pascal_name(self.id, "Operation"), *words)
        self.slots[name] = self.all.lifter.type_of(schema, at, words_, self.own.key)

    # --- parameters

    def _parameters(self) -> tuple[ApiParameter, ...]:
        found: dict[tuple[str, str], ApiParameter] = {}
        nodes: dict[tuple[str, str], tuple[Place, Node]] = {}
        shared = self.all.listed(self.item, "parameters", self.holder)
        for at, value in (*shared, *self.all.listed(self.operation, "parameters", self.at)):
            if (resolved := self.all.part(value, at, "a parameter", _LEFT_OUT)) is not None:
                nodes[_text(resolved[1].get("in")), _text(resolved[1].get("name"))] = resolved
        for (where, name), (place, parameter) in nodes.items():
            if where == "header" and name.lower() in _IGNORED_HEADERS:
                continue
            try:
                found[where, name] = self._parameter(len(found), where, name, place, parameter)
            except BadSchema as bad:
                self.all.leave_out(bad, _LEFT_OUT)
        return (*found.values(), *self._unlisted(found))

    def _parameter(self, index: int, where: str, name: str, place: Place, parameter: Node) -> ApiParameter:
        if where not in get_args(ParameterPlace) or not name:
            raise BadSchema(place, "a parameter has no name or an unknown place", f"name: {name!r}, in: {where!r}")
        content = parameter.get("content")
        media = next(iter(content.items()), None) if isinstance(content, dict) else None
        holder, schema_place = (
            (media[1], place.at("content", media[0], "schema")) if media else (parameter, place.at("schema"))
        )
        schema = holder.get("schema", {}) if isinstance(holder, dict) else {}
        self._slot(f"p{index}", schema, schema_place, name)
        default_style, styles = _STYLES[where]
        style = _text(parameter.get("style")) or default_style
        if style not in styles:
            raise BadSchema(
                place.at("style"), f"a {where} parameter has a style that does not exist there", f"style: {style!r}"
            )
        explode = parameter.get("explode")
        notes, default = read_notes(schema, self.all.refs, schema_place)
        return ApiParameter(
            wire=name,
            place=where,  # type: ignore[arg-type]  # checked against get_args above
            type=ANY,
            required=parameter.get("required") is True or where == "path",
            style=style,
            explode=explode if isinstance(explode, bool) else style in ("form", "deepObject"),
            allow_reserved=parameter.get("allowReserved") is True,
            is_json=media is not None,
            default=default,
            notes=evolve(
                notes,
                description=_text(parameter.get("description")) or notes.description,
                deprecated=notes.deprecated or parameter.get("deprecated") is True,
            ),
            location=self.all.refs.location(place),
        )

    def _unlisted(self, found: Mapping[tuple[str, str], ApiParameter]) -> Iterator[ApiParameter]:
        """Placeholders of the path that the document forgets to describe: text."""
        known = dict(found)
        for name in placeholders(self.path, {name for place, name in found if place == "path"}):
            if ("path", name) in known:
                continue
            self.slots[f"p{len(known)}"] = Leaf("str")
            known["path", name] = ApiParameter(
                wire=name,
                place="path",
                type=Leaf("str"),
                required=True,
                style="simple",
                explode=False,
                default=ABSENT,
                notes=Notes(),
                location=self.all.refs.location(self.at),
            )
            yield known["path", name]

    # --- bodies and answers

    def _bodies(self) -> tuple[tuple[BodySpec, ...], bool, str]:
        if "requestBody" not in self.operation:
            return (), False, ""
        at = self.at.at("requestBody")
        resolved = self.all.part(self.operation["requestBody"], at, "a request body", _ANYTHING)
        if resolved is None:
            return (BodySpec(media_type="*/*", type=ANY),), False, ""
        place, body = resolved
        found: list[BodySpec] = []
        for media_type, value in self._media(body, place):
            if self._is_typed(value, "schema", media_type, place):
                words = ("Body",) if not found else ("Body", media_type)
                self._slot(f"b{len(found)}", value["schema"], place.at("content", media_type, "schema"), *words)
            found.append(
                BodySpec(media_type=media_type, type=untyped(media_type), parts=parts_of(value.get("encoding")))
            )
        return tuple(found), body.get("required") is True, _text(body.get("description"))

    def _replies(self) -> tuple[ReplySpec, ...]:
        found: list[ReplySpec] = []
        for key, value in self.all.table(self.operation, "responses", self.at).items():
            if key.startswith("x-"):
                continue
            status = key.upper() if key != "default" else key
            resolved = self.all.part(value, self.at.at("responses", key), "a response", _ANYTHING)
            if resolved is None:
                found.append(ReplySpec(status=status, media_type="*/*", type=ANY))
                continue
            place, reply = resolved
            description = _text(reply.get("description"))
            media = (
                list(self._media(reply, place)) if self.method != "head" else []
            )  # what GET would say of its content
            if not media:
                found.append(ReplySpec(status=status, media_type="", type=None, description=description))
            for media_type, content in media:
                self._reply_slot(len(found), key, media_type, content, place, is_first=media_type == media[0][0])
                type_ = untyped(media_type)
                found.append(ReplySpec(status=status, media_type=media_type, type=type_, description=description))
        return tuple(found)

    def _reply_slot(
        self, index: int, status: str, media_type: str, content: Node, place: Place, *, is_first: bool
    ) -> None:
        key = "itemSchema" if "itemSchema" in content else "schema"
        if not self._is_typed(content, key, media_type, place):
            return
        is_streamed = content_of(media_type).is_streamed
        words = ["Event"] if is_streamed else ["Response"]
        if status[:1] != "2":
            words.append(status.title())
        if not is_first and words[0] == "Response":
            words.append(media_type)
        schema, at = content[key], place.at("content", media_type, key)
        if is_streamed and isinstance(schema, dict) and schema.get("type") == "array" and "items" in schema:
            schema, at = schema["items"], at.at("items")  # the whole is described; what arrives is its items
        self._slot(f"r{index}", schema, at, *words)

    def _is_typed(self, content: Node, key: str, media_type: str, place: Place) -> bool:
        """Whether a schema says more about content than its media type."""
        if content.get(key) in (None, {}, True):
            return False
        if (is_always := is_described(media_type)) is not None:
            return is_always
        resolved = self.all.part(content[key], place.at("content", media_type, key), "a schema", _ANYTHING)
        return resolved is not None and is_described(media_type, resolved[1]) is True

    def _media(self, holder: Node, place: Place) -> Iterator[tuple[str, Node]]:
        for media_type, value in self.all.table(holder, "content", place).items():
            resolved = self.all.part(value, place.at("content", media_type), "a media type", _ANYTHING)
            yield media_type.split(";")[0].strip().lower(), {} if resolved is None else resolved[1]


def _id(operation: Node, method: str, path: str) -> str:
    given = operation.get("operationId")
    return given if isinstance(given, str) and given.strip() else derived_id(method, path)


def derived_id(method: str, path: str) -> str:
    """What an operation is called that has no id of its own."""
    return " ".join([method, *re.findall(r"[^/{}]+", path.replace("{", "by "))]) or method


def read_security(holder: Node) -> Security | None:
    """Read the `security` of a document or of an operation: alternatives of schemes; None where there is none."""
    if "security" not in holder:
        return None
    said = holder["security"]
    found = said if isinstance(said, list) else [said]  # one object or name alone can mean nothing else
    return tuple((one,) if isinstance(one, str) else tuple(one) for one in found if isinstance(one, str | dict))


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []
