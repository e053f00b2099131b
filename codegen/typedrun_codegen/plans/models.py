"""Spec + names → Plan: what each file will say. Pure; cannot fail on a good Spec. Templates print what stands here."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache

from attrs import frozen

from typedrun.settings import WAIT_TIME, WAITING
from typedrun_codegen.ir.api import refs_of
from typedrun_codegen.ir.catalog import Choices, ModelSpec
from typedrun_codegen.plans import prose
from typedrun_codegen.plans.answers import AnswersPlan, plan_answers
from typedrun_codegen.plans.attributes import class_attributes
from typedrun_codegen.plans.inputs import InputsPlan, plan_inputs
from typedrun_codegen.plans.naming import ModelName
from typedrun_codegen.plans.objects import ObjectPlan, name_objects, plan_objects
from typedrun_codegen.plans.parameters import (
    LONG_LITERAL,
    ParameterPlan,
    is_attribute,
    plan_parameters,
)
from typedrun_codegen.plans.scope import Leader, Scope
from typedrun_codegen.plans.types import ModulePlan
from typedrun_codegen.text.annotations import RESULTS, SYMBOLS, TypeText, imports_of, literal_text, type_text
from typedrun_codegen.text.docstrings import WIDTH, DocText, doc_line, doc_text, docstring, first_sentence, wrap
from typedrun_codegen.text.layout import bracketed, value_text
from typedrun_codegen.text.names import Identifier, pascal_name
from typedrun_codegen.text.reserved import RESERVED

REST_DOC = "controls: Further run controls: see `{}`."
OPEN_REST = "**parameters: Any"
OPEN_REST_DOC = (
    "parameters: The catalog does not tell the parameters of this model; what is given is sent. Run controls too."
)


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
    waiting: str = f"{WAITING:g}"
    """Default of `timeout`: what a run does when the caller does not say."""
    wait_time: str = f"{WAIT_TIME:g}"
    """Default of `wait_time`."""
    inputs: InputsPlan | None
    """None for a model that takes nothing that is known."""
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
    streamer: str
    """What a stream is read by; of a list its items come one by one."""
    result_symbols: Mapping[str, str]
    """What `result` needs → the module that defines it, where the model itself tells its output."""
    shared: frozenset[str]
    """Of options.py, as they are imported."""
    variants: tuple[str, ...]
    """As `signature`, for each set of parameters of which a call has one; empty where there is one set."""
    foreign: Mapping[str, str]
    """What signatures use of another model's module, which describes the same inputs → that module."""
    own: tuple[str, ...]
    """Names that the module defines beside its classes and that signatures use: option sets, long defaults, objects, answers."""
    objects: tuple[ObjectPlan, ...]
    """The objects that parameters hold."""
    answers: AnswersPlan | None
    """The classes of its answers, where the model itself tells its output."""

    @property
    def signatures(self) -> tuple[str, ...]:
        """The arguments of each way to call it."""
        return self.variants or (self.signature,)

    @property
    def modules(self) -> tuple[ModulePlan, ...]:
        """The classes of its answers, if there are any."""
        return (self.answers.module,) if self.answers and self.answers.module else ()

    @property
    def head(self) -> str:
        """The line that opens the class."""
        return bracketed(f"class {self.name}", [self.base], tail=":")


def plan_model(model: ModelSpec, name: ModelName, scope: Scope) -> ModelPlan:
    """Make the Plan of one model's module.

    Args:
        model: what the catalog says.
        name: where its class is.
        scope: what the package shares.
    """
    leader = scope.leaders.get(model.id)
    described = leader or Leader(model, name)
    led = _led(leader, name)
    own = {name.name, f"{name.name}Inputs", led, f"{led}Inputs", *_fields(model, scope.parameters[model.id])}
    taken = frozenset({*own, *RESERVED, scope.vocabulary.controls})
    objects = name_objects(described.model, described.name.name, taken)
    own.update(objects.values())
    answers = None
    if model.output is not None:
        answers = plan_answers(model, model.output, name.name, taken | own)
        own.update(answers.names)
    return _plan_text(model, name, scope, leader, _plan_calls(model, described, objects, own, scope), answers)


@frozen(kw_only=True)
class _Calls:
    """What calls of a model are written with."""

    parameters: Sequence[ParameterPlan]
    arguments: Sequence[ParameterPlan]
    """Of them what a caller gives, what must be given first."""
    variants: tuple[str, ...]
    shared: Mapping[Choices, Identifier]
    local: Mapping[Choices, Identifier]
    constants: Mapping[str, str]
    objects: tuple[ObjectPlan, ...]
    held: tuple[Identifier, ...]
    """Objects that arguments hold."""

    @property
    def defined(self) -> tuple[str, ...]:
        """What the module that describes the inputs defines for them."""
        return (*self.local.values(), *self.constants, *self.held)


