"""Operations → what the files of a client say: one class for each tag, one method for each operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import define, field, frozen

from typedrun.files.mediatypes import content_of
from typedrun_codegen.ir.api import (
    ABSENT,
    ApiParameter,
    BodySpec,
    ClassSpec,
    Leaf,
    OperationSpec,
    PartSpec,
    Ref,
    ReplySpec,
    TypeExpr,
    placeholders,
    union_of,
)
from typedrun_codegen.plans.credentials import security_text
from typedrun_codegen.plans.types import ApiScope, Doc, plan_doc
from typedrun_codegen.text.annotations import imports_of
from typedrun_codegen.text.api_annotations import Text
from typedrun_codegen.text.docstrings import WIDTH, DocText, doc_line, doc_text, first_sentence, wrap
from typedrun_codegen.text.layout import Call, tuple_argument
from typedrun_codegen.text.literals import py_literal, py_string
from typedrun_codegen.text.names import Identifier, claim, class_name, const_name, portable, snake_name

RESERVED_PARAMETERS: Final = frozenset({"self", "body", "media_type", "timeout", "headers", "types"})
"""Names that every method uses for something else."""
RESERVED_METHODS: Final = frozenset(
    # The bases' own; and names of types and modules, which an annotation below the method would mean the method by.
    {"error_body", "types_package", "credentials", "default_url", "security", "servers_of_operations"}
    | {"bool", "bytes", "date", "datetime", "dict", "float", "int", "list", "object", "str", "tuple", "type", "types"}
)
RESERVED_CONSTANTS: Final = frozenset({"JSON", "UNSET", "UTC", "UUID"})
"""What a module of operations may import in capitals."""
_STYLES: Final = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_MEDIA_RANK: Final = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


@frozen(kw_only=True)
class MethodPlan:
    """A method: its text is ready, line by line."""

    name: Identifier
    constant: Identifier
    description: tuple[str, ...]
    """Lines of the `Operation` value."""
    signature: tuple[str, ...]
    async_signature: tuple[str, ...]
    """The signature of the method of the asyncio client."""
    doc: Doc
    call: tuple[str, ...]
    async_call: tuple[str, ...]
    streams: bool


@frozen(kw_only=True)
class GroupPlan:
    """A module of operations with one tag."""

    module: Identifier
    name: Identifier
    source: DocText
    title: DocText
    doc: Doc
    imports: tuple[str, ...]
    async_imports: tuple[str, ...]
    """Of the module that has the same operations for asyncio."""
    methods: tuple[MethodPlan, ...]


_AIO = "typedrun.aio.operations"


def plan_groups(scope: ApiScope, *, is_package: bool) -> Iterator[GroupPlan]:
    """Plan every module of operations, sorted by name."""
    tags: dict[Identifier, list[str]] = {}
    for tag in sorted(
        {one.group for one in scope.api.operations}
    ):  # tags that differ in case or punctuation are one group
        tags.setdefault(portable(snake_name(tag or "default", "group")), []).append(tag)
    modules = scope.names.claim_all("#/tags/", {same[0]: name for name, same in tags.items()}, frozenset())
    methods = _method_names(scope)
    classes = set[str]()
    for same in sorted(tags.values(), key=lambda same: modules[same[0]]):
        members = [one for one in scope.api.operations if one.group in same]
        name = claim(class_name(same[0] or "default", "Operations"), classes, seed=same[0])
        classes.add(name)
        yield _Group(scope, tuple(same), modules[same[0]], name, methods, is_package).plan(members)


def _method_names(scope: ApiScope) -> dict[str, Identifier]:
    """Pointer of an operation → method; the methods that stream their events, too, under the pointer and `#stream`."""
    wanted: dict[str, Identifier] = {}
    for one in sorted(scope.api.operations, key=lambda one: one.id):
        name = snake_name(one.id, "operation")
        wanted[f"#{one.location.pointer}"] = name
        if _streams(one) == "too":
            wanted[f"#{one.location.pointer}#stream"] = snake_name(f"{one.id} stream", "operation")
    return scope.names.claim_all("", wanted, RESERVED_METHODS)


def own_server(operation: OperationSpec, scope: ApiScope) -> str:
    """The server of an operation where it is not the document's."""
    return operation.server if operation.server != scope.api.server else ""


def _streams(operation: OperationSpec) -> str:
    """`too` when an operation can answer with events or otherwise, `only` when it always does, empty when never."""
    kinds = {content_of(one.media_type).is_streamed for one in operation.replies if one.is_success and one.media_type}
    return {frozenset({True}): "only", frozenset({True, False}): "too"}.get(frozenset(kinds), "")


