"""Spec + names → Plan: what each file will say. Pure; cannot fail on a good Spec. Templates print what stands here."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache

from attrs import frozen

from typedrun_codegen.ir.api import TypeExpr
from typedrun_codegen.ir.catalog import Choices, ModelSpec, ParameterSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.settings import MYPY_TREE
from typedrun_codegen.ir.values import fits
from typedrun_codegen.plans import prose
from typedrun_codegen.plans.attributes import class_attributes, lists_options, parameter_value
from typedrun_codegen.plans.naming import ModelName
from typedrun_codegen.text.annotations import SYMBOLS, TypeText, imports_of, literal_text, result_text, type_text
from typedrun_codegen.text.docstrings import WIDTH, DocText, doc_line, doc_text, docstring, first_sentence, wrap
from typedrun_codegen.text.layout import assignment, bracketed, columns, signature, value_text
from typedrun_codegen.text.literals import PyLiteral, py_literal
from typedrun_codegen.text.names import Identifier, claim, const_name, pascal_name
from typedrun_codegen.text.reserved import RESERVED

LONG_LITERAL = 60
"""A closed set whose literal is longer than this gets a name of its own, so that a signature stays readable."""

INPUTS_METHODS = frozenset(
    {
        "clear", "copy", "get", "get_all_parameters", "get_parameter_info", "get_parameter_names",
        "get_required_parameters", "has_parameter", "items", "keys", "required", "reset", "reset_all_parameters",
        "reset_parameter", "update", "validate", "values",
    }
)  # fmt: skip
"""Members of the inputs: a parameter of that name is reached by item only."""

ANNOTATION_NAMES = frozenset({"str", "int", "float", "bool", "list", "dict", *SYMBOLS})
"""Names that annotations use: as a class attribute, a parameter of that name would hide the type."""


REST = "**controls: Unpack[RunControls]"
REST_DOC = "controls: Further run controls: see `RunControls`."
OPEN_REST = "**parameters: Any"
OPEN_REST_DOC = (
    "parameters: The catalog does not tell the parameters of this model; what is given is sent. Run controls too."
)


@frozen
class ParameterPlan:
    """One parameter: an argument of `run`, or fixed by the catalog."""

    key: str
    """The literal of the wire name, as the inputs' items are called."""
    signature: str
    """`temperature: float | None = 0.7`"""
    annotation: str
    """Type of the input of that name."""
    input: str
    """Its line among the inputs; empty when it is reached by item only."""
    doc: str
    """Its lines in the docstring of `run`."""
    value: str
    """The runtime's `Parameter`."""
    is_argument: bool
    required: bool
    symbols: frozenset[str]
    """What an argument needs to be imported."""
    long_default: PyLiteral | None
    """The default, when it would make the signature unreadable."""


@frozen(kw_only=True)
class ModelPlan:
    """One model module."""

    source: str
    summary: DocText
    imports: str
    constants: tuple[str, ...]
    """Defaults that are too long for a signature."""
    aliases: tuple[str, ...]
    name: Identifier
    base: str
    inputs_name: Identifier | None
    inputs_summary: DocText
    inputs: tuple[str, ...]
    getters: tuple[str, ...]
    """Reading by item, one overload for every type."""
    setters: tuple[str, ...]
    """Assigning by item, likewise. No overload takes any text: it would take a known name with a value of the wrong type."""
    doc: str
    attributes: str
    streams: bool
    is_open: bool
    """Whether any argument is taken, because the catalog does not tell the parameters."""
    signature: str
    """The arguments of `run` without the run controls, one a line, indented."""
    rest: str
    """The last argument: the run controls, or anything where the catalog does not tell the parameters."""
    rest_doc: DocText
    run_doc: str
    title: DocText
    result: str
    """Type of a result's data."""
    symbols: frozenset[str]
    """What the signatures need to be imported."""
    shared: frozenset[str]
    """Of options.py, as they are imported."""
    own: tuple[str, ...]
    """Names that the module defines beside its classes: option sets and long defaults."""

    @property
    def head(self) -> str:
        """The line that opens the class."""
        return bracketed(f"class {self.name}", [self.base], tail=":")


