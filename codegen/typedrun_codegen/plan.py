"""Spec + names → Plan: what each file will say. Pure; cannot fail on a good Spec. Templates print what stands here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial

from attrs import field, frozen

from typedrun_codegen import prose
from typedrun_codegen.config import Typing
from typedrun_codegen.docstrings import WIDTH, DocText, doc_line, doc_text, docstring, first_sentence, wrap
from typedrun_codegen.layout import assignment, bracketed, call, columns, signature
from typedrun_codegen.literals import PyLiteral, py_float, py_literal, py_string
from typedrun_codegen.names import Identifier, claim, const_name, pascal_name
from typedrun_codegen.naming import ModelName
from typedrun_codegen.spec import ModelSpec, Option, ParameterSpec, TypeExpr
from typedrun_codegen.typemap import fits
from typedrun_codegen.typetext import SYMBOLS, TypeText, imports_of, literal_text, options_of, result_text, type_text

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
    """One argument of `run`."""

    wire: str
    name: Identifier
    signature: str
    """`temperature: float | None = 0.7`"""
    annotation: str
    """Type of the input of that name."""
    doc: str
    """Its lines in the docstring of `run`."""
    required: bool
    symbols: frozenset[str]


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
    """Item access, one overload for every type."""
    doc: str
    attributes: str
    streams: bool
    signature: str
    """The arguments of `run` without the run controls, one a line, indented."""
    rest: str
    """The last argument: the run controls, or anything where the catalog does not tell the parameters."""
    rest_doc: DocText
    run_doc: str
    title: DocText
    result: str
    """Type of a result's data."""


@frozen(kw_only=True)
class Scope:
    """What every model plan of one package shares."""

    package: str
    source: str
    """Where the snapshot is, as headers name it."""
    outputs: Mapping[str, TypeExpr]
    """Function id → type of a result's data."""
    aliases: Mapping[tuple[Option, ...], Identifier]
    """Option sets that options.py names."""
    members: Mapping[str, Mapping[str, Identifier]]
    """Enumeration → wire value → member."""
    parameters: Mapping[str, Mapping[str, Identifier]]
    """Model id → wire name → Python name of its parameters."""
    has_api: bool = False
    """Whether the package has the classes and operations of an API schema, too."""
    typing: Typing = field(factory=Typing)
    """How much of the catalog the checkers are told."""


def plan_model(model: ModelSpec, name: ModelName, scope: Scope) -> ModelPlan:
    """The Plan of one model's module.

    Args:
        model: what the catalog says.
        name: where its class is.
        scope: what the package shares.
    """
    names = scope.parameters[model.id]
    local = _local_aliases(model, name, scope)
    constants = _long_defaults(model, names, partial(_alias, scope=scope, local=local))
    parameters = tuple(
        plan_parameter(
            parameter, names[parameter.name], _alias(parameter, scope, local), constants.get(parameter.name, (None,))[0]
        )
        for parameter in _ordered(model)
    )
    result = result_type(model.function, scope)
    inputs_name = Identifier(f"{name.name}Inputs") if parameters else None
    symbols = {symbol for parameter in parameters for symbol in parameter.symbols} | result.symbols
    title = doc_text(model.name, 120)
    supplier = doc_text(model.supplier.name, 80)
    return ModelPlan(
        source=_source(model, scope),
        summary=doc_line(f"{title} ({supplier}): {prose.function_words(model)}."),
        imports=_imports(model, symbols, parameters, scope, local),
        constants=tuple(text for _, text in constants.values()),
        aliases=tuple(alias_text(alias, values) for values, alias in sorted(local.items(), key=lambda item: item[1])),
        name=name.name,
        base=f"{'Model' if model.can_stream else 'NonStreamingModel'}[{result.text}]",
        inputs_name=inputs_name,
        inputs_summary=doc_line(f"Current values of the parameters of {title}."),
        inputs=tuple(f"{p.name}: {p.annotation}" for p in parameters if _is_attribute(p.name)),
        getters=_getters(parameters),
        doc=docstring(_class_doc(model, title), 4),
        attributes=_attributes(model, names, scope, inputs_name, partial(_wire_alias, scope=scope, local=local)),
        streams=model.can_stream,
        signature="".join(f"        {parameter.signature},\n" for parameter in parameters),
        rest=REST if model.has_parameters else OPEN_REST,
        rest_doc=doc_line(REST_DOC if model.has_parameters else OPEN_REST_DOC),
        run_doc="".join(parameter.doc for parameter in parameters),
        title=title,
        result=result.text,
    )


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
    if parameter.must_be_given:
        signature = f"{name}: {text.text}"
    else:
        signature = f"{name}: {text.text} | None = {constant or _default(parameter)}"
    return ParameterPlan(
        wire=parameter.name,
        name=name,
        signature=signature,
        annotation=f"{text.text} | None",
        doc="".join(
            f"{line}\n" for line in wrap(doc_line(f"{name}: ", prose.parameter_text(parameter)), " " * 12, " " * 16)
        ),
        required=parameter.must_be_given,
        symbols=text.symbols,
    )