@define
class _Group:
    scope: ApiScope
    tags: tuple[str, ...]
    """Spellings of one tag; empty for operations without."""
    module: Identifier
    name: Identifier
    names: Mapping[str, Identifier]
    signs: bool
    """Whether the client has keys of its own; an API inside a larger one leaves credentials to that."""
    text: Text = field(init=False)
    symbols: dict[str, str] = field(factory=dict[str, str])

    def __attrs_post_init__(self) -> None:
        self.text = Text(self.scope.qualified, self.scope.types)

    def plan(self, members: list[OperationSpec]) -> GroupPlan:
        methods = tuple(plan for one in members for plan in self._methods(one))
        self.symbols |= {
            "ClassVar": "typing",
            "Final": "typing",
            "Operation": "typedrun.operations",
            "Operations": "typedrun.operations",
            "types": self.scope.package,
        }
        self.symbols |= self.text.symbols
        return GroupPlan(
            module=self.module,
            name=self.name,
            source=doc_text(self.scope.api.file, 200),
            title=doc_text(f"Operations: {', '.join(tag or 'without a tag' for tag in self.tags)}", 90),
            doc=plan_doc(self._about(), 4),
            imports=imports_of(self.symbols),
            async_imports=imports_of(self._async_symbols(methods)),
            methods=methods,
        )

    def _async_symbols(self, methods: Iterable[MethodPlan]) -> dict[str, str]:
        """The operations as values come from the blocking half; signatures need the rest."""
        symbols = {name: module for name, module in self.symbols.items() if module != "typedrun.operations"}
        symbols.pop("Final", None)
        here = f"{self.scope.package}.operations.{self.module}"
        symbols |= {method.constant: here for method in methods} | {"AsyncOperations": _AIO}
        return symbols | ({"AsyncEventStream": _AIO} if any(method.streams for method in methods) else {})

    def _about(self) -> str:
        named = " and ".join(f"`{tag}`" for tag in self.tags if tag)
        untagged = "without a tag" if "" in self.tags else ""
        return f"Operations {' and '.join(filter(None, (untagged, f'tagged {named}' if named else '')))}."

    def _methods(self, one: OperationSpec) -> Iterator[MethodPlan]:
        streams = _streams(one)
        yield _Method(self, one, self.names[f"#{one.location.pointer}"], streams=streams == "only").plan()
        if streams == "too":
            yield _Method(self, one, self.names[f"#{one.location.pointer}#stream"], streams=True).plan()


