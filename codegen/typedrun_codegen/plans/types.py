"""ApiSpec + locked names → what the files will say: modules of classes, enumerations and aliases, in order and encoded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field, frozen

from typedrun_codegen.ir.api import (
    ABSENT,
    AliasSpec,
    AnyNamed,
    ApiSpec,
    ClassSpec,
    EnumSpec,
    FieldSpec,
    LiteralOf,
    MapOf,
    Notes,
    is_nullable,
)
from typedrun_codegen.ir.relation import reach
from typedrun_codegen.plans.api_names import RESERVED_MEMBERS, ApiNames, field_name, member_name
from typedrun_codegen.plans.made_defaults import MadeDefaults
from typedrun_codegen.text.annotations import by_kind, imports_of, natural
from typedrun_codegen.text.api_annotations import (
    RESERVED_CLASSES,
    RESERVED_FIELDS,
    Default,
    Text,
    default_factory,
    default_text,
)
from typedrun_codegen.text.docstrings import WIDTH, DocText, doc_line, doc_text, wrap
from typedrun_codegen.text.layout import bracketed
from typedrun_codegen.text.literals import py_literal, py_string
from typedrun_codegen.text.names import Identifier, claim, portable, snake_name

STANDARD: Final = frozenset({"__future__", "collections", "datetime", "enum", "functools", "typing", "uuid"})
_NO_NAMES: Final[frozenset[str]] = frozenset()


# --- what templates print


@frozen(kw_only=True)
class Doc:
    """A docstring: its lines with indentation and quotes."""

    lines: tuple[str, ...]


@frozen(kw_only=True)
class FieldPlan:
    """A field: one statement and the docstring under it."""

    line: str
    doc: Doc | None


@frozen(kw_only=True)
class ClassPlan:
    """A class of fields."""

    name: Identifier
    decorator: str
    doc: Doc
    fields: tuple[FieldPlan, ...]


@frozen(kw_only=True)
class MemberPlan:
    """A member of an enumeration."""

    line: str


@frozen(kw_only=True)
class EnumPlan:
    """An enumeration."""

    name: Identifier
    base: str
    doc: Doc
    members: tuple[MemberPlan, ...]


@frozen(kw_only=True)
class AliasPlan:
    """A type alias: its statement and the docstring under it."""

    line: str
    doc: Doc | None


@frozen(kw_only=True)
class ModulePlan:
    """One module of types."""

    name: Identifier
    source: DocText
    title: DocText
    imports: tuple[str, ...]
    checked_imports: tuple[str, ...]
    enums: tuple[EnumPlan, ...]
    classes: tuple[ClassPlan, ...]
    aliases: tuple[AliasPlan, ...]
    tags: tuple[str, ...]
    """Lines of the table of discriminators."""
    exports: tuple[Identifier, ...]
    symbols: Mapping[str, str]
    """What it imports when it runs → where that is; `imports` as values."""

    @property
    def has_blocks(self) -> bool:
        """Whether classes stand before the aliases: two blank lines separate them."""
        return bool(self.enums or self.classes)


# --- planning


@define
class ApiScope:
    """What every module of a package shares."""

    api: ApiSpec
    package: str
    """Import name of the package that holds `types` (`shop_models.api`)."""
    names: ApiNames
    reserved: frozenset[str] = RESERVED_CLASSES
    """Names that no class may have."""
    types: Mapping[str, AnyNamed] = field(init=False)
    classes: Mapping[str, Identifier] = field(init=False)
    qualified: Mapping[str, Identifier] = field(init=False)
    """Key → class name, as a module says it that imports `types`: made once, for a large document has many modules."""
    modules: Mapping[str, Identifier] = field(init=False)
    """Owner → module."""
    sent: frozenset[str] = field(init=False)
    """Keys of the types that a request body can hold."""
    received: frozenset[str] = field(init=False)
    """Keys of the types that an answer can hold."""
    _locals: dict[str, dict[str, Identifier]] = field(factory=dict[str, dict[str, Identifier]])

    def __attrs_post_init__(self) -> None:
        self.types = {one.key: one for one in self.api.types}
        self.classes = self.names.classes(self.api.types, self.reserved)
        self.qualified = {key: Identifier(f"types.{name}") for key, name in self.classes.items()}
        self.modules = _modules(self.api, self.classes)
        self.sent = reach(self.types, [one.type for op in self.api.operations for one in op.bodies])
        self.received = reach(self.types, [one.type for op in self.api.operations for one in op.replies if one.type])

    def text(self) -> Text:
        """A fresh collector."""
        return Text(self.classes, self.types)

    def module_of(self, key: str) -> Identifier:
        """The module that holds a class."""
        return self.modules[self.types[key].owner]

    def local(self, key: str, wire: str) -> Identifier:
        """The Python name of a field or member."""
        if key not in self._locals:
            self._locals[key] = self._name_parts(self.types[key])
        return self._locals[key][wire]

    def _name_parts(self, named: AnyNamed) -> dict[str, Identifier]:
        if isinstance(named, ClassSpec):
            return self.names.local(named.key, [one.wire for one in named.fields], field_name, RESERVED_FIELDS)
        if isinstance(named, EnumSpec):
            labels = dict(zip(map(str, named.values), named.labels, strict=False))
            return self.names.local(
                named.key,
                [str(value) for value in named.values],
                lambda wire: member_name(wire, labels),
                RESERVED_MEMBERS,
            )
        return {}


def _modules(api: ApiSpec, classes: Mapping[str, Identifier]) -> dict[str, Identifier]:
    """Owner → module name. Distinct class names may meet in one module name only by a hash's width; then they get one."""
    operations = {one.location.pointer: one for one in api.operations}
    wanted: dict[str, Identifier] = {}
    for one in sorted(api.types, key=lambda one: one.key):
        if one.owner in classes:
            wanted.setdefault(one.owner, snake_name(classes[one.owner], "schema"))
        elif (operation := operations.get(one.owner.partition("#")[2])) is not None:
            wanted.setdefault(one.owner, snake_name(f"{operation.id} operation", "operation"))
        else:
            wanted.setdefault(one.owner, snake_name(" ".join(one.words[:2]), "schema"))
    taken: set[str] = set()
    found: dict[str, Identifier] = {}
    for owner in sorted(wanted, key=lambda owner: (owner not in classes, owner)):
        found[owner] = claim(portable(wanted[owner]), taken, seed=owner)
        taken.add(found[owner])
    return found