def _plan_calls(
    model: ModelSpec, described: Leader, objects: Mapping[str, Identifier], own: set[str], scope: Scope
) -> _Calls:
    names = scope.parameters[model.id]
    arguments_of = [p for p in model.parameters if p.is_argument]
    shared = shared_aliases((p.choices for p in arguments_of), scope, own)
    local = _local_aliases(described.model, described.name, scope, own.union(shared.values()))
    known = {**shared, **local}
    parameters, constants = plan_parameters(model.parameters, names, known, objects)
    variants: list[str] = []
    for variant in model.variants:
        planned, constants = plan_parameters(variant, names, known, objects, constants)
        variants.append(_signature(planned))
    return _Calls(
        parameters=parameters,
        arguments=_arguments(parameters),
        variants=tuple(ways) if len(ways := dict.fromkeys(variants)) > 1 else (),
        shared=shared,
        local=local,
        constants=constants,
        objects=plan_objects(described.model, objects),
        held=tuple(dict.fromkeys(objects[key] for p in arguments_of for key in refs_of(p.type))),
    )


def _plan_text(
    model: ModelSpec, name: ModelName, scope: Scope, leader: Leader | None, calls: _Calls, answers: AnswersPlan | None
) -> ModelPlan:
    led = _led(leader, name)
    result = result_type(model.function, scope) if answers is None else TypeText(answers.text, frozenset())
    title = doc_text(model.name, 120)
    inputs = plan_inputs(name.name, title, calls.arguments, is_own=leader is None)
    inputs_name = inputs.name if inputs else None
    aliases = [alias_text(alias, values) for values, alias in sorted(calls.local.items(), key=lambda item: item[1])]
    foreign = _foreign(calls.defined, leader.name, scope) if leader else {}
    used = frozenset[str]().union(result.symbols, *(p.symbols for p in calls.arguments))
    needed = used.union(*(one.symbols for one in calls.objects)) if not leader else used
    supplier, kind = doc_text(model.supplier.name, 80), prose.kind_words(model)
    return ModelPlan(
        source=_source(model, scope),
        summary=doc_line(f"{title} ({supplier}){f': {kind}' if kind else ''}."),
        imports=_imports(
            model,
            needed,
            scope,
            calls.shared,
            has_own=bool(calls.local) and leader is None,
            has_variants=bool(calls.variants),
            more={**(answers.symbols if answers else {}), **foreign, **_of_leader(leader, led, scope)},
        ),
        constants=() if leader else tuple(calls.constants.values()),
        aliases=(f"{inputs_name}: TypeAlias = {led}Inputs",) if leader else tuple(aliases),
        name=name.name,
        base=f"{'Model' if model.can_stream else 'NonStreamingModel'}[{result.text}]",
        inputs=inputs,
        doc=docstring(_class_doc(model, title), 4),
        attributes=class_attributes(
            model,
            f"{led}.params" if leader else [p.value for p in calls.parameters],
            scope.parameters[model.id],
            inputs_name,
            _function_member(model, scope),
            output="" if answers is None else answers.text,
            marketplace=scope.vocabulary.marketplace,
        ),
        streams=model.can_stream,
        is_open=not model.has_parameters,
        signature=_signature(calls.parameters),
        variants=calls.variants,
        rest=f"**controls: Unpack[{scope.vocabulary.controls}]" if model.has_parameters else OPEN_REST,
        rest_doc=doc_line(REST_DOC.format(scope.vocabulary.controls) if model.has_parameters else OPEN_REST_DOC),
        run_doc="".join(p.doc for p in calls.arguments),
        title=title,
        result=result.text,
        streamer=f"ItemStream[{result.text}]" if model.streams_items else "ModelResponseStreamer",
        symbols=used,
        result_symbols={} if answers is None else answers.result_symbols,
        shared=frozenset(import_text(scope.aliases[options], alias) for options, alias in calls.shared.items()),
        own=(*(() if leader else calls.defined), *(answers.mentioned if answers else ())),
        foreign=foreign,
        objects=() if leader else calls.objects,
        answers=answers,
    )


