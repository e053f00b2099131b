"""What a caller does about a change: one sentence for each kind that can break or surprise code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from typedrun_codegen.diffs.changes import Change, listed
from typedrun_codegen.ir.jsontypes import JSON

REMEDIES: Final[Mapping[str, str]] = {
    # models
    "model-removed": "call another model: `typedrun models --function …` lists those that do the same",
    "model-id-changed": "look it up by its path, or write the new attribute: `typedrun models` shows it",
    "path-changed": "look it up by {new}",
    "supplier-changed": "compare its answers before you rely on them",
    "function-changed": "read the answer as that of {new}, or call another model",
    "output-changed": "read result.data as {new}",
    "version-changed": "compare its answers before you rely on them",
    "status-changed": "be ready for another model: this one may refuse to run",
    "streaming-lost": "use run, or call a model that can stream",
    "asynchronous-lost": "run_async waits for the answer now: call it where that does no harm",
    "synchronous-lost": "allow more time: `timeout=`",
    "price-raised": "look at the cost: `model.estimate(…)`; a budget may refuse it now",
    "price-changed": "look at the cost: `model.estimate(…)`; a budget may refuse it now",
    "parameters-unlisted": "check the names of the arguments yourself: nothing else does",
    "parameters-listed": "correct what is marked; it was sent unchecked until now",
    # parameters
    "required-parameter-added": "pass {parameter}",
    "parameter-removed": "leave {parameter} out",
    "parameter-renamed": "write {new} instead of {parameter}",
    "became-required": "pass {parameter}",
    "became-fixed": "leave {parameter} out",
    "fixed-value-changed": "compare its answers before you rely on them",
    "type-narrowed": "pass {new}",
    "type-changed": "pass {new}",
    "option-removed": "pass another option than {old}: `typedrun show` lists them",
    "default-changed": "pass {parameter}={old} to keep what it did",
    "multiplicity-narrowed": "pass one value",
    "multiplicity-widened": "pass a list",
    "range-narrowed": "pass a value within {new}",
    "limits-tightened": "pass a value within its limits: `typedrun show` lists them",
    "variant-removed": "pass one of the sets of parameters that it takes: `typedrun show` lists them",
    "input-field-removed": "leave it out of {parameter}",
    "input-required-field-added": "pass it in {parameter}",
    "input-became-required": "pass it in {parameter}",
    "input-narrowed": "pass {new}",
    "input-changed": "pass {new}",
    "input-default-changed": "pass {old} to keep what it did",
    "input-limits-changed": "pass a value within {new}",
    "input-closed": "leave out the members that it does not name",
    "output-listed": "read the fields of result.data as attributes",
    "output-unlisted": "read result.data as JSON",
    "output-field-removed": "do not read it",
    "output-became-optional": "be ready for None where it is read",
    "output-widened": "be ready for {new}",
    "output-value-removed": "take another member, or write the text itself",
    "model-deprecated": "call another model before it goes",
    # enumerations
    "member-removed": "take another member, or write the text itself",
    # API schemas
    "type-removed": "take the type that its operations have now",
    "type-kind-changed": "build and read it as what it is now",
    "value-removed": "take another member, or write the text itself",
    "field-removed": "neither pass nor read {parameter}",
    "required-field-added": "pass {parameter}",
    "operation-removed": "call another operation",
    "operation-renamed": "call it by its new name, {new}",
    "operation-moved": "generate the package again: it asks at the new address",
    "operation-deprecated": "call another operation",
    "parameter-moved": "generate the package again: it sends it in the new place",
    "parameter-escaping-changed": "generate the package again: it escapes as is asked for now",
    "body-part-changed": "generate the package again: it writes this part in the new way",
    "request-narrowed": "pass {new}",
    "request-changed": "pass {new}",
    "answer-became-optional": "be ready for None where {parameter} is read",
    "answer-widened": "be ready for {new}",
    "answer-changed": "read it as {new}",
    "body-form-removed": "send another form of body",
    "answer-added": "be ready for the further answer",
    "closed": "leave out the properties that it does not name",
    "server-changed": "generate the package again: it asks at the new address",
    "security-narrowed": "give the client the further key",
    "credentials-changed": "generate the package again: it sends the key in the new place",
}


def remedy(change: Change, name: str = "") -> str:
    """What to do about a change.

    Args:
        change: what happened.
        name: what the parameter is called in Python, if not as on the wire.
    """
    sentence = REMEDIES.get(change.kind, "")
    words = {"parameter": name or change.parameter, "old": _words(change.old), "new": _words(change.new)}
    return sentence.format(**words)


def _words(value: JSON) -> str:
    if isinstance(value, list):
        return listed(value)
    return "what it is now" if value is None else str(value)