@define
class _Method:
    group: _Group
    spec: OperationSpec
    name: Identifier
    streams: bool
    parameters: dict[str, Identifier] = field(init=False)
    """`place:wire` → Python name."""

    def __attrs_post_init__(self) -> None:
        spec, names = self.spec, self.group.scope.names
        wires = [f"{one.place}:{one.wire}" for one in spec.parameters]
        self.parameters = names.local(
            f"#{spec.location.pointer}",
            wires,
            lambda key: snake_name(key.partition(":")[2], "parameter"),
            RESERVED_PARAMETERS,
        )

    def plan(self) -> MethodPlan:
        constant = const_name(self.name, "OPERATION")
        constant = Identifier(f"{constant}_") if constant in RESERVED_CONSTANTS else constant
        return MethodPlan(
            name=self.name,
            constant=constant,
            description=tuple(self._description(constant)),
            signature=tuple(self._signature()),
            async_signature=tuple(self._signature(is_async=True)),
            doc=Doc(lines=tuple(self._doc())),
            call=tuple(self._call(constant)),
            async_call=tuple(self._call(constant, is_async=True)),
            streams=self.streams,
        )

    # --- types

    @property
    def replies(self) -> list[ReplySpec]:
        """The documented answers that concern this method: of two kinds of success, one."""
        return [
            one
            for one in self.spec.replies
            if not one.is_success or not one.media_type or content_of(one.media_type).is_streamed == self.streams
        ]

    def _result(self) -> str:
        """The annotation of what the method returns (or of each event)."""
        found = [one for one in self.replies if one.is_success]
        if not found and any(one.status[:1] == "3" for one in self.replies):
            return "str"  # the address that it redirects to
        found = found or [one for one in self.replies if one.status == "default"]
        types = [Leaf("None") if one.type is None else one.type for one in found]
        return " | ".join(dict.fromkeys(self.group.text.reply(one) for one in (union_of(types),))) if types else "None"

    @property
    def bodies(self) -> list[BodySpec]:
        """Media types of the body, the preferred one first."""
        rank = {kind: index for index, kind in enumerate(_MEDIA_RANK)}
        return sorted(self.spec.bodies, key=lambda one: rank.get(one.media_type, len(rank)))

    def _body_type(self) -> TypeExpr:
        return union_of(one.type for one in self.bodies)

    def _asks_to_stream(self) -> bool:
        named = [self.group.scope.types.get(one.type.key) for one in self.bodies if isinstance(one.type, Ref)]
        return self.streams and any(
            isinstance(one, ClassSpec) and any(f.wire == "stream" for f in one.fields) for one in named
        )

    # --- text

    def _description(self, constant: Identifier) -> Iterator[str]:
        text = self.group.scope.text()
        result = self._result()
        head, lines = f"{constant}: Final[Operation[{result}]] = ", list(self._arguments(text))
        if len(head) + len("Operation(") <= WIDTH:
            yield f"{head}Operation("
            yield from (f"    {line}" for line in lines)
            yield ")"
        else:
            yield f"{head}("
            yield "    Operation("
            yield from (f"        {line}" for line in lines)
            yield "    )"
            yield ")"

    def _arguments(self, text: Text) -> Iterator[str]:
        yield f"{py_string(self.spec.method)},"
        yield f"{py_string(self.spec.path)},"
        yield from tuple_argument("parameters", [self._parameter_value(one) for one in self.spec.parameters])
        yield from tuple_argument("bodies", [self._body_value(one) for one in self.bodies])
        yield from tuple_argument("answers", [self._answer_value(one, text) for one in self.replies])
        if server := own_server(self.spec, self.group.scope):
            yield f"server={py_string(server)},"
        if (
            self.group.signs
            and self.spec.security is not None
            and not self.spec.is_open
            and self.spec.security != self.group.scope.api.security
        ):
            yield f"security={security_text(self.spec.security)},"
        for flag, is_set in (("is_open", self.spec.is_open), ("asks_to_stream", self._asks_to_stream())):
            if is_set:
                yield f"{flag}=True,"

    def _parameter_value(self, one: ApiParameter) -> Call:
        self.group.symbols["Parameter"] = "typedrun.operations"
        parts: list[str] = [
            py_string(self.parameters[f"{one.place}:{one.wire}"]),
            py_string(one.place),
            py_string(one.wire),
        ]
        if one.style != _STYLES[one.place]:
            parts.append(f"style={py_string(one.style)}")
        if one.explode != (one.style in ("form", "deepObject", "cookie")):
            parts.append(f"explode={one.explode}")
        parts += [
            f"{flag}=True" for flag, on in (("allow_reserved", one.allow_reserved), ("is_json", one.is_json)) if on
        ]
        return Call("Parameter", parts)

    def _body_value(self, one: BodySpec) -> Call:
        self.group.symbols["Body"] = "typedrun.operations"
        parts = [_part_value(part) for part in one.parts if part.media_type or part.style or part.explode is not None]
        if not parts:
            return Call("Body", [py_string(one.media_type)])
        self.group.symbols["Part"] = "typedrun.operations"
        return Call("Body", [py_string(one.media_type), Call("", parts)])

    def _answer_value(self, one: ReplySpec, text: Text) -> Call:
        self.group.symbols["Answer"] = "typedrun.operations"
        parts = [one.status]
        if one.media_type:
            parts.append(one.media_type)
        if one.type is not None:
            parts.append(text.reply(one.type))
        return Call("Answer", [py_string(part) for part in parts])

    def _signature(self, *, is_async: bool = False) -> Iterator[str]:
        yield f"    {'async ' if is_async and not self.streams else ''}def {self.name}("
        yield "        self,"
        paths, others = self._in_path(), [one for one in self.spec.parameters if one.place != "path"]
        yield from (f"        {self._argument(one)}," for one in paths)
        yield "        *,"
        if self.spec.bodies:
            yield f"        body: {self._optional(self._body_type(), is_required=self.spec.body_required)},"
        for one in [*(one for one in others if one.required), *(one for one in others if not one.required)]:
            yield f"        {self._argument(one)},"
        if len({one.media_type for one in self.bodies}) > 1:
            kinds = ", ".join(py_string(one.media_type) for one in self.bodies)
            self.group.symbols["Literal"] = "typing"
            yield f"        media_type: Literal[{kinds}] = {py_string(self.bodies[0].media_type)},"
        yield "        timeout: float | None = None,"
        self.group.symbols["Mapping"] = "collections.abc"
        yield "        headers: Mapping[str, str] | None = None,"
        result = self._result()
        if self.streams:
            self.group.symbols["EventStream"] = "typedrun.operations"
            result = f"{'Async' if is_async else ''}EventStream[{result}]"
        yield f"    ) -> {result}:"

    def _in_path(self) -> list[ApiParameter]:
        """Parameters of the path, in the order in which the path has them."""
        found = [one for one in self.spec.parameters if one.place == "path"]
        order = placeholders(self.spec.path, {one.wire for one in found})
        return sorted(found, key=lambda one: order.index(one.wire) if one.wire in order else len(order))

    def _argument(self, one: ApiParameter) -> str:
        return f"{self.parameters[f'{one.place}:{one.wire}']}: {self._optional(one.type, is_required=one.required)}"

    def _optional(self, type_: TypeExpr, *, is_required: bool) -> str:
        if is_required:
            return self.group.text.annotation(type_)
        annotation = self.group.text.optional(type_)
        self.group.symbols |= {"UNSET": "typedrun.unset"} | ({"Unset": "typedrun.unset"} if annotation != "Any" else {})
        return f"{annotation} = UNSET"

    def _call(self, constant: Identifier, *, is_async: bool = False) -> Iterator[str]:
        function = "_stream" if self.streams else "_call"
        yield f"        return {'await ' if is_async and not self.streams else ''}self.{function}("
        yield f"            {constant},"
        names = [self.parameters[f"{one.place}:{one.wire}"] for one in self.spec.parameters]
        entries = [f"{py_string(name)}: {name}" for name in names]
        inline = "{" + ", ".join(entries) + "}"
        if len(inline) + 13 <= WIDTH:
            yield f"            {inline},"
        else:
            yield "            {"
            yield from (f"                {entry}," for entry in entries)
            yield "            },"
        if self.spec.bodies:
            yield "            body=body,"
        if len({one.media_type for one in self.bodies}) > 1:
            yield "            media_type=media_type,"
        yield "            timeout=timeout,"
        yield "            headers=headers,"
        yield "        )"

    # --- docstring

    def _doc(self) -> Iterator[str]:
        pad = " " * 8
        sends = f"Sends `{self.spec.method} {self.spec.path}`."
        summary = self.spec.summary.strip() or first_sentence(self.spec.description) or sends
        yield from wrap(doc_line(doc_text(summary, 300)), f'{pad}"""', pad)
        if self.spec.deprecated:
            yield from ("", f"{pad}Deprecated.")
        paragraphs = (self.spec.description if self.spec.description.strip() != summary else "", sends)
        for text in (one for one in paragraphs if one.strip() and one != summary):
            yield ""
            yield from wrap(doc_line(doc_text(text, 1200)), pad)
        yield ""
        yield f"{pad}Args:"
        yield from self._doc_arguments()
        if returns := next((one.description for one in self.replies if one.is_success and one.description), ""):
            yield ""
            yield f"{pad}Returns:"
            yield from wrap(
                doc_line(doc_text(f"{'Events: ' if self.streams else ''}{returns}", 300)),
                f"{pad}    ",
                f"{pad}        ",
            )
        yield f'{pad}"""'

    def _doc_arguments(self) -> Iterator[str]:
        inner, hang = " " * 12, " " * 16
        rows = [(self.parameters[f"{one.place}:{one.wire}"], _about(one)) for one in self._in_path()]
        if self.spec.bodies:
            rows.append((Identifier("body"), self.spec.body_description or "what is sent."))
        rest = [one for one in self.spec.parameters if one.place != "path"]
        rows += [(self.parameters[f"{one.place}:{one.wire}"], _about(one)) for one in rest]
        if len({one.media_type for one in self.bodies}) > 1:
            rows.append((Identifier("media_type"), "how the body is written."))
        rows.append((Identifier("timeout"), "seconds that the call may take in all. Default: the client's."))
        rows.append((Identifier("headers"), "further header fields."))
        for name, text in rows:
            yield from wrap(doc_line(name, ": ", doc_text(text, 500)), inner, hang)


def _about(one: ApiParameter) -> str:
    parts = [one.notes.description.strip() or f"`{one.wire}` of the {one.place}", *one.notes.constraints]
    if one.default is not ABSENT:
        parts.append(f"Default of the server: `{py_literal(one.default)}`")
    if one.notes.deprecated:
        parts.append("Deprecated")
    return " ".join(part if part.endswith((".", "!", "?", ":")) else f"{part}." for part in parts)


def _part_value(part: PartSpec) -> Call:
    parts: list[str] = [py_string(part.wire)]
    parts += [
        f"{key}={py_string(value)}" for key, value in (("media_type", part.media_type), ("style", part.style)) if value
    ]
    if part.explode is not None:
        parts.append(f"explode={part.explode}")
    return Call("Part", parts)