def alias_text(alias: Identifier, options: tuple[Option, ...]) -> str:
    """A name for an option set: `Voice: TypeAlias = Literal["alloy", …]`."""
    return bracketed(f"{alias}: TypeAlias = Literal", [py_literal(option) for option in options], "[]")


def result_type(function: str | None, scope: Scope) -> TypeText:
    """The annotation of a result's data: what the function's metadata says, else any JSON value."""
    output = scope.outputs.get(function or "")
    return result_text(output) if output is not None else TypeText("JSON", frozenset({"JSON"}))


def _default(parameter: ParameterSpec) -> PyLiteral:
    shown = parameter.default is not None and fits(parameter.default, parameter.type)
    return py_literal(parameter.default if shown else None)


def _long_defaults(
    model: ModelSpec, names: Mapping[str, Identifier], alias: Callable[[ParameterSpec], Identifier | None]
) -> dict[str, tuple[Identifier, str]]:
    """Wire name → constant and its text, for defaults that would make a signature unreadable."""
    found: dict[str, tuple[Identifier, str]] = {}
    taken: set[str] = set()
    for parameter in model.parameters:
        if parameter.default is None or not parameter.is_argument:
            continue
        text = _default(parameter)
        plan = plan_parameter(parameter, names[parameter.name], alias(parameter))
        line = f"        {plan.signature},"
        if len(text) <= LONG_LITERAL and columns(line) <= WIDTH:
            continue
        constant = claim(Identifier(f"DEFAULT_{const_name(names[parameter.name])}"), taken, seed=parameter.name)
        taken.add(constant)
        annotation = plan.annotation.removesuffix(" | None")
        found[parameter.name] = (constant, assignment(f"{constant}: {annotation}", text, indent=0))
    return found


def _ordered(model: ModelSpec) -> list[ParameterSpec]:
    """Arguments: required first, then the catalog's order."""
    arguments = [parameter for parameter in model.parameters if parameter.is_argument]
    return sorted(arguments, key=lambda parameter: not parameter.must_be_given)


def _alias(parameter: ParameterSpec, scope: Scope, local: Mapping[tuple[Option, ...], Identifier]) -> Identifier | None:
    options = options_of(parameter.type)
    return (scope.aliases.get(options) or local.get(options)) if options else None


def _local_aliases(model: ModelSpec, name: ModelName, scope: Scope) -> dict[tuple[Option, ...], Identifier]:
    """Names for this model's own long option sets: `Gpt54Voice`."""
    found: dict[tuple[Option, ...], Identifier] = {}
    taken = {str(name.name), f"{name.name}Inputs"}
    for parameter in model.parameters:
        options = options_of(parameter.type) if parameter.options else ()
        if not options or not parameter.is_argument or options in scope.aliases or options in found:
            continue
        if len(literal_text(options)) <= LONG_LITERAL:
            continue
        alias = Identifier(f"{name.name}{pascal_name(parameter.name, 'Option')}")
        while alias in taken:
            alias = Identifier(f"{alias}Option")
        taken.add(alias)
        found[options] = alias
    return found


