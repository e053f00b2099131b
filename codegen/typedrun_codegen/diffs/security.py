"""Whether calls that carried credentials before are still let in."""

from __future__ import annotations

from typedrun_codegen.ir.api import ApiSpec, OperationSpec, Security

Alternatives = frozenset[frozenset[str]]
"""Sets of security schemes, one of which a call needs."""


def judge_security(before: Alternatives, after: Alternatives) -> str | None:
    """Find the kind of a change of what calls need; None where there is none."""
    if before == after:
        return None
    is_still_enough = all(any(needed <= given for needed in after) for given in before)
    return "security-widened" if is_still_enough else "security-narrowed"


def of_document(api: ApiSpec) -> Alternatives:
    """What operations need that say nothing; where the document says nothing either, each scheme alone."""
    if api.security is None:
        return frozenset(frozenset({one.scheme}) for one in api.credentials) or _nothing()
    return _read(api.security)


def of_operation(operation: OperationSpec, api: ApiSpec) -> Alternatives:
    """What one operation needs."""
    return of_document(api) if operation.security is None else _read(operation.security)


def shown(alternatives: Alternatives) -> str:
    """`key or app and user`, in words."""
    return " or ".join(sorted(" and ".join(sorted(one)) or "nothing" for one in alternatives))


def _read(security: Security) -> Alternatives:
    return frozenset(frozenset(names) for names in security) or _nothing()


def _nothing() -> Alternatives:
    return frozenset({frozenset[str]()})