@frozen(kw_only=True)
class Scope:
    """What every model plan of one package shares."""

    package: str
    source: str
    """Where the snapshot is, as headers name it."""
    outputs: Mapping[str, TypeExpr]
    """Function id → type of a result's data."""
    aliases: Mapping[Choices, Identifier]
    """Option sets that options.py names."""
    members: Mapping[str, Mapping[str, Identifier]]
    """Enumeration → wire value → member."""
    parameters: Mapping[str, Mapping[str, Identifier]]
    """Model id → wire name → Python name of its parameters."""
    client: str = ""
    """Class of the package's client."""
    has_asyncio: bool = True
    """Whether the package has the asyncio client, too."""
    has_api: bool = False
    """Whether the package has the classes and operations of an API schema, too."""
    is_sample: bool = False
    """Whether the catalog shows what a marketplace is like and does not come from one."""
    mypy_tree: int = MYPY_TREE
    """Models of the largest catalog, or supplier, that mypy is shown."""


def plan_model(model: ModelSpec, name: ModelName, scope: Scope) -> ModelPlan:
    """The Plan of one model's module.

    Args:
        model: what the catalog says.
        name: where its class is.
        scope: what the package shares.
    """
    names = scope.parameters[model.id]
    own = {name.name, f"{name.name}Inputs", *_fields(model, names)}
    shared = shared_aliases((p.choices for p in model.parameters if p.is_argument), scope, own)
    local = _local_aliases(model, name, scope, own.union(shared.values()))
    parameters, constants = _plan_parameters(model, names, {**shared, **local})
    arguments = sorted((p for p in parameters if p.is_argument), key=lambda p: not p.required)
    result = result_type(model.function, scope)
    by_type = _keys_by_type(arguments)
    inputs_name = Identifier(f"{name.name}Inputs") if arguments else None
    title = doc_text(model.name, 120)
    supplier = doc_text(model.supplier.name, 80)
    return ModelPlan(
        source=_source(model, scope),
        summary=doc_line(f"{title} ({supplier}): {prose.function_words(model)}."),
        imports=_imports(
            model, result.symbols.union(*(p.symbols for p in arguments)), scope, shared, has_own=bool(local)
        ),
        constants=tuple(constants.values()),
        aliases=tuple(alias_text(alias, values) for values, alias in sorted(local.items(), key=lambda item: item[1])),
        name=name.name,
        base=f"{'Model' if model.can_stream else 'NonStreamingModel'}[{result.text}]",
        inputs_name=inputs_name,
        inputs_summary=doc_line(f"Current values of the parameters of {title}."),
        inputs=tuple(p.input for p in arguments if p.input),
        getters=tuple(_getter(annotation, *keys) for annotation, keys in by_type.items()),
        setters=_setters(by_type),
        doc=docstring(_class_doc(model, title), 4),
        attributes=class_attributes(
            model, [p.value for p in parameters], names, inputs_name, _function_member(model, scope)
        ),
        streams=model.can_stream,
        is_open=not model.has_parameters,
        signature="".join(f"        {p.signature},\n" for p in arguments),
        rest=REST if model.has_parameters else OPEN_REST,
        rest_doc=doc_line(REST_DOC if model.has_parameters else OPEN_REST_DOC),
        run_doc="".join(p.doc for p in arguments),
        title=title,
        result=result.text,
        symbols=result.symbols.union(*(p.symbols for p in arguments)),
        shared=frozenset(import_text(scope.aliases[options], alias) for options, alias in shared.items()),
        own=(*local.values(), *constants),
    )


def _plan_parameters(
    model: ModelSpec,
    names: Mapping[str, Identifier],
    aliases: Mapping[Choices, Identifier],
) -> tuple[list[ParameterPlan], dict[str, str]]:
    """The Plans of all parameters, and the constants (name → text) of defaults that are too long for a signature."""
    plans: list[ParameterPlan] = []
    constants: dict[str, str] = {}
    for parameter in model.parameters:
        name = names[parameter.name]
        alias = aliases.get(parameter.choices)
        plan = plan_parameter(parameter, name, alias)
        if plan.long_default is not None:
            constant = claim(Identifier(f"DEFAULT_{const_name(name)}"), constants, seed=parameter.name)
            annotation = plan.annotation.removesuffix(" | None")
            constants[constant] = _constant(f"{constant}: {annotation}", parameter.default)
            plan = plan_parameter(parameter, name, alias, constant)
        plans.append(plan)
    return plans, constants


