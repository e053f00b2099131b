"""Arguments that came from outside, as JSON: which of them a model does not have, what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from typedrun.call import accepts_messages
from typedrun.core.jsontypes import is_array
from typedrun.errors import ParameterError
from typedrun.exports.jsonschema import arguments_of
from typedrun.inputs import wire_values
from typedrun.names import RESERVED_PARAMETERS
from typedrun.parameters import Parameter
from typedrun.validation import closest, find_problems, is_media, seems_local, unknown_name_problem

if TYPE_CHECKING:
    from typedrun.described import DescribedModel

_NOTHING: Final = frozenset[str]()


def check_arguments(model: DescribedModel, arguments: Mapping[str, Any], *, beside: Collection[str] = _NOTHING) -> None:
    """Find everything that is wrong with arguments of `run`, before anything is sent.

    Args:
        model: What is to run.
        arguments: By the names of `run`. Run controls are none of them: `timeout` or `extra_headers` are the caller's to say.
        beside: Names that are taken although the catalog does not list them.

    Raises:
        ParameterError: one error with every problem of the call.
    """
    problems = find_argument_problems(model, arguments, beside=beside)
    if problems:
        sentences = [sentence for _, sentence in problems]
        raise ParameterError(
            f"The arguments do not fit model {model.label}: {'; '.join(sentences)}. Nothing was sent",
            model=model.label,
            parameter=problems[0][0] if len(problems) == 1 else None,
            problems=sentences,
        )


def find_argument_problems(
    model: DescribedModel, arguments: Mapping[str, Any], *, beside: Collection[str] = _NOTHING
) -> list[tuple[str, str]]:
    """(name, sentence) for each thing that is wrong; see `check_arguments`."""
    if model.params is None:
        return [(name, f"'{name}' is no parameter of a model") for name in arguments if name in RESERVED_PARAMETERS]
    known = arguments_of(model)
    problems = [
        (name, unknown_name_problem(name, list(known), closest(name, [one for one in known if one not in arguments])))
        for name in arguments
        if name not in known and name not in beside
    ]
    given = {known[name].name: value for name, value in arguments.items() if name in known}
    values = wire_values(model.inputs) | given
    problems += find_problems(known.values(), values, accepts_messages=accepts_messages(model))
    return problems + [problem for name, value in given.items() for problem in _local_text(known, name, value)]


def _local_text(known: Mapping[str, Parameter], wire: str, value: Any) -> list[tuple[str, str]]:
    """A text that names, or seems to name, a file of this machine: what came from outside never opens one."""
    parameter = next(parameter for parameter in known.values() if parameter.name == wire)
    if not is_media(parameter) or value == parameter.default:
        return []
    texts = [item for item in (value if is_array(value) else [value]) if isinstance(item, str)]
    return [
        (wire, f"Parameter '{wire}': {text[:60]!r} is no address, and files of this machine are not read")
        for text in texts
        if seems_local(text)
    ]