def plan_modules(scope: ApiScope) -> Iterator[ModulePlan]:
    """Plan every module of types, in the order of their names."""
    members: dict[str, list[AnyNamed]] = {}
    for one in scope.api.types:
        members.setdefault(one.owner, []).append(one)
    runtime = MadeDefaults(scope.types)
    for owner in sorted(members, key=lambda owner: natural(scope.modules[owner])):
        yield _ModulePlanner(scope, owner, members[owner], runtime).plan()


@define
class _ModulePlanner:
    scope: ApiScope
    owner: str
    members: Sequence[AnyNamed]
    runtime: MadeDefaults
    text: Text = field(init=False)
    symbols: dict[str, str] = field(factory=dict[str, str])
    """Name → module, imported when the module runs."""
    later: frozenset[str] = field(init=False)
    """Classes of this module: their order is the document's, so one may stand below the class that makes it."""

    def __attrs_post_init__(self) -> None:
        self.text = self.scope.text()
        self.later = frozenset(self.scope.classes[one.key] for one in self.members if isinstance(one, ClassSpec))

    def plan(self) -> ModulePlan:
        head = next((one for one in self.members if one.key == self.owner), self.members[0])
        enums = tuple(self._enum(one) for one in self.members if isinstance(one, EnumSpec))
        classes = tuple(self._class(one) for one in self.members if isinstance(one, ClassSpec))
        aliases = tuple(self._alias(one) for one in self.members if isinstance(one, AliasSpec))
        tags = tuple(self._tags(one) for one in self.members if isinstance(one, AliasSpec) and one.tag)
        if tags:
            self.symbols |= {"Tagged": "typedrun.structure", "Final": "typing"}
        checked = self._checked()
        if checked:
            self.symbols["TYPE_CHECKING"] = "typing"
        self.symbols |= self.text.symbols
        return ModulePlan(
            name=self.scope.modules[self.owner],
            source=doc_text(f"{self.scope.api.file}#{head.location.pointer}", 300),
            title=_title(head),
            imports=imports_of(self.symbols),
            checked_imports=imports_of(checked, indent=4),
            enums=enums,
            classes=classes,
            aliases=aliases,
            tags=tags,
            exports=tuple(sorted((self.scope.classes[one.key] for one in self.members), key=by_kind)),
            symbols=self.symbols,
        )

    def _checked(self) -> dict[str, str]:
        """Classes that only annotations mention: name → module."""
        others = [key for key in self.text.mentions if self.scope.types[key].owner != self.owner]
        found = {self.scope.classes[key]: f"{self.scope.package}.types.{self.scope.module_of(key)}" for key in others}
        return {name: module for name, module in found.items() if name not in self.symbols}

    # --- enumerations and aliases

    def _enum(self, one: EnumSpec) -> EnumPlan:
        is_text = all(isinstance(value, str) for value in one.values)
        base, module = ("OpenStrEnum", "typedrun.enums") if is_text else ("OpenIntEnum", "typedrun.structure")
        self.symbols[base] = module
        members = (
            MemberPlan(line=f"{self.scope.local(one.key, str(value))} = {py_literal(value)}") for value in one.values
        )
        return EnumPlan(name=self.scope.classes[one.key], base=base, doc=self._doc(one), members=tuple(members))

    def _alias(self, one: AliasSpec) -> AliasPlan:
        self.symbols["TypeAlias"] = "typing"
        inner = Text(self.scope.classes, self.scope.types)
        annotation = inner.annotation(one.type)
        self.text.uses |= inner.uses
        self.text.mentions |= inner.mentions
        return AliasPlan(
            line=_fitted(f"{self.scope.classes[one.key]}: TypeAlias = ", py_string(annotation)),
            doc=plan_doc(sentences(one.notes), 0) if sentences(one.notes) else None,
        )

    def _tags(self, one: AliasSpec) -> str:
        table = {value: self.scope.classes[key] for value, key in one.tags if key in self.scope.classes}
        entries = [f"{py_string(value)}: {py_string(name)}" for value, name in table.items()]
        line = f"    {py_string(self.scope.classes[one.key])}: Tagged({py_string(one.tag)}, {{{', '.join(entries)}}}),"
        if len(line) <= WIDTH:
            return line
        body = "".join(f"            {entry},\n" for entry in entries)
        return f"    {py_string(self.scope.classes[one.key])}: Tagged(\n        {py_string(one.tag)},\n        {{\n{body}        }},\n    ),"

    # --- classes

    def _class(self, one: ClassSpec) -> ClassPlan:
        self.symbols |= {"define": "attrs", "ApiObject": "typedrun.structure"}
        spelt = [self._in_both_directions(one, field_) for field_ in one.fields]
        ordered = sorted(spelt, key=lambda field_: not field_.required)  # required first, else the document's order
        fields = [self._field(one, field_) for field_ in ordered]
        if one.rest is not None:
            fields.append(self._rest(one))
        has_defaults = any(plan[1] for plan in fields)
        if has_defaults:
            self.symbols["track_defaults"] = "typedrun.structure"
        options = "kw_only=True, repr=False" + (", field_transformer=track_defaults" if has_defaults else "")
        return ClassPlan(
            name=self.scope.classes[one.key],
            decorator=f"@define({options})",
            doc=self._doc(one),
            fields=tuple(plan[0] for plan in fields),
        )

    def _in_both_directions(self, owner: ClassSpec, one: FieldSpec) -> FieldSpec:
        """OpenAPI: `required` of a read-only property binds answers alone, of a write-only one requests alone."""
        is_free = (one.notes.read_only and owner.key in self.scope.sent) or (
            one.notes.write_only and owner.key in self.scope.received
        )
        return evolve(one, required=False) if one.required and is_free else one

    def _field(self, owner: ClassSpec, one: FieldSpec) -> tuple[FieldPlan, bool]:
        """The field, and whether it has a default that must not be sent unasked."""
        name = self.scope.local(owner.key, one.wire)
        value, is_tracked = self._value(owner, one)
        is_absent = value is None and not one.required
        annotation = self.text.optional(one.type) if is_absent else self.text.annotation(one.type)
        if is_absent:
            self.symbols |= {"UNSET": "typedrun.unset"} | ({"Unset": "typedrun.unset"} if annotation != "Any" else {})
            value = "default=UNSET"
        metadata = f'metadata={{"wire": {py_string(one.wire)}}}' if name != one.wire else ""
        line = self._statement(name, annotation, value, metadata)
        return FieldPlan(
            line=line, doc=plan_doc(sentences(one.notes, one), 4) if sentences(one.notes, one) else None
        ), is_tracked

    def _statement(self, name: Identifier, annotation: str, value: str | None, metadata: str) -> str:
        head = f"    {name}: {annotation}"
        if not metadata and value is None:
            return head
        if not metadata and value is not None and value.startswith("default="):
            line = f"{head} = {value[8:]}"
            if len(line) <= WIDTH:
                return line
        self.symbols["field"] = "attrs"
        return "    " + bracketed(f"{head.lstrip()} = field", [part for part in (value, metadata) if part], indent=4)

    def _value(self, owner: ClassSpec, one: FieldSpec) -> tuple[str | None, bool]:
        """`default=…` or `factory=…` of a field, or None."""
        if one.required and isinstance(one.type, LiteralOf) and len(one.type.values) == 1:
            return f"default={py_literal(one.type.values[0])}", False
        if one.required or one.default is ABSENT or (one.default is None and not is_nullable(one.type)):
            return None, False
        trial = self.scope.text()
        found = trial.default(one.type, one.default)
        if found is None or not self.runtime.allow(owner, trial.needs):
            return None, False
        self.text.uses |= trial.uses
        for key in trial.needs - {other.key for other in self.members}:
            self.symbols[self.scope.classes[key]] = f"{self.scope.package}.types.{self.scope.module_of(key)}"
        return self._spelt(found), not (isinstance(one.type, LiteralOf) and len(one.type.values) == 1)

    def _spelt(self, found: Default) -> str:
        if found.is_made:
            made = default_factory(found, self.scope.local, self.scope.classes)
            is_here = found.text in self.later  # a class body cannot name a class below it
            return f"factory=lambda: {made}()" if is_here and made == found.text else f"factory={made}"
        return f"default={default_text(found, self.scope.local, self.scope.classes)}"

    def _rest(self, one: ClassSpec) -> tuple[FieldPlan, bool]:
        taken = {self.scope.local(one.key, field_.wire) for field_ in one.fields}
        name = claim(Identifier("additional_properties"), taken, seed=one.key)
        assert one.rest is not None  # noqa: S101  # the caller asked
        annotation = f"dict[str, {self.text.annotation(one.rest)}]"
        line = self._statement(
            name, annotation, f"factory={self.text.empty(MapOf(one.rest))}", 'metadata={"rest": True}'
        )
        return FieldPlan(line=line, doc=plan_doc("Further properties, by wire name.", 4)), False

    def _doc(self, one: AnyNamed) -> Doc:
        return plan_doc(sentences(one.notes) or f"`{'.'.join(one.words)}` of the API schema.", 4)


