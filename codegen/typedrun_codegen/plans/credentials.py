"""Security schemes of a document as the clients of its package name them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from typedrun_codegen.ir.api import CredentialSpec, Security
from typedrun_codegen.text.docstrings import WIDTH
from typedrun_codegen.text.layout import Call
from typedrun_codegen.text.literals import py_string


def credential_lines(credentials: Sequence[CredentialSpec], symbols: dict[str, str]) -> Iterator[str]:
    """The class attribute of a client that says where its keys go; `symbols` gets what it needs imported."""
    if not credentials:
        return
    symbols["Credential"] = "typedrun.operations"
    values = [Call("Credential", _credential_values(one)).inline() for one in dict.fromkeys(credentials)]
    yield from attribute_lines("credentials", values)


def attribute_lines(name: str, values: Sequence[str]) -> Iterator[str]:
    """A class attribute that is a tuple."""
    line = f"{name} = ({', '.join(values)}{',' if len(values) == 1 else ''})"
    if len(line) + 4 <= WIDTH:
        yield line
    else:
        yield f"{name} = ("
        yield from (f"    {value}," for value in values)
        yield ")"


def _credential_values(one: CredentialSpec) -> list[str]:
    prefix = [py_string(one.prefix)] if one.prefix else []
    return [py_string(one.place), py_string(one.name), *prefix, f"scheme={py_string(one.scheme)}"]


def security_text(security: Security) -> str:
    """Alternatives of an operation, each the schemes that it takes together."""
    return Call("", [Call("", [py_string(name) for name in names]) for names in security]).inline()