def _imports(
    model: ModelSpec,
    symbols: set[str],
    parameters: Sequence[ParameterPlan],
    scope: Scope,
    local: Mapping[tuple[Option, ...], Identifier],
) -> str:
    needed = symbols | {"Job", "JSON", "Mapping", "ModelResult", "VendorInfo", "declared"}
    needed |= {"RunControls", "Unpack"} if model.has_parameters else {"Any"}
    needed |= {"Model", "ModelResponseStreamer", "Literal", "overload"} if model.can_stream else {"NonStreamingModel"}
    needed |= {"InputsOf", "TypedInputs", "Literal", "overload", "Any", "TYPE_CHECKING"} if parameters else set()
    needed |= {"Literal", "TypeAlias"} if local else set()
    needed |= {"get_args"} if any(_wire_alias(p, scope=scope, local=local) for p in model.parameters) else set()
    needed |= {"Parameter"} if model.parameters else set()
    needed |= {"Pricing"} if model.pricing else set()
    needed |= {"Version"} if _version(model) else set()
    needed |= {"ClassVar"} if any(scope.parameters[model.id][p.name] != p.name for p in model.parameters) else set()
    table = {symbol: SYMBOLS[symbol] for symbol in needed}
    if _function_member(model, scope):
        table["Function"] = f"{scope.package}.enums"
    shared = {alias for p in model.parameters if p.is_argument and (alias := scope.aliases.get(options_of(p.type)))}
    table |= {str(alias): f"{scope.package}.options" for alias in shared}
    return _import_block(frozenset(table.items()))


@lru_cache(maxsize=4096)
def _import_block(symbols: frozenset[tuple[str, str]]) -> str:
    return "".join(f"{line}\n" for line in imports_of(dict(symbols)))


def _source(model: ModelSpec, scope: Scope) -> str:
    place = str(model.location)
    return doc_text(
        f"{scope.source}/{place}"
        if place.startswith("models/")
        else f"{scope.source}{place.partition('#')[1]}{place.partition('#')[2]}",
        400,
    )


def _is_attribute(name: str) -> bool:
    return name not in INPUTS_METHODS and name not in ANNOTATION_NAMES and not name.startswith("_")


def _getters(parameters: Iterable[ParameterPlan]) -> tuple[str, ...]:
    by_type: dict[str, list[str]] = {}
    for parameter in parameters:
        by_type.setdefault(parameter.annotation, []).append(py_string(parameter.wire))
    return tuple(
        signature("def __getitem__", ("self", bracketed("key: Literal", wires, "[]", indent=12)), annotation, indent=8)
        for annotation, wires in by_type.items()
    )


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