@lru_cache(maxsize=4096)
def plan_parameter(
    parameter: ParameterSpec, name: Identifier, alias: Identifier | None, constant: Identifier | None = None
) -> ParameterPlan:
    """The Plan of one argument.

    Args:
        parameter: what the catalog says.
        name: its Python name.
        alias: the name of its option set, if that has one.
        constant: the name of its default, if that is too long for a signature.
    """
    text = type_text(parameter.type, alias)
    annotation = f"{text.text} | None"
    default = None if parameter.must_be_given else _default(parameter)
    signature = f"{name}: {text.text}" if default is None else f"{name}: {annotation} = {constant or default}"
    is_long = default is not None and (len(default) > LONG_LITERAL or columns(signature) + 9 > WIDTH)
    shows_default = parameter.is_argument and parameter.default is not None and constant is None
    listed = alias if lists_options(parameter) else None
    doc = wrap(doc_line(f"{name}: ", prose.parameter_text(parameter)), " " * 12, " " * 16)
    return ParameterPlan(
        key=value_text(parameter.name, indent=16),
        signature=signature,
        annotation=annotation,
        input=f"{name}: {annotation}" if _is_attribute(name) else "",
        doc="".join(f"{line}\n" for line in doc),
        value=parameter_value(parameter, listed),
        is_argument=parameter.is_argument,
        required=parameter.must_be_given,
        symbols=text.symbols | {"get_args"} if listed else text.symbols,
        long_default=default if shows_default and is_long else None,
    )


def _constant(target: str, default: JSON) -> str:
    """An assignment at the top of a module; a list stands on several lines where it does not fit."""
    if isinstance(default, list):
        return bracketed(f"{target} = ", [value_text(item, indent=4) for item in default])
    return assignment(target, default, indent=0)


def alias_text(alias: Identifier, options: Choices) -> str:
    """A name for an option set: `Voice: TypeAlias = Literal["alloy", …]`."""
    return bracketed(f"{alias}: TypeAlias = Literal", [value_text(option, indent=4) for option in options], "[]")


def result_type(function: str | None, scope: Scope) -> TypeText:
    """The annotation of a result's data: what the function's metadata says, else any JSON value."""
    output = scope.outputs.get(function or "")
    return result_text(output) if output is not None else TypeText("JSON", frozenset({"JSON"}))


def _default(parameter: ParameterSpec) -> PyLiteral:
    shown = parameter.default is not None and fits(parameter.default, parameter.type)
    return py_literal(parameter.default if shown else None)


def _fields(model: ModelSpec, names: Mapping[str, Identifier]) -> set[str]:
    """Attributes of the inputs: inside their class such a name means the attribute, and no option set of that name."""
    arguments = (names[parameter.name] for parameter in model.parameters if parameter.is_argument)
    return {name for name in arguments if _is_attribute(name)}


def _local_aliases(model: ModelSpec, name: ModelName, scope: Scope, taken: Container[str]) -> dict[Choices, Identifier]:
    """Names for this model's own long option sets: `Gpt54Voice`."""
    found: dict[Choices, Identifier] = {}
    for parameter in model.parameters:
        options = parameter.choices if parameter.options else ()
        if not options or options in scope.aliases or options in found or not parameter.is_argument:
            continue
        if len(literal_text(options)) <= LONG_LITERAL:
            continue
        wanted = Identifier(f"{name.name}{pascal_name(parameter.name, 'Option')}")
        found[options] = free_name(wanted, taken, scope.aliases.values(), found.values())
    return found


def shared_aliases(options: Iterable[Choices], scope: Scope, taken: Container[str]) -> dict[Choices, Identifier]:
    """Option sets of options.py → what they are called in a module that needs some names for itself."""
    names = {each: scope.aliases[each] for each in options if each in scope.aliases}
    found = {each: name for each, name in names.items() if name not in taken and name not in RESERVED}
    for each, name in sorted(names.items(), key=lambda item: item[1]):
        if each not in found:
            found[each] = free_name(Identifier(f"{name}Option"), taken, found.values())
    return found


def free_name(name: Identifier, *taken: Container[str]) -> Identifier:
    """The name, with as many `Option` at its end as it takes to be nobody's."""
    while name in RESERVED or any(name in names for names in taken):
        name = Identifier(f"{name}Option")
    return name


def import_text(name: str, used: str) -> str:
    """`Voice`, or `Voice as VoiceOption`."""
    return name if name == used else f"{name} as {used}"


