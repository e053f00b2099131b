"""Settings and results are attrs classes to checkers, to attrs and to `match`."""

from __future__ import annotations

from typing import assert_type

import attrs

from aixplain_models import Message, ModelResult, Pricing, Usage
from typedrun import Timeout
from typedrun.core.retry import Policy

# Made by name or position, with defaults.
timeout = Timeout(3, total=None)
assert_type(timeout.idle, float)
assert_type(timeout.total, float | None)
print({Pricing(price=1.0): "hashable"}, Usage() == Usage(total_tokens=3), Message(content="Hello"))
Timeout(conect=3)  # E: mypy[call-arg] pyright[reportCallIssue]
Usage(total_tokens="3")  # E: mypy[arg-type] pyright[reportArgumentType]
ModelResult[str](status="SUCCESS")  # E: mypy[call-arg] pyright[reportCallIssue]

# Settings are frozen, results are not.
timeout.connect = 3  # E: mypy[misc] pyright[reportAttributeAccessIssue]
result = ModelResult(status="SUCCESS", completed=True, data="Hello")
result.data = "Hi"

# What attrs gives.
assert_type(attrs.evolve(Policy(retries=2), retries=3), Policy)
assert_type(attrs.evolve(result, data="Hi"), ModelResult[str])
print(attrs.asdict(result), attrs.fields(ModelResult))
match timeout:
    case Timeout(connect, idle):
        assert_type(connect, float)
        assert_type(idle, float)