def _led(leader: Leader | None, name: ModelName) -> Identifier:
    """What the class that describes the inputs is called here: two models of one name, of two suppliers, may have the same."""
    if leader is None:
        return name.name
    place = leader.name
    return Identifier(pascal_name(f"{place.supplier} {place.name}")) if place.name == name.name else place.name


def _signature(parameters: Iterable[ParameterPlan]) -> str:
    """Arguments, one a line, those that must be given first."""
    return "".join(f"        {p.signature},\n" for p in _arguments(parameters))


def _arguments(parameters: Iterable[ParameterPlan]) -> list[ParameterPlan]:
    return sorted((p for p in parameters if p.is_argument), key=lambda p: not p.required)


def _foreign(names: Iterable[str], place: ModelName, scope: Scope) -> dict[str, str]:
    return dict.fromkeys(names, _module_of(place, scope))


def _of_leader(leader: Leader | None, led: Identifier, scope: Scope) -> dict[str, str]:
    """What a model needs of the module that describes its inputs beside what its signatures mention; `led` is its class here."""
    if leader is None:
        return {}
    name = leader.name.name
    return _foreign((import_text(name, led), import_text(f"{name}Inputs", f"{led}Inputs")), leader.name, scope)


def _module_of(place: ModelName, scope: Scope) -> str:
    return f"{scope.package}.models.{place.supplier}.{place.module}"


def alias_text(alias: Identifier, options: Choices) -> str:
    """A name for an option set: `Voice: TypeAlias = Literal["alloy", …]`."""
    return bracketed(f"{alias}: TypeAlias = Literal", [value_text(option, indent=4) for option in options], "[]")


def result_type(function: str | None, scope: Scope) -> TypeText:
    """The annotation of a result's data: what the function's metadata says, else any JSON value."""
    output = scope.outputs.get(function or "")
    return type_text(output, spelling=RESULTS) if output is not None else TypeText("JSON", frozenset({"JSON"}))


def _fields(model: ModelSpec, names: Mapping[str, Identifier]) -> set[str]:
    """Attributes of the inputs: inside their class such a name means the attribute, and no option set of that name."""
    arguments = (names[parameter.name] for parameter in model.parameters if parameter.is_argument)
    return {name for name in arguments if is_attribute(name)}


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
    has_variants: bool,
    more: Mapping[str, str],
) -> str:
    has_inputs = any(p.is_argument for p in model.parameters)
    is_shared = model.id in scope.leaders
    names = scope.parameters[model.id]
    needs = (
        (True, {"Job", "JSON", "Mapping", "ModelResult", "VendorInfo", "declared"}),
        (model.has_parameters, {"Unpack"}),
        (not model.has_parameters, {"Any"}),
        (model.can_stream, {"Model", "Literal", "overload"}),
        (model.can_stream, {"ItemStream" if model.streams_items else "ModelResponseStreamer"}),
        (not model.can_stream, {"NonStreamingModel"}),
        (has_inputs, {"InputsOf"}),
        (is_shared, {"TypeAlias"}),
        (has_inputs and not is_shared, {"TypedInputs", "Literal", "overload", "Any", "TYPE_CHECKING", "Parameter"}),
        (has_variants, {"overload"}),
        (has_own, {"Literal", "TypeAlias"}),
        (model.has_parameters, {"Parameter"}),
        (bool(model.attributes), {"Any", "Attributes"}),
        (model.pricing is not None, {"Pricing"}),
        (not scope.vocabulary.marketplace and (model.version_name or model.version) is not None, {"Version"}),
        (any(names[p.name] != p.name for p in model.parameters), {"ClassVar"}),
    )
    aliases = {import_text(scope.aliases[options], alias) for options, alias in shared.items()}
    return _import_block(
        scope.package,
        symbols.union(*(names for is_needed, names in needs if is_needed)),
        frozenset(aliases),
        has_function=_function_member(model, scope) is not None,
        more=(
            *more.items(),
            *(((scope.vocabulary.controls, scope.vocabulary.controls_module),) if model.has_parameters else ()),
        ),
    )


@lru_cache(maxsize=4096)
def _import_block(
    package: str,
    symbols: frozenset[str],
    shared: frozenset[str],
    *,
    has_function: bool,
    more: tuple[tuple[str, str], ...],
) -> str:
    table = {symbol: SYMBOLS[symbol] for symbol in symbols} | dict(more)
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


def _class_doc(model: ModelSpec, title: DocText) -> tuple[DocText, ...]:
    head = first_sentence(model.description) or doc_line(f"{(prose.kind_words(model) or 'a model').capitalize()}.")
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