def _fitted(head: str, value: str) -> str:
    """`head value` on one line, or the value in brackets on its own where that helps."""
    if len(head) + len(value) <= WIDTH or len(value) + 4 > WIDTH:
        return head + value
    return f"{head}(\n    {value}\n)"


def _title(head: AnyNamed) -> DocText:
    return doc_text(" ".join(head.words), 90)


def sentences(notes: Notes, field_: FieldSpec | None = None) -> str:
    """What a docstring says: meaning, limits, default, flags."""
    parts = [notes.description.strip(), *notes.constraints]
    if field_ is not None and field_.default is not ABSENT:
        parts.append(f"Default: {_shown(field_.default)}.")
    parts += [text for flag, text in ((notes.read_only, "Read-only."), (notes.write_only, "Write-only.")) if flag]
    if notes.deprecated and not parts[0].lower().startswith("deprecated"):
        parts.insert(0, "Deprecated.")
    return " ".join(part if part.endswith((".", "!", "?", ":", "`")) else f"{part}." for part in parts if part)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if len(text) <= 80 else "see the schema"


def plan_doc(text: str, indent: int, limit: int = 1200) -> Doc:
    """A docstring at an indentation, wrapped."""
    pad = " " * indent
    lines = wrap(doc_line(doc_text(text, limit)), f'{pad}"""', pad)
    if len(lines) == 1 and len(lines[0]) + 3 <= WIDTH:
        return Doc(lines=(f'{lines[0]}"""',))
    if len(lines) == 1:  # only the closing quotes did not fit
        lines = wrap(doc_line(doc_text(text, limit)), f'{pad}"""', pad, width=WIDTH - 3)
    return Doc(lines=(*lines, f'{pad}"""'))