def _imports(
    model: ModelSpec,
    symbols: frozenset[str],
    scope: Scope,
    shared: Mapping[Choices, Identifier],
    *,
    has_own: bool,
) -> str:
    has_inputs = any(p.is_argument for p in model.parameters)
    names = scope.parameters[model.id]
    needs = (
        (True, {"Job", "JSON", "Mapping", "ModelResult", "VendorInfo", "declared"}),
        (model.has_parameters, {"RunControls", "Unpack"}),
        (not model.has_parameters, {"Any"}),
        (model.can_stream, {"Model", "ModelResponseStreamer", "Literal", "overload"}),
        (not model.can_stream, {"NonStreamingModel"}),
        (has_inputs, {"InputsOf", "TypedInputs", "Literal", "overload", "Any", "TYPE_CHECKING"}),
        (has_own, {"Literal", "TypeAlias"}),
        (model.has_parameters, {"Parameter"}),
        (bool(model.attributes), {"Any", "Attributes"}),
        (model.pricing is not None, {"Pricing"}),
        (model.version_name is not None or model.version is not None, {"Version"}),
        (any(names[p.name] != p.name for p in model.parameters), {"ClassVar"}),
    )
    aliases = {import_text(scope.aliases[options], alias) for options, alias in shared.items()}
    return _import_block(
        scope.package,
        symbols.union(*(names for is_needed, names in needs if is_needed)),
        frozenset(aliases),
        has_function=_function_member(model, scope) is not None,
    )


@lru_cache(maxsize=4096)
def _import_block(package: str, symbols: frozenset[str], shared: frozenset[str], *, has_function: bool) -> str:
    table = {symbol: SYMBOLS[symbol] for symbol in symbols}
    table |= {"Function": f"{package}.enums"} if has_function else {}
    table |= dict.fromkeys(shared, f"{package}.options")
    return "".join(f"{line}\n" for line in imports_of(table))


def _source(model: ModelSpec, scope: Scope) -> str:
    place = str(model.location)
    return doc_text(
        f"{scope.source}/{place}"
        if place.startswith("models/")
        else f"{scope.source}{place.partition('#')[1]}{place.partition('#')[2]}",
        400,
    )


def _function_member(model: ModelSpec, scope: Scope) -> Identifier | None:
    return scope.members.get("Function", {}).get(model.function or "")


def _is_attribute(name: str) -> bool:
    return name not in INPUTS_METHODS and name not in ANNOTATION_NAMES and not name.startswith("_")


def _keys_by_type(parameters: Iterable[ParameterPlan]) -> dict[str, list[str]]:
    """Annotation → wire names of the parameters that have it."""
    found: dict[str, list[str]] = {}
    for parameter in parameters:
        found.setdefault(parameter.annotation, []).append(parameter.key)
    return found


@lru_cache(maxsize=4096)
def _getter(annotation: str, *keys: str) -> str:
    return signature("def __getitem__", ("self", _key(keys)), annotation, indent=8)


def _setters(by_type: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    setters = [_setter(annotation, *keys) for annotation, keys in by_type.items()]
    if len(setters) <= 1:
        return tuple(setters)
    return (*(f"@overload\n        {setter}" for setter in setters), _ANY_SETTER)


_ANY_SETTER = "def __setitem__(self, key: str, value: Any) -> None: ..."


@lru_cache(maxsize=4096)
def _setter(annotation: str, *keys: str) -> str:
    return signature("def __setitem__", ("self", _key(keys), f"value: {annotation}"), "None", indent=8)


def _key(keys: Sequence[str]) -> str:
    return bracketed("key: Literal", keys, "[]", indent=12)


def _class_doc(model: ModelSpec, title: DocText) -> tuple[DocText, ...]:
    head = first_sentence(model.description) or doc_line(f"{prose.function_words(model).capitalize()}.")
    lines = wrap(doc_line(f"{title}: {head}"), "", "    ", width=WIDTH - 7)
    rest = doc_text(model.description.lstrip()).removeprefix(head).strip()
    if model.description and rest:
        lines += [doc_line(), *wrap(doc_line(rest), "    ")]
    lines.append(doc_line())
    for fact in prose.model_facts(model):
        lines += wrap(fact, "    - ", "      ")
    fixed = [prose.fixed_text(p) for p in model.parameters if not p.is_argument and (p.values or p.default is not None)]
    if fixed:
        lines += wrap(doc_line("Fixed by the catalog: ", ", ".join(fixed), "."), "    - ", "      ")
    return tuple(lines)