def _attributes(
    model: ModelSpec,
    names: Mapping[str, Identifier],
    scope: Scope,
    inputs: Identifier | None,
    alias: Callable[[ParameterSpec], Identifier | None],
) -> str:
    """Class attributes: values of the catalog that differ from the runtime's defaults."""
    renamed = {names[p.name]: p.name for p in model.parameters if names[p.name] != p.name}
    member = _function_member(model, scope)
    texts: tuple[tuple[str, str | None], ...] = (
        ("id", py_string(model.id)),
        ("path", _string(model.path)),
        ("name", py_string(model.name)),
        ("description", _string(model.description)),
        ("function", f"Function.{member}" if member else None),
        ("function_type", _string(model.function_type)),
        ("vendor", call("VendorInfo", _vendor(model), indent=4, before=9)),
        ("host", _string(model.host)),
        ("developer", _string(model.developer)),
        ("pricing", None if model.pricing is None else call("Pricing", _pricing(model), indent=4, before=10)),
        ("version", call("Version", _version(model), indent=4, before=10) if _version(model) else None),
        ("created_at", _string(model.created_at)),
        ("updated_at", _string(model.updated_at)),
        ("supports_streaming", _bool(model.supports_streaming)),
        ("supports_byoc", _bool(model.supports_byoc)),
        ("connection_type", None if model.connection_type is None else py_literal(model.connection_type)),
    )
    lines = [assignment(name, text, indent=4) for name, text in texts if text is not None]
    if model.has_parameters:
        values = [_parameter_value(p, alias(p)) for p in model.parameters]
        lines.append(bracketed("params = ", values, indent=4) if values else "params = ()")
    if renamed:
        pairs = [f"{py_string(name)}: {py_string(wire)}" for name, wire in sorted(renamed.items())]
        lines.append(bracketed("wire_names: ClassVar[Mapping[str, str]] = ", pairs, "{}", indent=4))
    if inputs:
        lines.append(f"inputs = InputsOf({inputs})")
    return "".join(f"    {line}\n" for line in lines)


def _function_member(model: ModelSpec, scope: Scope) -> Identifier | None:
    return scope.members.get("Function", {}).get(model.function or "")


def _vendor(model: ModelSpec) -> list[tuple[str, str]]:
    supplier = model.supplier
    identity = [] if supplier.id is None else [("id", str(py_literal(supplier.id)))]
    return [*identity, ("name", py_string(supplier.name)), ("code", py_string(supplier.code))]


def _version(model: ModelSpec) -> list[tuple[str, str]]:
    words = (("name", model.version_name), ("id", model.version))
    return [(key, py_string(value)) for key, value in words if value is not None]


def _pricing(model: ModelSpec) -> list[tuple[str, str]]:
    pricing = model.pricing
    if pricing is None:
        return []
    price = [] if pricing.price is None else [("price", str(py_float(pricing.price)))]
    words = (("unit_type", pricing.unit_type), ("unit_type_scale", pricing.unit_type_scale))
    more = (("currency", pricing.currency), ("id", pricing.id))
    return [*price, *((key, py_string(value)) for key, value in (*words, *more) if value is not None)]


def _wire_alias(
    parameter: ParameterSpec, *, scope: Scope, local: Mapping[tuple[Option, ...], Identifier]
) -> Identifier | None:
    """The alias whose values are exactly the options that travel: then they need not be listed twice."""
    if not parameter.options or not parameter.is_argument or parameter.options != options_of(parameter.type):
        return None
    return _alias(parameter, scope, local) if all(isinstance(option, str) for option in parameter.options) else None


@lru_cache(maxsize=4096)
def _parameter_value(parameter: ParameterSpec, alias: Identifier | None) -> str:
    """The runtime's `Parameter`: what differs from its defaults."""
    arguments: list[tuple[str, str | Sequence[str]]] = [("name", py_string(parameter.name))]
    arguments += [("required", "True")] if parameter.required else []
    arguments += [("multiple_values", "True")] if parameter.multiple else []
    arguments += [("is_fixed", "True")] if parameter.fixed else []
    words = (("data_type", parameter.data_type), ("data_sub_type", parameter.data_sub_type))
    arguments += [(key, py_string(value)) for key, value in words if value is not None]
    lists = (("values", parameter.values), ("default_values", parameter.defaults))
    arguments += [(key, [py_literal(item) for item in items]) for key, items in lists if items]
    if parameter.options:
        options = f"get_args({alias})" if alias else [py_literal(item) for item in parameter.options]
        arguments.append(("available_options", options))
    return call("Parameter", arguments, indent=8)


def _string(text: str | None) -> str | None:
    return py_string(text) if text else None


def _bool(value: bool | None) -> str | None:
    return None if value is None else repr(value)
