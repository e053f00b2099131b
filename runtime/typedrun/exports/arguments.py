"""Arguments that came from outside, as JSON: which of them a model does not have, what is wrong with the rest."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from typedrun.call import accepts_messages
from typedrun.checks.validation import find_problems
from typedrun.errors import ParameterError
from typedrun.exports.dialects import ADDRESS
from typedrun.exports.jsonschema import arguments_of
from typedrun.exports.limits import property_name
from typedrun.inputs import wire_values
from typedrun.names import OF_SIGNATURES
from typedrun.transfers.attachments import files_of, no_addresses
from typedrun.wording import closest, unknown_name_problem

if TYPE_CHECKING:
    from typedrun.metadata.described import DescribedModel

_NOTHING: Final = frozenset[str]()


def check_arguments(model: DescribedModel, arguments: Mapping[str, Any]) -> None:
    """Find everything that is wrong with arguments from outside, before anything is sent.

    A text for a medium must be an address: no file of this machine is read, and no answer tells whether there is one.

    Args:
        model: What is to run.
        arguments: By the names of `run`. Run controls are none of them: `timeout` or `extra_headers` are the caller's to say.

    Raises:
        ParameterError: one error with every problem of the call.
    """
    problems = find_argument_problems(model, arguments)
    for name, text in _media_texts(model, arguments):
        if not re.match(ADDRESS, text, re.IGNORECASE | re.DOTALL):
            problems.append(
                (
                    name,
                    f"Parameter '{name}': {text[:60]!r} is no address (https://…, s3://…, data:…), and no file of this machine is read",
                )
            )
    raise_for_arguments(model, problems)


def name_arguments(model: DescribedModel, given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by the names of `run`, from those that the schemas for language models have."""
    properties = {property_name(name): name for name in arguments_of(model)}
    return {properties.get(name, name): value for name, value in given.items()}


def find_argument_problems(
    model: DescribedModel, arguments: Mapping[str, Any], *, beside: Collection[str] = _NOTHING
) -> list[tuple[str, str]]:
    """(name, sentence) for each thing that is wrong, files aside.

    Args:
        model: What is to run.
        arguments: By the names of `run`.
        beside: Names that are taken although the catalog does not list them.
    """
    if model.params is None:
        taken = OF_SIGNATURES | model.run_controls
        return [(name, f"'{name}' is no parameter of a model") for name in arguments if name in taken]
    known = arguments_of(model)
    problems = [
        (name, unknown_name_problem(name, list(known), closest(name, [one for one in known if one not in arguments])))
        for name in arguments
        if name not in known and name not in beside
    ]
    given = {known[name].name: value for name, value in arguments.items() if name in known}
    values = wire_values(model.inputs) | given
    return problems + find_problems(known.values(), values, accepts_messages=accepts_messages(model))


def find_local_texts(model: DescribedModel, arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, text) of each text for a medium that names, or seems to name, a file of this machine."""
    return [
        (name, text)
        for name, parameter in arguments_of(model).items()
        for text in no_addresses(parameter, arguments.get(name))
    ]


def raise_for_arguments(model: DescribedModel, problems: Sequence[tuple[str, str]]) -> None:
    """Raise one error that names every problem.

    Raises:
        ParameterError: there is at least one.
    """
    if problems:
        sentences = [sentence for _, sentence in problems]
        raise ParameterError(
            f"The arguments do not fit model {model.label}: {'; '.join(sentences)}. Nothing was sent",
            model=model.label,
            parameter=problems[0][0] if len(problems) == 1 else None,
            problems=sentences,
        )


def _media_texts(model: DescribedModel, arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, parameter in arguments_of(model).items():
        value = arguments.get(name)
        if value != parameter.default:
            yield from ((name, file) for _, file in files_of(parameter, value) if isinstance(file, str))
